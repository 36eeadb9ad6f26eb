package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Variable is an environment variable, or several with one meaning.
type Variable struct{ Name, Meaning string }

// Environment returns the variables that freshet reads.
func Environment() []Variable {
	return []Variable{
		{
			"FRESHET_HOME",
			"the directory of connections and of the health of token files; default: freshet in " +
				"$XDG_STATE_HOME or ~/.local/state, on Windows in %LocalAppData%",
		},
		{"FRESHET_CLIENT_ID", "the client id for token files and new connections, if no flag sets it"},
		{"FRESHET_CLIENT_SECRET", "the client secret for them, if no flag sets it"},
		{
			"FRESHET_BROWSER",
			"the command that opens a browser; %s stands for the address, which is appended if " +
				"there is no %s; default: the desktop's browser",
		},
		{"XDG_STATE_HOME, LocalAppData, HOME", "the place of the directory of connections, if FRESHET_HOME is not set"},
		{
			"XDG_CONFIG_HOME",
			"the place of your own providers: freshet/providers/NAME.json; default: the system's " +
				"configuration directory",
		},
		{"XDG_RUNTIME_DIR", "the last place for a new token that cannot be saved elsewhere"},
		{"HTTPS_PROXY, NO_PROXY", "the proxy for requests, and the hosts without proxy; lower case works, too"},
		{"SSL_CERT_FILE, SSL_CERT_DIR", "certificates to trust instead of the system's, on Linux"},
		{
			"DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME",
			"if one of them is set, a login opens the browser of the desktop",
		},
		{"SSH_CONNECTION", "if it is set, a login opens no browser (macOS and Windows)"},
		{"DBUS_SESSION_BUS_ADDRESS", "the address of the keyring, on Linux"},
		{"NO_COLOR", "if it is set, the output has no colors"},
	}
}

// CommandEnvironment returns the variables that freshet exec sets for its command.
func CommandEnvironment() []Variable {
	return []Variable{
		{"FRESHET_ACCESS_TOKEN", "the access token"},
		{
			"FRESHET_AUTHORIZATION",
			"the value of the Authorization header: Bearer and the token; for Shopify, the value " +
				"of its own header",
		},
		{"FRESHET_ID_TOKEN", "the ID token, if there is one; with --id-token it is valid"},
		{"FRESHET_INSTANCE_URL", "the URL of the API, if the provider sent it"},
		{
			"FRESHET_REDIRECT_...",
			"parameters that the provider added to the login's redirect: QuickBooks' realmId is " +
				"FRESHET_REDIRECT_REALMID",
		},
		{"SF_ACCESS_TOKEN", "the access token, if it is Salesforce's: for Salesforce's own tools"},
	}
}

func (a *app) environmentTopic() *cobra.Command {
	var text strings.Builder
	text.WriteString("freshet reads these variables. All of them are optional.\n\n")
	printVariables(&text, Environment())
	text.WriteString(`
A client secret can be in any variable: --client-secret-from env:NAME.

freshet exec sets these variables for its command, and removes those that hold a client secret:

`)
	printVariables(&text, CommandEnvironment())
	return &cobra.Command{
		Use: "environment", Short: "Environment variables that freshet reads, and that exec sets", Long: text.String(),
	}
}

func printVariables(w *strings.Builder, variables []Variable) {
	for _, v := range variables {
		fmt.Fprintf(w, "  %s\n    %s\n", v.Name, v.Meaning)
	}
}
