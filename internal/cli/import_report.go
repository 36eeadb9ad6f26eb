package cli

import (
	"os"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/importer"
	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// importJSON is the output of import --json. Members may be added; none changes its meaning.
type importJSON struct {
	Name         string   `json:"name"`
	Format       string   `json:"format"` // the name of an [importer.Format]
	Provider     string   `json:"provider"`
	Account      string   `json:"account"`
	ClientID     string   `json:"client_id"`
	ClientIDFrom string   `json:"client_id_from"`     // flag, environment, document or ""
	SecretFrom   string   `json:"client_secret_from"` // document, a source as --client-secret-from takes it, or ""
	HasRefresh   bool     `json:"has_refresh_token"`
	HasAccess    bool     `json:"has_access_token"`
	Endpoint     string   `json:"token_endpoint"`
	EndpointFrom string   `json:"token_endpoint_from"` // flag, document, provider or ""
	TokenFile    string   `json:"token_file"`          // with --in-place
	NotTaken     []string `json:"not_taken_over"`      // members of the document, or "token_endpoint"
	Missing      []string `json:"missing"`             // client_id, client_secret, token_endpoint or refresh_token
	Replaced     bool     `json:"replaced"`            // another connection
	expiryJSON

	title         string
	otherEndpoint string // that the document names and that is not used
	clientIDHint  string // where to find it
	validity      string
	expired       bool
}

func newImportJSON(c freshet.Connection, document importer.Document, f *importFlags) importJSON {
	provider := c.ProviderInfo()
	now := time.Now()
	j := importJSON{
		Name: c.Name, Format: document.Format.Name, Provider: provider.Name, Account: c.Account(),
		TokenFile:  c.TokenFile,
		HasRefresh: c.Token.RefreshToken() != "", HasAccess: c.Token.AccessToken() != "",
		expiryJSON: newExpiryJSON(c.Expiry(now)),
		NotTaken:   append([]string{}, document.Ignored...), Missing: []string{},
		title: document.Format.Title, clientIDHint: provider.ClientIDHint(), validity: validity(c, now),
	}
	j.expired = j.ExpiresFrom != "" && !c.Expiry(now).At.After(now)
	j.setClient(c, f)
	j.setEndpoint(c, document)
	if j.HasRefresh || j.ExpiresFrom != "" || !isPermanent(c) {
		j.addMissing(c.Client.Style() != oauth.AuthNone)
	}
	return j
}

func (j *importJSON) addMissing(wantsSecret bool) {
	if !j.HasRefresh {
		j.Missing = append(j.Missing, "refresh_token") // without it the rest does not matter
		return
	}
	if j.ClientID == "" {
		j.Missing = append(j.Missing, "client_id")
	}
	if j.SecretFrom == "" && wantsSecret {
		j.Missing = append(j.Missing, "client_secret")
	}
	if j.Endpoint == "" {
		j.Missing = append(j.Missing, "token_endpoint")
	}
}

// setClient follows the rules of [freshet.Connection.Request].
func (j *importJSON) setClient(c freshet.Connection, f *importFlags) {
	stated := c.Token.Member("client_id")
	switch {
	case syntax.TrimClient(f.clientID) != "":
		j.ClientID, j.ClientIDFrom = c.Client.ID, "flag"
	case syntax.TrimClient(os.Getenv("FRESHET_CLIENT_ID")) != "":
		j.ClientID, j.ClientIDFrom = c.Client.ID, "environment"
	case stated != "":
		j.ClientID, j.ClientIDFrom = stated, "document"
	}
	switch {
	case c.Client.Auth == oauth.AuthNone:
	case c.SecretFrom != "":
		j.SecretFrom = c.SecretFrom
	case c.Token.Member("client_secret") != "" && j.ClientID == stated:
		j.SecretFrom = "document"
	}
}

func (j *importJSON) setEndpoint(c freshet.Connection, document importer.Document) {
	j.Endpoint = c.ResolvedEndpoints().Token
	switch {
	case j.Endpoint == "":
	case c.Endpoints.Token != "":
		j.EndpointFrom = "flag"
		return // the user has chosen
	case endpoints.At(c.ProviderInfo(), "", c.Parts).Token != "":
		j.EndpointFrom = "provider"
	default:
		j.EndpointFrom = "document"
	}
	if j.otherEndpoint = document.OtherEndpoint(j.Endpoint); j.otherEndpoint != "" {
		j.NotTaken = append(j.NotTaken, "token_endpoint")
	}
}

func (a *app) reportImport(c freshet.Connection, replaced bool, document importer.Document, f *importFlags) error {
	j := newImportJSON(c, document, f)
	j.Replaced = replaced
	if !a.quiet {
		if err := j.print(a); err != nil {
			return err
		}
	}
	j.warn(a)
	if os.Getenv("FRESHET_CLIENT_SECRET") != "" && c.SecretFrom == "" {
		a.printWarning("the client secret in FRESHET_CLIENT_SECRET is not saved",
			"if it will be set for later runs, too, import with --client-secret-from env:FRESHET_CLIENT_SECRET")
	}
	if c.TokenFile != "" {
		a.warnReadable(c.Name)
	}
	if !a.quiet {
		j.printNext(a)
	}
	if a.json {
		return printJSON(a.out, j)
	}
	return nil
}

func (j importJSON) print(a *app) error {
	if j.Replaced {
		text.Fprintf(a.err, "imported %s, which replaces the connection of this name\n", j.Name)
	} else {
		text.Fprintf(a.err, "imported %s\n", j.Name)
	}
	secret, refreshToken, accessToken := "none", "none", "none"
	switch j.SecretFrom {
	case "":
	case "document":
		secret = "yes (from the document)"
	default:
		secret = "yes (from " + j.SecretFrom + ")"
	}
	if j.HasRefresh {
		refreshToken = "yes"
	}
	if j.HasAccess {
		accessToken = j.validity
	}
	return printFacts(a.err, "  ", [][2]string{
		{"format", j.title},
		{"provider", j.Provider},
		{"account", j.Account},
		{"client id", withOrigin(j.ClientID, j.ClientIDFrom)},
		{"client secret", secret},
		{"refresh token", refreshToken},
		{"token endpoint", withOrigin(j.Endpoint, j.EndpointFrom)},
		{"access token", accessToken},
		{"kept in", j.TokenFile},
	}...)
}

func withOrigin(value, from string) string {
	switch from {
	case "":
		return "not known"
	case "provider":
		return value + " (the provider's own)"
	case "environment":
		return value + " (from FRESHET_CLIENT_ID)"
	case "flag":
		return value + " (from a flag)"
	}
	return value + " (from the document)"
}

// warn prints what of the document is not used, and what a refresh needs and is missing.
func (j importJSON) warn(a *app) {
	for _, member := range j.NotTaken {
		if member == "token_endpoint" {
			text.Fprintf(a.err, "freshet: the document names the token endpoint %s, which is not used: "+
				"pass --token-url if you trust it\n", j.otherEndpoint)
		} else {
			text.Fprintf(a.err, "freshet: the document has a member %s, which is not used: "+
				"only flags change settings\n", member)
		}
	}
	const again = "import it again, with --replace and "
	for _, name := range j.Missing {
		switch name {
		case "client_id":
			a.printWarning("no client id is known, but a refresh needs one", again+"--client-id; "+j.clientIDHint)
		case "client_secret":
			a.printWarning("no client secret is known, but --auth says that there is one", again+"--client-secret-from")
		case "token_endpoint":
			a.printWarning("no token endpoint is known, but a refresh needs one", again+"--token-url")
		case "refresh_token":
			remedy := oauth.Remedy("{login again} before it expires")
			if j.expired {
				remedy = "{login again}"
			}
			a.printWarning("there is no refresh token, so that the access token cannot be renewed",
				a.remedyFor(j.Name, remedy))
		}
	}
}

func (j importJSON) printNext(a *app) {
	if j.TokenFile == "" && j.HasRefresh {
		text.Fprintln(a.err, "this is a copy: from now on let nothing else refresh the original, "+
			"or one of the two ends the other's login")
	}
	next := "freshet status " + j.Name
	if len(j.Missing) == 0 {
		next = "freshet refresh " + j.Name + ", or " + next
	}
	text.Fprintln(a.err, "next: "+next)
}
