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

// What others say of a request may repeat the secrets in it: a server, a proxy, a store. Their errors are cleaned before any text
// is made of them. Nothing here is called before there is an error.

// redact removes the secrets of the connection, and more, from err.
func (c Connection) redact(err error, more ...string) error {
	if err == nil {
		return nil
	}
	return redactError(redact.New(append(c.secrets(), more...)...), err)
}

// secrets are those of a connection: of its registration, its token, and what is pending.
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

// secrets are those of a registration: of the client, and in what is added to requests.
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

// secrets are those of the exchange: of the connection, and of the login that is exchanged.
func (a *attempt) secrets() []string {
	secrets := slices.Concat(a.connection.secrets(), secretsOfProxy(a.Network.Proxy), []string{string(a.demand.Rejected)})
	if a.login != nil {
		secrets = slices.Concat(secrets, redact.Parameters(a.login.Form), a.login.Registration.secrets(), []string{a.login.Nonce})
	}
	return secrets
}

// redact removes the secrets of the attempt from err.
func (a *attempt) redact(err error) error {
	if err == nil {
		return nil
	}
	return redactError(redact.New(a.secrets()...), err)
}

// write saves the connection. What the store says of a failure may quote what it was to save.
func (a *attempt) write(c Connection) error { return a.redact(a.save(c)) }

