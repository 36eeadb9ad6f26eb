package browser

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

// pictures is the directory that the pictures of the documentation are written to. If it is not set they are only taken.
var pictures = os.Getenv("FRESHET_SCREENSHOTS")

// maxPicture keeps the repository small.
const maxPicture = 60 << 10

// picture takes one of the page.
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
