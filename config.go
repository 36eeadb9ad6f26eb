package freshet

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// Config configures a [Keeper]. Only Store is required. The fields up to Trace are those of a
// [Refresher].
type Config struct {
	redact.Hidden

	// Store keeps the connections.
	Store Store

	// HTTP sends the requests to authorization servers, with its Transport, which must not send a
	// request again. Its Timeout, Jar and CheckRedirect are not used; [Refresher.HTTP] says why.
	// Defaults to a client for the connection's proxy and CA file.
	HTTP *http.Client

	// Network replaces the connection's proxy or CA file, whichever it sets. Defaults to neither.
	Network oauth.HTTPConfig

	// Secrets reads a client secret from the place that [Registration.SecretFrom] names, such as
	// secret.Read. It is called before anything is locked. By default, connections whose secret is
	// kept elsewhere cannot be refreshed.
	Secrets func(ctx context.Context, from string) (oauth.Secret, error)

	// Keys reads the key of a client, such as key.Read. It is called before anything is locked. By
	// default, connections that need a [Registration.Key] cannot be refreshed.
	Keys func(ctx context.Context, key ClientKey) (oauth.Signer, error)

	// Logger receives events, and errors that no caller sees. By default, nothing is logged.
	Logger *slog.Logger

	// Trace receives a transcript of each request. Everything is hidden that is not known to be
	// harmless. By default, there is none.
	Trace io.Writer

	// OnEvent is called for each [Event], one after the other, in a separate goroutine. It delays
	// only [Keeper.Close], which it must not call. By default, events are only logged.
	OnEvent func(Event)

	// MinTTL is how long a token must remain valid to be returned without waiting for a refresh. If
	// that fails, callers get the old token while it is valid. It is at most a third of the token's
	// lifetime. Defaults to 10 seconds, at most a tenth of the lifetime.
	MinTTL time.Duration

	// MaxInFlight bounds the refreshes that [Keeper.Run] has in flight. Defaults to 64.
	MaxInFlight int
}

// refresher returns a Refresher whose HTTP clients are reused.
func (c Config) refresher() Refresher {
	r := Refresher{
		Store: c.Store, HTTP: c.HTTP, Network: c.Network, Secrets: c.Secrets, Keys: c.Keys,
		Logger: c.Logger, Trace: c.Trace,
	}
	r.ReuseConnections()
	return r
}

func (c Config) maxInFlight() int { return cmp.Or(max(c.MaxInFlight, 0), 64) }
