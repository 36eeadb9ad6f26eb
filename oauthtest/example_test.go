package oauthtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/freshet-dev/freshet/oauthtest"
)

// refreshFile stands for the program under test: it forgets to save the new refresh token.
func refreshFile(name, endpoint, clientID string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var token map[string]any
	if err := json.Unmarshal(data, &token); err != nil {
		return err
	}
	res, err := http.PostForm(endpoint, url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {token["refresh_token"].(string)},
		"client_id":     {clientID},
	})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var reply map[string]any
	if err := json.NewDecoder(res.Body).Decode(&reply); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%v: %v", reply["error"], reply["error_description"])
	}
	token["access_token"] = reply["access_token"]
	if data, err = json.Marshal(token); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o600)
}

// A program that ignores rotation works once.
func Example() {
	dir, _ := os.MkdirTemp("", "oauthtest")
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "token.json")

	s := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	defer s.Close()
	os.WriteFile(file, s.Document(), 0o600)

	fmt.Println(refreshFile(file, s.TokenEndpoint(), s.ClientID()))
	fmt.Println(refreshFile(file, s.TokenEndpoint(), s.ClientID()))
	fmt.Printf("%+v\n", s.Stats())
	// Output:
	// <nil>
	// invalid_grant: expired access/refresh token
	// {Requests:2 Refreshes:1 Reuses:1 GrantsRevoked:1 RedirectsFollowed:0}
}

// The reply to the first refresh is lost, but the server has rotated.
func ExampleServer_Fail() {
	s := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	defer s.Close()
	s.Fail(oauthtest.Fault{Name: "lost", Count: 1})

	var token struct {
		RefreshToken string `json:"refresh_token"`
	}
	json.Unmarshal(s.Document(), &token)
	_, err := http.PostForm(s.TokenEndpoint(), url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {token.RefreshToken},
		"client_id":     {s.ClientID()},
	})
	fmt.Println("no reply:", err != nil)
	fmt.Println("can be sent again:", s.RefreshTokenLive(token.RefreshToken))
	// Output:
	// no reply: true
	// can be sent again: false
}
