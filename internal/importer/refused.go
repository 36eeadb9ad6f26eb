package importer

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/lazyregexp"
	"github.com/freshet-dev/freshet/oauth"
)

// hexPair is how the Salesforce CLI encrypts a token: the text and its tag.
var hexPair = lazyregexp.New(`^[0-9a-f]+:[0-9a-f]+$`)

// isPickle reports whether content is a Python pickle of protocol 3 to 5, those of Python 3.
func isPickle(content string) bool {
	return len(content) > 1 && content[0] == 0x80 && content[1] >= 3 && content[1] <= 5
}

// otherProgramsFile returns an error for a file that people take for a token's, which says what it
// is and what to do.
func otherProgramsFile(content string) error {
	refused := func(what string, remedy oauth.Remedy) error { return &freshet.SetupError{What: what, Remedy: remedy} }
	if isPickle(content) {
		return refused("it is a Python pickle",
			"load it in Python and save it as JSON: print(credentials.to_json())")
	}
	var file struct {
		Type         string          `json:"type"`
		Installed    json.RawMessage `json:"installed"`
		Web          json.RawMessage `json:"web"`
		Username     string          `json:"username"`
		OrgID        string          `json:"orgId"`
		AccessToken  string          `json:"accessToken"`
		RefreshToken string          `json:"refreshToken"`
	}
	if json.Unmarshal([]byte(content), &file) != nil {
		return nil
	}
	isClient := strings.HasPrefix(string(file.Installed), "{") || strings.HasPrefix(string(file.Web), "{")
	switch {
	case file.Type == "service_account":
		return refused("it is the key of a service account, which has no refresh token",
			"a program signs its own requests with it; to act for a person, log in: freshet login google")
	case isClient && !hasToken(content):
		return refused("it is the registration of a client (client secrets), not a token",
			"log in with its client_id and client_secret: "+
				"freshet login google --client-id ID --client-secret-file FILE")
	case file.OrgID != "" && (hexPair.MatchString(file.RefreshToken) || hexPair.MatchString(file.AccessToken)):
		return refused("it is a file of the Salesforce CLI, which encrypts the tokens in it",
			oauth.Remedyf("print the auth URL and import that: sf org auth show-sfdx-auth-url --target-org %s",
				file.Username))
	}
	return nil
}

// hasToken reports whether a JSON object has a token in a member of its own.
func hasToken(content string) bool {
	object, err := jsonobject.Parse(content)
	if err != nil {
		return false
	}
	names := []string{"access_token", "refresh_token", "token", "accessToken", "refreshToken"}
	return slices.ContainsFunc(names, func(name string) bool { return object.Value(name).AsString() != "" })
}
