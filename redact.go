package freshet

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// redact removes the secrets of the connection, and more, from err. The texts of servers, proxies and
// stores may repeat them.
func (c Connection) redact(err error, more ...string) error {
	if err == nil {
		return nil
	}
	return redactError(redact.New(append(c.secrets(), more...)...), err)
}

// redact removes the secrets of the attempt from err.
func (a *attempt) redact(err error) error {
	if err == nil {
		return nil
	}
	return redactError(redact.New(a.secrets()...), err)
}

// write saves the connection. The error of a store may quote the connection, so its secrets are
// removed.
func (a *attempt) write(c Connection) error { return a.redact(a.save(c)) }

// redactError removes secrets from err. An error of this module is changed in place: the texts of
// others in it were put there just now. Of any other error only the text is kept
// ([redact.Redactor.Error]).
func redactError(r *redact.Redactor, err error) error {
	if e, ok := errors.AsType[*rejectedLoginError](err); ok {
		return &rejectedLoginError{e.kind, r.Text(e.problem), e.remedy}
	}
	ours := false
	if e, ok := errors.AsType[*oauth.Error](err); ok {
		e.Code, e.Description = r.Text(e.Code), r.Text(e.Description)
		e.URI, e.Redirect, ours = r.Text(e.URI), r.Text(e.Redirect), true
	}
	if e, ok := errors.AsType[*oauth.UnusableError](err); ok {
		e.Problem, ours = r.Text(e.Problem), true
	}
	if e, ok := errors.AsType[*oauth.SendError](err); ok {
		e.Err, ours = r.Error(e.Err), true
	}
	if e, ok := errors.AsType[*RefreshError](err); ok {
		e.Cause, e.Err, ours = r.Text(e.Cause), r.Error(e.Err), true
	}
	if e, ok := errors.AsType[*SetupError](err); ok {
		e.What, e.Err, ours = r.Text(e.What), r.Error(e.Err), true
	}
	if e, ok := errors.AsType[*UnsavedError](err); ok {
		e.Err, ours = r.Error(e.Err), true
	}
	if ours {
		return err
	}
	return r.Error(err)
}

func (a *attempt) secrets() []string {
	secrets := append(a.connection.secrets(), string(a.options.Rejected))
	secrets = append(secrets, secretsOfProxy(a.Network.Proxy)...)
	if g := a.login; g != nil {
		secrets = slices.Concat(secrets, redact.Parameters(g.Form), g.Registration.secrets(), []string{g.Nonce})
	}
	return secrets
}

func (c Connection) secrets() []string {
	secrets := append(redact.Values(c.Token.Bytes()), c.Registration.secrets()...)
	secrets = append(secrets, c.Token.AccessToken(), string(c.refreshToken()))
	secrets = append(secrets, redact.Client(c.Token.Member("client_id"), c.Token.Member("client_secret"))...)
	if p := c.Pending; p != nil {
		if p.Reply != nil {
			secrets = append(secrets, redact.Values(p.Reply.Body)...)
		}
		if p.Login != nil {
			secrets = slices.Concat(secrets, p.Login.Registration.secrets(), []string{p.Login.Nonce})
		}
	}
	return secrets
}

func (r Registration) secrets() []string {
	secrets := redact.Client(r.Client.ID, string(r.Client.Secret))
	for _, options := range []RequestOptions{r.Requests.Authorize, r.Requests.Code, r.Requests.Refresh} {
		secrets = append(secrets, redact.Options(options.Params, options.Headers)...)
	}
	return append(secrets, secretsOfProxy(r.Proxy)...)
}

func secretsOfProxy(address string) []string {
	u, err := url.Parse(address)
	if err != nil {
		return []string{address}
	}
	return redact.Userinfo(u)
}

// The following types print only a name, a host, a time or numbers: Format prints String with every
// verb, and LogValue logs it. They cannot be marshaled, except as JSON where a [Store] saves them.

var errGob = errors.New("it may hold secrets, and is saved as JSON: see Connection.Record")

// String returns the outcome and the name of the connection.
func (a Result) String() string               { return fmt.Sprintf("[%s: %v]", a.Outcome, a.Connection) }
func (a Result) Format(f fmt.State, _ rune)   { fmt.Fprint(f, a.String()) }
func (a Result) LogValue() slog.Value         { return slog.StringValue(a.String()) }
func (a Result) MarshalText() ([]byte, error) { return nil, redact.ErrMarshal }
func (a Result) GobEncode() ([]byte, error)   { return nil, redact.ErrMarshal }

// String returns the name.
func (c Connection) String() string             { return "[connection " + c.Name + "]" }
func (c Connection) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }
func (c Connection) LogValue() slog.Value       { return slog.StringValue(c.String()) }
func (c Connection) GobEncode() ([]byte, error) { return nil, errGob }

