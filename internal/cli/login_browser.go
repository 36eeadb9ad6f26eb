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
	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// byBrowser logs in with a browser, and waits for its redirect to this machine.
func (l *loginRun) byBrowser(ctx context.Context) (result freshet.Result, err error) {
	loopback, err := l.loopback()
	if err != nil {
		return result, err
	}
	listener, err := loopback.Listen(ctx)
	if err != nil {
		return result, err
	}
	defer listener.Close()
	redirectURI := listener.RedirectURI()
	if isRedirectName(l.flags.redirectURI) {
		redirectURI = l.flags.redirectURI
	}
	attempt, err := l.begin(redirectURI, listener.Port())
	if err != nil {
		return result, err
	}
	waiting, cancel := context.WithTimeoutCause(ctx, l.flags.timeout, errTimeout)
	defer cancel()
	l.redirectURI = attempt.RedirectURI
	l.open(waiting, attempt.URL, listener.Port())
	event := loginEvent{Event: "waiting", By: "browser", RedirectURI: attempt.RedirectURI, Port: listener.Port()}
	if !l.canOpenBrowser() {
		event.URL = attempt.URL // with the state and the nonce
	}
	l.printEvent(event, l.flags.timeout)
	l.printf("waiting for the browser (%s, %s; Ctrl-C to cancel)",
		listenerAddress(loopback, listener.Port()), text.FormatDuration(l.flags.timeout))
	err = listener.Wait(waiting, attempt, func(callback url.Values) (err error) {
		result, err = l.finish(ctx, attempt, callback)
		return err
	})
	return result, err
}

// listenPort stands for the port in --state, for a callback page that reads it there.
const listenPort = "{listenPort}"

// begin returns the authorization request. With --callback-url the port is appended to the state,
// unless the state has it, so that the callback page knows where to redirect.
func (l *loginRun) begin(redirectURI string, port int) (login.Attempt, error) {
	f := l.flags
	options := login.Options{
		State:       strings.ReplaceAll(f.state, listenPort, strconv.Itoa(port)),
		Nonce:       f.nonceLength > 0,
		NonceLength: f.nonceLength,
		Challenge:   f.pkce, ResponseType: f.responseType, ResponseMode: f.responseMode,
		Resources: f.resources, RedirectURI: redirectURI, RequireIssuer: l.registration.Login.RequireIssuer,
	}
	if f.callbackURL != "" && port != 0 && !strings.Contains(f.state, listenPort) {
		options.State = cmp.Or(options.State, rand.Text()) + "." + strconv.Itoa(port)
	}
	attempt, err := login.Begin(l.registration, options)
	if err == nil {
		l.traceAddress(attempt.URL)
	}
	return attempt, err
}

// finish exchanges the code in the redirect's parameters.
func (l *loginRun) finish(ctx context.Context, attempt login.Attempt, callback url.Values) (freshet.Result, error) {
	if l.trace != nil {
		l.traceRedirect(callback)
		client, err := l.client()
		if err != nil {
			return freshet.Result{}, err
		}
		defer client.CloseIdleConnections()
		attempt.HTTP = client
	}
	grant, err := attempt.Grant(ctx, l.registration, callback)
	if err != nil {
		return freshet.Result{}, err
	}
	l.printEvent(loginEvent{Event: "exchanging"}, 0)
	return l.exchange(ctx, grant)
}

// open opens the address in a browser, or prints it.
func (l *loginRun) open(ctx context.Context, address string, port int) {
	if !l.canOpenBrowser() {
		text.Fprintf(l.err, "to log in, open this address in a browser on this machine:\n\n  %s\n\n", address)
		if !l.flags.noBrowser && !login.HasDisplay() {
			l.printf("there is no display: to use a browser on another machine, pass --paste or forward the port: "+
				"ssh -L %d:127.0.0.1:%[1]d", port)
		}
		return
	}
	l.printf("opening the browser to log in at %s", text.Host(address))
	go func() {
		if err := login.OpenBrowser(ctx, address, os.Getenv("FRESHET_BROWSER")); err != nil && ctx.Err() == nil {
			explanation{
				Message: err.Error(), Remedy: "the login is still waiting: open this address in a browser: " + address,
			}.print(l.err, "warning: ")
		}
	}()
}

// loopback returns where to listen for the redirect, and the pages to show.
func (l *loginRun) loopback() (login.Loopback, error) {
	f := l.flags
	listen := login.Loopback{
		RedirectURI: f.redirectURI, CallbackURL: f.callbackURL, Refused: l.warnRefused,
		Received: func(request []byte) { l.keep(f.redirect, request) },
	}
	if f.redirectURI == "" || f.callbackURL != "" && isRedirectName(f.redirectURI) {
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
		return nil, &usageError{"cannot read the page: " + err.Error(), "check --allow-page and --deny-page"}
	}
	return html, nil
}

