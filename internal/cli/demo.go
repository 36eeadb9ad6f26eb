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
		Short: "Show in a few seconds what freshet does, without network or account",
		Long: `Start the local test server with refresh token rotation, save a token as the original sample program did, and refresh
it; let twenty processes ask for a token at once; kill one in the middle of a refresh. Nothing is left behind.`,
		Example: "  freshet demo",
		Args:    exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := os.MkdirTemp("", "freshet-demo-")
			if err != nil {
				return err
			}
			server, err := listen(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, Latency: 200 * time.Millisecond})
			if err != nil {
				return errors.Join(err, os.RemoveAll(dir))
			}
			defer server.Close()
			d := &demo{app: a, server: server, dir: dir}
			return errors.Join(d.run(withSignals(cmd.Context())), os.RemoveAll(dir), d.unsaid)
		},
	}
}

// demo runs freshet itself, as separate processes, against a test server in this one.
type demo struct {
	*app
	server *oauthtest.Server
	dir    string
	unsaid error // what could not be printed
}

func (d *demo) run(ctx context.Context) error {
	d.say("A test server that rotates refresh tokens runs at %s; nothing leaves this machine.\n", d.server.URL())
	for _, part := range []func(context.Context) error{d.refreshOnce, d.askAtOnce, d.killCaller} {
		if err := part(ctx); err != nil {
			return fmt.Errorf("the demonstration failed: %w", err)
		}
	}
	d.say("Refresh tokens presented twice: %d. Grants lost: %d.\n", d.server.Stats().Reuses, d.server.Stats().GrantsRevoked)
	d.say("Next, on a token of your own: freshet refresh YOUR-TOKEN.json --client-id ID --dry-run\n")
	return nil
}

// say prints, and keeps the first error for the end.
func (d *demo) say(format string, args ...any) {
	if _, err := text.Fprintf(d.out, format, args...); d.unsaid == nil {
		d.unsaid = err
	}
}

// write saves a new grant as the original program's document.
func (d *demo) write(name string) (path string, token freshet.Token, err error) {
	path = filepath.Join(d.dir, name)
	document := d.server.Document()
	if err := os.WriteFile(path, document, 0o600); err != nil {
		return "", token, err
	}
	token, err = freshet.ParseToken(document)
	return path, token, err
}

func (d *demo) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, detach.Executable(), args...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), "FRESHET_HOME="+filepath.Join(d.dir, "state"), "FRESHET_CLIENT_ID="+d.server.ClientID(), "FRESHET_CLIENT_SECRET=")
	return cmd
}

func (d *demo) refreshOnce(ctx context.Context) error {
	path, old, err := d.write("_salesforce.json")
	if err != nil {
		return err
	}
	d.say("\n1. One refresh\n   $ freshet refresh _salesforce.json --client-id %s\n", d.server.ClientID())
	output, err := d.command(ctx, "refresh", path).CombinedOutput()
	for line := range strings.Lines(strings.ReplaceAll(string(output), path, "_salesforce.json")) {
		d.say("   %s\n", line)
	}
	if err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	current, err := freshet.ParseToken(data)
	if err != nil {
		return err
	}
	return d.compare(old, current)
}

// compare shows the members side by side, secrets cut short.
func (d *demo) compare(old, current freshet.Token) error {
	w := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	text.Fprintf(w, "\n   member\tbefore\tafter\n")
	for _, name := range current.Names() {
		after := "the same"
		if old.Text(name) != current.Text(name) {
			after = glimpse(name, current.Text(name))
		}
		text.Fprintf(w, "   %s\t%s\t%s\n", name, glimpse(name, old.Text(name)), after)
	}
	return w.Flush()
}

func glimpse(name, value string) string {
	switch name {
	case "access_token", "refresh_token", "signature":
		return value[:min(len(value), 6)] + "…" + value[max(len(value)-4, 0):]
	}
	return value
}

const demoCallers = 20

func (d *demo) askAtOnce(ctx context.Context) error {
	path, old, err := d.write("shared.json")
	if err != nil {
		return err
	}
	rejected := filepath.Join(d.dir, "rejected")
	if err := os.WriteFile(rejected, []byte(old.AccessToken()), 0o600); err != nil {
		return err
	}
	before := d.server.Stats()
	d.say("\n2. %d processes are told by the API that their token is no longer valid, and ask for another at once\n", demoCallers)
	tokens := make([]string, demoCallers)
	errs := make([]error, demoCallers)
	var callers sync.WaitGroup
	for i := range demoCallers {
		callers.Go(func() {
			output, err := d.command(ctx, "token", path, "--rejected", rejected).Output()
			tokens[i], errs[i] = string(bytes.TrimSpace(output)), err
		})
	}
	callers.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	working := 0
	for _, token := range tokens {
		if d.server.ValidAccess(token) {
			working++
		}
	}
	d.say("   %d got a token that works; the server saw %d refresh\n", working, d.server.Stats().Refreshes-before.Refreshes)
	return nil
}

func (d *demo) killCaller(ctx context.Context) error {
	path, old, err := d.write("killed.json")
	if err != nil {
		return err
	}
	before := d.server.Stats().Refreshes
	d.say("\n3. The caller is killed (kill -9) when the server has replaced the refresh token and not yet answered\n")
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
	// The next caller waits for the process that the killed one had started, and finds its result.
	ask := d.command(ctx, "token", path, "--rejected", "-")
	ask.Stdin = strings.NewReader(old.AccessToken())
	output, err := ask.Output()
	if err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	saved, err := freshet.ParseToken(data)
	if err != nil {
		return err
	}
	d.say("   the next caller's token works: %s; the saved refresh token is the server's current one: %s; refreshes sent: %d\n\n",
		yes(d.server.ValidAccess(string(bytes.TrimSpace(output)))), yes(d.server.ValidRefresh(string(saved.RefreshToken()))),
		d.server.Stats().Refreshes-before)
	return nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "NO"
}
