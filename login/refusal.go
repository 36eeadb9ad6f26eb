package login

import (
	"strings"
	"unicode"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// refusals are the errors of a request for consent (RFC 6749 §4.1.2.1, OpenID Connect Core 1.0 §3.1.2.6, RFC 8707 §2), to
// which the tables of package provider, made for the token endpoint, have other answers.
var refusals = map[string]provider.Refusal{
	"access_denied": {
		Kind: oauth.LoginRequired, Cause: "consent was denied",
		Remedy: "log in again and allow the access; if nobody denied it, ask the provider's administrator whether this application may be used",
	},
	"invalid_request": {
		Kind: oauth.Misconfigured, Cause: "the provider did not understand the login",
		Remedy: "check the client id, the redirect address and the further parameters",
	},
	"unauthorized_client": {
		Kind: oauth.Misconfigured, Cause: "this application may not log people in this way",
		Remedy: "allow this flow in the application's registration with the provider",
	},
	"unsupported_response_type": {
		Kind: oauth.Misconfigured, Cause: "the provider does not know this response type",
		Remedy: `take the response type "code"`,
	},
	"invalid_scope": {
		Kind: oauth.Misconfigured, Cause: "the provider does not know a scope that was asked for, or does not allow it to this application",
		Remedy: "ask for other scopes with --scope, or allow them in the application's registration",
	},
	"invalid_target": {
		Kind: oauth.Misconfigured, Cause: "the provider does not know the resource that was asked for",
		Remedy: "name another with --resource",
	},
	"server_error": {
		Kind: oauth.Temporary, Cause: "the provider failed during the login",
		Remedy: "log in again later",
	},
	"temporarily_unavailable": {
		Kind: oauth.Temporary, Cause: "the provider cannot log anybody in now",
		Remedy: "log in again later",
	},
	"login_required": unasked, "interaction_required": unasked, "consent_required": unasked, "account_selection_required": unasked,
}

// unasked is a login that was to succeed without a page, which the parameter prompt=none asks for.
var unasked = provider.Refusal{
	Kind: oauth.LoginRequired, Cause: "the provider has to ask the person something first",
	Remedy: "log in again without the parameter prompt=none",
}

// refusal explains an error of the authorization endpoint or the device authorization endpoint: the vendor knows best what it
// means, unless it knows no more than the RFCs.
func refusal(reg freshet.Registration, e *oauth.Error) error {
	vendor := freshet.Connection{Registration: reg}.Vendor()
	explained := vendor.ExplainLogin(e)
	if own, ok := refusals[e.Code]; ok && explained == provider.Generic.ExplainLogin(e) {
		explained = own
	} else if explained.Code == "" && explained.Text == "" { // it matched nothing in particular
		explained.Cause = "the provider refused the login"
		explained.Remedy = "look the error up in the provider's documentation; check the application's registration there"
	}
	return &freshet.Problem{Kind: explained.Kind, What: explained.Cause + " (" + e.Error() + ")", Remedy: explained.Remedy, Err: e}
}

// maxRead bounds how much of a text is looked at, in characters.
const maxRead = 10_000

// shown returns what can be printed of a text, and at most limit characters of it.
func shown(text string, limit int) string {
	printable := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, text)
	if runes := []rune(printable); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return printable
}
