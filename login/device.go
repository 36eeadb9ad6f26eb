package login

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

const (
	// deviceCodeLifetime is assumed if the provider states none. It is Salesforce's and usual
	// elsewhere.
	deviceCodeLifetime = 10 * time.Minute
	// slowDown is added to the interval at each slow_down (RFC 8628 §3.5).
	slowDown = 5 * time.Second
	// maxInterval bounds the doubling of the interval while the provider fails or cannot be
	// reached.
	maxInterval = time.Minute
)

// DeviceAttempt is a login that a person confirms on another device: at VerificationURI, with
// UserCode. Both are printable.
type DeviceAttempt struct {
	oauth.DeviceCode
	Expires      time.Time            // the end of the time for the confirmation
	Registration freshet.Registration // that the login was begun with
}

// Device logs in with a code that show shows to the person, and waits for the confirmation. It is
// [StartDevice] and [DeviceAttempt.Poll] with r's HTTP client, secrets and exchange.
func Device(
	ctx context.Context, r *freshet.Refresher, name string, reg freshet.Registration, show func(DeviceAttempt),
) (freshet.Result, error) {
	authenticated := reg // not saved: reg keeps the secret's source only
	if reg.Client.Secret == "" && reg.SecretFrom != "" && r.Secrets != nil {
		secret, err := r.Secrets(ctx, reg.SecretFrom)
		if err != nil {
			return freshet.Result{}, err
		}
		authenticated.Client.Secret = secret
	}
	if reg.Client.Key == nil && reg.Key.From != "" && r.Keys != nil {
		signer, err := r.Keys(ctx, reg.Key)
		if err != nil {
			return freshet.Result{}, err
		}
		authenticated.Client.Key = signer
	}
	d, err := StartDevice(ctx, r.HTTP, authenticated)
	if err != nil {
		return freshet.Result{}, err
	}
	show(d)
	return d.Poll(ctx, func(ctx context.Context, g freshet.CodeExchange) (freshet.Result, error) {
		return r.Login(ctx, name, g)
	})
}

// StartDevice requests a device code from the provider of reg (RFC 8628 §3.1). The client
// authenticates if reg has its secret. A nil client means one with reg's proxy and CA file. The
// error is a [*freshet.SetupError].
func StartDevice(ctx context.Context, client *http.Client, reg freshet.Registration) (DeviceAttempt, error) {
	reg, at := resolve(reg)
	request, err := deviceRequest(reg, at)
	if err != nil {
		return DeviceAttempt{}, err
	}
	if client == nil {
		if client, err = newClient(reg); err != nil {
			return DeviceAttempt{}, err
		}
		defer client.CloseIdleConnections()
	}
	ctx, cancel := context.WithTimeout(ctx, freshet.ExchangeTimeout)
	defer cancel()
	reply, err := request.Send(ctx, client)
	if err != nil {
		return DeviceAttempt{}, sendProblem(err)
	}
	code, err := reply.DeviceCode(reg.InsecureHosts...)
	if err != nil {
		return DeviceAttempt{}, deviceRefusal(reg, request.Client, err)
	}
	code.ExpiresIn = cmp.Or(code.ExpiresIn, deviceCodeLifetime)
	return DeviceAttempt{DeviceCode: code, Expires: time.Now().Add(code.ExpiresIn), Registration: reg}, nil
}

func deviceRequest(reg freshet.Registration, at oauth.Endpoints) (oauth.Request, error) {
	p := (&freshet.Connection{Registration: reg}).ProviderInfo()
	switch {
	case reg.Client.ID == "":
		return oauth.Request{}, misconfigured("no client id is known",
			oauth.Remedyf("{set client_id}; %s", p.ClientIDHint()))
	case reg.Client.Check() != nil:
		return oauth.Request{}, errClient(reg.Client)
	case at.Device == "":
		return oauth.Request{}, misconfigured("the device authorization endpoint of "+p.Title+" is not known",
			"{set device_url}; if it has no device flow, log in with a browser")
	}
	client := (&freshet.Connection{Registration: reg}).ResolvedClient()
	if client.Secret == "" && client.Key == nil {
		client.Auth = oauth.AuthNone
	}
	form := url.Values{}
	for name, value := range reg.Requests.Authorize.Params {
		form.Set(name, value)
	}
	scopes := reg.Scopes
	if len(scopes) == 0 {
		scopes = p.Login.Scopes
	}
	if len(scopes) > 0 {
		form.Set("scope", p.Login.Scope(scopes))
	}
	if p.Login.DeviceAtTokenEndpoint {
		form.Set("response_type", "device_code")
	}
	return oauth.Request{Endpoint: at.Device, Client: client, Form: form, InsecureHosts: reg.InsecureHosts}, nil
}

