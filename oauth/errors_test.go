package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/redact/redacttest"
	"github.com/freshet-dev/freshet/oauth"
)

// requestWithSecrets returns a request with a secret in each place that can have one, and the
// secrets by name.
func requestWithSecrets(endpoint string) (oauth.Request, map[string]string) {
	secrets := map[string]string{}
	secret := func(name string) string {
		secrets[name] = redacttest.Secret(name)
		return secrets[name]
	}
	secrets["client secret"] = redacttest.Token("client secret")
	code, verifier := oauth.Secret(secret("code")), oauth.Secret(secret("verifier"))
	form := oauth.CodeGrant(code, "https://app.example/callback", verifier)
	for _, name := range []string{"refresh_token", "device_code", "assertion", "client_assertion", "custom"} {
		form.Set(name, secret(name))
	}
	return oauth.Request{
		Endpoint: endpoint + "?" + url.Values{"key": {secret("key")}}.Encode(),
		Client:   oauth.Client{ID: "app", Secret: oauth.Secret(secrets["client secret"]), Auth: oauth.AuthBasic},
		Form:     form,
		Header:   http.Header{"X-Api-Key": {secret("api key")}, "Cookie": {"session=" + secret("cookie")}},
	}, secrets
}

// An answer may repeat any secret of the request or of the reply, in any encoding. No error shows
// it.
func TestErrorsHideSecrets(t *testing.T) {
	for spelled, echo := range redacttest.Encodings {
		for _, auth := range []oauth.AuthStyle{oauth.AuthBasic, oauth.AuthBody, oauth.AuthSecretAsUser} {
			request, secrets := requestWithSecrets("https://op.example/token")
			request.Client.Auth = auth
			secrets["new refresh token"], secrets["session"] = "r2/+ü<>hunter2=", "sid/+ü<>hunter2="
			for name, secret := range secrets {
				text := echo(secret)
				own := map[string]any{
					"refresh_token": secrets["new refresh token"],
					"nested":        map[string]any{"session_key": []string{secrets["session"]}},
				}
				own["error"], own["error_description"] = "bad "+text, "it was "+text+", and is gone"
				own["error_uri"] = "https://op.example/" + text
				body, _ := json.Marshal(own)
				header := http.Header{
					"Content-Type": {"text/" + text}, "Location": {"https://x/"}, "Www-Authenticate": {text},
				}
				for status, body := range map[int]string{400: string(body), 200: "no object", 307: ""} {
					if ofReply := strings.HasPrefix(secret, "r2/") ||
						strings.HasPrefix(secret, "sid/"); ofReply && status != 400 {
						continue // that reply does not have it
					}
					var trace strings.Builder
					client := &http.Client{
						Transport: &oauth.Trace{Transport: result(status, header, body), Out: &trace},
					}
					reply, err := request.Send(t.Context(), client)
					if err != nil {
						t.Fatal(err)
					}
					_, err = reply.Object()
					_, errDevice := reply.DeviceCode()
					if err == nil || errDevice == nil {
						t.Fatalf("%d is no error", status)
					}
					printed := fmt.Sprintf("%v %v %#v %s", err, errDevice, err, trace.String())
					redacttest.WantHidden(t, name+" "+spelled, printed)
				}
			}
		}
	}
}

