package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/jsonobject"
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
	Realm       string `json:"realm"` // the tenant
	ExpiresOn   string `json:"expires_on"`
}

func recognizeMSAL(content string) (Document, error) {
	var cache struct {
		RefreshToken, AccessToken map[string]msalEntry
	}
	if err := json.Unmarshal([]byte(content), &cache); err != nil || len(cache.RefreshToken) == 0 {
		return Document{}, &freshet.Problem{
			What:   "it is a token cache of MSAL without a refresh token",
			Remedy: "log in again: freshet login microsoft",
		}
	}
	var found []msalEntry
	for _, key := range slices.Sorted(maps.Keys(cache.RefreshToken)) {
		entry := cache.RefreshToken[key]
		same := func(other msalEntry) bool { return other.Secret == entry.Secret }
		if !slices.ContainsFunc(found, same) { // the same token of a family of apps
			found = append(found, entry)
		}
	}
	if len(found) > 1 {
		return Document{}, &freshet.Problem{
			What:   fmt.Sprintf("it is a token cache of MSAL with %d refresh tokens", len(found)),
			Remedy: "log in again, once for each account: freshet login microsoft",
		}
	}
	refresh, access := found[0], msalEntry{}
	for _, entry := range cache.AccessToken {
		same := entry.ClientID == refresh.ClientID && entry.Account == refresh.Account
		if same && entry.ExpiresOn > access.ExpiresOn {
			access = entry
		}
	}
	token, err := newToken(
		"access_token", access.Secret, "refresh_token", refresh.Secret, "expires_on", access.ExpiresOn,
		"client_id", refresh.ClientID,
	)
	d := Document{Format: msalCache, Token: token, CopyOnly: "freshet does not write MSAL's cache"}
	if microsoft, lookup := provider.Lookup("microsoft"); lookup == nil && microsoft.Owns(refresh.Environment) {
		d.Provider = microsoft.Name
	} else {
		d.Endpoint = "https://" + refresh.Environment + "/common/oauth2/v2.0/token"
	}
	return d, err
}

func recognizeAWS(content string) (Document, error) {
	var cache struct {
		AccessToken, RefreshToken, ExpiresAt, ClientID, ClientSecret, Region string
	}
	if err := json.Unmarshal([]byte(content), &cache); err != nil {
		return Document{}, &freshet.Problem{
			What: "a member of the AWS token cache is not a string", Remedy: "log in again: aws sso login",
		}
	}
	token, err := newToken(
		"access_token", cache.AccessToken, "refresh_token", cache.RefreshToken, "expires_at", cache.ExpiresAt,
		"client_id", cache.ClientID, "client_secret", cache.ClientSecret,
	)
	return Document{
		Format: awsSSOCache, Token: token, Endpoint: "https://oidc." + cache.Region + ".amazonaws.com/token",
		CopyOnly: "freshet does not write the cache of AWS",
	}, err
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
