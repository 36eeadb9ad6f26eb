package oauthtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// serveToken acts, waits and replies, in this order: the refresh has happened even if the reply is
// lost.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost && !(s.profile.AllowGet && r.Method == http.MethodGet) {
		s.wrongMethod(r).send(w)
		return
	}
	s.count(func(stats *Stats) { stats.Requests++ })
	s.dated(w)
	kind, text := s.faults.next()
	out, finish := s.act(r, kind, text)
	out = s.encodeFor(r, out)
	s.pause(s.cfg.Latency)
	finish()
	if kind.deliver != nil {
		kind.deliver(s, w, r, out)
		return
	}
	out.send(w)
}

func (s *Server) wrongMethod(r *http.Request) reply {
	if s.cfg.Provider == Salesforce {
		return s.errorReply(r, &mustPost)
	}
	out := s.standardError(&mustPost)
	out.status = http.StatusMethodNotAllowed
	out.header.Set("Allow", http.MethodPost)
	return out
}

// act returns the reply to r, and a function to call before it is sent.
func (s *Server) act(r *http.Request, kind faultKind, text string) (out reply, finish func()) {
	finish = func() {}
	if kind.reply != nil {
		return kind.reply(s.profile, text), finish
	}
	if e := s.checkRequest(r); e != nil {
		return s.errorReply(r, e), finish
	}
	if s.startsDevice(r.PostForm) {
		return s.startDevice(r.PostForm), finish
	}
	tokens, e := s.issueTokens(r.PostForm, kind)
	if e != nil {
		return s.errorReply(r, e), finish
	}
	m := s.tokenMembers(tokens)
	if tokens.grant.openID() && !tokens.grant.client {
		claims := s.claims(tokens.nonce, tokens.at)
		if kind.claims != nil {
			claims = kind.claims(claims)
		}
		m = m.with("id_token", s.jwt(claims))
	}
	if kind.members != nil {
		m = kind.members(m, tokens)
	}
	out = jsonReply(http.StatusOK, s.profile.ContentType, s.applyConfig(m, tokens))
	return out, func() { s.ledger.refreshDone(tokens.presented) }
}

// checkRequest checks everything about r except whether its code or token is valid.
func (s *Server) checkRequest(r *http.Request) *oauthError {
	if s.cfg.JSONOnly && !isJSON(r) {
		return &mustBeJSON
	}
	if e := s.readForm(r); e != nil {
		return e
	}
	if s.startsDevice(r.PostForm) {
		return s.checkClient(r)
	}
	var required string
	switch s.grantType(r.PostForm) {
	case "":
		return missing("grant_type")
	case "authorization_code":
		required = "code"
	case s.profile.RefreshGrant:
		required = s.profile.RefreshGrant
	case s.profile.DeviceGrant:
		required = s.profile.DeviceCode
	case clientCredentials:
		return s.checkOwnClient(r)
	case jwtBearer:
		return s.checkJWTBearer(r)
	default:
		return &unsupportedGrant
	}
	if r.PostForm.Get(required) == "" {
		return missing(required)
	}
	return s.checkClient(r)
}

// issueTokens issues the tokens that form asks for.
func (s *Server) issueTokens(form url.Values, kind faultKind) (tokenResponse, *oauthError) {
	switch s.grantType(form) {
	case "authorization_code":
		return s.ledger.exchange(form)
	case s.profile.RefreshGrant:
		token := form.Get(s.profile.RefreshGrant)
		if s.profile.ExtendsAccessToken {
			return s.ledger.extend(token)
		}
		return s.ledger.refresh(token, kind.keepsToken)
	case clientCredentials, jwtBearer:
		return s.ledger.issueToClient(form, kind.addsToken), nil
	default:
		return s.ledger.poll(form.Get(s.profile.DeviceCode))
	}
}

