// Package browser logs in with a real browser: headless Chromium, the freshet program and the test server, each a process of
// its own. Where a test has to look inside the server, that runs in the test.
package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestNoOtherHost(t *testing.T) {
	_, err := chromedp.Run(newTab(t).ctx, chromedp.Navigate("http://freshet.example/"))
	if err == nil || !strings.Contains(err.Error(), "ERR_NAME_NOT_RESOLVED") {
		t.Errorf("error %v", err)
	}
}
