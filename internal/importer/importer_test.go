package importer

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet"
)

// authURLToken returns the document of an auth URL with the refresh token 5Aep_r.==.
func authURLToken(client, instance string) string {
	return "{\n  \"refresh_token\": \"5Aep_r.==\",\n" +
		"  \"instance_url\": \"" + instance + "\",\n  " + client + "\n}\n"
}

func TestRecognize(t *testing.T) {
	type understood struct {
		Format, Token, Provider, Issuer, Endpoint string
		InPlace                                   bool
	}
	const host = "https://acme.my.salesforce.com"
	for name, test := range map[string]struct {
		document string
		want     understood
	}{
		"a provider's token response": {
			`{"access_token":"a","token_type":"Bearer","expires_in":3600,"refresh_token":"r"}`,
			understood{Format: "token_response", Token: "=", InPlace: true},
		},
		"with a byte order mark": {
			"\ufeff" + `{"access_token":"a"}`,
			understood{Format: "token_response", Token: "=", InPlace: true},
		},
		"golang.org/x/oauth2": {
			`{"access_token":"a","refresh_token":"r","expiry":"2026-11-20T12:00:00.123456789+01:00"}`,
			understood{Format: "x_oauth2", Token: "=", InPlace: true},
		},
		"authlib": {
			`{"access_token": "a", "refresh_token": "r", "expires_in": 3600, "expires_at": 1800000000}`,
			understood{Format: "authlib", Token: "=", InPlace: true},
		},
		"requests-oauthlib": {
			`{"access_token": "a", "scope": ["read", "write"], "refresh_token": "r", "expires_at": 1800000000.25}`,
			understood{Format: "authlib", Token: "=", InPlace: true},
		},
		"gcloud": {
			`{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}`,
			understood{Format: "gcloud", Token: "=", Provider: "google", InPlace: true},
		},
		"a token with a member web": {
			`{"access_token":"a","web":{"theme":"dark"},"installed":{}}`,
			understood{Format: "token_response", Token: "=", InPlace: true},
		},
		"google-auth": {
			"{\"token\": \"a\", \"refresh_token\": \"r\",\n" +
				" \"token_uri\": \"https://oauth2.googleapis.com/token\", \"scopes\": [\"x\"]}",
			understood{
				Format: "google_auth",
				Token: "{\"access_token\": \"a\", \"refresh_token\": \"r\",\n" +
					" \"token_uri\": \"https://oauth2.googleapis.com/token\", \"scopes\": [\"x\"]}",
				Endpoint: "https://oauth2.googleapis.com/token",
			},
		},
		"the Salesforce CLI": {
			"force://PlatformCLI::5Aep_r.==@acme.my.salesforce.com\n",
			understood{
				"salesforce_cli", authURLToken(`"client_id": "PlatformCLI"`, host), "salesforce", host,
				host + "/services/oauth2/token", false,
			},
		},
		"with a client secret": {
			"force://3MVG9:hush:5Aep_r.==@acme.my.salesforce.com",
			understood{
				"salesforce_cli", authURLToken("\"client_id\": \"3MVG9\",\n  \"client_secret\": \"hush\"", host),
				"salesforce", host, host + "/services/oauth2/token", false,
			},
		},
		"as JSON": {
			`{"status": 0, "result": {"sfdxAuthUrl": "force://PlatformCLI::5Aep_r.==@acme.my.salesforce.com"}}`,
			understood{
				"salesforce_cli", authURLToken(`"client_id": "PlatformCLI"`, host), "salesforce", host,
				host + "/services/oauth2/token", false,
			},
		},
		"as JSON of its own": {
			`{"sfdxAuthUrl": "force://PlatformCLI::5Aep_r.==@https://acme.my.salesforce.com/"}`,
			understood{
				"salesforce_cli", authURLToken(`"client_id": "PlatformCLI"`, host), "salesforce", host,
				host + "/services/oauth2/token", false,
			},
		},
		"another host than Salesforce's": {
			"force://PlatformCLI::5Aep_r.==@my.salesforce.com.evil.example",
			understood{
				"salesforce_cli",
				authURLToken(`"client_id": "PlatformCLI"`, "https://my.salesforce.com.evil.example"), "salesforce", "",
				"https://my.salesforce.com.evil.example/services/oauth2/token", false,
			},
		},
		"a port": {
			"force://PlatformCLI::5Aep_r.==@acme.my.salesforce.com:8443",
			understood{
				"salesforce_cli", authURLToken(`"client_id": "PlatformCLI"`, host+":8443"), "salesforce", "",
				host + ":8443/services/oauth2/token", false,
			},
		},
	} {
		d, err := Recognize("", []byte(test.document), Hints{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if test.want.Token == "=" {
			test.want.Token = test.document
		}
		got := understood{d.Format.Name, string(d.Token.Bytes()), d.Provider, d.Issuer, d.Endpoint, d.CopyOnly == ""}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Files of other programs that are no token response. None of them can be updated in place.
func TestRecognizeOtherFiles(t *testing.T) {
	const host = "https://acme.my.salesforce.com"
	server := Hints{Provider: "dropbox"}
	for name, test := range map[string]struct {
		hints                                       Hints
		document, format, provider, endpoint, token string
	}{
		"a refresh token by itself": {
			server, "sl.u.AFqT-refresh_token\n",
			"refresh_token", "", "", "{\n  \"refresh_token\": \"sl.u.AFqT-refresh_token\"\n}\n",
		},
		"the variables of a script": {
			server, "# dropbox\nexport OAUTH_APP_KEY='k'\nOAUTH_REFRESH_TOKEN=\"r1234\"\nOAUTH_CLIENT_ID=c\n",
			"variables", "", "", "{\n  \"refresh_token\": \"r1234\",\n  \"client_id\": \"c\"\n}\n",
		},
		"the short auth URL": {
			Hints{ClientID: "PlatformCLI"},
			"force://5Aep_r.==@acme.my.salesforce.com",
			"salesforce_cli", "salesforce", host + "/services/oauth2/token",
			authURLToken(`"client_id": "PlatformCLI"`, host),
		},
		"rclone's configuration": {
			Hints{},
			"[other]\ntype = local\n\n[gdrive]\ntype = drive\nclient_id = c\n" +
				"token = {\"access_token\":\"a\",\"refresh_token\":\"r\",\"expiry\":\"2026-01-02T03:04:05+01:00\"}\n",
			"rclone", "google", "",
			`{"access_token":"a","refresh_token":"r","expiry":"2026-01-02T03:04:05+01:00","client_id":"c"}`,
		},
		"rclone config dump": {
			Hints{},
			`{"l":{"type":"local"},` +
				`"od":{"type":"onedrive","token":"{\"access_token\":\"a\",\"refresh_token\":\"r\"}"}}`,
			"rclone", "microsoft", "", `{"access_token":"a","refresh_token":"r"}`,
		},
		"MSAL": {
			Hints{},
			`{"AccessToken":{"k":{"secret":"a","home_account_id":"x","client_id":"c","expires_on":"1700003600"},` +
				`"o":{"secret":"other","home_account_id":"y","client_id":"c","expires_on":"1800003600"}},` +
				`"RefreshToken":{"k":{"secret":"r","home_account_id":"x","client_id":"c",` +
				`"environment":"login.microsoftonline.com"}}}`,
			"msal", "microsoft", "", "{\n  \"access_token\": \"a\",\n  \"refresh_token\": \"r\",\n" +
				"  \"expires_on\": \"1700003600\",\n  \"client_id\": \"c\"\n}\n",
		},
		"AWS": {
			Hints{},
			`{"startUrl":"https://x.awsapps.com/start","region":"eu-west-1","accessToken":"a",` +
				`"expiresAt":"2026-01-01T00:00:00Z","clientId":"c","clientSecret":"s","refreshToken":"r"}`,
			"aws_sso", "", "https://oidc.eu-west-1.amazonaws.com/token",
			"{\n  \"access_token\": \"a\",\n  \"refresh_token\": \"r\",\n" +
				"  \"expires_at\": \"2026-01-01T00:00:00Z\",\n" +
				"  \"client_id\": \"c\",\n  \"client_secret\": \"s\"\n}\n",
		},
		"a form": {
			Hints{},
			"access_token=gho_xyz&token_type=bearer&refresh_token=ghr%2Babc&access_token=b&scope=\n",
			"token_response", "", "", "{\n  \"access_token\": \"gho_xyz\",\n  \"token_type\": \"bearer\",\n" +
				"  \"refresh_token\": \"ghr+abc\"\n}\n",
		},
		"an empty variable": {
			server, "REFRESH_TOKEN=\nACCESS_TOKEN=abc\n", "variables", "", "", "{\n  \"access_token\": \"abc\"\n}\n",
		},
		"a variable that is a switch": {
			server, "USE_REFRESH_TOKEN=true\r\nREFRESH_TOKEN=abc\r\nCLIENT_ID = 'my-app',\r\nACCESS_TOKEN=null\r\n",
			"variables", "", "", "{\n  \"refresh_token\": \"abc\",\n  \"client_id\": \"my-app\"\n}\n",
		},
		"semicolons and comments": {
			server, "export REFRESH_TOKEN=\"abc\"; # the new one\nACCESS_TOKEN=a#b;\nCLIENT_ID=1\n",
			"variables", "", "",
			"{\n  \"access_token\": \"a#b\",\n  \"refresh_token\": \"abc\",\n  \"client_id\": \"1\"\n}\n",
		},
		"what jq prints": {
			server, `"1//0gAbCdEfGhIj"`, "refresh_token", "", "", "{\n  \"refresh_token\": \"1//0gAbCdEfGhIj\"\n}\n",
		},
		"a refresh token with a slash at its beginning": {
			server, "/aB3/xyz+abcdefgh==",
			"refresh_token", "", "", "{\n  \"refresh_token\": \"/aB3/xyz+abcdefgh==\"\n}\n",
		},
		"MSAL with a number": {
			Hints{},
			`{"AccessToken":{"k":{"secret":"a","home_account_id":"x","client_id":"c","expires_on":1700003600},` +
				`"o":{"secret":"other","home_account_id":"x","client_id":"c2","expires_on":1800003600}},` +
				`"RefreshToken":{"k":{"secret":"r","home_account_id":"x","client_id":"c","environment":"a.example"}}}`,
			"msal", "", "https://a.example/common/oauth2/v2.0/token", "{\n  \"access_token\": \"a\",\n" +
				"  \"refresh_token\": \"r\",\n  \"expires_on\": \"1700003600\",\n  \"client_id\": \"c\"\n}\n",
		},
		"MSAL with access tokens for two resources": {
			Hints{},
			`{"AccessToken":{"k":{"secret":"a","home_account_id":"x","client_id":"c","expires_on":"999"},` +
				`"o":{"secret":"b","home_account_id":"x","client_id":"c","expires_on":"1800003600"}},` +
				`"RefreshToken":{"k":{"secret":"r","home_account_id":"x","client_id":"c","environment":"a/b"}}}`,
			"msal", "", "", "{\n  \"refresh_token\": \"r\",\n  \"client_id\": \"c\"\n}\n",
		},
		"MSAL with an access token of no account": {
			Hints{},
			`{"AccessToken":{"k":{"secret":"a","client_id":"c"}},"RefreshToken":{"k":{"secret":"r","client_id":"c"}}}`,
			"msal", "", "", "{\n  \"refresh_token\": \"r\",\n  \"client_id\": \"c\"\n}\n",
		},
		"AWS with another host in place of a region": {
			Hints{},
			`{"startUrl":"https://x.example","region":"evil.example/","accessToken":"a"}`,
			"aws_sso", "", "", "{\n  \"access_token\": \"a\"\n}\n",
		},
		"OneDrive in China": {
			Hints{},
			"[od]\ntype = onedrive\nregion = cn\ntoken = {\"access_token\":\"a\"}\n",
			"rclone", "", "", `{"access_token":"a"}`,
		},
		"OneDrive of the US government": {
			Hints{},
			`{"od":{"type":"onedrive","region":"us","token":"{\"access_token\":\"a\"}"}}`,
			"rclone", "", "", `{"access_token":"a"}`,
		},
		"OneDrive": {
			Hints{},
			"[od]\ntype = onedrive\nregion = global\ntoken = {\"access_token\":\"a\"}\n",
			"rclone", "microsoft", "", `{"access_token":"a"}`,
		},
		"googleauth for Ruby": {
			Hints{},
			`default: '{"access_token":"a","refresh_token":"r","expiration_time_millis":1441234742000}'`,
			"token_response", "", "", `{"access_token":"a","refresh_token":"r","expiration_time_millis":1441234742000}`,
		},
	} {
		d, err := Recognize("", []byte(test.document), test.hints)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := fmt.Sprint(d.Format.Name, " ", d.Provider, " ", d.Endpoint, " ", string(d.Token.Bytes()))
		want := fmt.Sprint(test.format, " ", test.provider, " ", test.endpoint, " ", test.token)
		if got != want || d.CopyOnly == "" {
			t.Errorf("%s:\ngot  %s\nwant %s\nin place: %t", name, got, want, d.CopyOnly == "")
		}
	}
}

func TestRefreshTokenOfAuthURL(t *testing.T) {
	for url, want := range map[string]string{
		"force://c::5Aep861:with:colons@login.salesforce.com": "5Aep861:with:colons",
		"force://c::5Aep861@with@at@login.salesforce.com":     "5Aep861@with@at",
		"force://c:s:5Aep%2F+/!&<>\"\\@login.salesforce.com":  "5Aep%2F+/!&<>\"\\",
	} {
		d, err := Recognize("", []byte(url), Hints{})
		if err != nil || string(d.Token.RefreshToken()) != want || d.Issuer != "https://login.salesforce.com" {
			t.Errorf("%s: %q at %q, %v", url, string(d.Token.RefreshToken()), d.Issuer, err)
		}
	}
}

func TestRecognizeRefusesOtherDocuments(t *testing.T) {
	for document, says := range map[string]string{
		"":                                  "it is empty",
		"hush":                              "it is not JSON",
		"[]":                                "it is not a JSON object",
		"{}":                                "neither an access token nor a refresh token",
		`{"token":"hush"}`:                  "neither an access token nor a refresh token",
		`{"token":{"access_token":"hush"}}`: "neither an access token nor a refresh token",
		`{"token":"hush","access_token":null,"token_uri":"https://a.example"}`: "two members",
		"force://":                          "not one auth URL on one line",
		"force://c::hush":                   "not one auth URL on one line",
		"force://c::hush@h\nforce://d::e@f": "not one auth URL on one line",
		"force://c::hu\xffsh@h":             "not one auth URL on one line",
		"force://hush@h":                    "the auth URL names no client",
		"force://@h":                        "the client id or the refresh token is missing",
		"hush-hush-hush":                    "it looks like a refresh token by itself",
		"A_REFRESH_TOKEN=hush":              "it has a token in lines of the form NAME=VALUE",
		"A_REFRESH_TOKEN=hush\nB_REFRESH_TOKEN=hush2":               "several variables have names that end in REFRESH",
		"[a]\ntoken = {}\n[b]\ntoken = {\"access_token\":\"hush\"}": "rclone's configuration with 2 tokens: a, b",
		`{"installed":{"client_id":"c","client_secret":"hush"}}`:    "the registration of a client",
		`{"type":"service_account","private_key":"hush"}`:           "the key of a service account",
		`{"orgId":"00D","username":"u","refreshToken":"aa:bb"}`:     "a file of the Salesforce CLI, which encrypts",
		"\x80\x04\x95hush":                                                "a Python pickle",
		`{"RefreshToken":{},"AccessToken":{}}`:                            "MSAL without a refresh token",
		`{"RefreshToken":{"a":{"secret":"hush"},"b":{"secret":"hush2"}}}`: "MSAL with 2 refresh tokens",
		"force://:s:hush@h":                                               "the client id or the refresh token",
		"force://c:s:@h":                                                  "the client id or the refresh token",
		"force://c::hush@":                                                "names no instance",
		"force://c::hush@h/path":                                          "names no instance",
		"force://c::hush@h?x=y":                                           "names no instance",
		`{"sfdxAuthUrl":"https://hush@h"}`:                                "not one auth URL on one line",
	} {
		_, err := Recognize("t.json", []byte(document), Hints{})
		var p *freshet.SetupError
		if !errors.As(err, &p) || !strings.Contains(p.What, says) || p.Remedy == "" || p.Name != "t.json" ||
			strings.Contains(p.What+p.Remedy.String(), "hush") {
			t.Errorf("%q: %v", document, err)
		}
	}
}

// What stands where a token could be is not taken for one, even if the server is known.
func TestRecognizeRefusesWhatIsNoToken(t *testing.T) {
	for document, says := range map[string]string{
		"https://example.com/hush":                    "it is not JSON",
		"/home/hush/token":                            "it is not JSON",
		"~/hush-hush-hush":                            "it is not JSON",
		`C:\hush\token-file`:                          "it is not JSON",
		"secrets/hush.json":                           "it is not JSON",
		"-----BEGIN-hush":                             "it is not JSON",
		"<your-refresh-token-hush>":                   "it is not JSON",
		"your-refresh-token-hush":                     "it is not JSON",
		"${HUSH_hush_hush}":                           "it is not JSON",
		`"https://example.com/hush"`:                  "it is not a JSON object",
		"REFRESH_TOKEN=${hush}":                       "its REFRESH_TOKEN is a placeholder",
		"REFRESH_TOKEN=$HUSH_hush":                    "its REFRESH_TOKEN is a placeholder",
		"REFRESH_TOKEN='<your-hush>'":                 "its REFRESH_TOKEN is a placeholder",
		"REFRESH_TOKEN=<your-hush>;":                  "its REFRESH_TOKEN is a placeholder",
		"ACCESS_TOKEN=a\nCLIENT_ID={{hush}}":          "its CLIENT_ID is a placeholder",
		"CLIENT_ID=hü\nREFRESH_TOKEN=hush":            "its CLIENT_ID contains a character that is not ASCII",
		"REFRESH_TOKEN=/run/secrets/hush":             "its REFRESH_TOKEN is an address or the path of a file",
		"REFRESH_TOKEN=hush hush":                     "its REFRESH_TOKEN contains a space",
		"REFRESH_TOKEN=\"hush\nhush\"":                "its REFRESH_TOKEN begins with a quotation mark",
		"USE_REFRESH_TOKEN=true":                      "neither an access token nor a refresh token",
		"REFRESH_TOKEN=":                              "neither an access token nor a refresh token",
		"access_token=hush&refresh_token=%zz":         "a form with a percent sign",
		"access_token=%3Chush%3E&scope=a":             "its ACCESS_TOKEN is a placeholder",
		"access_token=&scope=hush":                    "neither an access token nor a refresh token",
		`{"RefreshToken":{"a":{}}}`:                   "MSAL without a refresh token",
		`{"web":{"client_id":"c"},"access_token":""}`: "the registration of a client",
	} {
		d, err := Recognize("t", []byte(document), Hints{HasEndpoint: true})
		var p *freshet.SetupError
		if !errors.As(err, &p) || !strings.Contains(p.What, says) || strings.Contains(p.What+p.Remedy.String(), "hush") {
			t.Errorf("%q: %s, %v", document, d.Token.Bytes(), err)
		}
	}
}

func TestOtherEndpointHasNoSecrets(t *testing.T) {
	d := Document{Endpoint: "https://me:hush@auth.example.com/token?key=hush#hush"}
	if got := d.OtherEndpoint(""); got != "https://auth.example.com/token" {
		t.Errorf("%q", got)
	}
	if got := d.OtherEndpoint("https://AUTH.example.com/oauth/token"); got != "" {
		t.Errorf("the token goes to that host: %q", got)
	}
}

// A recognized document has a token that can be saved and read again. An issuer is used only if
// Salesforce owns it.
func FuzzRecognize(f *testing.F) {
	f.Add([]byte(`{"token":"a","token_uri":"https://a.example","proxy":"http://b.example"}`))
	f.Add([]byte(`{"type":"authorized_user","refresh_token":"r"}`))
	f.Add([]byte(`{"result":{"sfdxAuthUrl":"force://c:s:r@login.salesforce.com"}}`))
	f.Add([]byte("access_token=a&refresh_token=%20&expires_in=1"))
	f.Add([]byte("export REFRESH_TOKEN='abc'; # x\nUSE_ACCESS_TOKEN=true\n"))
	f.Add([]byte("force://PlatformCLI::5Aep861@@acme.my.salesforce.com"))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := Recognize("t.json", data, Hints{HasEndpoint: true})
		if err != nil {
			return
		}
		again, err := freshet.ParseToken(found.Token.Bytes())
		if err != nil || again.AccessToken() == "" && again.RefreshToken() == "" {
			t.Errorf("%q: %q, %v", data, found.Token.Bytes(), err)
		}
		host := strings.TrimPrefix(found.Issuer, "https://")
		if host != "" && host != "login.salesforce.com" && host != "test.salesforce.com" &&
			!strings.HasSuffix(host, ".my.salesforce.com") && !strings.HasSuffix(host, ".my.site.com") {
			t.Errorf("%q: used from %q", host, data)
		}
	})
}
