// Package browser logs in with a real browser. Headless Chromium, freshet and the test server are separate
// processes. If a test has to look inside the server, the server runs in the test.
package browser

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/freshet-dev/freshet/e2e/program"
)

// tab is a tab of a headless Chromium. Each test has its own profile, which is deleted at its end.
type tab struct {
	t   *testing.T
	ctx context.Context
}

const (
	stepTimeout = time.Minute // a step waits for its element

	width, height = 900, 600

	maxPicture = 60 << 10 // to keep the repository small
)

// pictures is the directory for the pictures of the documentation. If it is empty they are taken but not
// written.
var pictures = os.Getenv("FRESHET_SCREENSHOTS")

func TestBrowserReachesNoOtherHost(t *testing.T) {
	_, err := chromedp.Run(newTab(t).ctx, chromedp.Navigate("http://freshet.example/"))
	if err == nil || !strings.Contains(err.Error(), "ERR_NAME_NOT_RESOLVED") {
		t.Errorf("error %v", err)
	}
}

// newTab starts a browser, which connects to this host only.
func newTab(t *testing.T) tab {
	t.Helper()
	program.Need(t, "chromium")
	browser, stop := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath("chromium"),
		chromedp.Env("HOME="+t.TempDir()),
		chromedp.Headless,
		chromedp.NoSandbox, // root cannot have one
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.DisableGPU,
		chromedp.IgnoreCertErrors, // tests have self-signed certificates
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true), // it is small in a container
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	t.Cleanup(stop)
	return tab{t, browser}.another(chromedp.WithErrorf(t.Logf))
}

// another opens a tab of the same browser in a window of its own, because hidden tabs are not drawn.
func (b tab) another(options ...chromedp.ContextOption) tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, options...)
	b.t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		b.t.Fatalf("starting chromium: %v", err)
	}
	return tab{b.t, ctx}
}

// do runs a step in the tab and returns its result.
func do[T any](b tab, step chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepTimeout)
	defer cancel()
	found, err := chromedp.Run(ctx, step)
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

func (b tab) open(url string) { b.t.Helper(); do(b, chromedp.Navigate(url)) }
func (b tab) title() string   { b.t.Helper(); return do(b, chromedp.Title()) }
func (b tab) url() string     { b.t.Helper(); return do(b, chromedp.Location()) }

// read waits until the element is visible, on this page or one that it redirects to, and returns its text.
func (b tab) read(css chromedp.CSS) string { b.t.Helper(); return do(b, chromedp.Text(css)) }

// click clicks the element and waits for the next page.
func (b tab) click(css chromedp.CSS) {
	b.t.Helper()
	if err := b.tryClick(css); err != nil {
		b.t.Fatalf("clicking %s: %v", css, err)
	}
}

// tryClick is like click, and returns the error if the next page cannot be loaded.
func (b tab) tryClick(css chromedp.CSS) error {
	ctx, cancel := context.WithTimeout(b.ctx, stepTimeout)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, chromedp.Click(css))
	return err
}

// picture takes a picture of the page.
func (b tab) picture(name string) {
	b.t.Helper()
	content := do(b, chromedp.CaptureScreenshot())
	config, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil || config.Width != width || config.Height != height || len(content) > maxPicture {
		b.t.Errorf("%s: %d × %d pixels in %d bytes: %v", name, config.Width, config.Height, len(content), err)
	}
	if pictures == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(pictures, name), content, 0o644); err != nil {
		b.t.Error(err)
	}
}
