package freshet

import (
	"context"
	"fmt"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/oauth"
)

// CodeReplyKept is the code of the failure that is recorded if a reply has a token where freshet does
// not look. The provider has replaced the refresh token then, so it is not sent again. The reply stays
// in the journal until a provider file describes it ([provider.Reply]).
const CodeReplyKept = "reply_not_understood"

// keepsReply reports whether such a reply is in the journal. Readers without the lock see it in Health.
func (c Connection) keepsReply() bool {
	f := c.Health.forToken(c.Token).LastFailure
	return f != nil && f.Code == CodeReplyKept
}

// tokenPath returns where the pending reply has a token, such as "body", if not at its top level.
func (a *attempt) tokenPath() string {
	object, err := a.asRequested().object(*a.connection.Pending.Reply)
	if err != nil {
		return ""
	}
	return findToken(jsonobject.Value(object), "", 0)
}

// maxTokenDepth is how deep tokens are searched for.
const maxTokenDepth = 8

// findToken returns the path of the first object below the top level that has an access token or a
// refresh token, as [provider.Reply] writes it.
func findToken(v jsonobject.Value, path string, depth int) string {
	if depth > maxTokenDepth {
		return ""
	}
	join := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	if v.Kind() == '[' {
		for i, element := range v.Elements() {
			if found := findToken(element, join(fmt.Sprint(i)), depth+1); found != "" {
				return found
			}
		}
		return ""
	}
	object, err := jsonobject.Parse(string(v))
	if err != nil {
		return ""
	}
	for _, name := range []string{"access_token", "refresh_token"} {
		if s := object.Value(name).AsString(); path != "" && s != "" && syntax.Token(s) == "" {
			return path
		}
	}
	for name, inner := range object.All() {
		if found := findToken(inner, join(name), depth+1); found != "" {
			return found
		}
	}
	return ""
}

// keepReply ends a refresh whose reply has its tokens at the path. The reply stays in the journal.
func (a *attempt) keepReply(path string, cause error) (Answer, error) {
	f := Failure{
		Kind: oauth.Misconfigured, Code: CodeReplyKept,
		Cause: fmt.Sprintf("%s answered with the token in %q, where freshet does not look; "+
			"the reply is kept, and the old refresh token is not sent again", a.connection.Pending.Reply.Host, path),
		Remedy: fmt.Sprintf("describe the provider in a file with "+
			`"reply": {"members": {"access_token": %q, "refresh_token": %q}}, `+
			"name it in Provider, and refresh again", path+".access_token", path+".refresh_token"),
	}
	if last := a.connection.Health.LastFailure; a.connection.keepsReply() && last.Cause == f.Cause {
		return Answer{Connection: a.connection}, &RefreshError{Name: a.connection.Name, Failure: *last, Err: cause}
	}
	return a.fail(a.connection.Pending, f, 0, cause)
}

// dropKeptReply sets a kept reply aside, because a login or a person replaces its grant.
func (a *attempt) dropKeptReply(ctx context.Context) {
	if p := a.connection.Pending; a.connection.keepsReply() && p != nil && p.Reply != nil {
		a.quarantineReply(ctx)
		a.connection.Pending = nil
		a.connection.Health = Health{}
	}
}
