package oidcprovider

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/e2e/program"
)

func TestMain(m *testing.M) { program.Main(m, browse) }

// browse opens an address as a browser does: it follows redirects, keeps cookies, and sends forms.
func browse(address string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar}
	response, err := browser.Get(address)
	for range 3 { // a form sends the user code, and the next confirms it
		if err != nil {
			return err
		}
		page, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s %s: %s", response.Request.URL, response.Status, fmt.Sprint(err), page)
		}
		xsrf := regexp.MustCompile(`name="xsrf" value="([^"]+)"`).FindSubmatch(page)
		code := regexp.MustCompile(`name="user_code" value="([^"]+)"`).FindSubmatch(page)
		if xsrf == nil || code == nil {
			return nil
		}
		form := url.Values{"xsrf": {string(xsrf[1])}, "user_code": {string(code[1])}, "confirm": {"yes"}}
		response, err = browser.PostForm(response.Request.URL.String(), form)
		if err != nil {
			return err
		}
	}
	return err
}

func (u user) login(s server, client string, more ...string) []string {
	flags := []string{"login", "acme", "--issuer", s.issuer, "--client-id", client, "--scope", "openid offline_access"}
	if client != "app-public" {
		flags = append(flags, "--client-secret-from", "env:JOB_SECRET")
	}
	return append(flags, more...)
}

// Clients of all three authentications log in without --auth, and get a refresh token, since freshet asks for consent.
func TestLogin(t *testing.T) {
	for _, client := range []string{"app-basic", "app-body", "app-public"} {
		t.Run(client, func(t *testing.T) {
			s := start(t)
			u := user{t, program.Freshet(t), t.TempDir(), s.appSecret}
			u.run(0, "refresh token saved", u.login(s, client)...)
			first := u.run(0, "", "token", "acme")
			u.run(0, "refreshed acme: ", "refresh", "acme")
			u.run(0, "refreshed acme: ", "refresh", "acme")
			if second := u.run(0, "", "token", "acme"); second == first {
				t.Error("a refresh brought the same token")
			}
			u.run(0, "", "whoami", "acme")
			u.run(0, "", "doctor", "acme")
			u.run(0, "logged in: acme ", "login", "acme")
			u.run(0, "revoked acme at the provider", "revoke", "acme")
		})
	}
}

// Without consent the server grants no offline_access, and the login says so.
func TestLoginWithoutConsent(t *testing.T) {
	s := start(t)
	u := user{t, program.Freshet(t), t.TempDir(), s.appSecret}
	flags := u.login(s, "app-public", "--authorize-param", "prompt=login")
	u.run(0, "acme: the provider did not grant offline_access", flags...)
}

func TestLoginWithoutSecret(t *testing.T) {
	s := start(t)
	u := user{t, program.Freshet(t), t.TempDir(), s.appSecret}
	u.run(3, "this client needs a secret",
		"login", "acme", "--issuer", s.issuer, "--client-id", "app-basic", "--scope", "openid")
}

// The user opens the address that freshet prints.
func TestDeviceLogin(t *testing.T) {
	for _, client := range []string{"app-basic", "app-public"} {
		t.Run(client, func(t *testing.T) {
			s := start(t)
			u := user{t, program.Freshet(t), t.TempDir(), s.appSecret}
			cmd := exec.CommandContext(t.Context(), u.program, u.login(s, client, "--device")...)
			cmd.Env = []string{
				"HOME=" + u.home, "FRESHET_HOME=" + filepath.Join(u.home, "freshet"), "JOB_SECRET=" + u.secret,
			}
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var printed strings.Builder
			for lines := bufio.NewScanner(stderr); lines.Scan(); {
				fmt.Fprintln(&printed, lines.Text())
				address, ok := strings.CutPrefix(lines.Text(), "or open ")
				if !ok {
					continue
				}
				address, _, _ = strings.Cut(address, ",")
				if err := browse(address); err != nil {
					t.Error(err)
				}
			}
			if err := cmd.Wait(); err != nil || !strings.Contains(printed.String(), "logged in: acme ") {
				t.Fatalf("%v: %s", err, &printed)
			}
			u.run(0, "refreshed acme: ", "refresh", "acme")
		})
	}
}
