package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
	"github.com/freshet-dev/freshet/secret"
)

// Arguments and flags that many commands have.

func flagError(cmd *cobra.Command, err error) error {
	if strings.Contains(err.Error(), "unknown flag: --client-secret") {
		return &usageError{
			"a secret in a flag can be seen by every user of this machine",
			"put it into a file for --client-secret-file, or into the variable FRESHET_CLIENT_SECRET",
		}
	}
	return &usageError{err.Error(), "freshet help" + strings.TrimPrefix(cmd.CommandPath(), "freshet") + " shows the flags"}
}

// exactArgs wants n arguments, the first of which is a target.
func exactArgs(n int) cobra.PositionalArgs {
	return rangeArgs(n, n, "the target is missing: which token?")
}

// rangeArgs wants so many arguments, and says what is missing if there are fewer.
func rangeArgs(least, most int, missing string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		usage := "usage: freshet " + cmd.Use
		switch {
		case len(args) < least:
			return &usageError{missing, usage}
		case len(args) > most:
			return &usageError{fmt.Sprintf("there is one argument too many: %q", args[most]), usage}
		}
		return nil
	}
}

// checkNotNegative refuses a duration that makes no sense.
func checkNotNegative(flag string, d time.Duration) error {
	if d < 0 {
		return &usageError{"--" + flag + " is negative", "give a duration such as 90s or 2h"}
	}
	return nil
}

// jsonFlag registers --json.
func (a *app) jsonFlag(flags *pflag.FlagSet) {
	flags.BoolVar(&a.json, "json", false, "print the result, or the error, as JSON on standard output")
}

// outputFlags registers --json and --quiet.
func (a *app) outputFlags(flags *pflag.FlagSet) {
	a.jsonFlag(flags)
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "say nothing when all is well")
}

// connectionFlags say what a plain token file does not: who asks, and whom. A connection knows that by itself.
type connectionFlags struct {
	clientID   string
	secretFile string
	secretFrom string
	provider   string
	parts      []string
	tokenURL   string
	auth       string
	assumeTTL  time.Duration

	flags *pflag.FlagSet
	own   []string // the names of the flags above
}

// forTokenFiles is the heading of these flags in the help of commands that refuse them for a connection.
const forTokenFiles = "Flags for token files; a connection knows all this by itself"

func (f *connectionFlags) register(flags *pflag.FlagSet) {
	group(flags, forTokenFiles, func() {
		f.registerClient(flags)
		flags.StringVar(&f.tokenURL, "token-url", "", "`URL` of the token endpoint; default: the provider's, as the document shows it")
		f.own = append(f.own, "token-url")
		f.registerPolicy(flags)
	})
}

// registerClient registers the flags that say who asks.
func (f *connectionFlags) registerClient(flags *pflag.FlagSet) {
	flags.StringVar(&f.clientID, "client-id", "", "client `ID`; default $FRESHET_CLIENT_ID, then the document's client_id")
	flags.StringVar(&f.secretFile, "client-secret-file", "", "`FILE` with the client secret, - for standard input; default $FRESHET_CLIENT_SECRET")
	flags.StringVar(&f.secretFrom, "client-secret-from", "", "`SOURCE` of the client secret: env:NAME, file:PATH, command:LINE or keyring:NAME")
	flags.StringVar(&f.auth, "auth", "", "how the client authenticates: `none|body|basic|secret-as-user`; default the provider's way with a secret, none without")
	f.own = append(f.own, "client-id", "client-secret-file", "client-secret-from", "auth")
	f.flags = flags
}

// registerPolicy registers the flags that matter without a request, too.
func (f *connectionFlags) registerPolicy(flags *pflag.FlagSet) {
	group(flags, forTokenFiles, func() {
		flags.StringVar(&f.provider, "provider", "", "`NAME` of the provider; default: told from the document; freshet providers lists them")
		flags.StringArrayVar(&f.parts, "part", nil, "`NAME=VALUE` of a part of the provider's addresses, such as tenant or shop; may be repeated")
		flags.DurationVar(&f.assumeTTL, "assume-ttl", 0, "assumed life of an access token, where nobody says")
	})
	f.own = append(f.own, "provider", "part", "assume-ttl")
	f.flags = flags
}

// given returns the first of the flags that is set, or "".
func (f *connectionFlags) given() string {
	for _, name := range f.own {
		if f.flags.Changed(name) {
			return name
		}
	}
	return ""
}

// refuseForAll refuses the flags where all connections are meant.
func (f *connectionFlags) refuseForAll() error {
	if given := f.given(); given != "" {
		return &usageError{fmt.Sprintf("--%s is for token files", given), "give the path of one; connections know that by themselves"}
	}
	return nil
}

// registration returns what the flags and the environment say, checked.
func (f *connectionFlags) registration(stdin io.Reader) (freshet.Registration, error) {
	r := freshet.Registration{
		Provider:   f.provider,
		Endpoints:  oauth.Endpoints{Token: f.tokenURL},
		Policy:     freshet.Policy{AssumeTTL: f.assumeTTL},
		Client:     oauth.Client{ID: f.clientID, Auth: oauth.AuthStyle(f.auth)},
		SecretFrom: f.secretFrom,
	}
	if r.Client.ID == "" {
		r.Client.ID = os.Getenv("FRESHET_CLIENT_ID")
	}
	var err error
	if r.Parts, err = changed(nil, "part", f.parts); err != nil {
		return r, err
	}
	if err := checkProvider(r); err != nil {
		return r, err
	}
	switch r.Client.Auth {
	case "", oauth.AuthNone, oauth.AuthBody, oauth.AuthBasic, oauth.AuthSecretAsUser:
	default:
		return r, &usageError{fmt.Sprintf("--auth %s is not known", f.auth), "it is one of none, body, basic, secret-as-user"}
	}
	if err := checkNotNegative("assume-ttl", f.assumeTTL); err != nil {
		return r, err
	}
	return r, f.addSecret(&r, stdin)
}

// checkProvider reports a provider that no file describes, with a name that is near.
func checkProvider(r freshet.Registration) error {
	err := r.CheckProvider()
	if errors.Is(err, provider.ErrUnknown) {
		return &usageError{
			fmt.Sprintf("there is no provider %q", r.Provider),
			whichProviders(r.Provider) + "; for any other, pass --issuer or --token-url",
		}
	}
	return err
}

// addSecret fills in the secret, or where it comes from.
func (f *connectionFlags) addSecret(r *freshet.Registration, stdin io.Reader) (err error) {
	if f.secretFrom != "" {
		if f.secretFile != "" {
			return &usageError{"--client-secret-file and --client-secret-from exclude each other", "give one of them"}
		}
		if err := secret.Check(f.secretFrom); err != nil {
			return err
		}
		r.SecretFrom, err = secret.Absolute(f.secretFrom)
		return err
	}
	found, err := f.secret(stdin)
	r.Client.Secret = oauth.Secret(found)
	return err
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
