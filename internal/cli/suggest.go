package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet/provider"
)

// commandsByOtherNames has commands by the names that other programs give them.
var commandsByOtherNames = map[string]string{
	"remove": "logout", "rm": "logout", "delete": "logout", "forget": "logout",
	"get": "token", "print": "token", "access-token": "token",
	"show": "status", "ls": "status", "info": "status",
	"add": "login", "auth": "login", "signin": "login", "authorize": "login", "connect": "login",
	"renew": "refresh", "config": "set", "configure": "set", "update": "set", "edit": "set",
	"check": "doctor", "diagnose": "doctor", "run": "exec", "userinfo": "whoami", "me": "whoami",
	"keyring": "secret", "server": "testserver", "env": "environment", "variables": "environment",
}

// providersByOtherNames has providers by names that are used for them.
var providersByOtherNames = map[string]string{
	"sf": "salesforce", "sfdc": "salesforce", "force": "salesforce",
	"ms": "microsoft", "azure": "microsoft", "entra": "microsoft", "office365": "microsoft", "graph": "microsoft",
	"gh": "github", "gmail": "google", "gcp": "google", "fb": "facebook", "meta": "facebook", "intuit": "quickbooks",
	"qbo": "quickbooks", "twitter": "x", "jira": "atlassian", "confluence": "atlassian",
	"exact": "exact-online", "exactonline": "exact-online", "snow": "servicenow", "rhsso": "keycloak", "frameio": "adobe",
}

// suggest returns the remedy for an unknown name, with the names that it may stand for.
func suggest(name string, names []string, byOtherNames map[string]string, remedy string) string {
	similar := similarNames(name, names)
	if other := byOtherNames[strings.ToLower(name)]; slices.Contains(names, other) {
		similar = []string{other}
	}
	return didYouMean(similar) + remedy
}

// didYouMean asks for the names, or returns "" if there are none.
func didYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(names, " or ") + "? "
}

// suggestCommand is suggest for the commands and help topics below root.
func suggestCommand(root *cobra.Command, name string) string {
	var names []string
	for _, cmd := range root.Commands() {
		if !cmd.Hidden {
			names = append(names, cmd.Name())
		}
	}
	return suggest(name, names, commandsByOtherNames, "freshet help lists the commands")
}

// suggestProvider is suggest for providers.
func suggestProvider(name string) string {
	return suggest(name, provider.Names(), providersByOtherNames, "freshet providers lists the names")
}

// suggestLogin is suggestProvider for an argument that can also be one of the connections.
func suggestLogin(name string, connections []string) string {
	names := slices.Concat(connections, provider.Names())
	slices.Sort(names)
	return suggest(name, slices.Compact(names), providersByOtherNames, "freshet providers lists the names")
}

// maxSimilar is the number of names that an error suggests.
const maxSimilar = 3

// similarNames returns the names that are most similar to name: those that differ in case or leading
// zeros, else those that begin with it or contain it as a word, else those with few other letters.
func similarNames(name string, names []string) []string {
	const none = 4
	best, found := none, []string(nil)
	for _, candidate := range names {
		a, b := normalName(name), normalName(candidate)
		rank := none
		switch {
		case a == b:
			rank = 0
		case len(a) >= 3 && (strings.HasPrefix(b, a) || slices.Contains(words(b), a)):
			rank = 1
		default:
			// A third of the letters may differ, but not all of a short name.
			if d := distance(a, b); d <= min(2, max(len(a), len(b))/3) {
				rank = 1 + d
			}
		}
		if rank < best {
			best, found = rank, nil
		}
		if rank == best && rank < none {
			found = append(found, candidate)
		}
	}
	return found[:min(len(found), maxSimilar)]
}

// normalName returns the name in lower case, and its numbers without leading zeros.
func normalName(name string) string {
	isDigit := func(c byte) bool { return '0' <= c && c <= '9' }
	var normal []byte
	for _, c := range []byte(strings.ToLower(name)) {
		n := len(normal)
		if isDigit(c) && n > 0 && normal[n-1] == '0' && (n == 1 || !isDigit(normal[n-2])) {
			normal = normal[:n-1]
		}
		normal = append(normal, c)
	}
	return string(normal)
}

func words(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("._@+-", r) })
}

// distance returns how many letters must be inserted, deleted, replaced or exchanged with the next to
// make b of a.
func distance(a, b string) int {
	before, last, row := []int(nil), []int(nil), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			replaced := last[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(replaced, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
