package cli

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
)

// ownParams are the parameters and headers that freshet sets itself, so that a flag for further ones
// would have no effect, by flag. The value is the remedy.
var ownParams = map[string]map[string]string{
	"authorize-param": {
		"client_id":             "pass --client-id",
		"redirect_uri":          "pass --redirect-uri, or --port and --listen-host",
		"response_type":         "pass --response-type",
		"response_mode":         "pass --response-mode",
		"scope":                 "pass --scope",
		"state":                 "pass --state to freshet login",
		"nonce":                 "pass --nonce-length to freshet login",
		"resource":              "pass --resource",
		"code_challenge":        "pass --pkce",
		"code_challenge_method": "pass --pkce",
	},
	"code-param": {
		"grant_type":   "leave it out: the exchange of a code has only one",
		"code":         "to give a code by hand, run freshet login --paste",
		"device_code":  "run freshet login --device",
		"client_id":    "pass --client-id",
		"redirect_uri": "pass --redirect-uri, or --port and --listen-host",
		"resource":     "pass --resource",
	},
	"refresh-param": {
		"grant_type": "pass --grant",
		"client_id":  "pass --client-id",
		"resource":   "pass --resource",
	},
	"refresh-header": {
		"content-type":      "for a JSON object, pass --refresh-json",
		"content-length":    "leave it out: it follows from the body",
		"transfer-encoding": "leave it out: it follows from the body",
		"host":              "pass --token-url",
	},
}

// checkOwnParams returns an error if a NAME=VALUE pair of the flag would have no effect on the requests
// of r. A client id in the body is allowed if it is r's: some servers want it there and in the header.
func checkOwnParams(flag string, pairs []string, r freshet.Registration) error {
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		key := name
		if flag == "refresh-header" {
			key = strings.ToLower(http.CanonicalHeaderKey(name))
		}
		remedy := ownParams[flag][key]
		switch {
		case flag == "refresh-param" && name == "scope" && slices.Contains(r.RenewBy, freshet.GrantClientCredentials):
			remedy = "pass --scope"
		case name == "client_id" && value == r.Client.ID && flag != "authorize-param":
			continue
		}
		if value != "" && remedy != "" {
			return &usageError{
				fmt.Sprintf("--%s %s=... would have no effect: freshet sets %[2]s itself", flag, name), remedy,
			}
		}
	}
	return nil
}
