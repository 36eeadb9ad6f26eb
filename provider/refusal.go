package provider

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
)

// Refusal explains an error of a token endpoint. It applies to errors that match all of its fields
// Code, Text, Status, Login, WithSecret and WrongHost. Cause and Remedy are clauses without a period.
type Refusal struct {
	Code   Texts `json:"code,omitzero"`   // one of these is "error"; empty for any
	Text   Texts `json:"text,omitzero"`   // one of these, in lower case, is in "error_description"; empty for any
	Status int   `json:"status,omitzero"` // of a reply without a code; 0 for any
	Login  bool  `json:"login,omitempty"` // the exchange of a login's code was refused, not a refresh
	// The client sent its secret, which is what Cause is about. Without one, the client may need one.
	WithSecret bool `json:"with_secret,omitempty"`
	WrongHost  bool `json:"astray,omitempty"` // the token was sent to a host of the provider that cannot refresh it

	Kind   oauth.Kind   `json:"kind"`
	Cause  string       `json:"cause"`
	Remedy oauth.Remedy `json:"remedy"`
	Wait   Duration     `json:"wait,omitzero"` // before the next attempt, if the server does not say; 0 for the default
}

// Texts is one text or several. Files write a string or a list of strings.
type Texts []string

// UnmarshalJSON parses a string or a list of strings.
func (t *Texts) UnmarshalJSON(data []byte) error {
	var one string
	if err := json.Unmarshal(data, &one); err == nil {
		*t = Texts{one}
		return nil
	}
	if json.Unmarshal(data, (*[]string)(t)) != nil {
		return errors.New(`the "code" and "text" of an error must be a string or a list of strings`)
	}
	return nil
}

// MarshalJSON formats a single text as a string.
func (t Texts) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

func (t Texts) String() string { return strings.Join(t, ", ") }
