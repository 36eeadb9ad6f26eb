package login_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// device returns a server in fake time, and a refresher and a registration for it.
func device(config oauthtest.Config) (*oauthtest.Server, *freshet.Refresher, freshet.Registration) {
	server := oauthtest.NewHandler(config, "http://127.0.0.1:1")
	r := &freshet.Refresher{Store: new(freshet.MemoryStore), HTTP: &http.Client{Transport: server.Transport()}}
	reg := registered(server)
	if config.Provider == oauthtest.Salesforce {
		endpoints := oauth.Endpoints{Issuer: server.URL()}
		reg = freshet.Registration{Provider: "salesforce", Client: reg.Client, Endpoints: endpoints}
	}
	return server, r, reg
}

func TestDevice(t *testing.T) {
	for _, name := range []string{oauthtest.Generic, oauthtest.Salesforce} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, r, reg := device(oauthtest.Config{Provider: name})
				began := time.Now()
				result, err := login.Device(t.Context(), r, acme, reg, func(d login.DeviceAttempt) {
					if d.UserCode == "" || !strings.HasPrefix(d.VerificationURI, server.URL()) ||
						!d.Expires.Equal(began.Add(10*time.Minute)) {
						t.Errorf("%+v", d)
					}
					time.AfterFunc(12*time.Second, func() { server.ApproveDevice(d.UserCode) })
				})
				if err != nil || !server.ValidRefresh(string(result.Connection.Token.RefreshToken())) {
					t.Errorf("%+v, %v", result, err)
				}
				if took := time.Since(began); took != 15*time.Second {
					t.Errorf("took %s, want three intervals of 5s", took)
				}
			})
		})
	}
}

// Each slow_down lengthens all further intervals (RFC 8628 §3.5).
func TestDeviceSlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []string{"authorization_pending", "slow_down", "authorization_pending", "slow_down", ""}
		began := time.Now()
		var asked []time.Duration
		d := login.DeviceAttempt{DeviceCode: oauth.DeviceCode{Interval: 5 * time.Second}, Expires: began.Add(time.Hour)}
		_, err := d.Poll(t.Context(), func(context.Context, freshet.CodeExchange) (freshet.Result, error) {
			code := answers[len(asked)]
			asked = append(asked, time.Since(began)/time.Second)
			if code == "" {
				return freshet.Result{}, nil
			}
			return freshet.Result{}, &freshet.RefreshError{Failure: freshet.Failure{Kind: oauth.Temporary, Code: code}}
		})
		if want := []time.Duration{5, 10, 20, 30, 45}; err != nil || !slices.Equal(asked, want) {
			t.Errorf("asked at %d, want %d, %v", asked, want, err)
		}
	})
}

func TestDeviceEnds(t *testing.T) {
	for name, test := range map[string]struct {
		config oauthtest.Config
		want   string
	}{
		"denied": {oauthtest.Config{Consent: oauthtest.Deny}, "consent was denied"},
		"denied at Salesforce": {
			oauthtest.Config{Provider: oauthtest.Salesforce, Consent: oauthtest.Deny}, "consent was denied",
		},
		"not confirmed": {oauthtest.Config{}, "the code was not confirmed within 10m"},
		"not confirmed at Salesforce": {
			oauthtest.Config{Provider: oauthtest.Salesforce}, "the code was not confirmed within 10m",
		},
		"not confirmed in 90s": {
			oauthtest.Config{DeviceLife: 90 * time.Second}, "the code was not confirmed within 1m30s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, r, reg := device(test.config)
				_, err := login.Device(t.Context(), r, acme, reg, func(login.DeviceAttempt) {})
				if err == nil || !strings.Contains(err.Error(), test.want) ||
					!errors.Is(err, freshet.ErrLoginRequired) {
					t.Error(err)
				}
			})
		})
	}
}

// The server may end the code before the client expects it.
func TestDeviceCodeExpiredAtServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, r, reg := device(oauthtest.Config{DeviceLife: time.Minute})
		d, err := login.StartDevice(t.Context(), r.HTTP, reg)
		if err != nil {
			t.Fatal(err)
		}
		d.Expires = d.Expires.Add(time.Hour)
		_, err = d.Poll(t.Context(), func(ctx context.Context, g freshet.CodeExchange) (freshet.Result, error) {
			return r.Login(ctx, acme, g)
		})
		wantProblem(t, err, oauth.LoginRequired, "the code was not confirmed within 1m")
	})
}

