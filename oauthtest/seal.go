package oauthtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// seal makes the tokens of one kind. Each says, enciphered, which one it is: the server remembers none of them, and still
// tells the oldest of a million that were spent from garbage.
type seal struct {
	prefix string
	texts  int // of textLen characters each
	cipher cipher.Block
}

const textLen = 26 // of 16 bytes in base32

var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

func newSeal(prefix string, texts int) seal {
	key := make([]byte, 16)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // unreachable: the key has one of the three lengths
	}
	return seal{prefix, texts, block}
}

// stub is what a token says of itself.
type stub struct {
	grant  uint32 // its place in the ledger
	serial uint32 // 0 for the first of its kind within the grant
	issued int64  // in nanoseconds of Unix time; 0 for a refresh token, which lives as long as its grant
}

// issuedAt is when a token was issued that says so.
func (t stub) issuedAt() time.Time { return time.Unix(0, t.issued) }

// token writes t down. The texts after the first are the ones before them, enciphered again.
func (s seal) token(t stub) string {
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint32(block[0:], t.grant)
	binary.BigEndian.PutUint32(block[4:], t.serial)
	binary.BigEndian.PutUint64(block[8:], uint64(t.issued))
	out := append(make([]byte, 0, 128), s.prefix...)
	for i := range s.texts {
		if i > 0 {
			out = append(out, "._"[i-1])
		}
		s.cipher.Encrypt(block[:], block[:])
		out = base32Text.AppendEncode(out, block[:])
	}
	return string(out)
}

// open reads a token, and reports whether it can be one of this seal.
func (s seal) open(token string) (t stub, ok bool) {
	text, ok := strings.CutPrefix(token, s.prefix)
	if !ok || len(text) < textLen {
		return stub{}, false
	}
	var block [aes.BlockSize]byte
	if _, err := base32Text.Decode(block[:], []byte(text[:textLen])); err != nil {
		return stub{}, false
	}
	s.cipher.Decrypt(block[:], block[:])
	t = stub{
		grant:  binary.BigEndian.Uint32(block[0:]),
		serial: binary.BigEndian.Uint32(block[4:]),
		issued: int64(binary.BigEndian.Uint64(block[8:])),
	}
	return t, s.token(t) == token
}
