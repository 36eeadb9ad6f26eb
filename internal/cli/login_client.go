package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/freshet-dev/freshet"
)

// grants returns the RenewBy for a value of --grant. A login by a person needs no entry: refresh tokens are
// the default.
func grants(flag string) (renewBy []freshet.GrantType, ok bool) {
	switch flag {
	case "authorization-code":
		return nil, true
	case "client-credentials":
		return []freshet.GrantType{freshet.GrantClientCredentials}, true
	}
	return nil, false
}

// checkGrant returns an error for an unknown --grant, and for flags that contradict it. RFC 6749 writes
// the names with an underscore.
func (f *loginFlags) checkGrant() error {
	if !f.flags.Changed("grant") {
		return nil
	}
	f.grant = strings.ReplaceAll(f.grant, "_", "-")
	renewBy, ok := grants(f.grant)
	switch {
	case !ok:
		return &usageError{
			fmt.Sprintf("--grant %q is unknown", f.grant), "give authorization-code or client-credentials",
		}
	case renewBy != nil && f.personFlag() != "":
		return &usageError{
			fmt.Sprintf("--%s is for a login by a person, and --grant %s needs none", f.personFlag(), f.grant),
			"give one of them",
		}
	}
	return nil
}

// isOwnClient reports whether the login is for a token of the client's own.
func (l *loginRun) isOwnClient() bool {
	grant, _ := (&freshet.Connection{Registration: l.registration}).Renewal() // without a secret it is an error later
	return grant == freshet.GrantClientCredentials
}

// byClientCredentials gets the first token with the client's own credentials.
func (l *loginRun) byClientCredentials(ctx context.Context) (freshet.Result, error) {
	if name := l.flags.personFlag(); name != "" { // the saved settings say how tokens are obtained
		return freshet.Result{}, &usageError{
			fmt.Sprintf("--%s is for a login by a person, and %s is renewed with the client's own credentials", name, l.name),
			"leave it out, or pass --grant authorization-code",
		}
	}
	if l.flags.flags.Changed("timeout") {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, l.flags.timeout, errTimeout)
		defer cancel()
	}
	return l.exchange(ctx, freshet.CodeExchange{Registration: l.registration})
}
