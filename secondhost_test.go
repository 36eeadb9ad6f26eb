package freshet_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// refusing notes the host of every request, and refuses as Salesforce does.
type refusing struct {
	mu    sync.Mutex
	hosts []string
}

func (r *refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.hosts = append(r.hosts, req.URL.Host)
	r.mu.Unlock()
	return (&answering{status: 400, body: `{"error":"invalid_grant","error_description":"expired access/refresh token"}`}).RoundTrip(req)
}

// A token of a sandbox that was sent to production is refused: the host question is named, and no second host is asked, now or at
// the next attempt.
func TestASecondHostIsNeverTried(t *testing.T) {
	for asked, home := range map[string]string{
		"https://login.salesforce.com":    "test.salesforce.com or acme--dev.sandbox.my.salesforce.com",
		"https://other.my.salesforce.com": "test.salesforce.com or acme--dev.sandbox.my.salesforce.com",
	} {
		token, err := freshet.ParseToken([]byte(`{"access_token":"a!b","refresh_token":"5Aep861secret","instance_url":"https://acme--dev.sandbox.my.salesforce.com"}`))
		if err != nil {
			t.Fatal(err)
		}
		store, sent := new(freshet.MemoryStore), &refusing{}
		err = store.Create(t.Context(), freshet.Connection{Name: acme, Token: token, Registration: freshet.Registration{
			Provider: "salesforce", Client: oauth.Client{ID: "client"}, Endpoints: oauth.Endpoints{Issuer: asked},
		}})
		if err != nil {
			t.Fatal(err)
		}
		r := &freshet.Refresher{Store: store, HTTP: &http.Client{Transport: sent}}
		for range 2 {
			_, err = r.Ask(t.Context(), acme, freshet.Demand{Forced: true})
			failed := refreshError(t, err)
			host := strings.TrimPrefix(asked, "https://")
			if failed.Kind != oauth.LoginRequired || !strings.Contains(failed.Cause, host+" does not know it") || !strings.Contains(failed.Remedy, "refresh it at "+home) {
				t.Errorf("%s; %s", failed.Cause, failed.Remedy)
			}
		}
		if len(sent.hosts) != 1 || "https://"+sent.hosts[0] != asked {
			t.Errorf("asked %v, want %s once", sent.hosts, asked)
		}
	}
}