// String returns the client id and a host.
func (r Registration) String() string {
	return fmt.Sprintf("[registration of client %q, %v]", r.Client.ID, r.Endpoints)
}
func (r Registration) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }
func (r Registration) LogValue() slog.Value       { return slog.StringValue(r.String()) }
func (r Registration) GobEncode() ([]byte, error) { return nil, errGob }

// String returns how many parameters and headers there are.
func (o RequestOptions) String() string {
	return fmt.Sprintf("[%d parameters, %d headers]", len(o.Params), len(o.Headers))
}
func (o RequestOptions) Format(f fmt.State, _ rune) { fmt.Fprint(f, o.String()) }
func (o RequestOptions) LogValue() slog.Value       { return slog.StringValue(o.String()) }
func (o RequestOptions) GobEncode() ([]byte, error) { return nil, errGob }

// String returns how many parameters and headers each kind of request has.
func (r Requests) String() string {
	return fmt.Sprintf("[authorize: %v, code: %v, refresh: %v]", r.Authorize, r.Code, r.Refresh)
}
func (r Requests) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }
func (r Requests) LogValue() slog.Value       { return slog.StringValue(r.String()) }
func (r Requests) GobEncode() ([]byte, error) { return nil, errGob }

// String returns the number of entries.
func (h History) String() string             { return fmt.Sprintf("[history of %d attempts]", len(h.Entries)) }
func (h History) Format(f fmt.State, _ rune) { fmt.Fprint(f, h.String()) }
func (h History) LogValue() slog.Value       { return slog.StringValue(h.String()) }
func (h History) GobEncode() ([]byte, error) { return nil, errGob }

// String returns what was begun, when, and by which process.
func (p Pending) String() string {
	what := "refresh"
	if p.Login != nil {
		what = "login"
	}
	begun := p.Since.Local().Format(time.DateTime)
	return fmt.Sprintf("[%s begun at %s by process %d on %s]", what, begun, p.PID, p.Host)
}
func (p Pending) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }
func (p Pending) LogValue() slog.Value       { return slog.StringValue(p.String()) }
func (p Pending) GobEncode() ([]byte, error) { return nil, errGob }

// String returns the name of the connection.
func (p PendingLogin) String() string             { return "[login of " + p.Name + "]" }
func (p PendingLogin) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }
func (p PendingLogin) LogValue() slog.Value       { return slog.StringValue(p.String()) }
func (p PendingLogin) GobEncode() ([]byte, error) { return nil, errGob }

// String returns the client id and a host.
func (g CodeExchange) String() string               { return fmt.Sprintf("[grant for %v]", g.Registration) }
func (g CodeExchange) Format(f fmt.State, _ rune)   { fmt.Fprint(f, g.String()) }
func (g CodeExchange) LogValue() slog.Value         { return slog.StringValue(g.String()) }
func (g CodeExchange) MarshalText() ([]byte, error) { return nil, redact.ErrMarshal }
func (g CodeExchange) GobEncode() ([]byte, error)   { return nil, redact.ErrMarshal }

// String returns the host that answered.
func (i Identity) String() string               { return "[identity from " + i.Host + "]" }
func (i Identity) Format(f fmt.State, _ rune)   { fmt.Fprint(f, i.String()) }
func (i Identity) LogValue() slog.Value         { return slog.StringValue(i.String()) }
func (i Identity) MarshalText() ([]byte, error) { return nil, redact.ErrMarshal }
func (i Identity) GobEncode() ([]byte, error)   { return nil, redact.ErrMarshal }

// String returns the demand without the rejected token.
func (o Options) String() string {
	return fmt.Sprintf("[demand: forced %t, insist %t, min TTL %s, rejected %t, dry run %t]",
		o.Forced, o.Insist, o.MinTTL, o.Rejected != "", o.DryRun)
}
func (o Options) Format(f fmt.State, _ rune)   { fmt.Fprint(f, o.String()) }
func (o Options) LogValue() slog.Value         { return slog.StringValue(o.String()) }
func (o Options) MarshalText() ([]byte, error) { return nil, redact.ErrMarshal }
func (o Options) GobEncode() ([]byte, error)   { return nil, redact.ErrMarshal }

// Format prints the name, like String.
func (s *Source) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.name) }

// Format prints no field of the refresher.
func (r Refresher) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[refresher]") }

// Format prints the name of the connection.
func (t Transport) Format(f fmt.State, _ rune) {
	if t.Source == nil {
		fmt.Fprint(f, "[transport]")
		return
	}
	fmt.Fprintf(f, "[transport of %s]", t.Source.name)
}
