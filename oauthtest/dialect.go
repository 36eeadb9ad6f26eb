package oauthtest

import "net/url"

// dialect is what one provider says differently from another.
type dialect struct {
	manners
	paths          paths
	contentType    string // of the token endpoint's JSON
	refusesOverlap bool   // refuses a refresh token that is being refreshed already
	sendsIssuer    bool   // iss comes with the redirect (RFC 9207)
	hybrid         bool   // response_type "code id_token" is served
	strictRevoke   bool   // refuses to revoke what it does not know (against RFC 7009 §2.2), but asks for no client

	scope         string // granted when none is asked for
	subject       string // sub of the one user
	deviceGrant   string // grant_type of a device's poll
	deviceCode    string // the parameter that holds its device code
	expiredDevice refusal
	accessType    string // token_type of an access token in an introspection
	refreshType   string // that of a refresh token, or ""

	accessPrefix  string // of access tokens
	refreshPrefix string
	tokenTexts    int // random texts in a token

	code         func() string
	members      func(issue) members
	wrap         func(members, issue) members // what is done to the members last, or nil
	userinfo     members
	wrongMethod  func() reply
	refuse       func(r refusal, basic bool) reply // basic: the client used HTTP Basic
	echo         func(members, url.Values) members // puts what the client sent into a refusal, or nil
	unauthorized func() reply                      // from the resource
	badBearer    func() reply                      // from userinfo and the like
}

// paths are where a provider has its endpoints. device is empty where the token endpoint gives out device codes.
type paths struct {
	authorize, token, device, devicePage, introspect, revoke, userinfo, keys string
}

// refusal is an OAuth error, in Salesforce's terms where Salesforce has more of them than RFC 6749.
type refusal struct {
	code        string
	description string
}

func (r refusal) members() members {
	m := members{{"error", r.code}}
	if r.description != "" {
		m = m.with("error_description", r.description)
	}
	return m
}

// values are the parameters of a redirect that refuses (RFC 6749 §4.1.2.1).
func (r refusal) values() url.Values {
	return url.Values{"error": {r.code}, "error_description": {r.description}}
}

var (
	unknownClient    = refusal{"invalid_client_id", "client identifier invalid"}
	wrongSecret      = refusal{"invalid_client", "invalid client credentials"}
	malformedBasic   = refusal{"invalid_basic_auth_header", "malformed Authorization header"}
	malformedBody    = refusal{"invalid_request", "malformed body"}
	twoCredentials   = refusal{"invalid_request", "more than one client authentication method"}
	unsupportedGrant = refusal{"unsupported_grant_type", "grant type not supported"}
	mustPost         = refusal{"invalid_request", "must use HTTP POST"}
	mustBeJSON       = refusal{"invalid_request", "the body must be JSON"}
	otherAuth        = refusal{"invalid_client", "the client must authenticate another way"}
	deadToken        = refusal{"invalid_grant", "expired access/refresh token"}
	beingProcessed   = refusal{"invalid_grant", "token request is already being processed"}

	noRedirect    = refusal{"redirect_uri_missing", "redirect_uri is missing"}
	wrongRedirect = refusal{"redirect_uri_mismatch", "redirect_uri must match configuration"}
	wrongResponse = refusal{"unsupported_response_type", "response type not supported"}
	noChallenge   = refusal{"invalid_request", "missing required code challenge"}
	denied        = refusal{"access_denied", "end-user denied authorization"}

	unknownCode   = refusal{"invalid_grant", "invalid authorization code"}
	expiredCode   = refusal{"invalid_grant", "expired authorization code"}
	wrongVerifier = refusal{"invalid_grant", "invalid code verifier"}

	pending  = refusal{"authorization_pending", "the user has not decided yet"}
	slowDown = refusal{"slow_down", "polling too quickly"}

	unknownToken = refusal{"invalid_token", "invalid token"}
	wrongHint    = refusal{"unsupported_token_type", "this token type is not supported"}
)

func missing(parameter string) *refusal {
	return &refusal{"invalid_request", "missing required parameter: " + parameter}
}

func duplicate(parameter string) *refusal {
	return &refusal{"invalid_request", "duplicate parameter: " + parameter}
}
