package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// loginEvent is a line of JSON on standard error while login --json runs. Later versions may add
// members, but do not change these.
type loginEvent struct {
	Event       string     `json:"event"`                   // waiting or exchanging
	By          string     `json:"by,omitempty"`            // browser, device or paste
	URL         string     `json:"url,omitempty"`           // for the user to open; "" if freshet opens it
	UserCode    string     `json:"user_code,omitempty"`     // to enter there
	URLWithCode string     `json:"url_with_code,omitempty"` // contains it
	RedirectURI string     `json:"redirect_uri,omitempty"`
	Port        int        `json:"port,omitempty"` // on which freshet listens
	EndsAt      *time.Time `json:"ends_at,omitempty"`
}

// printEvent prints the event, if the output is JSON. For the waiting of limit it has the end.
func (l *loginRun) printEvent(e loginEvent, limit time.Duration) {
	if !l.json {
		return
	}
	if limit > 0 {
		end := time.Now().Add(limit).UTC().Round(time.Second)
		e.EndsAt = &end
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false) // & separates the parameters of the address
	if enc.Encode(e) == nil {
		_, _ = l.err.Write(text.JSON(line.Bytes())) // as of every message, a failure is ignored
	}
}

// loginKind returns the kind of a login's failure that a program may want to tell from others, or "".
func loginKind(err error) string {
	var (
		problem *freshet.SetupError
		refused *oauth.Error
		refresh *freshet.RefreshError
	)
	switch {
	case errors.Is(err, errTimeout):
		return "timed_out"
	case errors.As(err, &problem) && problem.Kind == oauth.LoginRequired && errors.Is(err, context.DeadlineExceeded):
		return "timed_out" // the device code expired
	case errors.As(err, &refused) && refused.Code == "access_denied":
		return "denied"
	case errors.As(err, &refresh) && refresh.Code == "access_denied":
		return "denied"
	}
	return ""
}
