package redact

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Error returns err itself if its text holds no secret. Otherwise it returns an error with the text of [Redactor.Text], which
// [errors.Is] takes for what err was, and which tells whether that was a timeout. [errors.As] and [errors.Unwrap] find
// nothing in it: they would lead back to the secret.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if clean := r.Text(text); clean != text {
		return &cleanError{clean, err}
	}
	return err
}

// cleanError is an error without the secrets of another.
type cleanError struct {
	text string
	raw  error // for Is and Timeout alone
}

func (e *cleanError) Error() string { return e.text }

func (e *cleanError) Is(target error) bool { return errors.Is(e.raw, target) }

// Timeout makes a [net.Error] of one that was.
func (e *cleanError) Timeout() bool {
	var timeout interface{ Timeout() bool }
	return errors.As(e.raw, &timeout) && timeout.Timeout()
}

// Temporary is the other method of a [net.Error]. What it means is not defined.
func (e *cleanError) Temporary() bool { return e.Timeout() }

// Format keeps the verbs that look into a value from the raw error.
func (e *cleanError) Format(f fmt.State, verb rune) {
	text := e.text
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(f, text)
}
