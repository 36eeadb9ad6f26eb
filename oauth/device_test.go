package oauth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet/oauth"
)

func TestDeviceCode(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       oauth.DeviceCode
	}{
		{
			"as in RFC 8628 §3.2",
			`{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://op.example/device",` +
				`"verification_uri_complete":"https://op.example/device?c=WDJB-MJHT","expires_in":1800,"interval":10}`,
			oauth.DeviceCode{
				DeviceCode: "d", UserCode: "WDJB-MJHT", VerificationURI: "https://op.example/device",
				VerificationURIComplete: "https://op.example/device?c=WDJB-MJHT",
				ExpiresIn:               30 * time.Minute, Interval: 10 * time.Second,
			},
		},
		{
			"minimal, with Google's name",
			`{"device_code":"d","user_code":"c","verification_url":"https://www.google.example/device"}`,
			oauth.DeviceCode{
				DeviceCode: "d", UserCode: "c", VerificationURI: "https://www.google.example/device",
				Interval: 5 * time.Second,
			},
		},
		{
			"numbers as strings, and an invalid one",
			`{"device_code":"d","user_code":"c","verification_uri":"http://localhost/device",` +
				`"expires_in":"900","interval":-1}`,
			oauth.DeviceCode{
				DeviceCode: "d", UserCode: "c", VerificationURI: "http://localhost/device",
				ExpiresIn: 15 * time.Minute, Interval: 5 * time.Second,
			},
		},
		{
			"control characters are removed",
			`{"device_code":"d","user_code":"\u001b[2Jc","verification_uri":"https://op.example/device",` +
				`"interval":1e99}`,
			oauth.DeviceCode{
				DeviceCode: "d", UserCode: "[2Jc", VerificationURI: "https://op.example/device",
				Interval: 24 * time.Hour,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := oauth.Reply{Host: "op", Status: 200, Body: []byte(test.body)}.DeviceCode()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeviceCodeOverPlainHTTP(t *testing.T) {
	for address, ok := range map[string]bool{
		"http://op.svc:8080/device": true, "http://op.svc/device": false, "javascript://op.svc:8080/": false,
	} {
		body := fmt.Sprintf(`{"device_code":"d","user_code":"c","verification_uri":%q}`, address)
		_, err := oauth.Reply{Host: "op", Status: 200, Body: []byte(body)}.DeviceCode("op.svc:8080")
		if (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestDeviceCodeRefusesReply(t *testing.T) {
	for _, test := range []struct {
		status     int
		body, want string
	}{
		{400, `{"error":"unauthorized_client"}`, "op answered unauthorized_client"},
		{
			200, `{"user_code":"c","verification_uri":"https://op.example/"}`,
			"op answered, but the reply has no device code",
		},
		{
			200, `{"device_code":"d","verification_uri":"https://op.example/"}`,
			"op answered, but the reply has no user code",
		},
		{200, `{"device_code":"d","user_code":"c"}`, "op answered, but the reply has no verification address"},
		{
			200, `{"device_code":"d","user_code":"c","verification_uri":"file:///etc/passwd"}`,
			"op answered, but the verification address is not https",
		},
		{
			200, `{"device_code":"d","user_code":"c","verification_uri":"http://op.example/"}`,
			"op answered, but the verification address is not https",
		},
		{
			200,
			`{"device_code":"d","user_code":"c","verification_uri":"https://op.example/",` +
				`"verification_uri_complete":"javascript:alert(1)"}`,
			"op answered, but the verification address is not https",
		},
	} {
		_, err := oauth.Reply{Host: "op", Status: test.status, Body: []byte(test.body)}.DeviceCode()
		if err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
