package oauthtest_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// Three lines give a server and a saved token.
func Example() {
	dir, err := os.MkdirTemp("", "oauthtest")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "t.json")

	s := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	defer s.Close()
	os.WriteFile(file, s.Document(), 0o600)

	refresh(s, file)
	refresh(s, file) // the program under test forgot to save the new refresh token
	stats := s.Stats()
	fmt.Println("refreshes:", stats.Refreshes, "reuses:", stats.Reuses, "grants revoked:", stats.GrantsRevoked)
	// Output:
	// 200 OK
	// 400 Bad Request
	// refreshes: 1 reuses: 1 grants revoked: 1
}

// A login with an authorization code and PKCE. This server allows at once. Without Consent it shows a
// page with buttons for a test with a browser.
func Example_login() {
	s := oauthtest.NewServer(oauthtest.Config{Consent: oauthtest.Allow, RequirePKCE: true})
	defer s.Close()

	verifier := rand.Text() + rand.Text()
	challenge := sha256.Sum256([]byte(verifier))
	const callback = "http://127.0.0.1:9000/callback"
	page := s.AuthorizationEndpoint() + "?" + url.Values{
		"response_type":         {"code"},
		"client_id":             {s.ClientID()},
		"redirect_uri":          {callback},
		"scope":                 {"email"},
		"state":                 {"a random text"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"code_challenge_method": {"S256"},
	}.Encode()

	// A browser follows the redirect to the application. Here the application reads it directly.
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.Get(page)
	if err != nil {
		log.Fatal(err)
	}
	response.Body.Close()
	redirect, err := response.Location()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("state:", redirect.Query().Get("state"))

	response, err = http.PostForm(s.TokenEndpoint(), url.Values{
		"grant_type":    {"authorization_code"},
		"client_id":     {s.ClientID()},
		"code":          {redirect.Query().Get("code")},
		"redirect_uri":  {callback},
		"code_verifier": {verifier},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
		Scope       string `json:"scope"`
	}
	if err := json.NewDecoder(response.Body).Decode(&token); err != nil {
		log.Fatal(err)
	}
	fmt.Println("valid:", s.ValidAccess(token.AccessToken))
	fmt.Println("scope:", token.Scope)
	// Output:
	// state: a random text
	// valid: true
	// scope: email
}

// The server has acted even if its reply is lost.
func ExampleServer_Fail() {
	s := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	defer s.Close()
	var saved struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal(s.Document(), &saved); err != nil {
		log.Fatal(err)
	}

	s.Fail(oauthtest.Fault{Name: "lost", Count: 1})
	_, err := http.PostForm(s.TokenEndpoint(), url.Values{
		"grant_type":    {"refresh_token"},
		"client_id":     {s.ClientID()},
		"refresh_token": {saved.RefreshToken},
	})
	fmt.Println("failed:", err != nil)
	fmt.Println("still valid:", s.ValidRefresh(saved.RefreshToken))
	// Output:
	// failed: true
	// still valid: false
}

// Salesforce does not say when an access token expires. A program notices it when the API refuses the
// token.
func Example_missingExpiry() {
	s := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce})
	defer s.Close()
	var saved map[string]string
	if err := json.Unmarshal(s.Document(), &saved); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("expires_in: %q\n", saved["expires_in"])

	query(saved)
	s.Revoke(saved["access_token"]) // or wait for Config.TTL
	query(saved)
	stats := s.Stats()
	fmt.Println("answered:", stats.ResourceRequests, "refused:", stats.ResourceRefused)
	// Output:
	// expires_in: ""
	// 200 OK
	// 401 Unauthorized
	// answered: 1 refused: 1
}

// The server imitates providers. GitHub's errors have status 200, and are forms unless the client
// accepts JSON.
func Example_provider() {
	s := oauthtest.NewServer(oauthtest.Config{Provider: "github"})
	defer s.Close()
	response, err := http.PostForm(s.TokenEndpoint(), url.Values{
		"grant_type":    {"refresh_token"},
		"client_id":     {s.ClientID()},
		"client_secret": {s.ClientSecret()},
		"refresh_token": {"one that was spent"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	reply, err := url.ParseQuery(string(body))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status, reply.Get("error"))
	// Output: 200 OK bad_refresh_token
}

// A program that gives up waiting for a slow server loses the next refresh token.
func Example_slowServer() {
	s := oauthtest.NewServer(oauthtest.Config{Rotate: true, Latency: time.Minute})
	defer s.Close()
	var saved struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal(s.Document(), &saved); err != nil {
		log.Fatal(err)
	}

	client := http.Client{Timeout: time.Second}
	_, err := client.PostForm(s.TokenEndpoint(), url.Values{
		"grant_type":    {"refresh_token"},
		"client_id":     {s.ClientID()},
		"refresh_token": {saved.RefreshToken},
	})
	fmt.Println("failed:", err != nil)
	fmt.Println("still valid:", s.ValidRefresh(saved.RefreshToken))
	// Output:
	// failed: true
	// still valid: false
}

// query calls the API that the saved token is for.
func query(saved map[string]string) {
	target := saved["instance_url"] + "/services/data/v67.0/query?q=SELECT+Name+FROM+Account"
	request, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+saved["access_token"])
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	response.Body.Close()
	fmt.Println(response.Status)
}

// refresh takes the place of the program under test.
func refresh(s *oauthtest.Server, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	var saved map[string]string
	if err := json.Unmarshal(data, &saved); err != nil {
		log.Fatal(err)
	}
	response, err := http.PostForm(s.TokenEndpoint(), url.Values{
		"grant_type":    {"refresh_token"},
		"client_id":     {s.ClientID()},
		"refresh_token": {saved["refresh_token"]},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	fmt.Println(response.Status)
}
