// Package doctor finds out why a connection does not work or will soon stop working. It checks
// everything that can be checked without spending the refresh token, and explains the last failure.
//
// It changes nothing, takes no lock, and sends neither a token nor a client secret. Each finding
// says how certain it is.
package doctor

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// Doctor examines the connections of one store. It must not be copied after its first use.
type Doctor struct {
	Store *filestore.Store

	// Secrets reads the client secret that [freshet.Registration.SecretFrom] names. nil reads none.
	Secrets func(ctx context.Context, from string) (oauth.Secret, error)

	// Network overrides the connections' proxies and CA files.
	Network oauth.HTTPConfig

	// Timeout limits the network requests for one connection, and reading its client secret.
	Timeout time.Duration

	// PartlyKnown says that a token file may have been refreshed with other settings than the
	// store's defaults. The last failure then counts, although its request may have differed.
	PartlyKnown bool

	// Offline skips the network.
	Offline bool

	// Trace, if not nil, receives each request. Members that are not known to be harmless are hidden.
	Trace io.Writer

	connections struct {
		once sync.Once
		all  []otherConnection
	}
	probes struct {
		sync.Mutex
		results map[probe]func() []Finding
	}
}

// subject is the connection under examination.
type subject struct {
	freshet.Connection
	now      time.Time
	provider *provider.Provider
	endpoint string // receives the refresh token; "" if unknown
	ground   filestore.Ground
	journal  filestore.Inspection
	copies   filestore.Copies
	sharers  []freshet.History // of other connections with the same token file

	askedNetwork bool
	reachable    bool // the token endpoint's server answered
}

// Examine returns the findings for a connection or token file, in the order of the checks.
func (d *Doctor) Examine(ctx context.Context, name string) []Finding {
	s := &subject{now: time.Now()}
	ground, err := d.Store.Ground(name)
	if err != nil {
		return errorFinding("token", err)
	}
	s.ground = ground
	findings := checkFile(ground)
	if s.Connection, err = d.Store.Get(ctx, name); err != nil {
		return append(findings, errorFinding("token", err)...)
	}
	s.provider = s.ProviderInfo()
	if d.PartlyKnown {
		s.Connection = s.AssumeSameRequest()
	}
	if s.journal, err = d.Store.Inspect(ctx, name); err != nil {
		return append(findings, problem("journal", Certain, "", err.Error(),
			"it may hold the only copy of a new refresh token: make it readable for this user; "+
				"if it is a link, find out who put it there")...)
	}
	findings = append(findings, s.checkLeftovers()...)
	findings = append(findings, d.checkSharedFile(ctx, s)...)
	findings = append(findings, d.checkCopies(ctx, s)...)
	findings = append(findings, d.checkClient(ctx, s)...)
	logins := d.loginsOfAccount(ctx, s)
	findings = append(findings, s.checkExpiry()...)
	findings = append(findings, s.checkLogins(logins)...)
	if s.askedNetwork = !d.Offline && s.endpoint != ""; s.askedNetwork {
		findings = append(findings, d.checkNetwork(ctx, s)...)
	}
	return append(findings, s.explainFailure(logins)...)
}
