package oauthtest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// oauthError is an OAuth error with a code of RFC 6749 and its extensions, or of Salesforce, which
// has more of them.
type oauthError struct{ Code, Description string }

var (
	unknownClient    = oauthError{"invalid_client_id", "client identifier invalid"}
	wrongSecret      = oauthError{"invalid_client", "invalid client credentials"}
	wrongClientAuth  = oauthError{"invalid_client", "the client must authenticate another way"}
	malformedBasic   = oauthError{"invalid_basic_auth_header", "malformed Authorization header"}
	twoCredentials   = oauthError{"invalid_request", "more than one client authentication method"}
	malformedBody    = oauthError{"invalid_request", "malformed body"}
	mustPost         = oauthError{"invalid_request", "must use HTTP POST"}
	mustBeJSON       = oauthError{"invalid_request", "the body must be JSON"}
	unsupportedGrant = oauthError{"unsupported_grant_type", "grant type not supported"}

	invalidRefreshToken = oauthError{"invalid_grant", "expired access/refresh token"}
	beingProcessed      = oauthError{"invalid_grant", "token request is already being processed"}
	unknownCode         = oauthError{"invalid_grant", "invalid authorization code"}
	expiredCode         = oauthError{"invalid_grant", "expired authorization code"}
	wrongVerifier       = oauthError{"invalid_grant", "invalid code verifier"}

	missingRedirect          = oauthError{"redirect_uri_missing", "redirect_uri is missing"}
	wrongRedirect            = oauthError{"redirect_uri_mismatch", "redirect_uri must match configuration"}
	unsupportedResponseType  = oauthError{"unsupported_response_type", "response type not supported"}
	missingChallenge         = oauthError{"invalid_request", "missing required code challenge"}
	accessDenied             = oauthError{"access_denied", "end-user denied authorization"}
	authorizationPending     = oauthError{"authorization_pending", "the user has not decided yet"}
	slowDown                 = oauthError{"slow_down", "polling too quickly"}
	unknownToken             = oauthError{"invalid_token", "invalid token"}
	unsupportedTokenTypeHint = oauthError{"unsupported_token_type", "this token type is not supported"}
)

func missing(parameter string) *oauthError {
	return &oauthError{"invalid_request", "missing required parameter: " + parameter}
}

func duplicate(parameter string) *oauthError {
	return &oauthError{"invalid_request", "duplicate parameter: " + parameter}
}

// values returns the parameters of a redirect with the error (RFC 6749 §4.1.2.1).
func (e oauthError) values() url.Values {
	return url.Values{"error": {e.Code}, "error_description": {e.Description}}
}

func (e oauthError) members() members {
	m := members{{"error", e.Code}}
	if e.Description != "" {
		m = m.with("error_description", e.Description)
	}
	return m
}

// errorSample is a sample of an error reply. In the values of Body, {error} and {error_description}
// stand for those of the [oauthError], and {NAME} for a parameter of the request.
type errorSample struct {
	Status      int
	ContentType string // that of the profile if empty
	Header      map[string]string
	Body        members
	Text        string // in place of Body: a body that is not an object
}

// errorReply returns the reply to r with an error, as the provider writes it.
func (s *Server) errorReply(r *http.Request, e *oauthError) reply {
	out := s.standardError(e)
	if sample := s.errorSample(*e); sample != nil {
		out = jsonReply(sample.Status, s.profile.ContentType, sample.Body.expand(*e, r.PostForm))
	}
	if s.profile.TracedErrors {
		out.members = withTrace(out.members)
	}
	if out.status == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
		out.header.Set("WWW-Authenticate", `Basic realm="oauthtest"`)
	}
	out.members = out.members.renamed(s.cfg.Members)
	out.body = out.members.appendJSON(nil)
	return out
}

// errorSample returns the sample that fits e, or nil.
func (s *Server) errorSample(e oauthError) *errorSample {
	name := e.Code
	switch e {
	case invalidRefreshToken:
		name = "refresh_token"
	case unknownCode, expiredCode, wrongVerifier:
		name = "code"
	case unknownClient:
		name = "client"
	case wrongSecret, malformedBasic, wrongClientAuth:
		name = "secret"
	}
	for _, name := range []string{name, "other"} {
		if sample, ok := s.profile.Errors[name]; ok {
			return &sample
		}
	}
	return nil
}

// standardError returns the reply of RFC 6749 §5.2, which has fewer error codes than Salesforce.
func (s *Server) standardError(e *oauthError) reply {
	status, code := http.StatusBadRequest, e.Code
	switch *e {
	case unknownClient, malformedBasic:
		code = "invalid_client"
	case wrongRedirect:
		code = "invalid_grant"
	}
	if code == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return jsonReply(status, s.profile.ContentType, oauthError{code, e.Description}.members())
}

// accessRefused returns the reply to a request whose access token is not valid. kind is "api" or
// "userinfo".
func (s *Server) accessRefused(kind string) reply {
	sample, ok := s.profile.Errors[kind]
	if !ok {
		sample = s.profile.Errors["api"]
	}
	contentType := sample.ContentType
	if contentType == "" {
		contentType = s.profile.ContentType
	}
	out := jsonReply(sample.Status, contentType, sample.Body)
	if sample.Text != "" {
		out.body = []byte(sample.Text)
	}
	for name, value := range sample.Header {
		out.header.Set(name, value)
	}
	return out
}

// expand replaces the placeholders of an [errorSample].
func (m members) expand(e oauthError, form url.Values) members {
	pairs := []string{"{error}", e.Code, "{error_description}", e.Description}
	for name := range form {
		pairs = append(pairs, "{"+name+"}", form.Get(name))
	}
	return m.replaceText(strings.NewReplacer(pairs...))
}

func (m members) replaceText(replacer *strings.Replacer) members {
	out := slices.Clone(m)
	for i := range out {
		switch value := out[i].value.(type) {
		case string:
			out[i].value = replacer.Replace(value)
		case members:
			out[i].value = value.replaceText(replacer)
		}
	}
	return out
}

// withTrace adds the members by which Microsoft's support finds an error. m is the error and its
// description, which begins with AADSTS and a number.
func withTrace(m members) members {
	text := m[1].value.(string)
	number, _, _ := strings.Cut(strings.TrimPrefix(text, "AADSTS"), ":")
	trace, correlation, at := uuid(), uuid(), time.Now().UTC().Format("2006-01-02 15:04:05Z")
	text = fmt.Sprintf("%s Trace ID: %s Correlation ID: %s Timestamp: %s", text, trace, correlation, at)
	return members{
		m[0],
		{"error_description", text},
		{"error_codes", []json.Number{json.Number(number)}},
		{"timestamp", at},
		{"trace_id", trace},
		{"correlation_id", correlation},
		{"error_uri", "https://login.microsoftonline.com/error?code=" + number},
	}
}

// uuid returns a random UUID (RFC 9562 §5.4).
func uuid() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
