package provider_test

import (
	"testing"

	"github.com/freshet-dev/freshet/provider"
)

func member(members map[string]string) func(string) string {
	return func(name string) string { return members[name] }
}

func TestRecognize(t *testing.T) {
	for _, test := range []struct {
		id, endpoint, want string
	}{
		{"https://login.salesforce.com/id/O/U", "", "salesforce"},
		{"http://127.0.0.1:1/id/O/U", "", "salesforce"},
		{"", "https://acme.my.salesforce.com/services/oauth2/token", "salesforce"},
		{"", "https://oauth2.googleapis.com/token", "google"},
		{"", "https://op.example/token", "generic"},
		{"", "https://notgoogleapis.com/token", "generic"},
		{"42", "", "generic"},
	} {
		if got := provider.Recognize(member(map[string]string{"id": test.id}), test.endpoint); got.Name != test.want {
			t.Errorf("%+v: %s", test, got.Name)
		}
	}
}