// tokenMembers returns the members of a token response, like the provider's sample.
func (s *Server) tokenMembers(r tokenResponse) members {
	p, isRefresh := s.profile, r.presented != ""
	sample := p.Login
	switch {
	case r.grant.user && isRefresh && p.RefreshUser != nil:
		sample = p.RefreshUser
	case r.grant.user && !isRefresh && p.LoginUser != nil:
		sample = p.LoginUser
	case r.permanent && p.LoginPermanent != nil:
		sample = p.LoginPermanent
	case isRefresh && p.Refresh != nil:
		sample = p.Refresh
	}
	return s.fill(sample, r)
}

// fill returns sample with the values of r. Members that r does not have are left out.
func (s *Server) fill(sample members, r tokenResponse) members {
	out := make(members, 0, len(sample)+1) // + 1 for an id_token
	for _, m := range sample {
		value := m.value
		switch m.name {
		case "access_token":
			value = r.access
		case "refresh_token":
			if r.refresh == "" {
				continue
			}
			value = r.refresh
		case "expires_in", "ext_expires_in":
			if r.permanent {
				continue
			}
			value = r.secondsLeft()
		case "refresh_token_expires_in", "x_refresh_token_expires_in":
			if r.refresh == "" || r.refreshExpires.IsZero() {
				continue
			}
			value = r.refreshSecondsLeft()
		case "refresh_token_timeout":
			if r.refresh == "" || r.timeout == 0 {
				continue
			}
			value = int(r.timeout / time.Second)
		case "authorization_expires_in":
			if r.refresh == "" || r.grantExpires.IsZero() {
				continue
			}
			value = int(r.grantExpires.Sub(r.at) / time.Second)
		case "scope":
			if value != "" { // GitHub's apps have permissions instead: their scope is always empty
				value = s.scopeText(r.grant.scope)
			}
		case "scopes":
			value = strings.Fields(r.grant.scope)
		case "issued_at":
			value = strconv.FormatInt(r.at.UnixMilli(), 10)
		case "signature":
			value = sign(s.cfg.ClientSecret, s.profile.Subject+strconv.FormatInt(r.at.UnixMilli(), 10))
		default:
			if inner, ok := value.(members); ok {
				value = s.fill(inner, r)
			}
		}
		out = append(out, member{m.name, value})
	}
	return out
}

// scopeText returns scope as the provider writes it in a reply.
func (s *Server) scopeText(scope string) string {
	if s.profile.HidesOffline {
		isOffline := func(name string) bool { return name == s.profile.Offline }
		scope = strings.Join(slices.DeleteFunc(strings.Fields(scope), isOffline), " ")
	}
	if s.profile.ScopeCommas {
		scope = strings.ReplaceAll(scope, " ", ",")
	}
	return scope
}

// sign returns Salesforce's signature of a token response: the HMAC-SHA-256 of its id and issued_at.
func sign(secret, message string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// applyConfig returns m with the changes of Config.ExpiryMember and Config.Members.
func (s *Server) applyConfig(m members, r tokenResponse) members {
	if s.cfg.ExpiryMember == "" || r.permanent {
		return m.renamed(s.cfg.Members)
	}
	var expiry any = r.expires.Unix()
	if s.cfg.ExpiryLayout != "" {
		expiry = r.expires.UTC().Format(s.cfg.ExpiryLayout)
	}
	return m.without("expires_in").renamed(s.cfg.Members).withPath(s.cfg.ExpiryMember, expiry)
}

// encodeFor returns out as a form if the provider sends forms and the client does not accept JSON.
func (s *Server) encodeFor(r *http.Request, out reply) reply {
	if !s.profile.FormReplies || out.members == nil || strings.Contains(r.Header.Get("Accept"), "json") {
		return out
	}
	out = out.asForm()
	out.contentType += "; charset=utf-8"
	return out
}

// pause waits for d, or until the server closes. It does not end if the client disconnects: a real
// server that is busy does not notice.
func (s *Server) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-s.closed:
	}
}
