// Package browser logs in with a real browser.
package browser

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestClick(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<title>May it?</title><form method="post"><button name="answer" value="allow">Allow</button></form>`)
	})
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/done?answer="+r.FormValue("answer"), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "answer: "+r.FormValue("answer"))
	})
	s := httptest.NewServer(mux)
	defer s.Close()

	b := newTab(t)
	b.open(s.URL)
	if got := b.title(); got != "May it?" {
		t.Errorf("title %q", got)
	}
	b.click("button[value=allow]")
	if got := b.text(); got != "answer: allow" {
		t.Errorf("the page says %q", got)
	}
	if got := b.url(); got != s.URL+"/done?answer=allow" {
		t.Errorf("the page is %s", got)
	}
	picture := filepath.Join(t.TempDir(), "done.png")
	b.screenshot(picture)
	if content, err := os.ReadFile(picture); err != nil || !bytes.HasPrefix(content, []byte("\x89PNG")) {
		t.Errorf("no picture: %v", err)
	}
}

func TestNoOtherHost(t *testing.T) {
	_, err := chromedp.Run(newTab(t).ctx, chromedp.Navigate("http://freshet.example/"))
	if err == nil || !strings.Contains(err.Error(), "ERR_NAME_NOT_RESOLVED") {
		t.Errorf("error %v", err)
	}
}
