package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// variant is a token for one user, resource and scope, of the same client at the same server.
type variant struct{ subject, resource, scope string }

func (v variant) String() string { return v.subject + "." + v.resource + "." + v.scope }

func (v variant) registration() freshet.Registration {
	r := freshet.Registration{
		Client:    oauth.Client{ID: "app"},
		Endpoints: oauth.Endpoints{Token: "https://op.example/token"},
		API:       freshet.API{Base: "https://api.example/"},
	}
	r.Login.Resources = []string{"https://api.example/" + v.resource}
	r.Requests.Refresh.Params = map[string]string{"scope": v.scope}
	return r
}

func variants() []variant {
	var all []variant
	for _, subject := range strings.Fields("ann ben cat dan eve") {
		for _, resource := range strings.Fields("crm mail files calendar") {
			for _, scope := range strings.Fields("read write admin read+write none") {
				all = append(all, variant{subject, resource, scope})
			}
		}
	}
	return all
}

// strictServer is a token endpoint whose tokens name the variant that they are for. It issues one
// only for a refresh token of that variant that was never sent before.
type strictServer struct {
	*testing.T
	mu     sync.Mutex
	issued int
	grants map[string]variant // by refresh token
}

// login begins a grant.
func (s *strictServer) login(v variant) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reply(v)
}

func (s *strictServer) reply(v variant) string {
	s.issued++
	refresh := fmt.Sprintf("refresh-%d", s.issued)
	s.grants[refresh] = v
	return fmt.Sprintf(`{"access_token":"%s/%d","refresh_token":%q,"expires_in":1}`, v, s.issued, refresh)
}

func (s *strictServer) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.ParseForm(); err != nil {
		return nil, err
	}
	form := req.PostForm
	_, resource, _ := strings.Cut(form.Get("resource"), "example/")
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.grants[form.Get("refresh_token")]
	delete(s.grants, form.Get("refresh_token"))
	if !ok || v.resource != resource || v.scope != form.Get("scope") {
		s.Errorf("a refresh token of %v (known %t) was sent for %s, %s", v, ok, resource, form.Get("scope"))
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(s.reply(v)))}, nil
}

// However many callers ask, refresh, log in and delete at once, none gets a token for another user,
// resource or scope. Tokens live for a second, so that all ways to a token are taken.
func TestNoCallerGetsAnothersToken(t *testing.T) {
	asks := 1_000_000
	if testing.Short() {
		asks /= 10
	}
	const callers = 100
	server := &strictServer{T: t, grants: map[string]variant{}}
	store, all := new(freshet.MemoryStore), variants()
	var keepers [2]*freshet.Keeper
	for i := range keepers {
		keepers[i] = freshet.NewKeeper(freshet.Config{Store: store, HTTP: &http.Client{Transport: server}})
	}
	for _, v := range all {
		if err := keepers[0].Create(t.Context(), v.String(), v.registration(), []byte(server.login(v))); err != nil {
			t.Fatal(err)
		}
	}
	api := roundTrip(func(req *http.Request) (*http.Response, error) {
		got, _ := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
		if want := req.URL.Path[1:]; !strings.HasPrefix(got, want+"/") {
			t.Errorf("a request for %s has the token %s", want, got)
		}
		return &http.Response{StatusCode: http.StatusOK}, nil
	})
	ask := func(random *rand.Rand) error {
		v, k := all[random.IntN(len(all))], keepers[random.IntN(len(keepers))]
		var token freshet.Token
		var err error
		switch n := random.IntN(10_000); {
		case n == 0:
			if err := k.Delete(t.Context(), v.String()); err != nil {
				return err
			}
			return k.Create(t.Context(), v.String(), v.registration(), []byte(server.login(v)))
		case n < 5:
			return k.Put(t.Context(), v.String(), v.registration(), []byte(server.login(v)))
		case n < 25:
			token, err = k.Refresh(t.Context(), v.String(), "")
		case n < 200:
			client := freshet.Transport{Source: k.Source(v.String()), Base: api}
			_, err = client.RoundTrip(request(t, http.MethodGet, "https://api.example/"+v.String(), nil))
			return err
		default:
			token, err = k.Token(t.Context(), v.String())
		}
		if got := token.AccessToken(); err == nil && !strings.HasPrefix(got, v.String()+"/") {
			err = fmt.Errorf("asked for %s and got %s", v, got)
		}
		return err
	}
	var running sync.WaitGroup
	for i := range callers {
		running.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for range asks / callers {
				err := ask(random)
				if err != nil && !errors.Is(err, freshet.ErrNotFound) && !errors.Is(err, freshet.ErrExists) {
					t.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	for _, k := range keepers {
		if err := k.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d tokens were issued", server.issued)
}
