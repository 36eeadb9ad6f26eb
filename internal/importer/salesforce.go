package importer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/provider"
)

const authURLScheme = "force://"

// authURLIn returns the auth URL in the JSON that the Salesforce CLI prints, or "".
func authURLIn(t freshet.Token) string {
	var printed struct {
		AuthURL string `json:"sfdxAuthUrl"`
		Result  struct {
			AuthURL string `json:"sfdxAuthUrl"`
		} `json:"result"`
	}
	if json.Unmarshal(bytes.TrimPrefix(t.Bytes(), []byte(byteOrderMark)), &printed) != nil {
		return "" // another program's members of these names
	}
	return cmp.Or(printed.AuthURL, printed.Result.AuthURL)
}

// recognizeAuthURL parses force://CLIENTID:SECRET:REFRESHTOKEN@INSTANCE, or the short form
// force://REFRESHTOKEN@INSTANCE if a client id is known. The secret may be empty. Nothing is
// escaped, and the refresh token may have a colon or an @ in it.
func recognizeAuthURL(address, clientID string) (Document, error) {
	address, ok := strings.CutPrefix(address, authURLScheme)
	at := strings.LastIndex(address, "@")
	if !ok || at < 0 || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Document{}, notAnAuthURL("it is not one auth URL on one line")
	}
	parts := strings.SplitN(address[:at], ":", 3)
	if len(parts) == 1 && parts[0] != "" {
		if clientID == "" {
			return Document{}, &freshet.SetupError{
				What:   "the auth URL names no client",
				Remedy: "pass --client-id: the login of the Salesforce CLI itself has PlatformCLI",
			}
		}
		parts = []string{clientID, "", parts[0]}
	}
	if len(parts) < 3 || parts[0] == "" || parts[2] == "" {
		return Document{}, notAnAuthURL("the client id or the refresh token is missing from the auth URL")
	}
	instance, err := url.Parse("https://" + strings.TrimSuffix(strings.TrimPrefix(address[at+1:], "https://"), "/"))
	if err != nil || instance.Hostname() == "" ||
		instance.Path != "" || instance.RawQuery != "" || instance.Fragment != "" {
		return Document{}, notAnAuthURL("the auth URL names no instance")
	}
	token, err := newToken(
		"refresh_token", parts[2], "instance_url", instance.String(), "client_id", parts[0], "client_secret", parts[1],
	)
	if err != nil {
		return Document{}, err
	}
	salesforce, err := provider.Lookup("salesforce")
	if err != nil {
		return Document{}, err // the user's own salesforce.json is broken
	}
	d := Document{
		Format: salesforceCLI, Token: token, Provider: salesforce.Name,
		Endpoint: endpoints.At(salesforce, instance.String(), nil).Token,
		CopyOnly: "an auth URL has no room for an access token",
	}
	if instance.Host == instance.Hostname() && endpoints.Owns(salesforce, instance.Hostname()) {
		d.Issuer = strings.ToLower(instance.String())
	}
	return d, nil
}

func notAnAuthURL(what string) error {
	return &freshet.SetupError{
		What:   what,
		Remedy: "its form is force://CLIENTID:SECRET:REFRESHTOKEN@INSTANCE; sf org auth show-sfdx-auth-url prints it",
	}
}