// redirectAddress returns the provider's usual redirect address, with the host and the port of the
// flags. last is the end of a range of ports, or 0.
func (l *loginRun) redirectAddress() (u *url.URL, last int, err error) {
	address := "http://127.0.0.1/callback"
	if l.flags.callbackURL == "" {
		if err := l.checkRedirect(); err != nil {
			return nil, 0, err
		}
		address = cmp.Or((&freshet.Connection{Registration: l.registration}).ProviderInfo().Login.RedirectURI, address)
	}
	if u, err = url.Parse(address); err != nil {
		return nil, 0, err
	}
	host, port := u.Hostname(), u.Port()
	if l.flags.listenHost != "" {
		host = l.flags.listenHost
		if !urls.IsLoopback(host) {
			return nil, 0, &usageError{"--listen-host " + host + " is not this machine", "pass localhost or 127.0.0.1"}
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
			return nil, 0, &usageError{
				"invalid --port " + l.flags.port,
				"give a port or a range, such as 8484 or 8484-8490",
			}
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
	u, err := url.Parse(c.ResolvedEndpoints().Authorization)
	p := c.ProviderInfo()
	if err != nil || p.Login.Redirect != provider.HTTPSRedirect || !endpoints.Owns(p, u.Hostname()) ||
		l.flags.port != "" || l.flags.listenHost != "" {
		return nil
	}
	return &freshet.SetupError{
		Name: l.name, Kind: oauth.Misconfigured,
		What: p.Title + " redirects only to https addresses, usually not to this machine",
		Remedy: "pass --callback-url with an https page of your own that redirects here, such as docs/callback.html, " +
			"or --redirect-uri with an address that is registered there",
	}
}

// listenerAddress returns the address of the listener, as a browser reaches it.
func listenerAddress(loopback login.Loopback, port int) string {
	u, err := url.Parse(loopback.RedirectURI)
	if err != nil {
		return ""
	}
	u.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(port))
	return u.String()
}

// warnRefused prints a warning for a redirect that does not belong to this login.
func (l *loginRun) warnRefused(err error) {
	explanation{
		Message: err.Error(), Remedy: "the login is still waiting: finish it in the browser window where it began",
	}.print(l.err, "warning: ")
}

// byPaste logs in with an address or a code that the user pastes.
func (l *loginRun) byPaste(ctx context.Context) (freshet.Result, error) {
	redirectURI := cmp.Or(l.flags.callbackURL, l.flags.redirectURI)
	if isRedirectName(l.flags.redirectURI) {
		redirectURI = l.flags.redirectURI
	}
	if redirectURI == "" {
		u, _, err := l.redirectAddress()
		if err != nil {
			return freshet.Result{}, err
		}
		redirectURI = u.String()
	}
	attempt, err := l.begin(redirectURI, 0)
	if err != nil {
		return freshet.Result{}, err
	}
	text.Fprintf(l.err, "to log in, open this address in a browser:\n\n  %s\n\n", attempt.URL)
	l.printEvent(loginEvent{
		Event: "waiting", By: "paste", URL: attempt.URL, RedirectURI: attempt.RedirectURI,
	}, l.flags.timeout)
	l.printf("then paste the address that the browser ends at, or the code that it shows (%s; Ctrl-C to cancel)",
		text.FormatDuration(l.flags.timeout))
	waiting, cancel := context.WithTimeoutCause(ctx, l.flags.timeout, errTimeout)
	defer cancel()
	for lines := l.lines(); ; {
		select {
		case line, ok := <-lines:
			if !ok {
				return freshet.Result{}, &freshet.SetupError{
					Kind: oauth.LoginRequired, What: "standard input ended before the code of this login was pasted",
					Remedy: "paste the whole address that the browser ends at, including the state",
				}
			}
			result, err := l.finish(ctx, attempt, parsePasted(line, attempt))
			if !errors.Is(err, login.ErrForeign) {
				return result, err
			}
			l.warnRefused(err)
		case <-waiting.Done():
			return freshet.Result{}, context.Cause(waiting)
		}
	}
}

// lines returns the lines of standard input that are not empty.
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

// parsePasted returns the parameters of the redirect in an address, a query or a bare code. A bare
// code has no state: it is taken for the code of this login.
func parsePasted(line string, attempt login.Attempt) url.Values {
	_, query, isQuery := strings.Cut(line, "?")
	switch {
	case isQuery:
	case strings.Contains(line, "://"):
		_, query, isQuery = strings.Cut(line, "#")
	case strings.HasPrefix(line, "code="), strings.HasPrefix(line, "error="),
		strings.Contains(line, "&code="), strings.Contains(line, "&error="):
		query, isQuery = line, true
	}
	if isQuery {
		query, _, _ = strings.Cut(query, "#")
		values, err := url.ParseQuery(query)
		if err != nil {
			return url.Values{}
		}
		return values
	}
	if code, err := url.PathUnescape(line); err == nil {
		line = code // copied from an address, where = is %3D
	}
	values := url.Values{"code": {line}, "state": {attempt.State}}
	if attempt.RequireIssuer {
		values.Set("iss", attempt.Issuer)
	}
	return values
}
