package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/importer"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

type importFlags struct {
	connectionFlags
	networkFlags
	inPlace bool
	replace bool
	force   bool
}

func (f *importFlags) register(flags *pflag.FlagSet) {
	f.connectionFlags.register(flags)
	network := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.networkFlags.register(network)
	for _, name := range []string{"proxy", "ca-file"} { // nothing is sent, so that --trace is pointless
		flags.AddFlag(network.Lookup(name))
	}
	flags.BoolVar(&f.inPlace, "in-place", false,
		"keep the token in the file, shared with the programs that use it")
	flags.BoolVar(&f.force, "force", false,
		"copy a refresh token that another connection has or had, without asking")
	flags.BoolVar(&f.replace, "replace", false, "replace the connection that has this name")
}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import NAME [FILE]",
		Short: "Import a token saved by another program",
		Long: `Create a connection with a token that another program saved in FILE, or that comes on standard input
(-). The format follows from the content:

  - a provider's token response, as JSON
  - an auth URL of the Salesforce CLI, force://CLIENTID:SECRET:REFRESHTOKEN@INSTANCE, by itself or in JSON;
    with --client-id also its short form force://REFRESHTOKEN@INSTANCE
  - a token as golang.org/x/oauth2, authlib or requests-oauthlib save it
  - Google's authorized user, as gcloud or google-auth save it
  - rclone's configuration with one remote, and the token caches of Microsoft's MSAL and of AWS IAM Identity Center
  - with --provider or --token-url: a refresh token by itself, or lines of the form NAME=VALUE whose names end in
    REFRESH_TOKEN, ACCESS_TOKEN, CLIENT_ID or CLIENT_SECRET

freshet prints what it understood, and what is missing with the flag that sets it. Flags outrank the
document, and are saved in the connection. The document supplies the token and the client; a token
endpoint only if the provider owns its host; a proxy or a command never.

The connection has a copy of the token. From then on let nothing else refresh the original: where
refresh tokens rotate, one of the two would end the other's login. --in-place makes no copy: the
connection points to the file, in which freshet changes only what the provider sends, so that other
programs can go on using it.

If another connection has the refresh token, or a refresh replaced it, freshet asks before it makes
a copy. Without a terminal it wants --force. Where the provider keeps old refresh tokens valid, it
prints a note instead.

--replace replaces a connection of the same name, and deletes everything of it but a token file that
others use.`,
		Example: `  freshet import acme salesforce.json --client-id 3MVG9...
  freshet import acme salesforce.json --client-id 3MVG9... --replace
  freshet import acme token.json --in-place --token-url https://auth.example.com/token
  freshet import drive ~/.config/rclone/rclone.conf
  freshet import box refresh_token.txt --provider box --client-id c-42
  sf org auth show-sfdx-auth-url --target-org acme --json | freshet import acme -`,
		Args: rangeArgs(1, 2, "the name for the new connection is missing"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.importToken(cmd.Context(), args[0], append(args, "")[1], &f)
		},
	}
	flags := cmd.Flags()
	f.register(flags)
	a.outputFlags(flags)
	return cmd
}

func (a *app) importToken(ctx context.Context, name, file string, f *importFlags) error {
	if file == "" && filestore.IsPath(name) {
		return &usageError{
			fmt.Sprintf("the name for the new connection is missing; %s is a file", name),
			"freshet import NAME " + shellQuote(name),
		}
	}
	if err := filestore.CheckName(name); err != nil {
		return err
	}
	a.creating = name
	registration, err := f.registration()
	if err != nil {
		return err
	}
	if err := a.checkImport(ctx, name, f); err != nil {
		return err
	}
	source, err := a.readSource(file) // it may be pasted
	if err != nil {
		return err
	}
	document, err := importer.Recognize(source.name, source.data, importer.Hints{
		Provider: registration.Provider, ClientID: registration.Client.ID,
		HasEndpoint: registration.Endpoints != (oauth.Endpoints{}),
	})
	if err != nil {
		return err
	}
	if err := a.checkSource(ctx, source, document, f.inPlace); err != nil {
		return err
	}
	c := newConnection(name, registration, document)
	c.Saved = source.saved
	if f.inPlace {
		c.TokenFile = source.path
	} else {
		// A copy includes the client id. A shared file may later name another client.
		c.Client.ID = cmp.Or(c.Client.ID, c.Token.Member("client_id"))
	}
	if err := a.confirmCopy(ctx, c, source.path, f); err != nil {
		return err
	}
	replaced, err := a.saveImported(ctx, c, f.replace)
	if err != nil {
		return err
	}
	return a.reportImport(c, replaced, document, f)
}

// checkImport returns the error with which the connection could not be saved, before a token is pasted.
func (a *app) checkImport(ctx context.Context, name string, f *importFlags) error {
	store := a.store()
	if err := store.Prepare(); err != nil {
		return err
	}
	if _, err := store.Get(ctx, name); f.replace || errors.Is(err, freshet.ErrNotFound) {
		return nil
	}
	return errNameTaken(name, freshet.ErrExists)
}

func errNameTaken(name string, err error) error {
	return &freshet.SetupError{
		Name: name, What: "a connection of this name exists already", Err: err,
		Remedy: "choose another name, or replace that connection with --replace",
	}
}