// Poll goes on after a network error and after errors of the server.
func TestPollRetriesAfterFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, r, reg := device(oauthtest.Config{
			Consent: oauthtest.Allow, Faults: []oauthtest.Fault{{Name: "503", Count: 1}, {Name: "500", Count: 1}},
		})
		d, err := login.StartDevice(t.Context(), r.HTTP, reg)
		if err != nil {
			t.Fatal(err)
		}
		var asked []time.Duration
		began := time.Now()
		result, err := d.Poll(t.Context(), func(ctx context.Context, g freshet.CodeExchange) (freshet.Result, error) {
			asked = append(asked, time.Since(began))
			if len(asked) == 1 {
				away := &freshet.Refresher{Store: r.Store, HTTP: &http.Client{Transport: unreachable{}}}
				return away.Login(ctx, acme, g)
			}
			return r.Login(ctx, acme, g)
		})
		if err != nil || !server.ValidAccess(result.Connection.Token.AccessToken()) {
			t.Fatal(asked, err)
		}
		if asked[1]-asked[0] != 10*time.Second || asked[2]-asked[1] != 20*time.Second {
			t.Errorf("asked at %v", asked)
		}
	})
}

// If the last poll failed, that is the error: the person may have confirmed.
func TestPollEndsWithTheLastFailure(t *testing.T) {
	for _, test := range []struct {
		name   string
		codes  []string // of the polls; "500" is a server error
		failed bool
	}{
		{"all failed", []string{"500", "500"}, true},
		{"the last failed", []string{"authorization_pending", "500"}, true},
		{"an earlier one failed", []string{"500", "authorization_pending"}, false},
		{"no person confirmed", []string{"authorization_pending", "slow_down"}, false},
	} {
		for _, byContext := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				d := login.DeviceAttempt{Expires: time.Now().Add(time.Hour)}
				d.Interval, d.ExpiresIn = 5*time.Second, time.Hour
				ctx := t.Context()
				if byContext {
					timed, cancel := context.WithTimeout(ctx, 10*time.Minute)
					defer cancel()
					ctx = timed
				}
				polls := 0
				_, err := d.Poll(ctx, func(context.Context, freshet.CodeExchange) (freshet.Result, error) {
					code := test.codes[min(polls, len(test.codes)-1)]
					polls++
					f := freshet.Failure{Kind: oauth.Temporary, Code: code, Cause: "not yet"}
					if code == "500" {
						f = freshet.Failure{Kind: oauth.Unknown, Cause: "the server failed"}
					}
					return freshet.Result{}, &freshet.RefreshError{Name: acme, Failure: f}
				})
				failed, ok := errors.AsType[*freshet.RefreshError](err)
				if ok != test.failed || ok && failed.Kind != oauth.Unknown {
					t.Errorf("%s: %v", test.name, err)
				}
			})
		}
	}
}

type unreachable struct{}

func (unreachable) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("network is unreachable")
}

func TestDeviceEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, r, reg := device(oauthtest.Config{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := login.Device(ctx, r, acme, reg, func(login.DeviceAttempt) {})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// The client secret is read from its source, sent to the server, and not saved.
func TestDeviceOfConfidentialClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, r, reg := device(oauthtest.Config{RequireSecret: true, Consent: oauthtest.Allow})
		reg.SecretFrom = "env:ACME_SECRET"
		r.Secrets = func(context.Context, string) (oauth.Secret, error) {
			return oauth.Secret(server.ClientSecret()), nil
		}
		if _, err := login.Device(t.Context(), r, acme, reg, func(login.DeviceAttempt) {}); err != nil {
			t.Fatal(err)
		}
		if c, err := r.Store.Get(t.Context(), acme); err != nil || c.Client.Secret != "" ||
			c.SecretFrom != reg.SecretFrom {
			t.Error(c.Registration, err)
		}
	})
}

func TestStartDeviceRefuses(t *testing.T) {
	server, r, _ := device(oauthtest.Config{RequireSecret: true})
	for want, change := range map[string]func(*freshet.Registration){
		"no client id is known":                 func(reg *freshet.Registration) { reg.Client.ID = "" },
		"endpoint of the provider is not known": func(reg *freshet.Registration) { reg.Endpoints.Device = "" },
		"answered 404 Not Found": func(reg *freshet.Registration) {
			reg.Endpoints.Device = server.URL() + "/nothing"
		},
		"does not accept the client id": func(reg *freshet.Registration) { reg.Client.Secret = "wrong-secret" },
		"is not https": func(reg *freshet.Registration) {
			reg.Endpoints.Device = "http://op.example.com/device"
		},
	} {
		reg := registered(server)
		change(&reg)
		_, err := login.StartDevice(t.Context(), r.HTTP, reg)
		if p := problem(t, err); !strings.Contains(p.What, want) || p.Kind != oauth.Misconfigured ||
			strings.Contains(p.What, "wrong-secret") {
			t.Errorf("got %s: %s\nwant %s", p.Kind, p.What, want)
		}
	}
	_, err := login.StartDevice(t.Context(), &http.Client{Transport: unreachable{}}, registered(server))
	wantProblem(t, err, oauth.Temporary, "network is unreachable")
}
