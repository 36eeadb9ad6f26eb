package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	exitFailed        = 1 // also for an unusable file
	exitUsage         = 2
	exitMisconfigured = 3 // client, secret, endpoint or scope
	exitLoginRequired = 4
	exitTemporary     = 5 // busy, network, 429, 5xx, unknown outcome
	exitUnsaved       = 6 // refreshed, but not saved in its place
	exitSignal        = 128
)

// usageError is an invalid command line.
type usageError struct{ what, remedy string }

func (e *usageError) Error() string { return e.what }

// exitError is an exit code whose message was printed already.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// interruptError is a signal that ended a command while it waited.
type interruptError struct {
	signal     os.Signal
	outcome    string // of the command, such as "nothing was saved"; "" if there is nothing to say
	refreshing bool   // a refresh may continue in the background
}

func (e *interruptError) Error() string {
	what := "interrupted (" + e.signal.String() + ")"
	if e.signal == os.Interrupt {
		what = "interrupted (Ctrl-C)"
	}
	if e.outcome != "" {
		what += ": " + e.outcome
	}
	return what
}

// interruption returns the signal that ended ctx, or nil.
func interruption(ctx context.Context) *interruptError {
	i, _ := errors.AsType[*interruptError](context.Cause(ctx))
	return i
}

// afterwards says what becomes of what has begun when this process ends. That of a container's first
// process ends with it, because the kernel kills all others.
func afterwards(what, continues string) string {
	if os.Getpid() == 1 {
		return what + " ends with this process, the first of its container; the next run says what became of it"
	}
	return what + " " + continues
}

func (e *interruptError) code() int {
	if s, ok := e.signal.(syscall.Signal); ok {
		return exitSignal + int(s)
	}
	return exitSignal + int(syscall.SIGINT)
}

// explanation is an error as it is printed, for people or as JSON.
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

// worst returns the most severe of the codes: a result that may be lost comes before what a person
// must do, and that before what may pass. It is exitDone if there are none.
func worst(codes []int) int {
	for _, code := range []int{exitUnsaved, exitLoginRequired, exitMisconfigured, exitFailed, exitTemporary} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitDone
}

func (a *app) explain(err error) explanation {
	e := explanation{code: exitFailed, Kind: "failed", Message: err.Error()}
	var (
		usage       *usageError
		silent      *exitError
		interrupted *interruptError
		unsaved     *freshet.UnsavedError
		refresh     *freshet.RefreshError
		problem     *freshet.SetupError
	)
	switch {
	case errors.As(err, &usage):
		e.code, e.Kind, e.Remedy = exitUsage, "usage", usage.remedy
	case errors.As(err, &silent):
		e.code = silent.code
	case errors.As(err, &interrupted):
		e.code, e.Kind = interrupted.code(), "interrupted"
		if interrupted.refreshing {
			e.Remedy = afterwards("a refresh that has begun", "continues in the background and will be saved")
		}
	case errors.As(err, &unsaved):
		e.code, e.Kind = exitUnsaved, "unsaved"
		e.Remedy = "the next run saves it: free disk space or make the directory writable, then run freshet again"
		if unsaved.Place == "" {
			e.Remedy = a.remedyFor(unsaved.Name, "the new refresh token is lost: repair the disk, then {login again}")
		}
	case errors.As(err, &refresh):
		e.setKind(refresh.Kind)
		e.Remedy = a.remedyFor(refresh.Name, refresh.Remedy+e.addTimes(refresh))
		if wait := time.Until(refresh.NextAttempt); wait > 0 {
			e.RetryAfter = math.Ceil(wait.Seconds())
		}
	case errors.As(err, &problem):
		e.setKind(problem.Kind)
		e.Remedy = a.remedyFor(problem.Name, problem.Remedy)
	default:
		e.Remedy = string(fileRemedy(err))
	}
	if kind := loginKind(err); a.loggingIn && kind != "" {
		e.Kind = kind
	}
	e.Message = strings.ReplaceAll(e.Message, "\n", "; ") // errors.Join separates by newlines
	return e
}

// fileRemedy returns what to do if this user may not use a file, or cannot write to its file system.
func fileRemedy(err error) oauth.Remedy {
	switch {
	case errors.Is(err, syscall.EROFS):
		return "mount the file system writable, or use another directory"
	case errors.Is(err, fs.ErrPermission):
		return "run freshet as the owner of the file or directory, or use another"
	}
	return ""
}

// addTimes adds to the message when an earlier failure was. It returns what to add to the remedy: when
// the next attempt is due, or how to make it now.
func (e *explanation) addTimes(refresh *freshet.RefreshError) oauth.Remedy {
	now := time.Now()
	earlier := refresh.Err == nil && !refresh.Time.IsZero()
	if refresh.Code == freshet.CodeRevoked {
		e.Message += " (at " + clock(refresh.Time, now) + ")"
		return ""
	}
	if refresh.Code == freshet.CodeCopied {
		return "; to send it anyway, {force}"
	}
	if earlier {
		e.Message += " (failed at " + clock(refresh.Time, now) + ")"
	}
	next := refresh.NextAttempt.Local().Format(time.TimeOnly)
	switch {
	case earlier && refresh.Kind == oauth.LoginRequired:
		return "; it is not sent again until it changes; to send it anyway, {force}"
	case earlier && refresh.Kind != oauth.Unknown && refresh.NextAttempt.After(now):
		return oauth.Remedyf("; the next attempt is due at %s; to make it now, {refresh}", next)
	case refresh.Kind == oauth.Temporary && refresh.NextAttempt.After(now):
		return oauth.Remedyf("; the next attempt is due at %s", next)
	}
	return ""
}

func (e *explanation) setKind(kind oauth.Kind) {
	e.code = kindCodes[kind]
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

// printWarning prints a warning, and what to do about it.
func (a *app) printWarning(message, remedy string) {
	explanation{Message: message, Remedy: remedy}.print(a.err, "warning: ")
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
