package login

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"syscall"

	"github.com/freshet-dev/freshet/oauth"
)

// Loopback says where on this machine to wait for the browser's return (RFC 8252 §7.3), and what the person then sees. The
// zero value waits at any free port of 127.0.0.1.
type Loopback struct {
	// RedirectURI is an http address of 127.0.0.1, [::1] or localhost, as it is registered with the provider. Without a
	// port, or with port 0, any free one is taken. Defaults to "http://127.0.0.1/callback".
	RedirectURI string

	// LastPort ends a range that begins with the port of RedirectURI: the first free one is taken. Defaults to no range.
	LastPort int

	// CallbackURL is an https page of your own that sends the browser on to this machine with the same query, for
	// providers that accept no loopback address. It is the redirect address then; the page tells the port from the state,
	// or it is a fixed one. Defaults to none.
	CallbackURL string

	// AllowHTML and DenyHTML are pages of your own, shown after a login that succeeded or did not. They can have styles and
	// data: images of their own, but no scripts, and nothing from elsewhere. Default to plain ones.
	AllowHTML, DenyHTML []byte

	// Refused is told of the first answer that does not belong to the login, and was refused, while the waiting goes on.
	// It is called from another goroutine. Defaults to nobody.
	Refused func(error)
}

// Listener waits for the browser's return. Its Wait or Close must be called.
type Listener struct {
	options     Loopback
	listeners   []net.Listener // two for localhost: a browser may take it for either address
	path        string
	port        int
	redirectURI string
}

// Listen takes the port. The error is a [*freshet.Problem].
func (l Loopback) Listen(ctx context.Context) (*Listener, error) {
	u, first, err := l.parse()
	if err != nil {
		return nil, err
	}
	last := max(first, l.LastPort)
	for port := first; port <= last; port++ {
		var listeners []net.Listener
		if listeners, err = listen(ctx, u.Hostname(), port); err == nil {
			return l.at(u, listeners), nil
		}
		if !busy(err) {
			return nil, misconfigured(fmt.Sprintf("cannot listen at %s: %v", portOf(u, port), err), "choose another port in RedirectURI")
		}
	}
	const remedy = "end that program, or choose another port in RedirectURI that is registered with the provider"
	if last > first {
		return nil, misconfigured(fmt.Sprintf("the ports %d to %d are all in use by other programs", first, last), remedy)
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
		return nil, 0, misconfigured("the redirect address is not one like http://127.0.0.1:8484/callback", "check it")
	case u.Scheme != "http" || !oauth.IsLoopback(u.Hostname()):
		return nil, 0, misconfigured("the redirect address is not on this machine: "+shown(redirectURI, 200),
			"take one like http://127.0.0.1:8484/callback; a page of your own elsewhere that leads here is a CallbackURL")
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port > maxPort {
			return nil, 0, misconfigured("there is no port "+text, fmt.Sprintf("take one up to %d", maxPort))
		}
	}
	switch {
	case l.LastPort != 0 && (l.LastPort < port || l.LastPort > maxPort || port == 0):
		return nil, 0, misconfigured(fmt.Sprintf("the ports %d to %d are no range", port, l.LastPort), "write the lower port first, as in 8484-8490")
	case l.CallbackURL != "":
		page, err := url.Parse(l.CallbackURL)
		if err != nil || page.Scheme != "https" || page.Host == "" || page.Fragment != "" {
			return nil, 0, misconfigured("the callback page is not an https address", "pass one like https://www.example.com/callback")
		}
	}
	return u, port, nil
}

const maxPort = 65535

// at is the listener once its port is known.
func (l Loopback) at(u *url.URL, listeners []net.Listener) *Listener {
	port := portIn(listeners[0])
	uri := *u
	uri.Host = portOf(u, port)
	listener := &Listener{options: l, listeners: listeners, port: port, path: u.Path, redirectURI: uri.String()}
	if listener.path == "" {
		listener.path = "/" // what a browser asks for then
	}
	if l.CallbackURL != "" {
		listener.redirectURI = l.CallbackURL
	}
	return listener
}

// RedirectURI returns what to pass to [Begin].
func (l *Listener) RedirectURI() string { return l.redirectURI }

// Port returns the port that was taken.
func (l *Listener) Port() int { return l.port }

// Close gives the port back without waiting. After Wait it does nothing.
func (l *Listener) Close() error {
	var all []error
	for _, n := range l.listeners {
		if err := n.Close(); !errors.Is(err, net.ErrClosed) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// listen takes a port at the host, or any free one if it is 0. For localhost it takes the port of both addresses: if another
// program had one of them, the browser might carry the code there.
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
		v6, err := config.Listen(ctx, "tcp", net.JoinHostPort("::1", strconv.Itoa(portIn(v4))))
		switch {
		case err == nil:
			return []net.Listener{v4, v6}, nil
		case !busy(err):
			return []net.Listener{v4}, nil // a machine without IPv6
		}
		_ = v4.Close()
		if port != 0 || attempts == 10 {
			return nil, err
		}
	}
}

// busy reports whether another program has the port.
func busy(err error) bool {
	const windows = syscall.Errno(10048) // WSAEADDRINUSE
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windows)
}

func portIn(n net.Listener) int {
	_, text, _ := net.SplitHostPort(n.Addr().String())
	port, _ := strconv.Atoi(text)
	return port
}

func portOf(u *url.URL, port int) string { return net.JoinHostPort(u.Hostname(), strconv.Itoa(port)) }
