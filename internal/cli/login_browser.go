package cli

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// byBrowser waits for a browser to come back to this machine.
func (l *loginRun) byBrowser(ctx context.Context) (answer freshet.Answer, err error) {
	loopback, err := l.loopback()
	if err != nil {
		return answer, err
	}
	listener, err := loopback.Listen(ctx)
	if err != nil {
		return answer, err
	}
	defer listener.Close()
	attempt, err := l.begin(listener.RedirectURI(), listener.Port())
	if err != nil {
		return answer, err
	}
	waiting, cancel := context.WithTimeoutCause(ctx, l.flags.timeout, errTimeout)
	defer cancel()
	l.open(waiting, attempt.URL, listener.Port())
	l.say("waiting for the browser (%s, %s; Ctrl-C ends it)", listenerAddress(loopback, listener.Port()), spelled(l.flags.timeout))
	err = listener.Wait(waiting, attempt, func(callback url.Values) (err error) {
		answer, err = l.finish(ctx, attempt, callback)
		return err
	})
	return answer, named(l.name, err)
}

// begin makes the request for consent. Behind the state of a login that comes back through a page of one's own stands the
// port, for that page to read.
func (l *loginRun) begin(redirectURI string, port int) (login.Attempt, error) {
	options := l.flags.options()
	options.RedirectURI, options.RequireIssuer = redirectURI, l.registration.Login.RequireIssuer
	if l.flags.callbackURL != "" && port != 0 {
		options.State = cmp.Or(options.State, rand.Text()) + "." + strconv.Itoa(port)
	}
	return login.Begin(l.registration, options)
}

func (l *loginRun) finish(ctx context.Context, attempt login.Attempt, callback url.Values) (freshet.Answer, error) {
	grant, err := attempt.Grant(ctx, l.registration, callback)
	if err != nil {
		return freshet.Answer{}, err
	}
	return l.exchange(ctx, grant)
}

// open opens the browser, or says what to open.
func (l *loginRun) open(ctx context.Context, address string, port int) {
	if !l.canOpen() {
		text.Fprintf(l.err, "to log in, open this address in a browser on this machine:\n\n  %s\n\n", address)
		if !l.flags.noBrowser && !login.HasDisplay() {
			l.say("there is no display here: for a browser elsewhere pass --paste, or let it come back through ssh -L %d:127.0.0.1:%[1]d", port)
		}
		return
	}
	l.say("opening the browser to log in at %s", hostOf(address))
	go func() {
		if err := login.OpenBrowser(ctx, address, os.Getenv("FRESHET_BROWSER")); err != nil && ctx.Err() == nil {
			explanation{Message: err.Error(), Remedy: "open this address yourself: " + address}.print(l.err, "warning: ")
		}
	}()
}

// loopback says where to listen.
func (l *loginRun) loopback() (login.Loopback, error) {
	f := l.flags
	listen := login.Loopback{RedirectURI: f.redirectURI, CallbackURL: f.callbackURL, Refused: l.tellRefused}
	if f.redirectURI == "" {
		u, last, err := l.redirectAddress()
		if err != nil {
			return listen, err
		}
		listen.RedirectURI, listen.LastPort = u.String(), last
	}
	var errAllow, errDeny error
	listen.AllowHTML, errAllow = readPage(f.allowPage)
	listen.DenyHTML, errDeny = readPage(f.denyPage)
	return listen, cmp.Or(errAllow, errDeny)
}

func readPage(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	html, err := os.ReadFile(path)
	if err != nil {
		return nil, &usageError{"the page cannot be read: " + err.Error(), "check --allow-page and --deny-page"}
	}
	return html, nil
}

// redirectAddress is the vendor's usual one, with the host and the port that the flags say.
func (l *loginRun) redirectAddress() (u *url.URL, last int, err error) {
	address := "http://127.0.0.1/callback"
	if l.flags.callbackURL == "" {
		if err := l.checkRedirect(); err != nil {
			return nil, 0, err
		}
		address = cmp.Or(freshet.Connection{Registration: l.registration}.Vendor().Login.RedirectURI, address)
	}
	if u, err = url.Parse(address); err != nil {
		return nil, 0, err
	}
	host, port := u.Hostname(), u.Port()
	if l.flags.listenHost != "" {
		host = l.flags.listenHost
		if !oauth.IsLoopback(host) {
			return nil, 0, &usageError{"--listen-host " + host + " is not this machine", "it is localhost or 127.0.0.1"}
		}
	}
	if l.flags.port != "" {
		first, end, isRange := strings.Cut(l.flags.port, "-")
		port = first
		_, err := strconv.ParseUint(first, 10, 16)
		if isRange && err == nil {
			last, err = strconv.Atoi(end)
		}
		if err != nil {
			return nil, 0, &usageError{"--port " + l.flags.port + " is neither a port nor a range", "write 8484 or 8484-8490"}
		}
	}
	u.Host = host
	if port != "" || strings.Contains(host, ":") {
		u.Host = net.JoinHostPort(host, cmp.Or(port, "0"))
	}
	return u, last, nil
}

