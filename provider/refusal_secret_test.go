package provider_test

import (
	"regexp"
	"testing"

	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// A secret that was not sent is not wrong: then the client may need one.
func TestNoSecretIsNotWrong(t *testing.T) {
	wrong := regexp.MustCompile(`(secret|key|credentials)\b.* (wrong|expired|changed|reset|revoked|belongs to|another app's)` +
		`|not the right one|(accept|know)\b.* (secret|credentials)|secret (is )?not this app's`)
	for _, name := range provider.Names() {
		p, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Errors {
			if r.WrongHost || r.Kind != oauth.Misconfigured {
				continue
			}
			refused := &oauth.Error{Status: 400, Code: first(r.Code), Description: first(r.Text)}
			without := replies.Explain(p, refused, replies.Request{Login: r.Login})
			if !without.NeedsSecret && wrong.MatchString(without.Cause) {
				t.Errorf("%s, without a secret: %v: %s", name, refused, without.Cause)
			}
			if r.WithSecret && !without.NeedsSecret && without.Cause == r.Cause {
				t.Errorf("%s, without a secret: %v: %s", name, refused, without.Cause)
			}
			with := replies.Explain(p, refused, replies.Request{Login: r.Login, Secret: true})
			if with.NeedsSecret || r.WithSecret && with.Cause != r.Cause {
				t.Errorf("%s, with a secret: %v: %s", name, refused, with.Cause)
			}
		}
	}
}

// Whatever a server says to a client without a secret, invalid_client is about that, or about its id.
func TestInvalidClientWithoutASecret(t *testing.T) {
	for _, text := range []string{
		"", "client authentication failed", "no client authentication mechanism provided", "client_secret is wrong",
		"unsupported token_endpoint_auth_method",
	} {
		refused := &oauth.Error{Status: 401, Code: "invalid_client", Description: text}
		if r := replies.Explain(provider.Generic(), refused, replies.Request{}); !r.NeedsSecret {
			t.Errorf("%q: %s", text, r.Cause)
		}
	}
}

func first(texts provider.Texts) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0]
}
