// Package importer recognizes a token that another program saved.
package importer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tailscale/hujson"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/provider"
)

// Format is a form in which programs save tokens.
type Format struct{ Name, Title string }

var (
	tokenResponse = Format{"token_response", "a provider's token response"}
	goToken       = Format{"x_oauth2", "a token as golang.org/x/oauth2 saves it"}
	pythonToken   = Format{"authlib", "a token as authlib and requests-oauthlib save it"}
	googleAuth    = Format{"google_auth", "credentials as google-auth saves them"}
	gcloudUser    = Format{"gcloud", "an authorized user as gcloud saves it"}
	salesforceCLI = Format{"salesforce_cli", "an auth URL of the Salesforce CLI"}
	refreshToken  = Format{"refresh_token", "a refresh token by itself"}
	variables     = Format{"variables", "lines of the form NAME=VALUE"}
	rcloneConfig  = Format{"rclone", "a remote in rclone's configuration"}
	msalCache     = Format{"msal", "a token cache of Microsoft's MSAL"}
	awsSSOCache   = Format{"aws_sso", "a token cache of AWS IAM Identity Center"}
)

// Document is a recognized document. Of what it says, only Token and Issuer may be used without a
// check: anyone may have written it.
type Document struct {
	Format   Format
	Token    freshet.Token // in the form that freshet saves
	Provider string        // to which the format belongs; "" if to none
	Issuer   string        // from the document, if the provider owns the host
	Endpoint string        // the token endpoint that the document names
	CopyOnly string        // why freshet cannot update the document in place; "" if it can
	Ignored  []string      // members that look like settings, such as a proxy; they are never used
}

// Hints are what the user says about a document that does not say it.
type Hints struct {
	Provider    string // may have put the token elsewhere in the document; "" if not known
	ClientID    string
	HasEndpoint bool // a token endpoint was named
}

// Recognize returns what data is, which name stands for in errors. The format follows from the
// content. The error is a [*freshet.SetupError] that quotes nothing of data but names of tokens and
// accounts.
func Recognize(name string, data []byte, hints Hints) (Document, error) {
	standard := data
	if hints.Provider != "" {
		p, err := provider.Lookup(hints.Provider)
		if err != nil {
			return Document{}, err
		}
		standard = replies.Standard(p, data)
	}
	d, err := recognize(standard, hints)
	if err == nil && d.Token.AccessToken() == "" && d.Token.RefreshToken() == "" {
		d, err = Document{}, &freshet.SetupError{
			What:   "it has neither an access token nor a refresh token",
			Remedy: "pass the JSON object that has the member access_token or refresh_token, not one around it",
		}
	}
	if p, ok := errors.AsType[*freshet.SetupError](err); ok {
		p.Name = name
	}
	if err == nil && !bytes.Equal(standard, data) {
		d.CopyOnly = "the token is not where other programs look for it"
	}
	return d, err
}

func recognize(data []byte, hints Hints) (Document, error) {
	content := strings.TrimSpace(strings.TrimPrefix(string(data), byteOrderMark))
	if strings.HasPrefix(content, authURLScheme) {
		return recognizeAuthURL(content, hints.ClientID)
	}
	if err := otherProgramsFile(content); err != nil {
		return Document{}, err
	}
	if d, ok, err := recognizeText(content, hints); ok || err != nil {
		return d, err
	}
	if d, ok, err := recognizeCache(content); ok || err != nil {
		return d, err
	}
	token, err := freshet.ParseToken(data)
	if err != nil {
		return Document{}, err
	}
	if authURL := authURLIn(token); authURL != "" {
		return recognizeAuthURL(authURL, hints.ClientID)
	}
	d := Document{
		Format: tokenResponse, Token: token, Ignored: settings(token),
		Endpoint: cmp.Or(token.Member("token_uri"), token.Member("token_endpoint")),
	}
	switch {
	case token.AccessToken() == "" && token.Member("token") != "" && d.Endpoint != "":
		d.Format = googleAuth
		d.CopyOnly = "freshet writes the new access token as access_token, but google-auth reads token"
		if d.Token, err = withAccessToken(token); err != nil {
			return Document{}, err
		}
	case token.Member("type") == "authorized_user":
		d.Format, d.Provider = gcloudUser, "google"
	case token.Member("expiry") != "":
		d.Format = goToken
	case token.Text("expires_at") != "" && token.Member("expires_at") == "":
		d.Format = pythonToken
	}
	return d, nil
}

const byteOrderMark = "\ufeff"

// withAccessToken renames the member token, as google-auth writes it, to access_token.
func withAccessToken(t freshet.Token) (freshet.Token, error) {
	value, err := hujson.Parse(bytes.TrimPrefix(bytes.Clone(t.Bytes()), []byte(byteOrderMark)))
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

// newToken returns a token document with the members, given as names and values. It has no member
// for an empty value.
func newToken(members ...string) (freshet.Token, error) {
	var b strings.Builder
	for pair := range slices.Chunk(members, 2) {
		if pair[1] != "" {
			fmt.Fprintf(&b, ",\n  %s: %s", jsonobject.Quote(pair[0]), jsonobject.Quote(pair[1]))
		}
	}
	return freshet.ParseToken([]byte("{" + strings.TrimPrefix(b.String(), ",") + "\n}\n"))
}

// OtherEndpoint returns the token endpoint that the document names, without its query and userinfo,
// which may be secret. It returns "" if the host is that of used, the endpoint to which the
// connection sends its token.
func (d Document) OtherEndpoint(used string) string {
	named, err := url.Parse(d.Endpoint)
	if d.Endpoint == "" || err != nil || named.Host == "" {
		return ""
	}
	if u, err := url.Parse(used); err == nil && strings.EqualFold(u.Host, named.Host) {
		return ""
	}
	named.User, named.RawQuery, named.Fragment = nil, "", ""
	return named.String()
}