// A short secret is found in HTTP Basic, too, where it follows the client id.
func TestErrorsHideShortSecret(t *testing.T) {
	request := oauth.Request{
		Endpoint: "https://op.example/",
		Client:   oauth.Client{ID: "the-app", Secret: "s3cr/t", Auth: oauth.AuthBasic},
		Form:     oauth.RefreshGrant("r3fr"),
	}
	basic := base64.StdEncoding.EncodeToString([]byte("the-app:s3cr%2Ft"))
	body := `{"error":"e","error_description":"Basic ` + basic + ` (s3cr/t, s3cr%2ft), token='r3fr'"}`
	reply, err := request.Send(t.Context(), &http.Client{Transport: result(400, nil, body)})
	if err != nil {
		t.Fatal(err)
	}
	const want = "op.example answered e: Basic [secret] ([secret], [secret]), token='[secret]'"
	if _, err := reply.Object(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestErrorsOfFetchHideSecret(t *testing.T) {
	body := `{"error":"invalid_token","error_description":"Bearer hunter2-hunter2 has expired"}`
	client := &http.Client{Transport: result(401, nil, body)}
	reply, err := oauth.Fetch(t.Context(), client, "https://op.example/", "hunter2-hunter2")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reply.Object(); err.Error() != "op.example answered invalid_token: Bearer [secret] has expired" {
		t.Errorf("got %v", err)
	}
}

// The error of a transport may repeat any secret of the request.
func TestSendErrorHidesSecrets(t *testing.T) {
	request, secrets := requestWithSecrets("https://op.example/token")
	for spelled, echo := range redacttest.Encodings {
		for name, secret := range secrets {
			for _, cause := range []error{
				errors.New("cannot send " + echo(secret)),
				&url.Error{Op: "Post", URL: "https://op.example/?" + echo(secret), Err: net.ErrClosed},
			} {
				fails := answering(func(*http.Request) (*http.Response, error) { return nil, cause })
				_, err := request.Send(t.Context(), &http.Client{Transport: fails})
				redacttest.WantHidden(t, name+" "+spelled, fmt.Sprintf("%v %#v", err, err))
				if errors.Is(cause, net.ErrClosed) != errors.Is(err, net.ErrClosed) {
					t.Errorf("%v became another error: %v", cause, err)
				}
			}
		}
	}
}

// A proxy may repeat the password that it got.
func TestErrorsHideProxyPassword(t *testing.T) {
	const password = "p/+hunter2="
	for spelled, echo := range redacttest.Encodings {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, credentials, _ := strings.Cut(r.Header.Get("Proxy-Authorization"), " ")
			text := "no " + echo(password) + " " + credentials
			if r.Method != http.MethodConnect {
				w.WriteHeader(http.StatusProxyAuthRequired)
				text = strings.ReplaceAll(text, `"`, `\"`)
				_, _ = io.WriteString(w, `{"error":"proxy","error_description":"`+text+`"}`)
				return
			}
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprintf(conn, "HTTP/1.1 407 %s\r\n\r\n", text)
		}))
		defer proxy.Close()
		address := url.URL{
			Scheme: "http", User: url.UserPassword("ann", password), Host: proxy.Listener.Addr().String(),
		}
		client, err := oauth.HTTPConfig{Proxy: address.String()}.Client()
		if err != nil {
			t.Fatal(err)
		}
		_, err = oauth.Fetch(t.Context(), client, "https://op.example/", "")
		if failed, ok := errors.AsType[*oauth.SendError](err); !ok || !strings.Contains(failed.Error(), "[secret]") {
			t.Errorf("%s: %v", spelled, err)
		}
		redacttest.WantHidden(t, spelled, err.Error())
		reply, err := oauth.Fetch(t.Context(), client, "http://127.0.0.1:1/", "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = reply.Object()
		redacttest.WantHidden(t, spelled, err.Error())
		client.CloseIdleConnections()
	}
}

// An answer that is not HTTP may have a new token in it. The errors of net/http quote such answers.
func TestErrorsDoNotQuoteInvalidHTTP(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, result := range []string{
		"{\"access_token\":\"hunter2\"}\r\n\r\n",
		"hunter2 {}\r\n\r\n",
		"HTTP/hunter2 200 OK\r\n\r\n",
		"HTTP/1.1 hunter2 OK\r\n\r\n",
		"HTTP/1.1 20hunter2\r\n\r\n",
		ok + "hunter2\r\n\r\n",
		ok + " hunter2: a\r\n\r\n",
		ok + "a b hunter2: a\r\n\r\n",
		ok + "Content-Length: hunter2\r\n\r\n",
		ok + "Content-Length: 1\r\nContent-Length: 2hunter2\r\n\r\n",
		ok + "Transfer-Encoding: hunter2\r\n\r\n",
		ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: hunter2\r\n\r\n",
		ok + "Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\nX-A: hunter2\r\n\r\n",
		ok + "Transfer-Encoding: chunked\r\n\r\nhunter2\r\n",
		ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nhunter2\r\n\r\n",
		"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://[hunter2\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 307 Temporary Redirect\r\nLocation: hunter2\x7f\r\nContent-Length: 0\r\n\r\n",
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, result)
		}()
		request := oauth.Request{Endpoint: "http://" + listener.Addr().String(), Form: oauth.RefreshGrant("r")}
		reply, err := request.Send(t.Context(), nil)
		if err == nil {
			_, err = reply.Object()
		}
		if err == nil || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%q: %v", result, err)
		}
		if failed, ok := errors.AsType[*oauth.SendError](err); ok && !failed.Sent {
			t.Errorf("%q: not sent", result)
		}
	}
}
