package freshet

import (
	"context"
	"fmt"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// CodeReplyKept is the code of the failure that is recorded if a reply has a token where freshet does
// not look. The provider has replaced the refresh token then, so it is not sent again. The reply stays
// in the journal until a provider file describes it ([provider.Reply]).
const CodeReplyKept = "reply_not_understood"

// keepsReply reports whether the refresh token was answered with such a reply, and so is spent. It
// stays true when the reply is no longer in the journal: only a new token, or a person, ends it.
func (c *Connection) keepsReply() bool {
	return c.Health.ReplyKept && c.Health.RefreshTokenHash == c.Token.RefreshTokenHash()
}

// tokenPath returns where the pending reply has a token, such as "body", if not at its top level.
func (a *attempt) tokenPath() string {
	reply := a.connection.Pending.Reply
	if !reply.OK() || reply.Truncated {
		return ""
	}
	path := findToken(replies.Standard(a.asRequested().ProviderInfo(), reply.Body))
	return truncate(redact.Tokens(redact.New(a.secrets()...).Text(text.Printable(path))))
}

// findToken returns the path of the first object below the top level that has an access token or a
// refresh token, as [provider.Reply] writes it, or "".
func findToken(body []byte) string {
	path, _ := jsonobject.Find(body, func(path, name string, value jsonobject.Value) bool {
		s := value.AsString()
		return path != "" && isToken(name) && s != "" && syntax.Token(s) == ""
	})
	return path
}

// keepReply ends a refresh whose reply has its tokens at the path. The reply stays in the journal.
func (a *attempt) keepReply(path string, cause error) (*Result, error) {
	f := Failure{
		Kind: oauth.Misconfigured, Code: CodeReplyKept,
		Cause:  a.tokenElsewhere(path) + "; the reply is kept, and the old refresh token is not sent again",
		Remedy: describeProvider(path),
	}
	c := &a.connection
	if last := c.Health.LastFailure; c.keepsReply() && last != nil && last.Cause == f.Cause {
		failed := &RefreshError{Name: c.Name, Failure: *last, NextAttempt: time.Now().Add(lastRetry), Err: cause}
		return &Result{Connection: *c, silent: true}, failed
	}
	c.Health = c.Health.forToken(c.Token)
	c.Health.RefreshTokenHash, c.Health.ReplyKept = c.Token.RefreshTokenHash(), true
	return a.fail(a.connection.Pending, f, 0, cause)
}

func (a *attempt) tokenElsewhere(path string) string {
	return fmt.Sprintf("%s answered with the token in %q, where freshet does not look", a.connection.Pending.Reply.Host, path)
}

func describeProvider(path string) oauth.Remedy {
	return oauth.Remedyf("describe the provider in a file with "+
		`"reply": {{"members": {{"access_token": %q, "refresh_token": %q}}}}; `+
		"then {set provider} (the path of that file), and {refresh}", path+".access_token", path+".refresh_token")
}

// setKeptReplyAside makes room in the journal for a request that a person asked for: a login, or a
// refresh although the reply is kept. If nothing comes of it, the reply returns to the journal.
func (a *attempt) setKeptReplyAside(ctx context.Context) error {
	p := a.connection.Pending
	if !a.connection.keepsReply() || p == nil || p.Reply == nil || p.Login != nil {
		return nil
	}
	if store, ok := a.Store.(Quarantiner); ok {
		if _, err := store.Quarantine(ctx, a.connection.Name, p.Reply.Body); err != nil {
			return fmt.Errorf("%s: setting the kept reply aside: %w", a.connection.Name, a.redact(err))
		}
	}
	a.kept, a.connection.Pending = p, nil
	return nil
}
