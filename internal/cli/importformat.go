package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/tailscale/hujson"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/provider"
)

// format is a way in which programs save their tokens.
type format struct{ name, title string }

var (
	tokenResponse = format{"token_response", "a provider's token response"}
	goToken       = format{"x_oauth2", "a token as golang.org/x/oauth2 saves it"}
	pythonToken   = format{"authlib", "a token as authlib and requests-oauthlib save it"}
	googleAuth    = format{"google_auth", "credentials as google-auth saves them"}
	gcloudUser    = format{"gcloud", "an authorized user as gcloud saves it"}
	salesforceCLI = format{"salesforce_cli", "an auth URL of the Salesforce CLI"}
)

// found is what a document was recognized as. Nothing in it but the token is to be believed without a look at whose it is.
type found struct {
	format   format
	token    freshet.Token // as a connection keeps it
	provider string        // whose the format is; "" when it is anybody's
	issuer   string        // taken from the document, because the provider owns the host
	endpoint string        // the token endpoint that the document names
	copyOnly string        // why the document cannot be kept up to date where it is; "" when it can
	ignored  []string      // members that look like settings, which are never taken from a document
}

// recognize tells the format of a saved token from its content. The error is a [*freshet.Problem], and quotes nothing of it.
func recognize(data []byte) (found, error) {
	if address := strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff")); strings.HasPrefix(address, authURLScheme) {
		return recognizeAuthURL(address)
	}
	token, err := freshet.ParseToken(data)
	if err != nil {
		return found{}, err
	}
	if authURL := authURLIn(token); authURL != "" {
		return recognizeAuthURL(authURL)
	}
	f := found{
		format: tokenResponse, token: token, endpoint: cmp.Or(token.Member("token_uri"), token.Member("token_endpoint")),
		ignored: settings(token),
	}
	switch {
	case token.AccessToken() == "" && token.Member("token") != "" && f.endpoint != "":
		f.format = googleAuth
		f.copyOnly = "freshet would write the new access token as access_token, and google-auth reads token"
		if f.token, err = withAccessToken(token); err != nil {
			return found{}, err
		}
	case token.Member("type") == "authorized_user":
		f.format, f.provider = gcloudUser, "google"
	case token.Member("expiry") != "":
		f.format = goToken
	case token.Text("expires_at") != "" && token.Member("expires_at") == "":
		f.format = pythonToken
	}
	if f.token.AccessToken() == "" && f.token.RefreshToken() == "" {
		return found{}, &freshet.Problem{
			What:   "it holds neither an access token nor a refresh token",
			Remedy: "give the object that has the member access_token or refresh_token itself, not one that holds it",
		}
	}
	return f, nil
}

// recognizeAs is recognize for a document of the named provider, which may have the token elsewhere in it.
func recognizeAs(name string, data []byte) (found, error) {
	if name == "" {
		return recognize(data)
	}
	vendor, err := provider.Lookup(name)
	if err != nil {
		return found{}, err
	}
	standard := vendor.Standard(data)
	f, err := recognize(standard)
	if err == nil && !bytes.Equal(standard, data) {
		f.copyOnly = "the token does not stand where other programs look for one"
	}
	return f, err
}

// withAccessToken renames the member token of google-auth's to what everybody else calls it.
func withAccessToken(t freshet.Token) (freshet.Token, error) {
	value, err := hujson.Parse(bytes.TrimPrefix(bytes.Clone(t.Bytes()), []byte("\ufeff")))
	if err != nil {
		return t, err
	}
	members := value.Value.(*hujson.Object).Members
	for i := range members {
		if members[i].Name.Value.(hujson.Literal).String() == "token" {
			members[i].Name.Value = hujson.String("access_token")
		}
	}
	return freshet.ParseToken(value.Pack())
}

const authURLScheme = "force://"

// authURLIn finds the auth URL in what the Salesforce CLI prints with --json.
func authURLIn(t freshet.Token) string {
	var printed struct {
		AuthURL string `json:"sfdxAuthUrl"`
		Result  struct {
			AuthURL string `json:"sfdxAuthUrl"`
		} `json:"result"`
	}
	if json.Unmarshal(bytes.TrimPrefix(t.Bytes(), []byte("\ufeff")), &printed) != nil {
		return "" // an object of somebody else's
	}
	return cmp.Or(printed.AuthURL, printed.Result.AuthURL)
}

// recognizeAuthURL takes force://CLIENTID:SECRET:REFRESHTOKEN@INSTANCE apart. The secret may be empty. Nothing in it is
// escaped, and a host has no @ in it.
func recognizeAuthURL(address string) (found, error) {
	address, ok := strings.CutPrefix(address, authURLScheme)
	at := strings.LastIndex(address, "@")
	if !ok || at < 0 || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return found{}, notAnAuthURL("it is not one auth URL on one line")
	}
	parts := strings.SplitN(address[:at], ":", 3)
	if len(parts) < 3 || parts[0] == "" || parts[2] == "" {
		return found{}, notAnAuthURL("the client id or the refresh token is missing from the auth URL")
	}
	instance, err := url.Parse("https://" + strings.TrimSuffix(strings.TrimPrefix(address[at+1:], "https://"), "/"))
	if err != nil || instance.Hostname() == "" || instance.Path != "" || instance.RawQuery != "" || instance.Fragment != "" {
		return found{}, notAnAuthURL("the auth URL names no instance")
	}
	token, err := tokenOf(parts[0], parts[1], parts[2], instance.String())
	if err != nil {
		return found{}, err
	}
	salesforce, err := provider.Lookup("salesforce")
	if err != nil {
		return found{}, err // the user has a file of that name
	}
	f := found{
		format: salesforceCLI, token: token, provider: salesforce.Name,
		endpoint: salesforce.EndpointsAt(instance.String(), nil).Token,
		copyOnly: "an auth URL has no room for an access token",
	}
	if instance.Host == instance.Hostname() && salesforce.Owns(instance.Hostname()) {
		f.issuer = strings.ToLower(instance.String())
	}
	return f, nil
}

// tokenOf is the token document that says what an auth URL says.
func tokenOf(clientID, clientSecret, refreshToken, instance string) (freshet.Token, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(struct {
		RefreshToken string `json:"refresh_token"`
		InstanceURL  string `json:"instance_url"`
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret,omitempty"`
	}{refreshToken, instance, clientID, clientSecret})
	if err != nil {
		return freshet.Token{}, err
	}
	return freshet.ParseToken(out.Bytes())
}

func notAnAuthURL(what string) error {
	return &freshet.Problem{What: what, Remedy: "it is written force://CLIENTID:SECRET:REFRESHTOKEN@INSTANCE; sf org auth show-sfdx-auth-url prints it"}
}

// foreignEndpoint is the endpoint that the document names, without what may be secret in it, unless a token goes to that host anyway.
func (f found) foreignEndpoint(used string) string {
	named, err := url.Parse(f.endpoint)
	if f.endpoint == "" || err != nil || named.Host == "" {
		return ""
	}
	if u, err := url.Parse(used); err == nil && strings.EqualFold(u.Host, named.Host) {
		return ""
	}
	named.User, named.RawQuery, named.Fragment = nil, "", ""
	return named.String()
}
