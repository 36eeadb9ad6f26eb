package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Variable is one of the environment's variables, or several that belong together, and what it is for.
type Variable struct{ Name, Meaning string }

// Environment lists every variable that freshet reads.
func Environment() []Variable {
	return []Variable{
		{"FRESHET_HOME", "the directory of the connections, and of what is remembered about tokens; default: freshet in $XDG_STATE_HOME or ~/.local/state, on Windows in %LocalAppData%"},
		{"FRESHET_CLIENT_ID", "the client id for token files and new connections, where no flag says another"},
		{"FRESHET_CLIENT_SECRET", "the client secret for them, where no flag says where to find it"},
		{"FRESHET_BROWSER", "the command that opens a browser; %s in it stands for the address, which otherwise comes last; default: the desktop's browser"},
		{"XDG_STATE_HOME, LocalAppData, HOME", "where the directory of the connections is, if FRESHET_HOME is not set"},
		{"XDG_CONFIG_HOME", "where your own providers are: NAME.json in freshet/providers; default: the system's directory for configuration"},
		{"XDG_RUNTIME_DIR", "where a new token waits that cannot be saved anywhere else"},
		{"HTTPS_PROXY, NO_PROXY", "the proxy for requests, and the hosts that are reached without one; also in small letters"},
		{"SSL_CERT_FILE, SSL_CERT_DIR", "certificates to trust in place of the system's, on Linux"},
		{"DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME", "if one of them is set there is a desktop, and a login opens the browser there"},
		{"SSH_CONNECTION", "if it is set nobody sits here, and a login opens no browser, on macOS and Windows"},
		{"DBUS_SESSION_BUS_ADDRESS", "how the keyring is reached, on Linux"},
		{"NO_COLOR", "if it is set there are no colours"},
	}
}

// CommandEnvironment lists every variable that freshet exec sets for its command.
func CommandEnvironment() []Variable {
	return []Variable{
		{"FRESHET_ACCESS_TOKEN", "the access token"},
		{"FRESHET_AUTHORIZATION", "the value of the Authorization header: Bearer and the token; where the token has a header of its own (Shopify), its value"},
		{"FRESHET_INSTANCE_URL", "where the API is, if the provider said so"},
		{"FRESHET_REDIRECT_...", "what the provider added to the login's redirect: QuickBooks' realmId is FRESHET_REDIRECT_REALMID"},
		{"SF_ACCESS_TOKEN", "the access token for the tools of Salesforce, if it is one of theirs"},
	}
}

func (a *app) environmentTopic() *cobra.Command {
	var text strings.Builder
	text.WriteString("freshet reads these variables. All of them may be missing.\n\n")
	printVariables(&text, Environment())
	text.WriteString(`
A client secret can be in any variable: --client-secret-from env:NAME.

freshet exec sets these for its command, and takes out those that hold a client secret:

`)
	printVariables(&text, CommandEnvironment())
	return &cobra.Command{Use: "environment", Short: "The variables that freshet reads, and those that exec sets", Long: text.String()}
}

func printVariables(w *strings.Builder, variables []Variable) {
	for _, v := range variables {
		fmt.Fprintf(w, "  %s\n    %s\n", v.Name, v.Meaning)
	}
}
