package oauth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// What the server says is shown, in whatever shape it says it.
func TestErrorResponseShapes(t *testing.T) {
	for name, test := range map[string]struct {
		status            int
		contentType, body string
		want              string
	}{
		"RFC 6749":                {400, "application/json", `{"error":"invalid_grant","error_description":"gone"}`, "invalid_grant: gone"},
		"RFC 9457":                {400, "application/problem+json", `{"type":"about:blank","title":"Bad Request","detail":"The token is old."}`, "400 Bad Request: The token is old."},
		"an object":               {400, "", `{"error":{"code":"invalid_grant","message":"Token gone"}}`, "invalid_grant: Token gone"},
		"a deep object":           {401, "", `{"fault":{"faultstring":"Invalid refresh token","detail":{"errorcode":"keymanagement.service.x"}}}`, "keymanagement.service.x: Invalid refresh token"},
		"a list":                  {400, "", `{"errors":[{"errorType":"invalid_grant","message":"Refresh token invalid"}]}`, "invalid_grant: Refresh token invalid"},
		"a bare list":             {401, "", `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`, "INVALID_SESSION_ID: Session expired or invalid"},
		"a list of text":          {400, "", `{"errors":["one thing","another thing"]}`, "400 Bad Request: one thing; another thing"},
		"other names":             {400, "", `{"errcode":"E1","errmsg":"no such user"}`, "E1: no such user"},
		"a number":                {200, "", `{"error":601,"message":"no"}`, "601: no"},
		"plain text":              {400, "text/plain", "Token is not active\r\n", "400 Bad Request: Token is not active"},
		"a page":                  {403, "text/html", "<html><head><TITLE>\nBlocked &amp; logged</TITLE>", "403 Forbidden: Blocked & logged"},
		"the status":              {502, "text/html", "<title>502 Bad Gateway</title>", "502 Bad Gateway"},
		"said twice":              {400, "", `{"error":"e","error_description":"no","message":"no"}`, "e: no"},
		"binary":                  {400, "image/png", "\x89PNG", "400 Bad Request"},
		"a token":                 {400, "", `{"error":"e","message":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.aaa is old"}`, "e: [secret] is old"},
		"an id":                   {400, "", `{"error":"e","message":"request 11111111-2222-3333-4444-555555555555"}`, "e: request 11111111-2222-3333-4444-555555555555"},
		"Lark's":                  {200, "", `{"code":20037,"msg":"gone","data":{}}`, "20037: gone"},
		"no success":              {200, "", `{"success":false,"message":"no such user"}`, "200 OK: no such user"},
		"not ok":                  {200, "", `{"ok":false,"code":"E1","message":"no"}`, "E1: no"},
		"a code in a form":        {200, "application/x-www-form-urlencoded", "errcode=7&errmsg=gone", "7: gone"},
		"an error beside a token": {200, "", `{"access_token":"a","error":"invalid_grant","error_description":"x"}`, "invalid_grant: x"},
		"Strava's": {
			400, "", `{"errors":[{"field":"refresh_token","code":"invalid"}],"message":"Bad Request"}`,
			"invalid: refresh_token is invalid; Bad Request",
		},
		"WeChat's": {
			200, "", `{"errcode":42002,"errmsg":"refresh_token expired"}`, "42002: refresh_token expired",
		},
	} {
		t.Run(name, func(t *testing.T) {
			reply := oauth.Reply{Host: "op", Status: test.status, ContentType: test.contentType, Body: []byte(test.body)}
			if _, err := reply.Object(); err == nil || err.Error() != "op answered "+test.want {
				t.Errorf("got  %v\nwant op answered %s", err, test.want)
			}
		})
	}
}

