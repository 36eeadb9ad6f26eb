package doctor

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// Doctor examines the connections of one store. It must not be copied after its first use.
type Doctor struct {
	Store *filestore.Store

	// Secrets reads a client secret from where [freshet.Registration.SecretFrom] says. nil reads none.
	Secrets func(ctx context.Context, from string) (oauth.Secret, error)

	// Network outranks the connections' proxies and CA files.
	Network oauth.HTTPConfig

	// Timeout bounds what is asked of the network for one connection, and how long its client secret may take.
	Timeout time.Duration

	// PartlyKnown says that the store's defaults need not be what a token file is refreshed with.
	PartlyKnown bool

	// Offline leaves the network out.
	Offline bool

	// Trace, if not nil, is told of each request, with everything hidden that is not known to be harmless.
	Trace io.Writer

	neighbours struct {
		once sync.Once
		all  []neighbour
	}
	visits struct {
		sync.Mutex
		made map[visit]func() []Finding
	}
}

// patient is one connection while it is examined.
type patient struct {
	freshet.Connection
	now      time.Time
	facts    facts
	endpoint string // where the refresh token goes; "" when that is not known
	ground   filestore.Ground
	seen     filestore.Inspection
	copies   filestore.Copies
	sharers  []freshet.History // of other connections with the same token file

	askedNetwork bool
	online       bool // the token endpoint's server can be reached
}

// Examine returns what there is to say of a connection or token file, in the order of the checks.
func (d *Doctor) Examine(ctx context.Context, name string) []Finding {
	p := &patient{now: time.Now()}
	ground, err := d.Store.Ground(name)
	if err != nil {
		return []Finding{refused("token", err)}
	}
	p.ground = ground
	findings := checkFile(ground)
	if p.Connection, err = d.Store.Get(ctx, name); err != nil {
		return append(findings, refused("token", err))
	}
	if d.PartlyKnown {
		p.Connection = p.AssumeSameRequest()
	}
	if p.seen, err = d.Store.Inspect(ctx, name); err != nil {
		return append(findings, problem("journal", Certain, "", err.Error(),
			"it may hold the only copy of a new refresh token: make it readable for this user; if it is a link, find out who put it there"))
	}
	findings = append(findings, p.checkSiblings()...)
	findings = append(findings, d.checkShared(ctx, p)...)
	findings = append(findings, d.checkCopies(ctx, p)...)
	findings = append(findings, d.checkClient(ctx, p)...)
	logins := d.loginsLike(ctx, p)
	findings = append(findings, p.checkDeadlines()...)
	findings = append(findings, p.checkLogins(logins)...)
	if p.askedNetwork = !d.Offline && p.endpoint != ""; p.askedNetwork {
		findings = append(findings, d.checkNetwork(ctx, p)...)
	}
	return append(findings, p.explain(logins)...)
}