// sendProblem explains why the request got no reply.
func sendProblem(err error) error {
	p := &freshet.SetupError{
		Kind: oauth.Temporary, What: err.Error(), Err: err,
		Remedy: "check the network, the proxy (HTTPS_PROXY) and the address, then {login again}",
	}
	if _, tried := errors.AsType[*oauth.SendError](err); !tried {
		p.Kind, p.Remedy = oauth.Misconfigured, endpoints.HTTPSRemedy("{set device_url}: an https address", err)
	}
	return p
}

// deviceRefusal explains a reply to client without a device code.
func deviceRefusal(reg freshet.Registration, client oauth.Client, err error) error {
	refused, ok := errors.AsType[*oauth.Error](err)
	if !ok || refused.Code == "" {
		return &freshet.SetupError{
			Kind: oauth.Misconfigured, What: err.Error(), Err: err,
			Remedy: "check the address for device codes; if the provider has no device flow, log in with a browser",
		}
	}
	return refusal(reg, refused, client.Style())
}

// Poll calls login, usually [freshet.Refresher.Login], at the provider's interval until the person
// has confirmed or denied the login, and returns its result. It waits before the first call.
//
// It goes on after authorization_pending and slow_down (RFC 8628 §3.5), and with growing intervals
// while the provider fails or cannot be reached. Other errors of login end it, and so do the end of
// ctx, with its cause, and the expiry of the code, with a [*freshet.SetupError]. If the last call
// before that failed, its [*freshet.RefreshError] is returned: the person may have confirmed.
func (d DeviceAttempt) Poll(
	ctx context.Context, login func(context.Context, freshet.CodeExchange) (freshet.Result, error),
) (freshet.Result, error) {
	var lastFailure *freshet.RefreshError
	for interval := d.Interval; ; {
		timer := time.NewTimer(min(interval, time.Until(d.Expires)))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			if lastFailure != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return freshet.Result{}, unconfirmed(lastFailure)
			}
			return freshet.Result{}, context.Cause(ctx)
		}
		if !time.Now().Before(d.Expires) {
			if lastFailure != nil {
				return freshet.Result{}, unconfirmed(lastFailure)
			}
			return freshet.Result{}, d.expired()
		}
		result, err := login(ctx, d.grant())
		failed, ok := errors.AsType[*freshet.RefreshError](err)
		switch {
		case !ok:
			return result, err
		case failed.Code == "authorization_pending":
			lastFailure = nil
		case failed.Code == "slow_down":
			lastFailure = nil
			interval += slowDown
		case failed.Code == "expired_token":
			return result, d.expired()
		case failed.Kind == oauth.Temporary, failed.Kind == oauth.Unknown:
			lastFailure = failed
			interval = max(interval, min(2*interval, maxInterval), time.Until(failed.NextAttempt))
		default:
			return result, err
		}
	}
}

// unconfirmed returns the error of a login whose time ended while the provider failed.
func unconfirmed(failed *freshet.RefreshError) error {
	last := *failed
	last.Cause = "the time for the login ended while it could not be completed: " + failed.Cause
	last.Remedy = "{login again}"
	last.NextAttempt = time.Time{}
	return &last
}

func (d DeviceAttempt) grant() freshet.CodeExchange {
	form := oauth.DeviceGrant(d.DeviceCode.DeviceCode)
	if (&freshet.Connection{Registration: d.Registration}).ProviderInfo().Login.DeviceAtTokenEndpoint {
		form = url.Values{"grant_type": {"device"}, "code": {string(d.DeviceCode.DeviceCode)}}
	}
	return freshet.CodeExchange{Registration: d.Registration, Form: form}
}

func (d DeviceAttempt) expired() error {
	life := text.FormatDuration(d.ExpiresIn.Round(time.Second))
	return &freshet.SetupError{
		Kind: oauth.LoginRequired, What: "the code was not confirmed within " + life, Err: context.DeadlineExceeded,
		Remedy: "{login again} and confirm the code at once",
	}
}
