package login

import (
	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// consentRefusal explains an error of a request for consent (RFC 6749 §4.1.2.1, OpenID Connect Core 1.0 §3.1.2.6, RFC 8707 §2),
// for which the tables of package provider, made for the token endpoint, have other words.
func consentRefusal(code string) (r provider.Refusal, ok bool) {
	switch code {
	case "access_denied":
		r.Kind, r.Cause = oauth.LoginRequired, "consent was denied"
		r.Remedy = "log in again and allow the access; if nobody denied it, ask the provider's administrator whether this application may be used"
	case "invalid_request":
		r.Kind, r.Cause = oauth.Misconfigured, "the provider did not understand the login"
		r.Remedy = "check the client id, the redirect address and the further parameters"
	case "unauthorized_client":
		r.Kind, r.Cause = oauth.Misconfigured, "this application may not log people in this way"
		r.Remedy = "allow this flow in the application's registration with the provider"
	case "unsupported_response_type":
		r.Kind, r.Cause = oauth.Misconfigured, "the provider does not know this response type"
		r.Remedy = `take the response type "code"`
	case "invalid_scope":
		r.Kind, r.Cause = oauth.Misconfigured, "the provider does not know a scope that was asked for, or does not allow it to this application"
		r.Remedy = "ask for other Scopes, or allow them in the application's registration"
	case "invalid_target":
		r.Kind, r.Cause = oauth.Misconfigured, "the provider does not know the resource that was asked for"
		r.Remedy = "name another in Resources"
	case "server_error":
		r.Kind, r.Cause, r.Remedy = oauth.Temporary, "the provider failed during the login", "log in again later"
	case "temporarily_unavailable":
		r.Kind, r.Cause, r.Remedy = oauth.Temporary, "the provider cannot log anybody in now", "log in again later"
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		r.Kind, r.Cause = oauth.LoginRequired, "the provider has to ask the person something first"
		r.Remedy = "log in again without the parameter prompt=none"
	default:
		return r, false
	}
	return r, true
}

// refusal explains an error of the authorization endpoint or the device authorization endpoint: the vendor knows best what it
// means, unless it knows no more than the RFCs.
func refusal(reg freshet.Registration, e *oauth.Error) error {
	vendor := freshet.Connection{Registration: reg}.Vendor()
	explained := vendor.ExplainLogin(e)
	if own, ok := consentRefusal(e.Code); ok && !explained.Own() {
		explained = own
	} else if !explained.Particular() {
		explained.Cause = "the provider refused the login"
		explained.Remedy = "look the error up in the provider's documentation; check the application's registration there"
	}
	return &freshet.Problem{Kind: explained.Kind, What: explained.Cause + " (" + e.Error() + ")", Remedy: explained.Remedy, Err: e}
}

// shown returns what can be printed of s, and at most limit characters of it.
func shown(s string, limit int) string {
	printable := text.Printable(s)
	if runes := []rune(printable); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return printable
}