// redactError removes secrets from what others have put into err. An error of our own types stays one, and is changed: it was made just
// now. Of any other the text is kept ([redact.Redactor.Error]).
func redactError(r *redact.Redactor, err error) error {
	ours := false
	if e, ok := errors.AsType[*oauth.Error](err); ok {
		e.Code, e.Description, e.URI, e.Redirect = r.Text(e.Code), r.Text(e.Description), r.Text(e.URI), r.Text(e.Redirect)
		ours = true
	}
	if e, ok := errors.AsType[*oauth.UnusableError](err); ok {
		e.Problem, ours = r.Text(e.Problem), true
	}
	if e, ok := errors.AsType[*oauth.SendError](err); ok {
		e.Err, ours = r.Error(e.Err), true
	}
	if e, ok := errors.AsType[*rejectedLoginError](err); ok && r.Holds(e.problem) {
		return &rejectedLoginError{e.kind, r.Text(e.problem), e.remedy}
	}
	if e, ok := errors.AsType[*RefreshError](err); ok {
		e.Cause, e.Err, ours = r.Text(e.Cause), r.Error(e.Err), true
	}
	if e, ok := errors.AsType[*Problem](err); ok {
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

// What is shown of values that hold secrets when they are printed: names, hosts and times. Registrations have parameters, headers
// and a proxy's password, grants have codes, identities have what a provider knows of a person. Each type has String, Format for
// package fmt, and LogValue for log/slog; encoding/json refuses all but what a [Store] has to save, and encoding/gob all.

// errMarshal is returned where a value is marshalled that may hold a secret.
var errMarshal = errors.New("it may hold secrets and does not marshal itself: store its fields one by one")

// errGob is returned where a value is encoded that is saved as JSON.
var errGob = errors.New("it may hold secrets, and is saved as JSON: see Connection.Record")

// String shows what became of which connection.
func (a Answer) String() string { return fmt.Sprintf("[%s: %v]", a.Outcome, a.Connection) }

// Format shows what String does under every verb and flag.
func (a Answer) Format(f fmt.State, _ rune) { fmt.Fprint(f, a.String()) }

// LogValue shows what String does.
func (a Answer) LogValue() slog.Value { return slog.StringValue(a.String()) }

// MarshalText fails: a connection is saved by a [Store].
func (a Answer) MarshalText() ([]byte, error) { return nil, errMarshal }

// GobEncode fails like MarshalText.
func (a Answer) GobEncode() ([]byte, error) { return nil, errMarshal }

// String shows the name.
func (c Connection) String() string { return "[connection " + c.Name + "]" }

// Format shows what String does under every verb and flag.
func (c Connection) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue shows what String does.
func (c Connection) LogValue() slog.Value { return slog.StringValue(c.String()) }

// GobEncode fails: [Connection.Record] is what is to be saved.
func (c Connection) GobEncode() ([]byte, error) { return nil, errGob }

// String shows the client and the host that it asks.
func (r Registration) String() string {
	return fmt.Sprintf("[registration of client %q, %v]", r.Client.ID, r.Endpoints)
}

// Format shows what String does under every verb and flag.
func (r Registration) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue shows what String does.
func (r Registration) LogValue() slog.Value { return slog.StringValue(r.String()) }

// GobEncode fails: a registration is saved as JSON.
func (r Registration) GobEncode() ([]byte, error) { return nil, errGob }

// String shows how many parameters and headers there are.
func (o RequestOptions) String() string {
	return fmt.Sprintf("[%d parameters, %d headers]", len(o.Params), len(o.Headers))
}

// Format shows what String does under every verb and flag.
func (o RequestOptions) Format(f fmt.State, _ rune) { fmt.Fprint(f, o.String()) }

// LogValue shows what String does.
func (o RequestOptions) LogValue() slog.Value { return slog.StringValue(o.String()) }

// GobEncode fails: the options are part of a registration, which is saved as JSON.
func (o RequestOptions) GobEncode() ([]byte, error) { return nil, errGob }

// String shows how many parameters and headers there are.
func (r Requests) String() string {
	return fmt.Sprintf("[authorize: %v, code: %v, refresh: %v]", r.Authorize, r.Code, r.Refresh)
}

// Format shows what String does under every verb and flag.
func (r Requests) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue shows what String does.
func (r Requests) LogValue() slog.Value { return slog.StringValue(r.String()) }

// GobEncode fails: the options are part of a registration, which is saved as JSON.
func (r Requests) GobEncode() ([]byte, error) { return nil, errGob }

// String shows how many entries there are, and not the key of the fingerprints.
func (h History) String() string { return fmt.Sprintf("[history of %d attempts]", len(h.Entries)) }

// Format shows what String does under every verb and flag.
func (h History) Format(f fmt.State, _ rune) { fmt.Fprint(f, h.String()) }

// LogValue shows what String does.
func (h History) LogValue() slog.Value { return slog.StringValue(h.String()) }

// GobEncode fails: a history is saved as JSON.
func (h History) GobEncode() ([]byte, error) { return nil, errGob }

// String shows what was begun when, and by whom.
func (p Pending) String() string {
	what := "refresh"
	if p.Login != nil {
		what = "login"
	}
	return fmt.Sprintf("[%s begun at %s by process %d on %s]", what, p.Since.Local().Format(time.DateTime), p.PID, p.Host)
}

// Format shows what String does under every verb and flag.
func (p Pending) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// LogValue shows what String does.
func (p Pending) LogValue() slog.Value { return slog.StringValue(p.String()) }

// GobEncode fails: what is pending is saved as JSON.
func (p Pending) GobEncode() ([]byte, error) { return nil, errGob }

// String shows the name of the connection.
func (p PendingLogin) String() string { return "[login of " + p.Name + "]" }

// Format shows what String does under every verb and flag.
func (p PendingLogin) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// LogValue shows what String does.
func (p PendingLogin) LogValue() slog.Value { return slog.StringValue(p.String()) }

// GobEncode fails: what is pending is saved as JSON.
func (p PendingLogin) GobEncode() ([]byte, error) { return nil, errGob }

// String shows who asks whom, and not the code.
func (g Grant) String() string { return fmt.Sprintf("[grant for %v]", g.Registration) }

// Format redacts under every verb and flag.
func (g Grant) Format(f fmt.State, _ rune) { fmt.Fprint(f, g.String()) }

// LogValue redacts for log/slog.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// MarshalText fails: the form has the code in it.
func (g Grant) MarshalText() ([]byte, error) { return nil, errMarshal }

// GobEncode fails like MarshalText.
func (g Grant) GobEncode() ([]byte, error) { return nil, errMarshal }

// String shows the host that was asked.
func (i Identity) String() string { return "[identity from " + i.Host + "]" }

// Format redacts under every verb and flag.
func (i Identity) Format(f fmt.State, _ rune) { fmt.Fprint(f, i.String()) }

// LogValue redacts for log/slog.
func (i Identity) LogValue() slog.Value { return slog.StringValue(i.String()) }

// MarshalText fails: Members are JSON already.
func (i Identity) MarshalText() ([]byte, error) { return nil, errMarshal }

// GobEncode fails like MarshalText.
func (i Identity) GobEncode() ([]byte, error) { return nil, errMarshal }

// Format prints the name, as String does: what else is in a source is nobody's business.
func (s *Source) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.name) }

// String shows what is asked for, and not the token that was rejected.
func (d Demand) String() string {
	return fmt.Sprintf("[demand: forced %t, insist %t, min TTL %s, rejected %t, dry run %t]", d.Forced, d.Insist, d.MinTTL, d.Rejected != "", d.DryRun)
}

// Format redacts under every verb and flag.
func (d Demand) Format(f fmt.State, _ rune) { fmt.Fprint(f, d.String()) }

// LogValue redacts for log/slog.
func (d Demand) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalText fails: an access token that was rejected may be in it.
func (d Demand) MarshalText() ([]byte, error) { return nil, errMarshal }

// GobEncode fails like MarshalText.
func (d Demand) GobEncode() ([]byte, error) { return nil, errMarshal }

// Format prints nothing of what a refresher knows.
func (r Refresher) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[refresher]") }

// Format prints the name of the connection.
func (t Transport) Format(f fmt.State, _ rune) {
	if t.Source == nil {
		fmt.Fprint(f, "[transport]")
		return
	}
	fmt.Fprintf(f, "[transport of %s]", t.Source.name)
}