// A success may say that there is no error.
func TestNoErrorInSuccess(t *testing.T) {
	for _, value := range []string{
		`null`, `""`, `0`, `"0"`, `false`, `"none"`, `"OK"`, `{}`, `[]`, `"null"`,
		`"OK."`, `[""]`, `[null]`, `{"code":"ok","message":""}`, `{"code":0}`,
		`{"code":0,"message":"Success","id":"x1"}`,
	} {
		reply := oauth.Reply{Host: "op", Status: 200, Body: []byte(`{"access_token":"a","error":` + value + `}`)}
		if _, err := reply.Object(); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// A success may hold a token anywhere, or lack one without a refusal.
func TestNotARefusal(t *testing.T) {
	for _, body := range []string{
		`{"errcode":42002,"errmsg":"x","access_token":"a"}`,
		`{"success":false,"message":"x","data":{"list":[{"refreshToken":"r"}]}}`,
		`{"code":20037,"msg":"x","data":"{\"access_token\":\"a\"}"}`,
		`{"errcode":0,"errmsg":"ok"}`,
		`{"code":0,"msg":"x"}`,
		`{"code":200,"message":"x"}`,
		`{"code":"92a2b2e351f2b0b3","user_code":"A1","message":"x"}`,
		`{"code":10000,"msg":"success"}`,
		`{"success":true,"message":"x"}`,
		`{"message":"x"}`,
		`{"active":false}`,
		`{}`,
	} {
		if _, err := (oauth.Reply{Host: "op", Status: 200, Body: []byte(body)}).Object(); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Pages are for people: their title does not end a grant. Other shapes of a reply do.
func TestKindOfReplies(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		want   oauth.Kind
	}{
		{403, "<html><title>Session expired</title>", oauth.Misconfigured},
		{403, "<title>The CSRF token is invalid</title>", oauth.Misconfigured},
		{400, "<title>Refresh token expired</title>", oauth.Misconfigured},
		{403, "<title>Too many requests</title>", oauth.Temporary},
		{400, "Refresh token expired", oauth.LoginRequired},
		{400, `{"errors":[{"field":"refresh_token","code":"invalid"}],"message":"Bad Request"}`, oauth.LoginRequired},
		{400, `{"errors":[{"field":"client_id","code":"invalid"}],"message":"Bad Request"}`, oauth.Misconfigured},
		{200, `{"errcode":42002,"errmsg":"refresh_token expired"}`, oauth.LoginRequired},
		{200, `{"success":false,"message":"Too many requests"}`, oauth.Temporary},
	} {
		_, err := oauth.Reply{Host: "op", Status: test.status, Body: []byte(test.body)}.Object()
		if e, ok := errors.AsType[*oauth.Error](err); !ok || e.Kind() != test.want {
			t.Errorf("%s: %v, want %s", test.body, err, test.want)
		}
	}
}

// A long text keeps its beginning and its end, where the reason may be.
func TestErrorTextIsBounded(t *testing.T) {
	body := `{"error":"e","error_description":"first ` + strings.Repeat("ä ", 400) + ` last"}`
	_, err := oauth.Reply{Host: "op", Status: 400, Body: []byte(body)}.Object()
	got := strings.TrimPrefix(err.Error(), "op answered e: ")
	if n := len([]rune(got)); n != 300 || !strings.HasPrefix(got, "first ") || !strings.HasSuffix(got, " last") {
		t.Errorf("%d characters: %s", n, got)
	}
}

// The body may say how long to wait.
func TestWaitInBody(t *testing.T) {
	body := `{"status":601,"body":{"wait_seconds":188},"error":"Same arguments in less than 10 seconds"}`
	_, err := oauth.Reply{Host: "op", Status: 200, Body: []byte(body)}.Object()
	e, ok := errors.AsType[*oauth.Error](err)
	if !ok || e.RetryAfter != 188*time.Second || e.Kind() != oauth.Temporary {
		t.Errorf("%+v", err)
	}
}

// The kind follows from all that an error says, not from its code alone. Package provider has more
// samples of real servers.
func TestKindOfRealErrors(t *testing.T) {
	for _, test := range []struct {
		server     string
		status     int
		code, text string
		want       oauth.Kind
	}{
		{"node-oauth2-server", 401, "invalid_token", "Invalid token: access token has expired", oauth.LoginRequired},
		{"Auth0", 403, "invalid_grant", "Unknown or invalid refresh token.", oauth.LoginRequired},
		{"Auth0", 429, "access_denied", "Too many requests", oauth.Temporary},
		{"Xero", 400, "", "Rate Limit Exceeded", oauth.Temporary},
		{"Google", 403, "rateLimitExceeded", "", oauth.Temporary},
		{"Google", 403, "", "Quota exceeded for quota metric", oauth.Temporary},
		{
			"Zoho", 400, "Access Denied",
			"You have made too many requests continuously. Please try again after some time.", oauth.Temporary,
		},
		{"any", 423, "locked", "", oauth.Temporary},
		{"any", 400, "invalid_request", "unsupported token endpoint", oauth.Misconfigured},
		{"any", 400, "invalid_request", "invalid token endpoint authentication", oauth.Misconfigured},
		{"any", 400, "invalid_request", "invalid token type hint", oauth.Misconfigured},
		{"any", 404, "", "", oauth.Misconfigured},

		// What is about the request.
		{
			"node-oauth2-server", 400, "unsupported_grant_type",
			"Unsupported grant type: `grant_type` is invalid", oauth.Misconfigured,
		},
		{
			"node-oauth2-server", 400, "invalid_request",
			"Unsupported grant type: `grant_type` is invalid", oauth.Misconfigured,
		},
		{"any", 400, "", "Invalid grant type", oauth.Misconfigured},
		{"any", 400, "invalid_grant_type", "", oauth.Misconfigured},
		{"any", 400, "invalid_request", "Invalid token request", oauth.Misconfigured},
		{"any", 400, "", "Token request failed: client_id is invalid", oauth.Misconfigured},
		{
			"any", 400, "unauthorized_client",
			"The refresh token grant is not valid for this client", oauth.Misconfigured,
		},
		{"RFC 8707", 400, "invalid_target", "Token audience is unknown", oauth.Misconfigured},
		{"RFC 9449", 400, "invalid_dpop_proof", "The token binding is invalid", oauth.Misconfigured},
		{"any", 400, "unsupported_grant_type", "Refresh token grant is not valid", oauth.Misconfigured},
		{"any", 403, "", "The CSRF token is invalid", oauth.Misconfigured},

		// A busy server.
		{"Salesforce", 400, "invalid_grant", "login rate exceeded", oauth.Temporary},
		{"any", 400, "invalid_grant", "Too many requests, retry later", oauth.Temporary},
		{"any", 409, "invalid_grant", "", oauth.Temporary},
		{"any", 400, "invalid_grant", "Conflict", oauth.Temporary},
		{"any", 403, "access_denied", "Too many requests", oauth.Temporary},
		{"any", 400, "", "Rate exceeded", oauth.Temporary},
		{"any", 400, "invalid_request", "Quota exceeded", oauth.Temporary},
		{"any", 400, "invalid_client", "Rate limit exceeded.", oauth.Temporary},
		{"any", 400, "", "Refresh token is already being refreshed", oauth.Temporary},
		{"any", 400, "invalid_grant", "Refresh token is already being used by another request", oauth.Temporary},
		{"any", 400, "invalid_scope", "Unknown scope: quota.read", oauth.Misconfigured},
		{"any", 400, "invalid_scope", "Unknown scope: quota", oauth.Misconfigured},
		{"any", 400, "invalid_scope", "Unknown scope: rate-limit.read", oauth.Misconfigured},
		{"any", 400, "invalid_client", "client overload-monitor not found", oauth.Misconfigured},
		{"any", 400, "invalid_request", "conflicting parameters", oauth.Misconfigured},

		// A dead token.
		{"any", 400, "invalid_grant", "Refresh token usage limit exceeded", oauth.LoginRequired},
		{"any", 400, "", "Refresh token usage limit exceeded", oauth.LoginRequired},
		{"any", 400, "invalid_grant", "The refresh token was already used", oauth.LoginRequired},
		{"any", 400, "invalid_grant", "Refresh token has expired, try again later", oauth.LoginRequired},
		{"any", 400, "invalid_grant", "expired", oauth.LoginRequired},
		{"any", 400, "TOKEN_EXPIRED", "", oauth.LoginRequired},
		{"any", 400, "token_revoked", "", oauth.LoginRequired},
		{"OpenID Connect", 400, "login_required", "", oauth.LoginRequired},
		{"OpenID Connect", 400, "interaction_required", "", oauth.LoginRequired},
		{"OpenID Connect", 400, "consent_required", "", oauth.LoginRequired},
		{"any", 400, "", "The refresh_token is invalid", oauth.LoginRequired},
		{"any", 400, "invalid_request", "refresh_token has expired", oauth.LoginRequired},
	} {
		e := oauth.Error{Status: test.status, Code: test.code, Description: test.text}
		if got := e.Kind(); got != test.want {
			t.Errorf("%s: %d %s: %s is %s, want %s", test.server, test.status, test.code, test.text, got, test.want)
		}
	}
}
