package freshet

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// redact removes the secrets of the connection, and more, from err. The texts of servers, proxies and
// stores may repeat them.
func (c *Connection) redact(err error, more ...string) error {
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
func (a *attempt) write(c *Connection) error {
	client := c.Client
	c.dropReadSecret()
	err := a.save(*c)
	c.Client = client
	if err == nil {
		return nil
	}
	return a.redact(err)
}

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

func (c *Connection) secrets() []string {
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

func (r *Registration) secrets() []string {
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

// String returns the name.
func (c Connection) String() string { return "[connection " + c.Name + "]" }

// Format prints the name, like String, with every verb.
func (c Connection) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue logs the name, like String.
func (c Connection) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Format prints the name, like String.
func (s *Source) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.name) }
