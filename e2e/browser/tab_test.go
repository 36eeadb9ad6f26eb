package browser

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/freshet-dev/freshet/e2e/program"
)

// tab is one of a headless Chromium with a profile of its own, which is gone at the end of the test.
type tab struct {
	t   *testing.T
	ctx context.Context
}

const (
	// patience is how long one step may take: a step waits until its element is there.
	patience = time.Minute

	width, height = 900, 600
)

// newTab starts a browser. It speaks to no other host than this one.
func newTab(t *testing.T) tab {
	t.Helper()
	program.Need(t, "chromium")
	browser, stop := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath("chromium"),
		chromedp.Env("HOME="+t.TempDir()),
		chromedp.Headless,
		chromedp.NoSandbox, // which root cannot have
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.DisableGPU,
		chromedp.IgnoreCertErrors, // a test's https has a certificate that it made itself
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true), // a container's is small
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	t.Cleanup(stop)
	return tab{t, browser}.another(chromedp.WithErrorf(t.Logf))
}

// another is one more tab of the same browser, in a window of its own: what is hidden is not drawn.
func (b tab) another(options ...chromedp.ContextOption) tab {
	b.t.Helper()
	ctx, leave := chromedp.NewContext(b.ctx, options...)
	b.t.Cleanup(leave)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		b.t.Fatalf("starting chromium: %v", err)
	}
	return tab{b.t, ctx}
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

// read is the text of what css selects, as soon as it is there and seen, on this page or one that this leads to by itself.
func (b tab) read(css chromedp.CSS) string { b.t.Helper(); return do(b, chromedp.Text(css)) }

// click clicks what css selects and waits until another page is there.
func (b tab) click(css chromedp.CSS) {
	b.t.Helper()
	if err := b.tryClick(css); err != nil {
		b.t.Fatalf("clicking %s: %v", css, err)
	}
}

// tryClick is click, with the error of a page that cannot be loaded.
func (b tab) tryClick(css chromedp.CSS) error {
	ctx, giveUp := context.WithTimeout(b.ctx, patience)
	defer giveUp()
	_, err := chromedp.RunResponse(ctx, chromedp.Click(css))
	return err
}
