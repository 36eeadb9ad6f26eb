package redact

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// secretNames are parts of the names of members that hold secrets.
var secretNames = []string{
	"token", "secret", "password", "assertion", "cookie", "session", "signature", "credential", "jwt", "key", "nonce", "verifier", "device_code", "csrf",
}

// publicEnds are the ends of names that have such a part and hold none.
var publicEnds = []string{"_type", "_uri", "_url", "_endpoint", "_supported", "_in", "_at", "_on"}

func isSecretName(name string) bool {
	name = strings.ToLower(name)
	ends := func(end string) bool { return strings.HasSuffix(name, end) }
	contains := func(part string) bool { return strings.Contains(name, part) }
	return !slices.ContainsFunc(publicEnds, ends) && (slices.ContainsFunc(secretNames, contains) || ends("sid"))
}

// Values returns the strings in a token document or a reply that have the name of a secret: tokens, a client secret, a session.
// The document is JSON or a form. Of one that was cut short Values returns what is there.
func Values(document []byte) []string {
	var found []string
	d := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(document), "\ufeff")))
	// nesting is a level for each object and array that is open, and one around them.
	type level struct{ inObject, isValue, isSecret bool }
	nesting := []level{{}}
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		here := &nesting[len(nesting)-1]
		switch v := token.(type) {
		case json.Delim:
			if v == '}' || v == ']' {
				nesting = nesting[:len(nesting)-1]
				break
			}
			here.isValue = false
			nesting = append(nesting, level{inObject: v == '{', isSecret: here.isSecret})
			continue
		case string:
			if here.inObject && !here.isValue {
				here.isValue = true
				here.isSecret = nesting[max(len(nesting)-2, 0)].isSecret || isSecretName(v)
				continue
			}
			if here.isSecret {
				found = append(found, v)
			}
		}
		nesting[len(nesting)-1].isValue = false
	}
	if len(nesting) > 1 || len(found) > 0 {
		return found
	}
	form, _ := url.ParseQuery(string(document)) // what could be read of it
	for name, values := range form {
		if isSecretName(name) {
			found = append(found, values...)
		}
	}
	return found
}
