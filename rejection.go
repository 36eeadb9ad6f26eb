package freshet

import (
	"bytes"
	"compress/gzip"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/provider"
)

// maxBodyWait is how long a response is held back because its body may say that the token was
// rejected, and how long a refresh waits for the end of the body that did.
const maxBodyWait = time.Second

// isRejection reports whether the API rejected the token: by 401 (RFC 6750 §3.1), or as the
// provider's file says. For that it may read up to limit bytes of the body.
func (p *presentation) isRejection(res *http.Response, limit int) bool {
	if res.StatusCode == http.StatusUnauthorized {
		return true
	}
	texts := rejectionTexts(p.provider.API.Rejections, res.StatusCode)
	if len(texts) == 0 || res.Body == http.NoBody || isStream(res.Header.Get("Content-Type")) {
		return false
	}
	compressed := strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip")
	return waitForBody(res, limit, func(start []byte) bool {
		if compressed {
			start = decompress(start, limit)
		}
		for _, text := range texts {
			if bytes.Contains(start, text) {
				return true
			}
		}
		return false
	})
}

// rejectionTexts returns the texts that reject a token in a response of that status.
func rejectionTexts(rejections []provider.Rejection, status int) [][]byte {
	var texts [][]byte
	for _, r := range rejections {
		if r.Status == status {
			texts = append(texts, []byte(r.Text))
		}
	}
	return texts
}

// isStream reports whether a response of that type may be an endless stream, or is no text that
// could reject a token. Its header must not be held back for a body that comes later.
func isStream(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	switch {
	case kind == "", kind == "application/json", kind == "application/xml", strings.HasSuffix(kind, "+xml"):
		return false
	case strings.HasSuffix(kind, "+json"):
		return strings.Contains(kind, "stream")
	default:
		return kind == "text/event-stream" || !strings.HasPrefix(kind, "text/")
	}
}

// waitForBody reads the beginning of the response's body, at most limit bytes and for a second. It
// returns whether found returned true for what was read. The caller can read the whole body.
func waitForBody(res *http.Response, limit int, found func([]byte) bool) bool {
	timeout := time.NewTimer(maxBodyWait)
	defer timeout.Stop()
	select {
	case result := <-prefetch(res, limit, found):
		return result
	case <-timeout.C: // a stream, or a slow server
		return false
	}
}

// decompress returns the first bytes of a text of which compressed is the beginning.
func decompress(compressed []byte, limit int) []byte {
	r, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil
	}
	start, _ := io.ReadAll(io.LimitReader(r, int64(limit))) // the rest may not have arrived
	return start
}

// readableEncodings returns the value of Accept-Encoding for an API that may reject the token in a
// body: of what the caller accepts, only what can be decompressed here.
func readableEncodings(accepted []string) []string {
	if len(accepted) == 1 && accepted[0] == "gzip" {
		return accepted
	}
	for _, encoding := range strings.Split(strings.Join(accepted, ","), ",") {
		name, weight, _ := strings.Cut(encoding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") && strings.ReplaceAll(weight, " ", "") != "q=0" {
			return []string{"gzip"}
		}
	}
	return []string{"identity"}
}
