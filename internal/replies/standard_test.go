package replies_test

import (
	"errors"
	"testing"

	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// withings answers in an envelope, as Feishu and TikTok Business do: {"status":0,"body":{…}}.
const withings = `{
	"name": "withings", "title": "Withings", "documentation": ["https://withings.example/"],
	"hosts": ["withings.example"], "endpoints": {"token_endpoint": "https://withings.example/token"},
	"refresh_token": {"rotation": "always"},
	"reply": {"members": {
		"access_token": "body.access_token", "refresh_token": "body.refresh_token", "expires_in": "body.expires_in",
		"error": "status", "error_description": "error"
	}},
	"errors": [{"code": "401", "kind": "login_required", "cause": "the grant has ended", "remedy": "log in again"}]
}`

// fitbit has its errors in a list.
const fitbit = `{
	"name": "fitbit", "title": "Fitbit", "documentation": ["https://fitbit.example/"],
	"hosts": ["fitbit.example"], "endpoints": {"token_endpoint": "https://fitbit.example/token"},
	"refresh_token": {"rotation": "always"},
	"reply": {"members": {"error": "errors.0.errorType", "error_description": "errors.message"}}
}`

func TestStandard(t *testing.T) {
	for name, test := range map[string]struct{ file, body, want string }{
		"an envelope": {
			withings, `{"status":0,"body":{"access_token":"a","refresh_token":"r","expires_in":3}}`,
			`{"status":0,"body":{"access_token":"a","refresh_token":"r","expires_in":3},` +
				`"access_token":"a","error":0,"expires_in":3,"refresh_token":"r"}`,
		},
		"a description in the place of the code": {
			withings, `{"status":503,"error":"Invalid Params"}`,
			`{"status":503,"error":503,"error_description":"Invalid Params"}`,
		},
		"a list": {
			fitbit, `{"errors":[{"errorType":"invalid_grant","message":"old"},{"errorType":"other"}],"success":false}`,
			`{"errors":[{"errorType":"invalid_grant","message":"old"},{"errorType":"other"}],"success":false,` +
				`"error":"invalid_grant","error_description":"old"}`,
		},
		"an empty list": {fitbit, `{"errors":[]}`, `{"errors":[]}`},
		"no list":       {fitbit, `{"errors":"x"}`, `{"errors":"x"}`},
	} {
		p, err := provider.Parse([]byte(test.file))
		if err != nil {
			t.Fatal(err)
		}
		once := replies.Standard(p, []byte(test.body))
		if string(once) != test.want {
			t.Errorf("%s: %s, want %s", name, once, test.want)
		}
		if twice := replies.Standard(p, once); string(twice) != test.want {
			t.Errorf("%s: the second time %s", name, twice)
		}
	}
}

// A number in the body of a reply with status 200 can be explained.
func TestNumericCode(t *testing.T) {
	p, err := provider.Parse([]byte(withings))
	if err != nil {
		t.Fatal(err)
	}
	body := replies.Standard(p, []byte(`{"status":401,"error":"unauthorized"}`))
	_, err = oauth.Reply{Host: "withings.example", Status: 200, Body: body}.Object()
	refused, ok := errors.AsType[*oauth.Error](err)
	if !ok || replies.Explain(p, refused, replies.Request{Secret: true}).Cause != "the grant has ended" {
		t.Errorf("%v", err)
	}
}
