package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// How far a clock may be off: less is the answer's own age, and more makes freshet take times of issue for errors.
const (
	smallSkew = 30 * time.Second
	maxSkew   = 5 * time.Minute
)

// checkClock compares this machine's clock with the host's, between the request and the answer.
func checkClock(got answer, host string) []Finding {
	const check = "clock"
	theirs, err := http.ParseTime(got.header.Get("Date"))
	if err != nil {
		return nil
	}
	if age, err := strconv.Atoi(got.header.Get("Age")); err == nil && age > 0 {
		theirs = theirs.Add(time.Duration(age) * time.Second)
	}
	ours := got.asked.Add(got.came.Sub(got.asked) / 2)
	skew := ours.Sub(theirs)
	direction := "behind"
	if skew > 0 {
		direction = "ahead of"
	}
	what := fmt.Sprintf("the clock of this machine (%s) is %s %s that of %s", moment(ours), span(skew), direction, host)
	switch {
	case skew.Abs() <= smallSkew+got.came.Sub(got.asked):
		return []Finding{ok(check, "the clock of this machine is that of %s, to half a minute", host)}
	case skew.Abs() <= maxSkew:
		return []Finding{note(check, Likely, what, "let the system keep its time by NTP")}
	default:
		return []Finding{problem(check, Likely, "", what+": when a token expires is told wrong", "set the clock, and let the system keep its time by NTP")}
	}
}

// lastDays is how long before its end a certificate is worth a warning, unless it never lives for long.
const lastDays = 14 * 24 * time.Hour

// checkCertificate looks how long the server's certificate is valid; there is none without TLS.
func checkCertificate(state *tls.ConnectionState, now time.Time) []Finding {
	if state == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	certificate := state.PeerCertificates[0]
	left, life := certificate.NotAfter.Sub(now), certificate.NotAfter.Sub(certificate.NotBefore)
	if left < min(lastDays, life/3) {
		return []Finding{warning(stageTLS, Certain, fmt.Sprintf("the server's certificate expires in %s, at %s", span(left), moment(certificate.NotAfter)),
			"tell whoever runs the server, unless it is renewed by itself")}
	}
	return []Finding{ok(stageTLS, "the server's certificate is trusted, and valid for another %s", span(left))}
}

// checkDiscovery compares the token endpoint with the one that the issuer publishes, if it publishes any; own says that the
// provider's data names that endpoint. Then metadata that RFC 8414 would not take prove nothing: those of Entra's tenants, but for
// the ones named by their id, are for another issuer.
func checkDiscovery(ctx context.Context, client *http.Client, issuer, endpoint string, own bool) []Finding {
	const check = "discovery"
	if issuer == "" {
		return nil
	}
	published, err := oauth.Discover(ctx, client, issuer)
	var unreached *oauth.SendError
	var none *oauth.Error
	var page *oauth.UnusableError
	switch {
	case errors.As(err, &unreached) && ctx.Err() == nil:
		return []Finding{warning(check, Certain, fmt.Sprintf("the issuer %s cannot be asked for its metadata: %v", bare(issuer), unreached), "")}
	case errors.As(err, &unreached), errors.As(err, &none), errors.As(err, &page):
		return nil // it publishes none
	case err != nil && own:
		return nil
	case err != nil:
		return []Finding{warning(check, Likely, err.Error(), "check the issuer's address")}
	case strings.TrimSuffix(published.Token, "/") != strings.TrimSuffix(endpoint, "/"):
		return []Finding{problem(check, Likely, oauth.Misconfigured,
			fmt.Sprintf("the issuer %s publishes the token endpoint %s, and %s is asked", bare(issuer), bare(published.Token), bare(endpoint)),
			"pass the published one in Endpoints.Token, or log in again so that it is looked up")}
	}
	return []Finding{ok(check, "the issuer's metadata name the same token endpoint")}
}
