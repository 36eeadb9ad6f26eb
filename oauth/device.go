package oauth

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/urls"
)

// DeviceCode is the reply of a device authorization endpoint (RFC 8628 §3.2). The user code and the
// addresses are printable. The addresses are https, or http on a loopback host or an allowed one.
type DeviceCode struct {
	redact.Sealed

	DeviceCode              Secret // for [DeviceGrant]
	UserCode                string // what the person types at VerificationURI
	VerificationURI         string
	VerificationURIComplete string        // with the user code in it; "" if the server sent none
	ExpiresIn               time.Duration // 0 if the server did not say
	Interval                time.Duration // between requests; 5 seconds if the server did not say
}

// DeviceCode parses the reply of a device authorization endpoint. The addresses may be http on
// insecureHosts, too ([Request.InsecureHosts]). The error is an [*Error] or an [*UnusableError].
func (r Reply) DeviceCode(insecureHosts ...string) (DeviceCode, error) {
	object, err := r.Object()
	if err != nil {
		return DeviceCode{}, err
	}
	members, _ := jsonobject.Parse(string(object)) // Object returns a valid object
	d := DeviceCode{
		DeviceCode:              Secret(members.Value("device_code").AsString()),
		UserCode:                printable(members.Value("user_code")),
		VerificationURI:         printable(members.Value("verification_uri")),
		VerificationURIComplete: printable(members.Value("verification_uri_complete")),
		ExpiresIn:               seconds(members.Value("expires_in")),
		Interval:                seconds(members.Value("interval")),
	}
	if d.VerificationURI == "" {
		d.VerificationURI = printable(members.Value("verification_url")) // Google's, older than the RFC
	}
	if d.Interval == 0 {
		d.Interval = 5 * time.Second // RFC 8628 §3.2
	}
	problem := ""
	switch {
	case d.DeviceCode == "":
		problem = "the reply has no device code"
	case d.UserCode == "":
		problem = "the reply has no user code"
	case d.VerificationURI == "":
		problem = "the reply has no verification address"
	case !isWebAddress(d.VerificationURI, insecureHosts),
		d.VerificationURIComplete != "" && !isWebAddress(d.VerificationURIComplete, insecureHosts):
		problem = "the verification address is not https"
	default:
		return d, nil
	}
	return DeviceCode{}, &UnusableError{Host: r.Host, Problem: problem}
}

// isWebAddress reports whether a browser may open the address. It refuses javascript: and file:,
// among others.
func isWebAddress(address string, insecureHosts []string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Hostname() != "" && urls.IsSecure(u, insecureHosts)
}

// seconds parses a number of seconds, which may be in a string. It returns at most a day, and 0 for
// any other value.
func seconds(v jsonobject.Value) time.Duration {
	n, err := strconv.ParseFloat(strings.Trim(string(v), `"`), 64)
	if err != nil || !(n > 0) {
		return 0
	}
	return time.Duration(min(n, 24*60*60) * float64(time.Second))
}
