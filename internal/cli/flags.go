package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
	"github.com/freshet-dev/freshet/secret"
)

// Arguments and flags that several commands have.

func flagError(cmd *cobra.Command, err error) error {
	if strings.Contains(err.Error(), "unknown flag: --client-secret") {
		return &usageError{
			"a secret in a flag can be seen by every user of this machine",
			"put it into a file for --client-secret-file, or into the variable FRESHET_CLIENT_SECRET",
		}
	}
	what := err.Error()
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok && invalid.GetFlag().Value.Type() == "duration" {
		what = fmt.Sprintf("--%s: %v", invalid.GetFlag().Name, invalid.Unwrap())
	}
	return &usageError{
		what,
		"freshet help" + strings.TrimPrefix(cmd.CommandPath(), "freshet") + " shows the flags",
	}
}

// exactArgs requires n arguments, the first of which is a target.
func exactArgs(n int) cobra.PositionalArgs {
	return rangeArgs(n, n, "the target is missing: which token?")
}

// rangeArgs requires from least to most arguments. With fewer, the error is missing.
func rangeArgs(least, most int, missing string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		usage := "usage: freshet " + cmd.Use
		switch {
		case len(args) < least:
			return &usageError{missing, usage}
		case len(args) > most:
			return &usageError{fmt.Sprintf("unexpected argument %q", args[most]), usage}
		}
		return nil
	}
}

// repeated is a flag that may be given several times. The one of pflag starts with 8 KB of buffers, to
// print that it is empty.
type repeated []string

func (r *repeated) String() string { return strings.Join(*r, ",") }
func (r *repeated) Type() string   { return "stringArray" }

func (r *repeated) Set(value string) error {
	*r = append(*r, value)
	return nil
}

// jsonFlag registers --json.
func (a *app) jsonFlag(flags *pflag.FlagSet) {
	flags.BoolVar(&a.json, "json", false, "print the result, or the error, as JSON on standard output")
}

// outputFlags registers --json and --quiet.
func (a *app) outputFlags(flags *pflag.FlagSet) {
	a.jsonFlag(flags)
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print no messages on success")
}

// connectionFlags are the settings that a token file lacks: its client and its server. A connection
// has them in its registration.
type connectionFlags struct {
	clientID   string
	secretFile string
	secretFrom string
	provider   string
	parts      []string
	tokenURL   string
	insecure   []string
	auth       string
	assumeTTL  time.Duration

	flags *pflag.FlagSet
	own   []string // the names of the flags above

	read *freshet.Registration // what registration returned: a secret can be read from standard input once
}

// forTokenFiles is the heading of these flags in the help of commands that refuse them for a connection.
const forTokenFiles = "Flags for token files (a connection has these settings already)"

func (f *connectionFlags) register(flags *pflag.FlagSet) {
	group(flags, forTokenFiles, func() {
		f.registerClient(flags)
		flags.StringVar(&f.tokenURL, "token-url", "", "`URL` of the token endpoint; default: the provider's")
		flags.Var((*repeated)(&f.insecure), "insecure-host",
			"`HOST` or HOST:PORT that gets tokens and secrets unencrypted, by plain http; may be repeated; default: none")
		f.own = append(f.own, "token-url", "insecure-host")
		f.registerPolicy(flags)
	})
}

// registerClient registers the flags that identify and authenticate the client.
func (f *connectionFlags) registerClient(flags *pflag.FlagSet) {
	flags.StringVar(&f.clientID, "client-id", "",
		"client `ID`; default $FRESHET_CLIENT_ID, then the token file's client_id")
	flags.StringVar(&f.secretFile, "client-secret-file", "",
		"`FILE` with the client secret, - for standard input; default $FRESHET_CLIENT_SECRET")
	flags.StringVar(&f.secretFrom, "client-secret-from", "",
		"`SOURCE` of the client secret: env:NAME, file:PATH, command:LINE or keyring:NAME")
	flags.StringVar(&f.auth, "auth", "", "how the client authenticates: `none|body|basic|secret-as-user`; "+
		"default: as the provider's file says, otherwise body; none without a secret")
	f.own = append(f.own, "client-id", "client-secret-file", "client-secret-from", "auth")
	f.flags = flags
}

// registerPolicy registers the flags that also matter to commands that send no request.
func (f *connectionFlags) registerPolicy(flags *pflag.FlagSet) {
	group(flags, forTokenFiles, func() {
		flags.StringVar(&f.provider, "provider", "",
			"`NAME` of the provider; default: recognized from the token file; freshet providers lists the names")
		flags.Var((*repeated)(&f.parts), "part",
			"`NAME=VALUE` for a placeholder in the provider's URLs, such as tenant or shop; may be repeated")
		durationVar(flags, &f.assumeTTL, "assume-ttl", 0,
			"lifetime to assume for access tokens whose expiry is not known")
	})
	f.own = append(f.own, "provider", "part", "assume-ttl")
	f.flags = flags
}

// firstGiven returns the name of the first flag that the command line sets, or "".
func (f *connectionFlags) firstGiven() string {
	for _, name := range f.own {
		if f.flags.Changed(name) {
			return name
		}
	}
	return ""
}

// refuseForAll returns an error if one of the flags is set, for commands on all connections.
func (f *connectionFlags) refuseForAll() error {
	if given := f.firstGiven(); given != "" {
		return &usageError{
			fmt.Sprintf("--%s is for token files; connections have this setting already", given),
			"give the path of a token file, or leave the flag out",
		}
	}
	return nil
}

