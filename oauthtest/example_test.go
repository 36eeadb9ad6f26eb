package oauthtest_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

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
	fmt.Printf("%+v\n", s.Stats())
	// Output:
	// 200 OK
	// 400 Bad Request
	// {Refreshes:1 Reuses:1 GrantsRevoked:1 Requests:2 RedirectsFollowed:0}
}

// A reply that is lost on its way has been acted on all the same.
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

// refresh stands for the program under test.
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
