package cli

import (
	"strings"

	"github.com/freshet-dev/freshet/internal/filestore"
)

// flagsForNames pairs the Go names in remedies of the library with the flags and commands that
// replace them. Of two that begin alike the longer comes first. NAME stands for the connection.
var flagsForNames = []string{
	"set Client.ID", "pass --client-id or set FRESHET_CLIENT_ID",
	"set Client.Secret or SecretFrom", "pass --client-secret-file or set FRESHET_CLIENT_SECRET",
	"in Client.Secret or SecretFrom", "with --client-secret-file",
	"set Client.Secret", "pass --client-secret-file",
	"Client.Secret", "the client secret",
	"Client.ID", "the client id",
	"SecretFrom", "--client-secret-from",
	"set Client.Auth to", "pass --auth",
	"Client.Auth to", "--auth",
	"Client.Auth", "--auth",

	"in Endpoints.Issuer", "with --issuer",
	"give another value in Parts", "give another value with --part",
	" in Parts:", " with --part PART=VALUE:",
	"set Endpoints.Token", "pass --token-url",
	"in Endpoints.Token", "with --token-url",
	"name the authorization endpoint in Endpoints.Authorization",
	"name the provider's address with --issuer, or its authorization endpoint with --authorize-url",
	"in Endpoints.Authorization", "with --authorize-url",
	"name the endpoint in Endpoints.Device", "name the provider's address with --issuer",
	"in Endpoints.Device", "with --device-url",
	"name them in Endpoints.JWKS and Endpoints.Issuer",
	"name the provider's address with --issuer, so that they can be looked up",
	"name it in Endpoints.Introspection", lookedUp + "--introspection-url",
	"name it in Endpoints.Revocation", lookedUp + "--revocation-url",
	"name it in Endpoints.Userinfo", lookedUp + "--userinfo-url",

	"port in RedirectURI", "port with --port",
	"as RedirectURI", "with --redirect-uri",
	"CallbackURL", "--callback-url",
	"other Scopes", "other scopes with --scope",
	"in Resources", "with --resource",
	"send client_id in Requests.Code and Requests.Refresh",
	"send client_id with --code-param and --refresh-param client_id=ID",
	"in Options.MinTTL", "with --min-ttl",

	"name it in Provider, and refresh again", "name it with --provider, and refresh again",
	"call Keeper.Refresh", "run freshet refresh NAME",
	"call Refresher.Introspect", "run freshet introspect NAME",
	"list connections with Store.List, or create one with Keeper.Create",
	"run freshet status to list connections, or freshet login or import to create one",
	"a connection of another name", "another connection, with --name",
	" with Store.Update", ": freshet set NAME",
	"remove it with Store.Delete", "remove it with freshet logout NAME",
	" with Store.Delete", ": freshet logout NAME",
	"Store.StateDir", "FRESHET_HOME",
}

const lookedUp = "log in with --issuer, so that it can be looked up; for a token file pass "

// withFlags returns a remedy of the library with flags and commands instead of Go names. name is
// that of a connection, or a path.
func withFlags(name, remedy string) string {
	argument := " " + name
	if filestore.CheckName(name) != nil {
		argument = ""
	}
	translated := strings.NewReplacer(flagsForNames...).Replace(remedy)
	if translated == remedy {
		return remedy // its NAME is that of another program or of a provider's file
	}
	return strings.ReplaceAll(translated, " NAME", argument)
}

// withLogin adds the command to "log in" and "log in again", unless name is a path.
func withLogin(name, remedy string) string {
	if remedy == "log in" && filestore.IsPath(name) {
		return "log in, and save the token there"
	}
	if filestore.CheckName(name) != nil || strings.Contains(remedy, "freshet login") {
		return remedy
	}
	if remedy == "log in" {
		return "freshet login " + name
	}
	return strings.Replace(remedy, "log in again", "log in again (freshet login "+name+")", 1)
}

// withRefresh adds the command to "refresh it".
func withRefresh(name, remedy string) string {
	if name == "" {
		return remedy
	}
	return strings.Replace(remedy, "refresh it", "refresh it (freshet refresh "+name+")", 1)
}
