package login

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"syscall"

	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/oauth"
)

// Loopback configures a listener on this machine to which the provider redirects the browser (RFC
// 8252 §7.3). The zero value listens on any free port of 127.0.0.1.
type Loopback struct {
	// RedirectURI is an http address of 127.0.0.1, [::1] or localhost that is registered with the
	// provider. Without a port, or with port 0, any free port is used. Defaults to
	// "http://127.0.0.1/callback".
	RedirectURI string

	// LastPort is the end of a range of ports that begins with the port of RedirectURI. The first
	// free one is used. Defaults to no range.
	LastPort int

	// CallbackURL is your own https page that redirects the browser to this machine with the same
	// query, for providers that accept no loopback address. It becomes the redirect address. The
	// page must know the port: a fixed one, or one that the state contains. Defaults to none.
	CallbackURL string

	// AllowHTML and DenyHTML are your own pages for a login that succeeded or failed. They can have
	// styles and data: images, but no scripts and no external resources. Default to plain pages.
	AllowHTML, DenyHTML []byte

	// Received is called with the request that brought the answer, before the answer is checked further:
	// its first line, its header and its body. It holds secrets. Defaults to no call.
	Received func(request []byte)

	// Refused is called with the error of the first answer that belongs to another login. The
	// listener goes on. The call is from another goroutine. Defaults to no call.
	Refused func(error)
}

// Listener waits for the browser. Call its Wait or Close.
type Listener struct {
	options     Loopback
	listeners   []net.Listener // two for localhost, which a browser may resolve to IPv4 or IPv6
	path        string
	port        int
	redirectURI string
}

// Listen opens the port. The error is a [*freshet.SetupError].
func (l Loopback) Listen(ctx context.Context) (*Listener, error) {
	u, first, err := l.parse()
	if err != nil {
		return nil, err
	}
	last := max(first, l.LastPort)
	for port := first; port <= last; port++ {
		var listeners []net.Listener
		if listeners, err = listen(ctx, u.Hostname(), port); err == nil {
			return l.newListener(u, listeners), nil
		}
		if !isInUse(err) {
			what := fmt.Sprintf("cannot listen on port %d of %s: %v", port, u.Hostname(), err)
			return nil, misconfigured(what, "{set port}, or {set redirect_uri}, with another port")
		}
	}
	const remedy = "end that program, or {set port}, " +
		"or {set redirect_uri}, with another port that is registered with the provider"
	if last > first {
		what := fmt.Sprintf("the ports %d to %d are all in use by other programs", first, last)
		return nil, misconfigured(what, remedy)
	}
	return nil, misconfigured(fmt.Sprintf("port %d is in use by another program", first), remedy)
}

func (l Loopback) parse() (u *url.URL, port int, err error) {
	redirectURI := l.RedirectURI
	if redirectURI == "" {
		redirectURI = "http://127.0.0.1/callback"
	}
	u, err = url.Parse(redirectURI)
	switch {
	case err != nil || u.User != nil || u.Fragment != "" || u.RawQuery != "":
		return nil, 0, misconfigured("the redirect address is not like http://127.0.0.1:8484/callback", "check it")
	case u.Scheme != "http" || !urls.IsLoopback(u.Hostname()):
		return nil, 0, misconfigured("the redirect address is not on this machine: "+printable(redirectURI, 200),
			"use one like http://127.0.0.1:8484/callback; "+
				"{set callback_url}: an https page of your own that redirects here")
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port > maxPort {
			return nil, 0, misconfigured("there is no port "+text, oauth.Remedyf("use one up to %d", maxPort))
		}
	}
	switch {
	case l.LastPort != 0 && (l.LastPort < port || l.LastPort > maxPort || port == 0):
		return nil, 0, misconfigured(fmt.Sprintf("the ports %d to %d are not a range", port, l.LastPort),
			"write the lower port first, as in 8484-8490")
	case l.CallbackURL != "":
		page, err := url.Parse(l.CallbackURL)
		if err != nil || page.Scheme != "https" || page.Host == "" || page.Fragment != "" {
			return nil, 0, misconfigured("the callback page is not an https address",
				"pass one like https://www.example.com/callback")
		}
	}
	return u, port, nil
}

const maxPort = 65535

// newListener returns a Listener for u with the port of the listeners.
func (l Loopback) newListener(u *url.URL, listeners []net.Listener) *Listener {
	port := portOf(listeners[0])
	uri := *u
	uri.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(port))
	return &Listener{
		options: l, listeners: listeners, port: port,
		path:        cmp.Or(u.Path, "/"), // a browser requests "/" for an empty path
		redirectURI: cmp.Or(l.CallbackURL, uri.String()),
	}
}

// RedirectURI returns the redirect address to pass to [Begin].
func (l *Listener) RedirectURI() string { return l.redirectURI }

// Port returns the port that was opened.
func (l *Listener) Port() int { return l.port }

// Close closes the port without waiting for the browser. After Wait it has no effect.
func (l *Listener) Close() error {
	var all []error
	for _, n := range l.listeners {
		if err := n.Close(); !errors.Is(err, net.ErrClosed) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// listen opens a port of the host, or any free one if port is 0. For localhost it opens the port of
// both 127.0.0.1 and ::1: if another program had one of them, the browser might give it the code.
func listen(ctx context.Context, host string, port int) ([]net.Listener, error) {
	var config net.ListenConfig
	if host != "localhost" {
		n, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		return []net.Listener{n}, err
	}
	for attempts := 0; ; attempts++ {
		v4, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return nil, err
		}
		v6, err := config.Listen(ctx, "tcp", net.JoinHostPort("::1", strconv.Itoa(portOf(v4))))
		switch {
		case err == nil:
			return []net.Listener{v4, v6}, nil
		case !isInUse(err):
			return []net.Listener{v4}, nil // this machine has no IPv6
		}
		_ = v4.Close()
		if port != 0 || attempts == 10 {
			return nil, err
		}
	}
}

// isInUse reports whether another program has the port.
func isInUse(err error) bool {
	const windows = syscall.Errno(10048) // WSAEADDRINUSE
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windows)
}

func portOf(n net.Listener) int {
	_, text, _ := net.SplitHostPort(n.Addr().String())
	port, _ := strconv.Atoi(text)
	return port
}