// registration returns the settings of the flags and the environment, checked.
func (f *connectionFlags) registration(stdin io.Reader) (freshet.Registration, error) {
	if f.read != nil {
		return *f.read, nil
	}
	r := freshet.Registration{
		Provider:   f.provider,
		Endpoints:  oauth.Endpoints{Token: f.tokenURL},
		Policy:     freshet.Policy{AssumeTTL: f.assumeTTL},
		Client:     oauth.Client{Auth: oauth.AuthStyle(f.auth)},
		SecretFrom: f.secretFrom,
	}
	for _, host := range f.insecure {
		if host == "" { // removes those that are saved
			continue
		}
		if err := urls.CheckInsecureHost(host); err != nil {
			return r, &usageError{"--insecure-host: " + err.Error(), "name each host, without a scheme or a wildcard"}
		}
		r.InsecureHosts = append(r.InsecureHosts, host)
	}
	r.Client.ID = cmp.Or(syntax.TrimClient(f.clientID), syntax.TrimClient(os.Getenv("FRESHET_CLIENT_ID")))
	var err error
	if r.Parts, err = mergePairs(nil, "part", f.parts); err != nil {
		return r, err
	}
	if err := checkProvider(r); err != nil {
		return r, err
	}
	switch r.Client.Auth {
	case "", oauth.AuthNone, oauth.AuthBody, oauth.AuthBasic, oauth.AuthSecretAsUser:
	default:
		return r, &usageError{
			fmt.Sprintf("unknown --auth %s", f.auth),
			"it is one of none, body, basic, secret-as-user",
		}
	}
	if err = f.addSecret(&r, stdin); err == nil {
		f.read = &r
	}
	return r, err
}

// checkAddress returns an error if the address cannot be an endpoint. what is its name.
func checkAddress(what, address string, insecureHosts []string) error {
	_, err := urls.Parse(what, address, insecureHosts...)
	if err == nil || address == "" {
		return nil
	}
	remedy := "pass an https address"
	if plain, ok := errors.AsType[*urls.PlainHTTPError](err); ok {
		remedy += "; only for a server inside your own network, allow http with --insecure-host " + shellQuote(plain.Host)
	}
	return &usageError{err.Error(), remedy}
}

// checkProvider returns an error if there is no provider file of the name, or if it cannot be used.
func checkProvider(r freshet.Registration) error {
	err := r.CheckProvider()
	if errors.Is(err, provider.ErrUnknown) {
		return &usageError{
			fmt.Sprintf("unknown provider %q", r.Provider),
			suggestProvider(r.Provider) + "; for any other, pass --issuer or --token-url",
		}
	}
	return err
}

// addSecret sets the client secret, or its source.
func (f *connectionFlags) addSecret(r *freshet.Registration, stdin io.Reader) (err error) {
	if f.secretFrom != "" {
		if f.secretFile != "" {
			return &usageError{"--client-secret-file and --client-secret-from exclude each other", "give one of them"}
		}
		if err := secret.Check(f.secretFrom); err != nil {
			return err
		}
		r.SecretFrom = f.secretFrom
		if path, ok := strings.CutPrefix(f.secretFrom, "file:"); ok { // it is read in other directories, too
			path, err = filepath.Abs(path)
			r.SecretFrom = "file:" + path
		}
		return err
	}
	if f.secretFile == "" {
		r.Client.Secret = oauth.Secret(syntax.TrimClient(os.Getenv("FRESHET_CLIENT_SECRET")))
		return nil
	}
	text, err := readSecret(f.secretFile, stdin)
	if err != nil {
		return &freshet.SetupError{
			Kind: oauth.Misconfigured, What: "the client secret cannot be read: " + err.Error(),
			Remedy: "check --client-secret-file", Err: err,
		}
	}
	if text == "" {
		return &freshet.SetupError{
			Kind: oauth.Misconfigured, What: "the client secret in " + f.secretFile + " is empty",
			Remedy: "check --client-secret-file",
		}
	}
	r.Client.Secret = oauth.Secret(text)
	return nil
}

// checkClient returns an error for a client id or secret that would be saved and can never be right.
func checkClient(client oauth.Client) error {
	err := client.Check()
	if err == nil {
		return nil
	}
	return &freshet.SetupError{
		Kind: oauth.Misconfigured, What: err.Error(), Remedy: "pass it again, without what was copied along with it",
	}
}

// readSecret reads a secret from a file, or from standard input if path is "-".
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
	return syntax.Decode(data), err
}

// durationFlag is the value of a flag, as [text.ParseDuration] reads it.
type durationFlag struct {
	*time.Duration
	positive bool // refuse zero, too
}

// durationVar registers a flag for a duration that may be zero.
func durationVar(flags *pflag.FlagSet, p *time.Duration, name string, value time.Duration, usage string) {
	*p = value
	flags.Var(durationFlag{p, false}, name, usage)
}

// positiveDurationVar registers a flag for a duration that is zero only if the flag is missing.
func positiveDurationVar(flags *pflag.FlagSet, p *time.Duration, name string, value time.Duration, usage string) {
	*p = value
	flags.Var(durationFlag{p, true}, name, usage)
}

func (f durationFlag) Set(s string) error {
	d, err := text.ParseDuration(s)
	if err != nil || d < 0 || d == 0 && f.positive {
		kind := "positive duration"
		if !f.positive {
			kind = "duration"
		}
		return fmt.Errorf("%q is not a %s such as 90s, 36h or 14d", s, kind)
	}
	*f.Duration = d
	return nil
}

func (f durationFlag) String() string {
	if f.Duration == nil || *f.Duration == 0 {
		return ""
	}
	return text.FormatDuration(*f.Duration)
}

func (f durationFlag) Type() string { return "duration" }
