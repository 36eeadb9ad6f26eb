package zitadel_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/e2e/zitadel"
)

const (
	scopes   = "openid email offline_access"
	verifier = "0123456789-0123456789-0123456789-0123456789"
	state    = "the state"
	nonce    = "the nonce"
)

// peer is a client written with net/http alone: what it can do, the server can.
type peer struct {
	t          *testing.T
	metadata   map[string]any
	id, secret string
	redirect   string
}

func publicPeer(t *testing.T, s *zitadel.Server) peer {
	return peer{t: t, metadata: discover(t, s), id: s.ClientID, redirect: "http://127.0.0.1:49152/callback"}
}

func confidentialPeer(t *testing.T, s *zitadel.Server) peer {
	redirect := "http://127.0.0.1:49153/callback"
	s.AllowRedirect(redirect)
	return peer{t: t, metadata: discover(t, s), id: s.ConfidentialID, secret: s.Secret, redirect: redirect}
}

func discover(t *testing.T, s *zitadel.Server) map[string]any {
	t.Helper()
	response, err := http.Get(s.Issuer + "/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	status, metadata := object(t, response)
	if status != http.StatusOK {
		t.Fatalf("discovery: status %d", status)
	}
	return metadata
}

// post sends a form to the endpoint that the metadata names, and returns the reply: its JSON object, if it is one.
func (p peer) post(endpoint string, form url.Values) (int, map[string]any) {
	p.t.Helper()
	address, _ := p.metadata[endpoint].(string)
	if p.secret == "" {
		form.Set("client_id", p.id)
	}
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p.secret != "" {
		request.SetBasicAuth(url.QueryEscape(p.id), url.QueryEscape(p.secret))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	return object(p.t, response)
}

func object(t *testing.T, response *http.Response) (int, map[string]any) {
	t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	_ = json.Unmarshal(body, &members)
	return response.StatusCode, members
}

// callback asks for a login and returns the parameters that the browser brings back.
func (p peer) callback() url.Values {
	p.t.Helper()
	challenge := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"response_type": {"code"}, "client_id": {p.id}, "redirect_uri": {p.redirect}, "scope": {scopes},
		"state": {state}, "nonce": {nonce}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])},
	}
	browser := &http.Client{CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(next.URL.String(), p.redirect+"?") {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	response, err := browser.Get(p.metadata["authorization_endpoint"].(string) + "?" + query.Encode())
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	arrived, err := response.Location()
	if err != nil {
		body, _ := io.ReadAll(response.Body)
		p.t.Fatalf("the login ended with status %d: %s", response.StatusCode, body)
	}
	return arrived.Query()
}

func (p peer) exchange(code, verifier string) (int, map[string]any) {
	p.t.Helper()
	return p.post("token_endpoint", url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {p.redirect}, "code_verifier": {verifier},
	})
}

// login returns the token response of a whole login.
func (p peer) login() map[string]any {
	p.t.Helper()
	status, token := p.exchange(p.callback().Get("code"), verifier)
	if status != http.StatusOK || token["access_token"] == nil || token["refresh_token"] == nil {
		p.t.Fatalf("status %d: %v", status, token)
	}
	return token
}

func (p peer) refresh(refreshToken any) (int, map[string]any) {
	p.t.Helper()
	return p.post("token_endpoint", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken.(string)}})
}

func (p peer) userinfo(accessToken any) (int, map[string]any) {
	p.t.Helper()
	request, err := http.NewRequest(http.MethodGet, p.metadata["userinfo_endpoint"].(string), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+accessToken.(string))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	return object(p.t, response)
}

// claims are those of an id_token, whose signature nobody checks here.
func claims(t *testing.T, token any) map[string]any {
	t.Helper()
	parts := strings.Split(token.(string), ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts in the id_token", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(payload, &members); err != nil {
		t.Fatal(err)
	}
	return members
}