// checkRedirect returns an error if the provider accepts only https redirect addresses, none on
// this machine. It returns nil if the user chose a port or a host to listen on, which may be
// registered, or if the authorization endpoint is on another host, such as a test server's.
func (l *loginRun) checkRedirect() error {
	c := freshet.Connection{Registration: l.registration}
	u, err := url.Parse(c.Addresses().Authorization)
	vendor := c.Vendor()
	if err != nil || vendor.Login.Redirect != provider.HTTPSRedirect || !vendor.Owns(u.Hostname()) || l.flags.port != "" || l.flags.listenHost != "" {
		return nil
	}
	return &freshet.Problem{
		Name: l.name, Kind: oauth.Misconfigured, What: vendor.Title + " redirects to https addresses, and usually to none on this machine",
		Remedy: "pass --callback-url with an https page of your own that leads here (docs/callback.html is one), or --redirect-uri with an address that is registered there",
	}
}

// listenerAddress is where the browser comes back to in the end.
func listenerAddress(loopback login.Loopback, port int) string {
	u, err := url.Parse(loopback.RedirectURI)
	if err != nil {
		return ""
	}
	u.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(port))
	return u.String()
}

func (l *loginRun) tellRefused(err error) {
	explanation{Message: err.Error(), Remedy: "this login still waits: finish it in the window where it began"}.print(l.err, "warning: ")
}

// byPaste reads the answer that a person copied.
func (l *loginRun) byPaste(ctx context.Context) (freshet.Answer, error) {
	redirectURI := cmp.Or(l.flags.callbackURL, l.flags.redirectURI)
	if redirectURI == "" {
		u, _, err := l.redirectAddress()
		if err != nil {
			return freshet.Answer{}, err
		}
		redirectURI = u.String()
	}
	attempt, err := l.begin(redirectURI, 0)
	if err != nil {
		return freshet.Answer{}, err
	}
	text.Fprintf(l.err, "to log in, open this address in a browser:\n\n  %s\n\n", attempt.URL)
	l.say("then paste the address that the browser ends at, or the code that it shows (%s; Ctrl-C ends it)", spelled(l.flags.timeout))
	waiting, cancel := context.WithTimeoutCause(ctx, l.flags.timeout, errTimeout)
	defer cancel()
	for lines := l.lines(); ; {
		select {
		case line, ok := <-lines:
			if !ok {
				return freshet.Answer{}, &freshet.Problem{
					Kind: oauth.LoginRequired, What: "standard input ended, and nothing was pasted that answers this login",
					Remedy: "paste the whole address that the browser ends at, with its state",
				}
			}
			answer, err := l.finish(ctx, attempt, pasted(line, attempt))
			if !errors.Is(err, login.ErrForeign) {
				return answer, err
			}
			l.tellRefused(err)
		case <-waiting.Done():
			return freshet.Answer{}, context.Cause(waiting)
		}
	}
}

// lines are those of standard input that are not empty.
func (l *loginRun) lines() <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(io.LimitReader(l.in, freshet.MaxDocument))
		scanner.Buffer(nil, freshet.MaxDocument)
		for scanner.Scan() {
			if line := strings.TrimSpace(scanner.Text()); line != "" {
				lines <- line
			}
		}
	}()
	return lines
}

// pasted reads an address with the answer in it, or a bare code, which can only be an answer to the address shown before.
func pasted(line string, attempt login.Attempt) url.Values {
	_, query, isAddress := strings.Cut(line, "?")
	switch {
	case isAddress:
	case strings.Contains(line, "://"):
		_, query, isAddress = strings.Cut(line, "#")
	case strings.HasPrefix(line, "code="), strings.HasPrefix(line, "error="), strings.Contains(line, "&code="), strings.Contains(line, "&error="):
		query, isAddress = line, true
	}
	if isAddress {
		query, _, _ = strings.Cut(query, "#")
		values, err := url.ParseQuery(query)
		if err != nil {
			return url.Values{}
		}
		return values
	}
	if code, err := url.PathUnescape(line); err == nil {
		line = code // out of an address, where = is %3D
	}
	values := url.Values{"code": {line}, "state": {attempt.State}}
	if attempt.RequireIssuer {
		values.Set("iss", attempt.Issuer)
	}
	return values
}
