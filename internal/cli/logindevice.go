package cli

import (
	"context"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/login"
)

// byDevice shows a code, and waits until it is confirmed in a browser elsewhere.
func (l *loginRun) byDevice(ctx context.Context) (freshet.Answer, error) {
	client, err := l.client()
	if err != nil {
		return freshet.Answer{}, err
	}
	defer client.CloseIdleConnections()
	asked := l.registration
	asked.Client.Secret = l.secret
	device, err := login.StartDevice(ctx, client, asked)
	if err != nil {
		return freshet.Answer{}, err
	}
	device.Registration = l.registration
	text.Fprintf(l.err, "to log in, open %s on any device and enter the code\n\n  %s\n\n", device.VerificationURI, device.UserCode)
	if device.VerificationURIComplete != "" {
		l.say("or open %s, which has the code in it", device.VerificationURIComplete)
	}
	limit, waiting := device.ExpiresIn, ctx
	if l.flags.flags.Changed("timeout") && l.flags.timeout < limit {
		var cancel context.CancelFunc
		limit = l.flags.timeout
		waiting, cancel = context.WithTimeoutCause(ctx, limit, errTimeout)
		defer cancel()
	}
	l.say("waiting until it is confirmed (%s; Ctrl-C ends it)", spelled(limit))
	return device.Poll(waiting, func(_ context.Context, g freshet.Grant) (freshet.Answer, error) { return l.exchange(ctx, g) })
}
