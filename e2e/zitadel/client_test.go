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

// plainClient is an OAuth client with net/http alone.
type plainClient struct {
	t          *testing.T
	metadata   map[string]any
	id, secret string
	redirect   string
}

func publicClient(t *testing.T, s *zitadel.Server) plainClient {
	return plainClient{t: t, metadata: discover(t, s), id: s.ClientID, redirect: "http://127.0.0.1:49152/callback"}
}

func confidentialClient(t *testing.T, s *zitadel.Server) plainClient {
	redirect := "http://127.0.0.1:49153/callback"
	s.AllowRedirect(redirect)
	return plainClient{t: t, metadata: discover(t, s), id: s.ConfidentialID, secret: s.Secret, redirect: redirect}
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

// post sends a form to an endpoint of the metadata, and returns the status and the JSON object of the reply.
func (c plainClient) post(endpoint string, form url.Values) (int, map[string]any) {
	c.t.Helper()
	address, _ := c.metadata[endpoint].(string)
	if c.secret == "" {
		form.Set("client_id", c.id)
	}
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.secret != "" {
		request.SetBasicAuth(url.QueryEscape(c.id), url.QueryEscape(c.secret))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	return object(c.t, response)
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

// callback starts a login and returns the parameters of the redirect.
func (c plainClient) callback() url.Values {
	c.t.Helper()
	challenge := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"response_type": {"code"}, "client_id": {c.id}, "redirect_uri": {c.redirect}, "scope": {scopes},
		"state": {state}, "nonce": {nonce}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])},
	}
	browser := &http.Client{CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(next.URL.String(), c.redirect+"?") {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	response, err := browser.Get(c.metadata["authorization_endpoint"].(string) + "?" + query.Encode())
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	arrived, err := response.Location()
	if err != nil {
		body, _ := io.ReadAll(response.Body)
		c.t.Fatalf("the login ended with status %d: %s", response.StatusCode, body)
	}
	return arrived.Query()
}

func (c plainClient) exchange(code, verifier string) (int, map[string]any) {
	c.t.Helper()
	return c.post("token_endpoint", url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {c.redirect},
		"code_verifier": {verifier},
	})
}

// login logs in and returns the token response.
func (c plainClient) login() map[string]any {
	c.t.Helper()
	status, token := c.exchange(c.callback().Get("code"), verifier)
	if status != http.StatusOK || token["access_token"] == nil || token["refresh_token"] == nil {
		c.t.Fatalf("status %d: %v", status, token)
	}
	return token
}

func (c plainClient) refresh(refreshToken any) (int, map[string]any) {
	c.t.Helper()
	return c.post("token_endpoint",
		url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken.(string)}})
}

func (c plainClient) userinfo(accessToken any) (int, map[string]any) {
	c.t.Helper()
	request, err := http.NewRequest(http.MethodGet, c.metadata["userinfo_endpoint"].(string), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+accessToken.(string))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	return object(c.t, response)
}

// claims returns the claims of an id_token without checking its signature.
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
