package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/detach"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauthtest"
)

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Show what freshet does, without network or account",
		Long: `Show what freshet does, in a few seconds. The demo starts the local test server with refresh token
rotation, saves a token as the original sample program did, and refreshes it. Then twenty processes
ask for a token at once, and a process is killed during a refresh. All files are deleted at the end.`,
		Example: "  freshet demo",
		Args:    exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := os.MkdirTemp("", "freshet-demo-")
			if err != nil {
				return err
			}
			server, err := listen(oauthtest.Config{
				Provider: oauthtest.Salesforce, Rotate: true, Latency: 200 * time.Millisecond,
			})
			if err != nil {
				return errors.Join(err, os.RemoveAll(dir))
			}
			defer server.Close()
			d := &demo{app: a, server: server, dir: dir}
			return errors.Join(d.run(withSignals(cmd.Context())), os.RemoveAll(dir), d.printErr)
		},
	}
}

// demo runs freshet in other processes against a test server in this process.
type demo struct {
	*app
	server   *oauthtest.Server
	dir      string
	printErr error // the first error of printf
}

func (d *demo) run(ctx context.Context) error {
	d.printf("A test server that rotates refresh tokens runs at %s.\n"+
		"Nothing leaves this machine.\n", d.server.URL())
	for _, part := range []func(context.Context) error{d.refreshOnce, d.askAtOnce, d.killCaller} {
		if err := part(ctx); err != nil {
			return fmt.Errorf("the demo failed: %w", err)
		}
	}
	stats := d.server.Stats()
	d.printf("Refresh tokens presented twice: %d. Grants lost: %d.\n", stats.Reuses, stats.GrantsRevoked)
	d.printf("Next, on a token of your own:\n  freshet refresh YOUR-TOKEN.json --client-id ID --dry-run\n")
	return nil
}

func (d *demo) printf(format string, args ...any) {
	if _, err := text.Fprintf(d.out, format, args...); d.printErr == nil {
		d.printErr = err
	}
}

// saveToken saves the token of a new grant in the format of the original sample program.
func (d *demo) saveToken(name string) (path string, token freshet.Token, err error) {
	path = filepath.Join(d.dir, name)
	if err := os.WriteFile(path, d.server.Document(), 0o600); err != nil {
		return "", token, err
	}
	token, err = readToken(path)
	return path, token, err
}

func readToken(path string) (freshet.Token, error) {
	document, err := os.ReadFile(path)
	if err != nil {
		return freshet.Token{}, err
	}
	return freshet.ParseToken(document)
}

func (d *demo) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, detach.Executable(), args...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(),
		"FRESHET_HOME="+filepath.Join(d.dir, "state"), "FRESHET_CLIENT_ID="+d.server.ClientID(),
		"FRESHET_CLIENT_SECRET=")
	return cmd
}

func (d *demo) refreshOnce(ctx context.Context) error {
	path, old, err := d.saveToken("_salesforce.json")
	if err != nil {
		return err
	}
	d.printf("\n1. One refresh\n   $ freshet refresh _salesforce.json --client-id %s\n", d.server.ClientID())
	output, err := d.command(ctx, "refresh", path).CombinedOutput()
	for line := range strings.Lines(strings.ReplaceAll(string(output), path, "_salesforce.json")) {
		done, valid, found := strings.Cut(line, "; valid ") // the line is longer than a terminal
		d.printf("   %s\n", done)
		if found {
			d.printf("     valid %s\n", valid)
		}
	}
	if err != nil {
		return err
	}
	current, err := readToken(path)
	if err != nil {
		return err
	}
	return d.compare(old, current)
}

// compare prints the members side by side, with secrets abbreviated.
func (d *demo) compare(old, current freshet.Token) error {
	w := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	text.Fprintf(w, "\n   member\tbefore\tafter\n")
	for _, name := range current.Names() {
		after := "the same"
		if old.Text(name) != current.Text(name) {
			after = abbreviate(name, current.Text(name))
		}
		text.Fprintf(w, "   %s\t%s\t%s\n", name, abbreviate(name, old.Text(name)), after)
	}
	return w.Flush()
}

func abbreviate(name, value string) string {
	switch name {
	case "access_token", "refresh_token", "signature":
		return value[:min(len(value), 6)] + "…" + value[max(len(value)-4, 0):]
	}
	return cut(value, 26)
}

func (d *demo) askAtOnce(ctx context.Context) error {
	path, old, err := d.saveToken("shared.json")
	if err != nil {
		return err
	}
	rejected := filepath.Join(d.dir, "rejected")
	if err := os.WriteFile(rejected, []byte(old.AccessToken()), 0o600); err != nil {
		return err
	}
	const callers = 20
	before := d.server.Stats()
	d.printf("\n2. The API rejects the token of %d processes. All ask for a new one at once\n", callers)
	tokens := make([]string, callers)
	errs := make([]error, callers)
	var running sync.WaitGroup
	for i := range callers {
		running.Go(func() {
			output, err := d.command(ctx, "token", path, "--rejected", rejected).Output()
			tokens[i], errs[i] = string(bytes.TrimSpace(output)), err
		})
	}
	running.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	working := 0
	for _, token := range tokens {
		if d.server.ValidAccess(token) {
			working++
		}
	}
	refreshes := d.server.Stats().Refreshes - before.Refreshes
	d.printf("   %d got a valid token; the server saw %d refresh\n", working, refreshes)
	return nil
}

func (d *demo) killCaller(ctx context.Context) error {
	path, old, err := d.saveToken("killed.json")
	if err != nil {
		return err
	}
	before := d.server.Stats().Refreshes
	d.printf("\n3. A caller is killed (kill -9) after the server has replaced the refresh token,\n" +
		"   before it replies\n")
	caller := d.command(ctx, "refresh", path)
	if err := caller.Start(); err != nil {
		return err
	}
	for d.server.Stats().Refreshes == before {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	if err := caller.Process.Kill(); err != nil {
		return err
	}
	_ = caller.Wait() // it was killed
	// The next caller waits for the child process that the killed one had started, and uses its result.
	ask := d.command(ctx, "token", path, "--rejected", "-")
	ask.Stdin = strings.NewReader(old.AccessToken())
	output, err := ask.Output()
	if err != nil {
		return err
	}
	saved, err := readToken(path)
	if err != nil {
		return err
	}
	isValid := d.server.ValidAccess(string(bytes.TrimSpace(output)))
	isCurrent := d.server.ValidRefresh(string(saved.RefreshToken()))
	d.printf("   the next caller's token is valid: %s\n   the saved refresh token is the server's current one: %s\n"+
		"   refreshes sent: %d\n\n", yes(isValid), yes(isCurrent), d.server.Stats().Refreshes-before)
	return nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "NO"
}