// saveImported saves the new connection, and reports whether it replaced another.
func (a *app) saveImported(ctx context.Context, c freshet.Connection, replace bool) (replaced bool, err error) {
	store := a.store()
	err = store.Create(ctx, c)
	switch exists := errors.Is(err, freshet.ErrExists); {
	case exists && replace:
		return true, a.replace(ctx, store, c)
	case exists:
		return false, errNameTaken(c.Name, err)
	case err != nil:
		return false, fmt.Errorf("the connection could not be saved: %w", err)
	}
	return false, nil
}

// replace waits until no other process refreshes the old connection. A client secret that freshet
// saved for it is deleted.
func (a *app) replace(ctx context.Context, store *filestore.Store, c freshet.Connection) error {
	ctx, cancel := context.WithTimeout(withSignals(ctx), freshet.DefaultTimeout)
	defer cancel()
	old, err := store.Get(ctx, c.Name)
	if err != nil {
		return err
	}
	if err := store.Replace(ctx, c); err != nil {
		return err
	}
	if path, ok := ownSecret(old.SecretFrom); ok && old.SecretFrom != c.SecretFrom {
		_ = os.Remove(path) // an unused secret does no harm
	}
	return nil
}

// registration returns what the flags and the environment set, without the client secret.
func (f *importFlags) registration() (freshet.Registration, error) {
	if f.secretFile != "" {
		return freshet.Registration{}, &usageError{
			"--client-secret-file is read once, but a connection needs the client secret for each refresh",
			"name the place where it stays: --client-secret-from file:PATH",
		}
	}
	if err := f.check(); err != nil {
		return freshet.Registration{}, err
	}
	r, err := f.connectionFlags.registration(nil)
	if err != nil {
		return r, err
	}
	if err := checkAddress("the token endpoint", f.tokenURL, r.InsecureHosts); err != nil {
		return r, err
	}
	r.Client.Secret = "" // of FRESHET_CLIENT_SECRET
	if err := checkClient(r.Client); err != nil {
		return r, err
	}
	r.Proxy, r.CAFile = f.Proxy, f.CAFile
	return r, nil
}

// newConnection returns a connection with the document's token. The document supplies the provider if
// r names none, and the issuer if r has no token endpoint.
func newConnection(name string, r freshet.Registration, document importer.Document) freshet.Connection {
	r.Provider = cmp.Or(r.Provider, document.Provider)
	if r.Endpoints.Token == "" {
		r.Endpoints.Issuer = document.Issuer
	}
	return freshet.Connection{Name: name, Registration: r, Token: document.Token}
}

// source is what is imported.
type source struct {
	name  string // for messages
	path  string // absolute; "" for standard input
	data  []byte
	saved time.Time // the file's modification time; now for standard input
}

func (a *app) readSource(file string) (source, error) {
	if file == "" || file == "-" {
		return a.readStandardInput(file)
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return source{}, err
	}
	s := source{name: file, path: path}
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		var info os.FileInfo
		if info, err = f.Stat(); err == nil {
			s.saved = info.ModTime()
			s.data, err = io.ReadAll(io.LimitReader(f, freshet.MaxDocument+1))
		}
	}
	if err != nil {
		return s, &freshet.SetupError{
			Name: file, What: "it cannot be read: " + text.Cause(err), Err: err,
			Remedy: cmp.Or(fileRemedy(err), "pass the path of a saved token, or - for standard input"),
		}
	}
	return s, nil
}

func (a *app) readStandardInput(file string) (source, error) {
	if _, ok := a.inputTerminal(); ok {
		if file == "" {
			return source{}, &usageError{"the file to import is missing", "give its path, or - for standard input"}
		}
		text.Fprintln(a.err, "paste the token, then press Enter and Ctrl-D")
	}
	data, err := io.ReadAll(io.LimitReader(a.in, freshet.MaxDocument+1))
	if err != nil {
		return source{}, fmt.Errorf("reading standard input: %w", err)
	}
	return source{name: "standard input", data: data, saved: time.Now()}, nil
}

// checkSource returns an error if the document cannot be imported in the requested way.
func (a *app) checkSource(ctx context.Context, s source, document importer.Document, inPlace bool) error {
	switch {
	case inPlace && s.path == "":
		return &usageError{
			"--in-place needs a file, but the token comes on standard input",
			"pass a file, or import a copy without --in-place",
		}
	case inPlace && document.CopyOnly != "":
		return &usageError{
			fmt.Sprintf("%s cannot be updated in place: %s", s.name, document.CopyOnly),
			"import a copy, without --in-place",
		}
	case s.path == "":
		return nil
	}
	in, err := a.store().Inspect(ctx, s.path)
	if inPlace {
		return err // for example, if it is a pipe
	}
	if err != nil {
		return nil // a pipe or another format: freshet does not refresh it
	}
	if in.Pending != nil {
		complete := "freshet refresh " + shellQuote(s.name)
		if filestore.IsMark(in.Pending) && !in.Busy {
			complete += " --force" // otherwise nothing is sent while the access token is valid
		}
		return &freshet.SetupError{
			Name: s.name, Kind: oauth.Temporary,
			What:   "a refresh of this file is running or was interrupted, so that its token may be replaced already",
			Remedy: oauth.Remedyf("run %s first, or adopt the file with --in-place", complete),
		}
	}
	// A refresh may have ended after the file was read. A copy of a token that it spent would end
	// the grant.
	if data, err := os.ReadFile(s.path); err != nil || !bytes.Equal(data, s.data) {
		return &freshet.SetupError{
			Name: s.name, Kind: oauth.Temporary, What: "it was changed while it was read", Err: err,
			Remedy: "run the same command again",
		}
	}
	return nil
}
