package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/lazyregexp"
	"github.com/freshet-dev/freshet/provider"
)

// recognizeCache recognizes the JSON in which other programs keep one token or several.
func recognizeCache(content string) (d Document, ok bool, err error) {
	object, err := jsonobject.Parse(content)
	switch {
	case err != nil:
		return Document{}, false, nil // the parser of tokens says where the mistake is
	case object.Value("RefreshToken").Kind() == '{' || object.Value("AccessToken").Kind() == '{':
		d, err = recognizeMSAL(content)
	case object.Value("startUrl") != "" && object.Value("accessToken") != "":
		d, err = recognizeAWS(content)
	default:
		remotes := dumpedRemotes(object)
		if len(remotes) == 0 {
			return Document{}, false, nil
		}
		d, err = recognizeRclone(remotes)
	}
	return d, true, err
}

// dumpedRemotes returns the remotes with a token in what "rclone config dump" prints.
func dumpedRemotes(object jsonobject.Object) (remotes []rcloneRemote) {
	for name, value := range object.All() {
		var r rcloneRemote
		if value.Kind() != '{' || json.Unmarshal([]byte(value), &r) != nil {
			continue
		}
		if r.Type != "" && strings.HasPrefix(r.Token, "{") {
			r.Name = name
			remotes = append(remotes, r)
		}
	}
	return remotes
}

// msalEntry is a token in the cache of Microsoft's libraries, which have one format in all
// languages.
type msalEntry struct {
	Secret      string `json:"secret"`
	Account     string `json:"home_account_id"`
	Environment string `json:"environment"`
	ClientID    string `json:"client_id"`

	ExpiresOn json.RawMessage `json:"expires_on"` // a string or a number
}

// belongsTo reports whether the two tokens are of one client and one account.
func (e msalEntry) belongsTo(other msalEntry) bool {
	return e.ClientID != "" && e.ClientID == other.ClientID && e.Account != "" && e.Account == other.Account
}

// hostName matches the name of a host. Another text may be a whole address.
var hostName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9.-]*$`)

func recognizeMSAL(content string) (Document, error) {
	var cache struct {
		RefreshToken, AccessToken map[string]msalEntry
	}
	if json.Unmarshal([]byte(content), &cache) != nil {
		cache.RefreshToken = nil
	}
	var found []msalEntry
	for _, key := range slices.Sorted(maps.Keys(cache.RefreshToken)) {
		entry := cache.RefreshToken[key]
		same := func(other msalEntry) bool { return other.Secret == entry.Secret }
		if entry.Secret != "" && !slices.ContainsFunc(found, same) { // the same token of a family of apps
			found = append(found, entry)
		}
	}
	switch len(found) {
	case 0:
		return Document{}, &freshet.SetupError{
			What:   "it is a token cache of MSAL without a refresh token",
			Remedy: "log in again: freshet login microsoft",
		}
	case 1:
	default:
		return Document{}, &freshet.SetupError{
			What:   fmt.Sprintf("it is a token cache of MSAL with %d refresh tokens", len(found)),
			Remedy: "log in again, once for each account: freshet login microsoft",
		}
	}
	refresh, access := found[0], []msalEntry{}
	for _, entry := range cache.AccessToken {
		if entry.Secret != "" && entry.belongsTo(refresh) {
			access = append(access, entry)
		}
	}
	if len(access) != 1 { // of several, each is for another resource
		access = []msalEntry{{}}
	}
	token, err := newToken(
		"access_token", access[0].Secret, "refresh_token", refresh.Secret,
		"expires_on", jsonobject.Value(access[0].ExpiresOn).Text(), "client_id", refresh.ClientID,
	)
	d := Document{Format: msalCache, Token: token, CopyOnly: "freshet does not write MSAL's cache"}
	if microsoft, lookup := provider.Lookup("microsoft"); lookup == nil && endpoints.Owns(microsoft, refresh.Environment) {
		d.Provider = microsoft.Name
	} else if hostName.MatchString(refresh.Environment) {
		d.Endpoint = "https://" + refresh.Environment + "/common/oauth2/v2.0/token"
	}
	return d, err
}

// awsRegion matches the name of a region. Another text would be part of an address on another host.
var awsRegion = lazyregexp.New(`^[a-z0-9-]+$`)

func recognizeAWS(content string) (Document, error) {
	var cache struct {
		AccessToken, RefreshToken, ExpiresAt, ClientID, ClientSecret, Region string
	}
	if err := json.Unmarshal([]byte(content), &cache); err != nil {
		return Document{}, &freshet.SetupError{
			What: "a member of the AWS token cache is not a string", Remedy: "log in again: aws sso login",
		}
	}
	token, err := newToken(
		"access_token", cache.AccessToken, "refresh_token", cache.RefreshToken, "expires_at", cache.ExpiresAt,
		"client_id", cache.ClientID, "client_secret", cache.ClientSecret,
	)
	d := Document{Format: awsSSOCache, Token: token, CopyOnly: "freshet does not write the cache of AWS"}
	if awsRegion.MatchString(cache.Region) {
		d.Endpoint = "https://oidc." + cache.Region + ".amazonaws.com/token"
	}
	return d, err
}

// withClient returns t with the client, unless t names one.
func withClient(t freshet.Token, id, secret string) (freshet.Token, error) {
	if id == "" || t.Member("client_id") != "" {
		return t, nil
	}
	object, err := jsonobject.Parse(strings.TrimPrefix(string(t.Bytes()), byteOrderMark))
	if err != nil {
		return t, err
	}
	edit := object.Edit()
	edit.Set("client_id", jsonobject.Quote(id))
	if secret != "" {
		edit.Set("client_secret", jsonobject.Quote(secret))
	}
	return freshet.ParseToken([]byte(edit.Text()))
}
