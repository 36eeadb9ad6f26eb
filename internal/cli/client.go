package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// connectionFlags say what the token file does not: who asks, and whom.
type connectionFlags struct {
	clientID   string
	secretFile string
	provider   string
	tokenURL   string
	auth       string
	assumeTTL  time.Duration
}

func (f *connectionFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.clientID, "client-id", "", "client `ID`; default $FRESHET_CLIENT_ID, then the document's client_id")
	flags.StringVar(&f.secretFile, "client-secret-file", "", "`FILE` with the client secret, - for standard input; default $FRESHET_CLIENT_SECRET")
	flags.StringVar(&f.tokenURL, "token-url", "", "`URL` of the token endpoint; default: the provider's, as the document shows it")
	flags.StringVar(&f.auth, "auth", "", "how the client authenticates: `none|body|basic`; default body with a secret, none without")
	f.registerPolicy(flags)
}

// registerPolicy registers the flags that matter without a request, too.
func (f *connectionFlags) registerPolicy(flags *pflag.FlagSet) {
	flags.StringVar(&f.provider, "provider", "", "`NAME` of the provider: "+strings.Join(provider.Names(), ", ")+"; default: told from the document")
	flags.DurationVar(&f.assumeTTL, "assume-ttl", 0, "assumed life of an access token, where nobody says")
}

// connection returns what the flags and the environment say, checked.
func (f *connectionFlags) connection(stdin io.Reader) (freshet.Connection, error) {
	c := freshet.Connection{
		Provider: f.provider,
		Endpoint: f.tokenURL,
		Policy:   freshet.Policy{AssumeTTL: f.assumeTTL},
		Client:   oauth.Client{ID: f.clientID, Auth: oauth.AuthStyle(f.auth)},
	}
	if c.Client.ID == "" {
		c.Client.ID = os.Getenv("FRESHET_CLIENT_ID")
	}
	if _, ok := provider.Lookup(f.provider); f.provider != "" && !ok {
		return c, &usageError{
			fmt.Sprintf("there is no provider %q", f.provider),
			"known are " + strings.Join(provider.Names(), ", ") + "; for any other, pass --token-url",
		}
	}
	switch c.Client.Auth {
	case "", oauth.AuthNone, oauth.AuthBody, oauth.AuthBasic:
	default:
		return c, &usageError{fmt.Sprintf("--auth %s is not known", f.auth), "it is one of none, body, basic"}
	}
	if err := notNegative("assume-ttl", f.assumeTTL); err != nil {
		return c, err
	}
	secret, err := f.secret(stdin)
	c.Client.Secret = oauth.Secret(secret)
	return c, err
}

func (f *connectionFlags) secret(stdin io.Reader) (string, error) {
	if f.secretFile == "" {
		return os.Getenv("FRESHET_CLIENT_SECRET"), nil
	}
	secret, err := readSecret(f.secretFile, stdin)
	if err != nil {
		return "", &freshet.Problem{Kind: oauth.Misconfigured, What: "the client secret cannot be read: " + err.Error(), Remedy: "check --client-secret-file", Err: err}
	}
	if secret == "" {
		return "", &freshet.Problem{Kind: oauth.Misconfigured, What: "the client secret in " + f.secretFile + " is empty", Remedy: "check --client-secret-file"}
	}
	return secret, nil
}

// readSecret reads one secret from a file, or from standard input for "-", without the white space around it.
func readSecret(path string, stdin io.Reader) (string, error) {
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		stdin = f
	}
	data, err := io.ReadAll(io.LimitReader(stdin, freshet.MaxDocument))
	return string(bytes.TrimSpace(data)), err
}
