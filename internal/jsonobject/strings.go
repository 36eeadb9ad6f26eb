package jsonobject

import "encoding/json"

// Strings is a string or an array of strings, such as an audience (RFC 7519 §4.1.3).
type Strings []string

// UnmarshalJSON parses a string or an array of strings.
func (s *Strings) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*s = Strings{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(s))
}
