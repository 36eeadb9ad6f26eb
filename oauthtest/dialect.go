package oauthtest

// dialect is what one provider says differently from another.
type dialect struct {
	tokenPath      string
	contentType    string // of the token endpoint's JSON
	refusesOverlap bool   // refuses a refresh token that is being refreshed already

	accessToken  func() string
	refreshToken func() string
	members      func(issue) members
	wrongMethod  func() reply
	refuse       func(r refusal, basic bool) reply // basic: the client used HTTP Basic
	unauthorized func() reply                      // from the resource
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

var (
	unknownClient    = refusal{"invalid_client_id", "client identifier invalid"}
	wrongSecret      = refusal{"invalid_client", "invalid client credentials"}
	malformedBasic   = refusal{"invalid_basic_auth_header", "malformed Authorization header"}
	twoCredentials   = refusal{"invalid_request", "more than one client authentication method"}
	unsupportedGrant = refusal{"unsupported_grant_type", "grant type not supported"}
	mustPost         = refusal{"invalid_request", "must use HTTP POST"}
	deadToken        = refusal{"invalid_grant", "expired access/refresh token"}
	beingProcessed   = refusal{"invalid_grant", "token request is already being processed"}
)
