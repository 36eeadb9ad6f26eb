package login

import (
	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// refusal explains an error of the authorization endpoint, which gets no secret (auth is ""), or of
// the device authorization endpoint. The provider's own explanation takes precedence.
func refusal(reg freshet.Registration, e *oauth.Error, auth oauth.AuthStyle) error {
	request := replies.Request{Login: true, Secret: auth != "" && auth != oauth.AuthNone}
	explained := replies.Explain((&freshet.Connection{Registration: reg}).ProviderInfo(), e, request)
	r, isConsent := explainConsent(e.Code)
	switch {
	case explained.Own:
	case isConsent:
		explained.Refusal = r
	case auth == "" && e.Code == "invalid_client":
		explained.Cause = "the provider does not know this client id"
		explained.Remedy = "{set client_id}: the one of the application's registration with this provider"
	case explained.NeedsSecret:
		explained.Remedy = "{login again client_secret}; or check the client id"
	case !explained.Particular():
		explained.Cause = "the provider refused the login"
		explained.Remedy = "look the error up in the provider's documentation; " +
			"check the application's registration there"
	}
	return &freshet.SetupError{
		Kind: explained.Kind, What: explained.Cause + " (" + e.Error() + ")", Remedy: explained.Remedy, Err: e,
	}
}

// explainConsent explains an error of a request for consent (RFC 6749 §4.1.2.1, OpenID Connect Core
// 1.0 §3.1.2.6, RFC 8707 §2). Package provider explains the same codes for the token endpoint,
// where they have other causes.
func explainConsent(code string) (r provider.Refusal, ok bool) {
	switch code {
	case "access_denied":
		r.Kind, r.Cause = oauth.LoginRequired, "consent was denied"
		r.Remedy = "{login again} and allow the access; " +
			"if the user did not deny it, ask the provider's administrator whether this application is allowed"
	case "invalid_request":
		r.Kind, r.Cause = oauth.Misconfigured, "the provider did not understand the login"
		r.Remedy = "check the client id, the redirect address and the further parameters"
	case "unauthorized_client":
		r.Kind, r.Cause = oauth.Misconfigured, "this application may not use this kind of login"
		r.Remedy = "allow this flow in the application's registration with the provider"
	case "unsupported_response_type":
		r.Kind, r.Cause = oauth.Misconfigured, "the provider does not know this response type"
		r.Remedy = `use the response type "code"`
	case "invalid_scope":
		r.Kind = oauth.Misconfigured
		r.Cause = "the provider does not know a requested scope, or does not allow it to this application"
		r.Remedy = "{set scope}, or allow the present ones in the application's registration"
	case "invalid_target":
		r.Kind, r.Cause = oauth.Misconfigured, "the provider does not know the requested resource"
		r.Remedy = "{set resource}: another"
	case "server_error":
		r.Kind, r.Cause, r.Remedy = oauth.Temporary, "the provider failed during the login", "{login again} later"
	case "temporarily_unavailable":
		r.Kind, r.Cause, r.Remedy = oauth.Temporary, "the provider cannot log in users now", "{login again} later"
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		r.Kind, r.Cause = oauth.LoginRequired, "the provider must first ask the user something"
		r.Remedy = "{login again} without the parameter prompt=none"
	default:
		return r, false
	}
	return r, true
}

// printable returns the printable characters of s, at most limit of them.
func printable(s string, limit int) string {
	s = text.Printable(s)
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return s
}
