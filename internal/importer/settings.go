package importer

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
)

// ignoredSettings would let the author of a document run a program here, or read what is sent.
var ignoredSettings = []string{"proxy", "ca_file", "insecure_hosts", "credential_process", "client_secret_from"}

// settings returns the members of the document that look like settings: "proxy",
// "credential_source.executable". They are never used; the user must know.
func settings(t freshet.Token) []string {
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(t.Bytes(), []byte(byteOrderMark))))
	decoder.UseNumber() // a float64 would refuse large numbers
	var document map[string]any
	if decoder.Decode(&document) != nil {
		return nil // cannot happen: a parsed token is an object
	}
	found := commandsIn(document, "")
	for _, name := range ignoredSettings {
		if _, ok := document[name]; ok {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// commandsIn returns the members at any depth of value whose names say that they hold a command.
func commandsIn(value any, path string) (found []string) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			found = append(found, commandsIn(element, path)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			lower := strings.ToLower(name)
			if strings.Contains(lower, "command") || strings.Contains(lower, "executable") {
				found = append(found, path+name)
				continue
			}
			found = append(found, commandsIn(value[name], path+name+".")...)
		}
	}
	return found
}
