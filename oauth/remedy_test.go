package oauth

import (
	"reflect"
	"strings"
	"testing"
)

func TestRemedyInGo(t *testing.T) {
	for _, test := range []struct {
		remedy Remedy
		want   string
	}{
		{"", ""},
		{"try again later", "try again later"},
		{"{login}", "log in"},
		{"wait, then {login again}; or {refresh}", "wait, then log in again; or call Keeper.Refresh"},
		{"{login again scope}, with openid", "set Scopes and log in again, with openid"},
		{"{set auth=body}", "set Client.Auth to body"},
		{"{set client_id auth=body}: the app ID", "set Client.ID, and Client.Auth to body: the app ID"},
		{"{set part.tenant}", `set Parts["tenant"]`},
		{"{lower min_ttl}", "lower Options.MinTTL"},
		{"{store acme}", `store it with secret.Store as "acme"`},
		{Remedyf("chmod 600 %s", "/tmp/{login}/t.json"), "chmod 600 /tmp/{login}/t.json"},
		{Remedyf("do %s or %s %d", Remedy("{login}"), "}{", 7), "do log in or }{ 7"},
		{`a response: {{ "access_token": … }}`, `a response: { "access_token": … }`},
		{`an old text: { "a": {"b": 1} } or {dance}`, `an old text: { "a": {"b": 1} } or {dance}`},
		{"{login", "{login"},
		{"}", "}"},
	} {
		if got := test.remedy.String(); got != test.want {
			t.Errorf("%q: %q, want %q", string(test.remedy), got, test.want)
		}
	}
}

func TestActionsOfRemedy(t *testing.T) {
	got := Remedy("copy it and {set client_secret auth=basic}, or {login again} at {{login}}").Actions()
	want := []Action{{"set", []string{"client_secret", "auth=basic"}}, {"login again", []string{}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestUnknownActionsAreFound(t *testing.T) {
	for remedy, says := range map[Remedy]string{
		"{dance}":         "unknown action in a remedy: {dance}",
		"{refresh x}":     "unknown action in a remedy: {refresh x}",
		"{set}":           "names no setting",
		"{set Client.ID}": "unknown setting in a remedy: Client.ID",
		"{login again x}": "unknown setting in a remedy: x",
		"wait, {login":    "has no end",
	} {
		if err := remedy.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", string(remedy), err)
		}
	}
	for _, remedy := range []Remedy{"", "{login} or {set part.tenant=x}", "{{dance}} {refresh}", Remedyf("%s", "}{x")} {
		if err := remedy.Check(); err != nil {
			t.Errorf("%q: %v", string(remedy), err)
		}
	}
}
