package freshet

import (
	"errors"
	"net/url"
	"slices"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// What others say of a request may repeat the secrets in it: a server, a proxy, a store. Their errors are cleaned before any text
// is made of them. Nothing here is called before there is an error.

// redactor returns one for the secrets of the connection, and for more.
func (c Connection) redactor(more ...string) *redact.Redactor {
	return redact.New(append(c.secrets(), more...)...)
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
func (x *exchange) secrets() []string {
	secrets := slices.Concat(x.connection.secrets(), secretsOfProxy(x.Network.Proxy), []string{string(x.demand.Rejected)})
	if x.login != nil {
		secrets = slices.Concat(secrets, redact.Parameters(x.login.Form), x.login.Registration.secrets(), []string{x.login.Nonce})
	}
	return secrets
}

// hide removes the secrets of the exchange from err, and returns what is left.
func (x *exchange) hide(err error) error {
	if err == nil {
		return nil
	}
	return hide(redact.New(x.secrets()...), err)
}

// write saves the connection. What the store says of a failure may quote what it was to save.
func (x *exchange) write(c Connection) error { return x.hide(x.save(c)) }

// hide removes secrets from what others have put into err. An error of our own types stays one, and is changed: it was made just
// now. Of any other the text is kept ([redact.Redactor.Error]).
func hide(r *redact.Redactor, err error) error {
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
	if e, ok := errors.AsType[*unwantedError](err); ok && r.Holds(e.problem) {
		return &unwantedError{e.kind, r.Text(e.problem), e.remedy}
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
