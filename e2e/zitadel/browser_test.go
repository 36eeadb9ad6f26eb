package zitadel_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"

	"github.com/freshet-dev/freshet/e2e/program"
)

func TestMain(m *testing.M) { program.Main(m, browse) }

// browse opens an address as a browser does: it follows redirects and keeps cookies.
func browse(address string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	page, err := (&http.Client{Jar: jar}).Get(address)
	if err != nil {
		return err
	}
	defer page.Body.Close()
	if page.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", page.Request.URL.Host, page.Status)
	}
	return nil
}

// query returns the query of an address.
func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// with returns the address with another value of a parameter.
func with(t *testing.T, address, parameter, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	values := u.Query()
	values.Set(parameter, value)
	u.RawQuery = values.Encode()
	return u.String()
}
