package cli

import (
	"os"
	"text/tabwriter"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// importJSON is the output of import --json: what was understood. Members may be added; none will change its meaning.
type importJSON struct {
	Name         string   `json:"name"`
	Format       string   `json:"format"` // token_response, x_oauth2, authlib, google_auth, gcloud or salesforce_cli
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
	NotTaken     []string `json:"not_taken_over"`      // members of the document, "token_endpoint" for the address it names
	Missing      []string `json:"missing"`             // client_id, client_secret, token_endpoint, refresh_token: what a refresh needs
	Replaced     bool     `json:"replaced"`            // it took the place of another connection
	expiryJSON

	title   string
	foreign string // the endpoint that was not taken over
	hint    string // where the client id is to be found
	valid   string
}

func newImportJSON(c freshet.Connection, what found, f *importFlags) importJSON {
	vendor := c.Vendor()
	now := time.Now()
	j := importJSON{
		Name: c.Name, Format: what.format.name, Provider: vendor.Name, Account: c.Account(), TokenFile: c.TokenFile,
		HasRefresh: c.Token.RefreshToken() != "", HasAccess: c.Token.AccessToken() != "", expiryJSON: newExpiryJSON(c.Expiry(now)),
		NotTaken: append([]string{}, what.ignored...), Missing: []string{},
		title: what.format.title, hint: vendor.ClientIDHint(), valid: until(c, now),
	}
	j.client(c, f)
	j.endpoint(c, what)
	if j.HasRefresh || j.ExpiresFrom != "" || !isPermanent(c) {
		j.addMissing(c.Client.Style() != oauth.AuthNone)
	}
	return j
}

func (j *importJSON) addMissing(wantsSecret bool) {
	if !j.HasRefresh {
		j.Missing = append(j.Missing, "refresh_token") // nothing else is of use
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

// client says who will ask, as [freshet.Connection.Request] works it out.
func (j *importJSON) client(c freshet.Connection, f *importFlags) {
	stated := c.Token.Member("client_id")
	switch {
	case f.clientID != "":
		j.ClientID, j.ClientIDFrom = f.clientID, "flag"
	case os.Getenv("FRESHET_CLIENT_ID") != "":
		j.ClientID, j.ClientIDFrom = os.Getenv("FRESHET_CLIENT_ID"), "environment"
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

func (j *importJSON) endpoint(c freshet.Connection, what found) {
	j.Endpoint = c.Addresses().Token
	switch {
	case j.Endpoint == "":
	case c.Endpoints.Token != "":
		j.EndpointFrom = "flag"
		return // the user has decided
	case c.Vendor().EndpointsAt("", c.Parts).Token != "":
		j.EndpointFrom = "provider"
	default:
		j.EndpointFrom = "document"
	}
	if j.foreign = what.foreignEndpoint(j.Endpoint); j.foreign != "" {
		j.NotTaken = append(j.NotTaken, "token_endpoint")
	}
}

func (a *app) reportImport(c freshet.Connection, replaced bool, what found, f *importFlags) error {
	j := newImportJSON(c, what, f)
	j.Replaced = replaced
	if !a.quiet {
		if err := j.print(a); err != nil {
			return err
		}
	}
	j.warn(a)
	if os.Getenv("FRESHET_CLIENT_SECRET") != "" && c.SecretFrom == "" {
		explanation{
			Message: "the client secret in FRESHET_CLIENT_SECRET is not kept",
			Remedy:  "if it will be set for later runs, too, import with --client-secret-from env:FRESHET_CLIENT_SECRET",
		}.print(a.err, "warning: ")
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

// print tells people what was understood.
func (j importJSON) print(a *app) error {
	if j.Replaced {
		text.Fprintf(a.err, "imported %s, in the place of the connection that had this name\n", j.Name)
	} else {
		text.Fprintf(a.err, "imported %s\n", j.Name)
	}
	w := tabwriter.NewWriter(a.err, 0, 0, 2, ' ', 0)
	row := func(label, value string) { text.Fprintf(w, "  %s\t%s\n", label, value) }
	row("format", j.title)
	row("provider", j.Provider)
	if j.Account != "" {
		row("account", j.Account)
	}
	row("client id", withOrigin(j.ClientID, j.ClientIDFrom))
	row("client secret", j.secretLine())
	row("refresh token", ifThere(j.HasRefresh, "yes"))
	row("token endpoint", withOrigin(j.Endpoint, j.EndpointFrom))
	row("access token", ifThere(j.HasAccess, "valid "+j.valid))
	if j.TokenFile != "" {
		row("kept in", j.TokenFile)
	}
	return w.Flush()
}

var origins = map[string]string{
	"flag": "as you said", "environment": "of FRESHET_CLIENT_ID", "document": "from the document", "provider": "the provider's own",
}

func ifThere(there bool, what string) string {
	if there {
		return what
	}
	return "none"
}

func withOrigin(value, from string) string {
	if value == "" {
		return "not known"
	}
	return value + " (" + origins[from] + ")"
}

func (j importJSON) secretLine() string {
	switch j.SecretFrom {
	case "":
		return "none"
	case "document":
		return "yes (from the document)"
	default:
		return "yes (from " + j.SecretFrom + ")"
	}
}

// warn says what was left out and what is missing.
func (j importJSON) warn(a *app) {
	for _, member := range j.NotTaken {
		if member == "token_endpoint" {
			text.Fprintf(a.err, "freshet: the document names the token endpoint %s; it was not taken over: pass --token-url if you trust it\n", j.foreign)
		} else {
			text.Fprintf(a.err, "freshet: the document has a member %s; it was not taken over: such things are for flags to say\n", member)
		}
	}
	for _, name := range j.Missing {
		j.lack(name).print(a.err, "warning: ")
	}
}

// lack says what it means that something is missing, and how to supply it.
func (j importJSON) lack(name string) explanation {
	again := "import it again, with --replace and "
	switch name {
	case "client_id":
		return explanation{Message: "no client id is known, and a refresh needs one", Remedy: again + "--client-id; " + j.hint}
	case "client_secret":
		return explanation{Message: "no client secret is known, and --auth says that there is one", Remedy: again + "--client-secret-from"}
	case "token_endpoint":
		return explanation{Message: "no token endpoint is known, and a refresh needs one", Remedy: again + "--token-url"}
	default:
		return explanation{Message: "there is no refresh token, so that the access token cannot be renewed", Remedy: "log in again before it expires"}
	}
}

func (j importJSON) printNext(a *app) {
	if j.TokenFile == "" && j.HasRefresh {
		text.Fprintln(a.err, "this is a copy: from now on nothing else may refresh the original, or one of the two ends the other's login")
	}
	next := "freshet status " + j.Name
	if len(j.Missing) == 0 {
		next = "freshet refresh " + j.Name + ", or " + next
	}
	text.Fprintln(a.err, "next: "+next)
}
