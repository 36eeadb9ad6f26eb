package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
)

// neverTaken are settings that would let whoever wrote a document run a program here, or read what is sent.
var neverTaken = []string{"proxy", "ca_file", "credential_process", "client_secret_from"}

// settings finds what looks like a setting in a document, at any depth: "proxy", "credential_source.executable". Nothing
// reads them there, and whoever meant them is told so.
func settings(t freshet.Token) []string {
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(t.Bytes(), []byte("\ufeff"))))
	decoder.UseNumber() // any that JSON can spell
	var document map[string]any
	if decoder.Decode(&document) != nil {
		return nil // a parsed token is an object
	}
	found := commandsIn(document, "")
	for _, name := range neverTaken {
		if _, ok := document[name]; ok {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// commandsIn finds the members of value that name a program.
func commandsIn(value any, path string) (found []string) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			found = append(found, commandsIn(element, path)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if lower := strings.ToLower(name); strings.Contains(lower, "command") || strings.Contains(lower, "executable") {
				found = append(found, path+name)
				continue
			}
			found = append(found, commandsIn(value[name], path+name+".")...)
		}
	}
	return found
}
