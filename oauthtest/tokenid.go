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

// tokenID identifies a token that the server has issued.
type tokenID struct {
	grant  uint32 // its index in the ledger
	serial uint32 // 0 for the first of its kind in the grant
	issued int64  // in nanoseconds of Unix time; 0 for a refresh token, which lives as long as its grant
}

func (id tokenID) issuedAt() time.Time { return time.Unix(0, id.issued) }

// tokenCodec makes the tokens of one kind. A token is its encrypted tokenID. So the server stores no
// tokens, and still recognizes the oldest of a million spent ones.
type tokenCodec struct {
	prefix string
	blocks int // of blockLen characters each
	cipher cipher.Block
}

const blockLen = 26 // 16 bytes in base32

var blockEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

func newTokenCodec(prefix string, blocks int) tokenCodec {
	key := make([]byte, 16)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // unreachable: the key has one of the three lengths
	}
	return tokenCodec{prefix, blocks, block}
}

// encode returns the token of id. The blocks after the first only make it longer: each is the one
// before it, encrypted again.
func (c tokenCodec) encode(id tokenID) string {
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint32(block[0:], id.grant)
	binary.BigEndian.PutUint32(block[4:], id.serial)
	binary.BigEndian.PutUint64(block[8:], uint64(id.issued))
	out := append(make([]byte, 0, 128), c.prefix...)
	for i := range c.blocks {
		if i > 0 {
			out = append(out, "._"[i-1])
		}
		c.cipher.Encrypt(block[:], block[:])
		out = blockEncoding.AppendEncode(out, block[:])
	}
	return string(out)
}

// decode returns the ID of a token, and reports whether the codec can have made it.
func (c tokenCodec) decode(token string) (id tokenID, ok bool) {
	text, ok := strings.CutPrefix(token, c.prefix)
	if !ok || len(text) < blockLen {
		return tokenID{}, false
	}
	var block [aes.BlockSize]byte
	if _, err := blockEncoding.Decode(block[:], []byte(text[:blockLen])); err != nil {
		return tokenID{}, false
	}
	c.cipher.Decrypt(block[:], block[:])
	id = tokenID{
		grant:  binary.BigEndian.Uint32(block[0:]),
		serial: binary.BigEndian.Uint32(block[4:]),
		issued: int64(binary.BigEndian.Uint64(block[8:])),
	}
	return id, c.encode(id) == token
}

// IsTestToken reports whether a test server has issued an access token, in this process or another.
func IsTestToken(accessToken string) bool {
	const salesforcePrefix = "00D0000000FAKE0!"
	return strings.Contains(accessToken, "oauthtest-access-") || strings.HasPrefix(accessToken, salesforcePrefix)
}
