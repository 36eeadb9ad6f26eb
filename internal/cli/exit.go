package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// The exit codes. They are part of the interface: scripts branch on them.
const (
	exitDone          = 0
	exitFailed        = 1 // and a file that cannot be used
	exitUsage         = 2
	exitMisconfigured = 3 // client, secret, endpoint or scope
	exitLoginRequired = 4
	exitTemporary     = 5 // busy, network, 429, 5xx, unknown outcome: try later
	exitUnsaved       = 6 // refreshed and safe, but not saved where it belongs
	exitSignal        = 128
)

// usageError is a command line that means nothing.
type usageError struct{ what, remedy string }

func (e *usageError) Error() string { return e.what }

// exitError is a code without a message: somebody else has said what there was to say.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// interruptError is a signal that ended the waiting.
type interruptError struct {
	signal os.Signal
	idle   bool // nothing was begun that goes on
}

func (e *interruptError) Error() string {
	if e.signal == os.Interrupt {
		return "interrupted (Ctrl-C)"
	}
	return "interrupted (" + e.signal.String() + ")"
}

func (e *interruptError) code() int {
	if s, ok := e.signal.(syscall.Signal); ok {
		return exitSignal + int(s)
	}
	return exitSignal + int(syscall.SIGINT)
}

// explanation is an error as people and programs are told about it.
type explanation struct {
	code       int
	Kind       string  `json:"kind"`
	Message    string  `json:"message"`
	Remedy     string  `json:"remedy,omitempty"`
	RetryAfter float64 `json:"retry_after,omitempty"` // seconds
}

var kindCodes = map[oauth.Kind]int{
	"":                  exitFailed,
	oauth.Misconfigured: exitMisconfigured,
	oauth.LoginRequired: exitLoginRequired,
	oauth.Temporary:     exitTemporary,
	oauth.Unknown:       exitTemporary,
}

// worst is what may be lost, before what a person must do, before what time will mend; and exitDone of none.
func worst(codes []int) int {
	for _, code := range []int{exitUnsaved, exitLoginRequired, exitMisconfigured, exitFailed, exitTemporary} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitDone
}

func explain(err error) explanation {
	e := explanation{code: exitFailed, Kind: "failed", Message: err.Error()}
	var (
		usage       *usageError
		silent      *exitError
		interrupted *interruptError
		unsaved     *freshet.UnsavedError
		refresh     *freshet.RefreshError
		problem     *freshet.Problem
	)
	switch {
	case errors.As(err, &usage):
		e.code, e.Kind, e.Remedy = exitUsage, "usage", usage.remedy
	case errors.As(err, &silent):
		e.code = silent.code
	case errors.As(err, &interrupted):
		e.code, e.Kind = interrupted.code(), "interrupted"
		if !interrupted.idle {
			e.Remedy = "a refresh that was begun goes on in the background and will be saved"
		}
	case errors.As(err, &unsaved):
		e.code, e.Kind = exitUnsaved, "unsaved"
		e.Remedy = "the next run saves it, once it can: make room and the directory writable, then run freshet again"
		if unsaved.Place == "" {
			e.Remedy = "the new refresh token is gone with the process that received it: mend the disk, then log in again"
		}
	case errors.As(err, &refresh):
		e.of(refresh.Kind, howToLogIn(refresh.Name, onCommandLine(refresh.Name, refresh.Remedy)))
		if wait := time.Until(refresh.NextAttempt); wait > 0 {
			e.RetryAfter = math.Ceil(wait.Seconds())
		}
		e.addTimes(refresh)
	case errors.As(err, &problem):
		e.of(problem.Kind, howToLogIn(problem.Name, onCommandLine(problem.Name, problem.Remedy)))
	}
	e.Message = strings.ReplaceAll(e.Message, "\n", "; ") // one line, however many errors were joined
	return e
}

// addTimes says when a remembered failure was, and when the next attempt will be.
func (e *explanation) addTimes(refresh *freshet.RefreshError) {
	now := time.Now()
	remembered := refresh.Err == nil && !refresh.Time.IsZero()
	if refresh.Code == freshet.CodeRevoked {
		e.Message += " (at " + clock(refresh.Time, now) + ")"
		return
	}
	if refresh.Code == freshet.CodeCopied {
		e.Remedy += "; to send it all the same: freshet refresh --force"
		return
	}
	if remembered {
		e.Message += " (failed at " + clock(refresh.Time, now) + ")"
	}
	switch {
	case remembered && refresh.Kind == oauth.LoginRequired:
		e.Remedy += "; it is not sent again until it changes, or with freshet refresh --force"
	case remembered && refresh.Kind != oauth.Unknown && refresh.NextAttempt.After(now):
		e.Remedy += "; the next attempt is due at " + refresh.NextAttempt.Local().Format("15:04:05") + ", or now with freshet refresh"
	case refresh.Kind == oauth.Temporary && refresh.NextAttempt.After(now):
		e.Remedy += "; the next attempt is due at " + refresh.NextAttempt.Local().Format("15:04:05")
	}
}

func (e *explanation) of(kind oauth.Kind, remedy string) {
	e.code, e.Remedy = kindCodes[kind], remedy
	if kind != "" {
		e.Kind = string(kind)
	}
}

func (e explanation) print(w io.Writer, label string) {
	text.Fprintf(w, "freshet: %s%s\n", label, e.Message)
	if e.Remedy != "" {
		text.Fprintf(w, "  → %s\n", e.Remedy)
	}
}

func printJSON(w io.Writer, value any) error {
	var document bytes.Buffer
	enc := json.NewEncoder(&document)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(text.JSON(document.Bytes()))
	return err
}
