package oauth

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
)

// DeviceCode is the answer of a device authorization endpoint (RFC 8628 §3.2). What a person sees holds no control characters,
// and the addresses are https ones, or http ones of a loopback host.
type DeviceCode struct {
	DeviceCode              Secret        // for [DeviceGrant]
	UserCode                string        // what the person types
	VerificationURI         string        // and where
	VerificationURIComplete string        // the same with the code filled in; "" when the server has none
	ExpiresIn               time.Duration // 0 when the server did not say
	Interval                time.Duration // between two questions; 5 seconds when the server did not say
}

// defaultInterval is that of RFC 8628 §3.2.
const defaultInterval = 5 * time.Second

// DeviceCode reads the reply of a device authorization endpoint. The error is an [*Error] or an [*UnusableError].
func (r Reply) DeviceCode() (DeviceCode, error) {
	object, err := r.Object()
	if err != nil {
		return DeviceCode{}, err
	}
	members, _ := jsonobject.Parse(string(object)) // which it is
	d := DeviceCode{
		DeviceCode:              Secret(members.Value("device_code").AsString()),
		UserCode:                printable(members.Value("user_code")),
		VerificationURI:         printable(members.Value("verification_uri")),
		VerificationURIComplete: printable(members.Value("verification_uri_complete")),
		ExpiresIn:               seconds(members.Value("expires_in")),
		Interval:                seconds(members.Value("interval")),
	}
	if d.VerificationURI == "" {
		d.VerificationURI = printable(members.Value("verification_url")) // Google's name for it, older than the RFC
	}
	if d.Interval == 0 {
		d.Interval = defaultInterval
	}
	if problem := d.problem(); problem != "" {
		return DeviceCode{}, &UnusableError{Host: r.Host, Problem: problem}
	}
	return d, nil
}

func (d DeviceCode) problem() string {
	switch {
	case d.DeviceCode == "":
		return "the reply holds no device code"
	case d.UserCode == "":
		return "the reply holds no code for the person to type"
	case d.VerificationURI == "":
		return "the reply does not say where the code is to be typed"
	case !fitForBrowser(d.VerificationURI), d.VerificationURIComplete != "" && !fitForBrowser(d.VerificationURIComplete):
		return "the address where the code is to be typed is not an https one"
	default:
		return ""
	}
}

// fitForBrowser refuses, among others, what a browser would run or read from the disk.
func fitForBrowser(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http" && IsLoopback(u.Hostname()))
}

// seconds reads a number of seconds, which some servers send as a string. It is 0 for anything else, and a day at most.
func seconds(v jsonobject.Value) time.Duration {
	n, err := strconv.ParseFloat(strings.Trim(string(v), `"`), 64)
	if err != nil || !(n > 0) {
		return 0
	}
	return time.Duration(min(n, 24*60*60) * float64(time.Second))
}
