// Command xoauth2 is a minimal program with golang.org/x/oauth2. It loads a saved Salesforce token,
// refreshes it if necessary, and saves it. It has no lock, no journal and no sync.
//
//	xoauth2 token|refresh FILE TOKEN-URL CLIENT-ID
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/oauth2"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "xoauth2:", err)
		os.Exit(1)
	}
}

func run(command, file, tokenURL, clientID string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	document := map[string]any{}
	if err := json.Unmarshal(data, &document); err != nil {
		return err
	}
	saved := tokenOf(document)
	if command == "refresh" {
		saved.AccessToken = ""
	}
	config := oauth2.Config{
		ClientID: clientID,
		Endpoint: oauth2.Endpoint{TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	token, err := config.TokenSource(context.Background(), saved).Token()
	if err != nil {
		return err
	}
	if token.AccessToken != saved.AccessToken {
		if err := save(file, document, token); err != nil {
			return err
		}
	}
	if command == "token" {
		fmt.Println(token.AccessToken)
	}
	return nil
}

// tokenOf assumes a lifetime of one hour, because Salesforce sends none.
func tokenOf(document map[string]any) *oauth2.Token {
	text := func(name string) string { s, _ := document[name].(string); return s }
	issued, _ := strconv.ParseInt(text("issued_at"), 10, 64)
	return &oauth2.Token{
		AccessToken:  text("access_token"),
		RefreshToken: text("refresh_token"),
		TokenType:    text("token_type"),
		Expiry:       time.UnixMilli(issued).Add(time.Hour),
	}
}

func save(file string, document map[string]any, token *oauth2.Token) error {
	document["access_token"] = token.AccessToken
	document["refresh_token"] = token.RefreshToken
	for _, name := range []string{"issued_at", "signature"} {
		if value := token.Extra(name); value != nil {
			document[name] = value
		}
	}
	data, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o600)
}
