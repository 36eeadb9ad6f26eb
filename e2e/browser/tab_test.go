package browser

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tab is the one tab of a headless Chromium with a profile of its own, which is gone at the end of the test.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// patience is how long one step may take: a step waits until its element is there.
const patience = time.Minute

// newTab starts a browser. It speaks to no other host than this one.
func newTab(t *testing.T) tab {
	t.Helper()
	browser, stop := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath("chromium"),
		chromedp.Env("HOME="+t.TempDir()),
		chromedp.Headless,
		chromedp.NoSandbox, // which root cannot have
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.DisableGPU,
		chromedp.WindowSize(900, 640),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true), // a container's is small
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(browser, chromedp.WithErrorf(t.Logf))
	t.Cleanup(leave)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting chromium: %v", err)
	}
	return tab{t, ctx}
}

// do takes one step in the tab and returns what it finds.
func do[T any](b tab, step chromedp.Action[T]) T {
	b.t.Helper()
	ctx, giveUp := context.WithTimeout(b.ctx, patience)
	defer giveUp()
	found, err := chromedp.Run(ctx, step)
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

func (b tab) open(url string) { b.t.Helper(); do(b, chromedp.Navigate(url)) }
func (b tab) title() string   { b.t.Helper(); return do(b, chromedp.Title()) }
func (b tab) url() string     { b.t.Helper(); return do(b, chromedp.Location()) }

// text is what a person reads on the page.
func (b tab) text() string { b.t.Helper(); return do(b, chromedp.Text(chromedp.CSS("body"))) }

// click clicks what css selects and waits until another page is there.
func (b tab) click(css chromedp.CSS) {
	b.t.Helper()
	ctx, giveUp := context.WithTimeout(b.ctx, patience)
	defer giveUp()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(css)); err != nil {
		b.t.Fatalf("clicking %s: %v", css, err)
	}
}

// screenshot writes a picture of the page, a PNG.
func (b tab) screenshot(file string) {
	b.t.Helper()
	if err := os.WriteFile(file, do(b, chromedp.CaptureScreenshot()), 0o644); err != nil {
		b.t.Fatal(err)
	}
}
