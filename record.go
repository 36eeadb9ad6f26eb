package freshet

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/freshet-dev/freshet/oauth"
)

// record is what a [Store] keeps of a connection beside its name, its token, and when and as what version that was saved.
type record struct {
	Registration
	TokenFile string   `json:"token_file,omitempty"`
	Health    Health   `json:"health,omitzero"`
	History   History  `json:"history,omitzero"`
	Pending   *Pending `json:"pending,omitempty"`
	Reply     []byte   `json:"reply_body,omitempty"` // of Pending, byte for byte
}

// Record returns all that a [Store] must keep of c beside Name, Token, Saved and Version, as one JSON object for
// [Connection.Restore] to read. While a reply is pending it is as secret as the token. The client's secret is not in it.
//
// Keep it as bytes or text: PostgreSQL's jsonb refuses an escaped zero byte, which a provider may well have sent.
func (c Connection) Record() ([]byte, error) {
	r := record{c.withoutSecret(), c.TokenFile, c.Health, c.History, c.Pending, nil}
	if c.Pending != nil && c.Pending.Reply != nil {
		r.Reply = c.Pending.Reply.Body
	}
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encoding the record of %q: %w", c.Name, err)
	}
	return data, nil
}

// Restore fills in what a [Store] kept of c: the bytes of its token, and what [Connection.Record] returned. Where there is none
// of either, c stays as it is.
//
// A Registration that c has already counts, so that an application which gives its connections one can change it in one place,
// its client's secret too. The record's then only fills in what may be the connection's own: Endpoints, Parts, Scopes and
// Redirect, each where c has none.
func (c *Connection) Restore(token, saved []byte) (err error) {
	if len(token) > 0 {
		if c.Token, err = ParseToken(token); err != nil {
			return named(c.Name, err)
		}
	}
	if len(saved) == 0 {
		return nil
	}
	var r record
	if err := json.Unmarshal(saved, &r); err != nil {
		return fmt.Errorf("decoding the record of %q: %w", c.Name, err)
	}
	c.Registration = c.over(r.Registration)
	c.TokenFile, c.Health, c.History, c.Pending = r.TokenFile, r.Health, r.History, r.Pending
	if c.Pending != nil && c.Pending.Reply != nil {
		c.Pending.Reply.Body = r.Reply
	}
	return nil
}

// over is r, with what may be a connection's own from saved where r does not say; or saved, if r says nothing at all.
func (r Registration) over(saved Registration) Registration {
	if reflect.ValueOf(r).IsZero() {
		return saved
	}
	if r.Endpoints == (oauth.Endpoints{}) {
		r.Endpoints = saved.Endpoints
	}
	if len(r.Parts) == 0 {
		r.Parts = saved.Parts
	}
	if len(r.Scopes) == 0 {
		r.Scopes = saved.Scopes
	}
	if len(r.Redirect) == 0 {
		r.Redirect = saved.Redirect
	}
	return r
}
