package login

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

const (
	// deviceLife is how long a device code is taken to live when the provider does not say: Salesforce's do, and most.
	deviceLife = 10 * time.Minute
	// slowDown is added to the interval at each slow_down (RFC 8628 §3.5).
	slowDown = 5 * time.Second
	// maxInterval bounds the doubling of the interval while the provider cannot be reached.
	maxInterval = time.Minute
)

// DeviceAttempt is a login that a person confirms on another device: at VerificationURI, with UserCode. Both are fit to be
// shown.
type DeviceAttempt struct {
	oauth.DeviceCode
	Expires      time.Time            // when the code can no longer be confirmed
	Registration freshet.Registration // that it was begun with
}

// Device logs in with a code that show shows to the person, and waits until it is confirmed: [StartDevice] and
// [DeviceAttempt.Poll] with r's own client, secrets and exchange.
func Device(
	ctx context.Context, r *freshet.Refresher, name string, reg freshet.Registration, show func(DeviceAttempt),
) (freshet.Answer, error) {
	asked := reg
	if reg.Client.Secret == "" && reg.SecretFrom != "" && r.Secrets != nil {
		secret, err := r.Secrets(ctx, reg.SecretFrom)
		if err != nil {
			return freshet.Answer{}, err
		}
		asked.Client.Secret = secret
	}
	d, err := StartDevice(ctx, r.HTTP, asked)
	if err != nil {
		return freshet.Answer{}, err
	}
	show(d)
	return d.Poll(ctx, func(ctx context.Context, g freshet.Grant) (freshet.Answer, error) { return r.Login(ctx, name, g) })
}

// StartDevice asks the provider of reg for a code (RFC 8628 §3.1; for Salesforce, in its own way). The client authenticates if
// its secret is in reg. A nil client means one for reg's proxy and CA file. The error is a [*freshet.Problem].
func StartDevice(ctx context.Context, client *http.Client, reg freshet.Registration) (DeviceAttempt, error) {
	reg, endpoints := addressed(reg)
	request, err := deviceRequest(reg, endpoints)
	if err != nil {
		return DeviceAttempt{}, err
	}
	if client == nil {
		if client, err = newClient(reg); err != nil {
			return DeviceAttempt{}, err
		}
		defer client.CloseIdleConnections()
	}
	limited, cancel := context.WithTimeout(ctx, freshet.ExchangeTimeout)
	defer cancel()
	reply, err := request.Send(limited, client)
	if err != nil {
		return DeviceAttempt{}, unsent(err)
	}
	code, err := reply.DeviceCode()
	if err != nil {
		return DeviceAttempt{}, noDeviceCode(reg, err)
	}
	if code.ExpiresIn == 0 {
		code.ExpiresIn = deviceLife
	}
	return DeviceAttempt{DeviceCode: code, Expires: time.Now().Add(code.ExpiresIn), Registration: reg}, nil
}

func deviceRequest(reg freshet.Registration, endpoints oauth.Endpoints) (oauth.Request, error) {
	vendor := freshet.Connection{Registration: reg}.Vendor()
	switch {
	case reg.Client.ID == "":
		return oauth.Request{}, misconfigured("no client id is known", "set Client.ID; "+vendor.ClientIDHint())
	case endpoints.Device == "":
		return oauth.Request{}, misconfigured("it is not known where "+vendor.Title+" gives out codes for other devices",
			"name the endpoint in Endpoints.Device; if it has no device flow, log in with a browser")
	}
	client := reg.Client
	if client.Secret == "" {
		client.Auth = oauth.AuthNone
	}
	form := url.Values{}
	for name, value := range reg.Requests.Authorize.Params {
		form.Set(name, value)
	}
	scopes := reg.Scopes
	if len(scopes) == 0 {
		scopes = vendor.Login.Scopes
	}
	if len(scopes) > 0 {
		form.Set("scope", vendor.Login.Scope(scopes))
	}
	if vendor.Login.DeviceAtTokenEndpoint {
		form.Set("response_type", "device_code")
	}
	return oauth.Request{Endpoint: endpoints.Device, Client: client, Form: form}, nil
}

func unsent(err error) error {
	p := &freshet.Problem{
		Kind: oauth.Temporary, What: err.Error(), Err: err,
		Remedy: "check the network, the proxy (HTTPS_PROXY) and the address, then log in again",
	}
	if _, tried := errors.AsType[*oauth.SendError](err); !tried {
		p.Kind, p.Remedy = oauth.Misconfigured, "pass an https address in Endpoints.Device"
	}
	return p
}

func noDeviceCode(reg freshet.Registration, err error) error {
	refused, ok := errors.AsType[*oauth.Error](err)
	if !ok || refused.Code == "" {
		return &freshet.Problem{
			Kind: oauth.Misconfigured, What: err.Error(), Err: err,
			Remedy: "check the address for device codes; if the provider has no device flow, log in with a browser",
		}
	}
	return refusal(reg, refused)
}

// Poll asks the provider, at the pace that it wants, whether the person has confirmed the code, and returns what login
// returns in the end: usually that is [freshet.Refresher.Login]. It waits before it asks for the first time.
//
// Not confirmed yet, too fast (RFC 8628 §3.5), and a provider that cannot be reached or fails are no end; the pauses grow.
// Errors are login's, ctx's when that ends, or a [*freshet.Problem] when the code has expired.
func (d DeviceAttempt) Poll(
	ctx context.Context, login func(context.Context, freshet.Grant) (freshet.Answer, error),
) (freshet.Answer, error) {
	for interval := d.Interval; ; {
		if err := pause(ctx, min(interval, time.Until(d.Expires))); err != nil {
			return freshet.Answer{}, err
		}
		if !time.Now().Before(d.Expires) {
			return freshet.Answer{}, d.expired()
		}
		answer, err := login(ctx, d.grant())
		failed, ok := errors.AsType[*freshet.RefreshError](err)
		switch {
		case !ok:
			return answer, err
		case failed.Code == "authorization_pending":
		case failed.Code == "slow_down":
			interval += slowDown
		case failed.Code == "expired_token":
			return answer, d.expired()
		case failed.Kind == oauth.Temporary, failed.Kind == oauth.Unknown:
			interval = max(interval, min(2*interval, maxInterval))
		default:
			return answer, err
		}
	}
}

func (d DeviceAttempt) grant() freshet.Grant {
	vendor := freshet.Connection{Registration: d.Registration}.Vendor()
	form := oauth.DeviceGrant(d.DeviceCode.DeviceCode)
	if vendor.Login.DeviceAtTokenEndpoint {
		form = url.Values{"grant_type": {"device"}, "code": {string(d.DeviceCode.DeviceCode)}}
	}
	return freshet.Grant{Registration: d.Registration, Form: form}
}

func (d DeviceAttempt) expired() error {
	life := d.ExpiresIn.Round(time.Second).String()
	if strings.HasSuffix(life, "m0s") {
		life = strings.TrimSuffix(life, "0s")
	}
	return &freshet.Problem{
		Kind: oauth.LoginRequired, What: "the code was not confirmed within " + life, Remedy: "log in again and confirm the code at once",
	}
}

// pause waits, or ends with ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
