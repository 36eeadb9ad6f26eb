package filestore

import (
	"bytes"
	"errors"

	"github.com/freshet-dev/freshet"
)

// ownDocument is the layout of a connection whose document holds everything: T is the document, so
// token, registration and health change in one step.
type ownDocument struct{ *update }

func (u ownDocument) mustReplace(next freshet.Connection) bool {
	return !next.Token.Equal(u.current.Token) || !sameRegistration(next, u.current)
}

// encode keeps the unknown members of the version that next was made from.
func (u ownDocument) encode(next freshet.Connection) ([]byte, error) {
	previous := u.content
	if hash(previous) != next.Version {
		if data, err := readFileIn(u.dir, u.sibling("")); err == nil && hash(data) == next.Version {
			previous = data
		}
	}
	next.TokenFile = ""
	content, err := newDocument(next).encode(previous)
	if err == nil && len(content) > maxFile {
		err = errors.New("the document would become too large to be read")
	}
	return content, err
}

func (u ownDocument) canParse(data []byte) bool {
	_, err := parseDocument(u.name, data)
	return err == nil
}

func (u ownDocument) saveLogin(next freshet.Connection) error {
	u.failpointPrefix = "login."
	defer func() { u.failpointPrefix = "" }()
	content, err := u.encode(next)
	if err != nil {
		return err
	}
	return u.write(content, next.Version)
}

func (u ownDocument) saveHealth(next freshet.Connection) {
	if content, err := u.encode(next); err == nil && !bytes.Equal(content, u.content) {
		_ = u.write(content, next.Version)
	}
}

func (u ownDocument) afterUnlock() error { return nil }
