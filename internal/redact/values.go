package redact

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// secretParts are parts of the names of members that hold secrets.
var secretParts = []string{
	"token", "secret", "password", "assertion", "cookie", "session", "signature", "credential", "jwt", "key",
	"nonce", "verifier", "device_code", "csrf",
}

// publicSuffixes end names that hold no secret, such as token_type.
var publicSuffixes = []string{"_type", "_uri", "_url", "_endpoint", "_supported", "_in", "_at", "_on"}

func isSecretName(name string) bool {
	name = strings.ToLower(name)
	hasSuffix := func(suffix string) bool { return strings.HasSuffix(name, suffix) }
	hasPart := func(part string) bool { return strings.Contains(name, part) }
	return !slices.ContainsFunc(publicSuffixes, hasSuffix) &&
		(slices.ContainsFunc(secretParts, hasPart) || hasSuffix("sid"))
}

// Values returns the strings in a token document or a reply whose names are those of secrets:
// tokens, a client secret, a session. The document is JSON or a form. It may be incomplete.
func Values(document []byte) []string {
	var found []string
	d := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(document), "\ufeff")))
	// nesting has the document and each open object or array. isValue means that a value is next,
	// not a name; isSecret, that the value has the name of a secret, or is within one that has.
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
	form, _ := url.ParseQuery(string(document)) // the valid part of it
	for name, values := range form {
		if isSecretName(name) {
			found = append(found, values...)
		}
	}
	return found
}
