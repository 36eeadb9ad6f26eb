package oauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauth"
)

func TestSecretDoesNotPrint(t *testing.T) {
	s := oauth.Secret("hunter2")
	holder := struct{ S oauth.Secret }{s}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("a secret", "secret", s)
	for _, printed := range []string{
		fmt.Sprint(s), fmt.Sprintf("%s %v %q %x %d %#v %+v", s, s, s, s, s, s, s),
		fmt.Sprintf("%+v %#v", holder, holder), log.String(),
	} {
		if strings.Contains(printed, "hunter") || strings.Contains(printed, fmt.Sprintf("%x", "hunter")) {
			t.Errorf("printed %q", printed)
		}
	}
	if _, err := json.Marshal(holder); !errors.Is(err, oauth.ErrSecretMarshal) {
		t.Errorf("Marshal: %v", err)
	}
	if oauth.Secret("").String() != "" {
		t.Error("an empty secret prints as [secret]")
	}
}

func TestReplyDoesNotPrint(t *testing.T) {
	r := oauth.Reply{Host: "op", Status: 200, Body: []byte(`{"access_token":"hunter2"}`)}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("a reply", "reply", r)
	printed := fmt.Sprintf("%v %+v %#v %s %d %x %v", r, r, r, r, r, r, &r) + log.String()
	for _, secret := range []string{"hunter", fmt.Sprintf("%x", "hunter"), "104 117 110"} {
		if strings.Contains(printed, secret) {
			t.Errorf("printed %q", printed)
		}
	}
}

func TestRequestDoesNotPrint(t *testing.T) {
	r := oauth.Request{
		Endpoint: "https://op.example/token?key=hunter2",
		Client:   oauth.Client{ID: "id", Secret: "hunter2"},
		Form:     oauth.RefreshGrant("hunter2"),
		Header:   http.Header{"X-Api-Key": {"hunter2"}},
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("a request", "request", r)
	printed := fmt.Sprintf("%v %+v %#v %s %d %x %v", r, r, r, r, r, r, &r) + log.String()
	for _, secret := range []string{"hunter", fmt.Sprintf("%x", "hunter"), "104 117 110"} {
		if strings.Contains(printed, secret) {
			t.Errorf("printed %q", printed)
		}
	}
}

// A client is saved without its secret.
func TestClientJSON(t *testing.T) {
	c := oauth.Client{ID: "id", Auth: oauth.AuthBasic}
	saved, err := json.Marshal(c)
	if err != nil || string(saved) != `{"id":"id","auth":"basic"}` {
		t.Errorf("%s, %v", saved, err)
	}
	c.Secret = "hunter2"
	if saved, err := json.Marshal(c); !errors.Is(err, oauth.ErrSecretMarshal) {
		t.Errorf("%s, %v", saved, err)
	}
}
