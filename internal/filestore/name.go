package filestore

import (
	"math/big"
	"os"
	"strings"
	"unicode"

	"github.com/freshet-dev/freshet"
)

// IsPath reports whether a name is the path of a token file rather than the name of a connection:
// it ends in .json or contains a separator.
func IsPath(name string) bool {
	return strings.HasSuffix(name, ".json") || strings.ContainsAny(name, "/"+string(os.PathSeparator))
}

// CheckName returns a [*freshet.SetupError] if the name is not valid for a connection.
func CheckName(name string) error {
	switch {
	case IsPath(name):
		return &freshet.SetupError{
			Name: name, What: "a path cannot be the name of a connection",
			Remedy: "choose a name without / that does not end in .json",
		}
	case !isValidName(name):
		return &freshet.SetupError{
			Name: name, What: "invalid connection name",
			Remedy: "use letters, digits and . _ @ + -, beginning with a letter or a digit, 128 characters at most",
		}
	}
	return nil
}

// isValidName reports whether a name is [A-Za-z0-9][A-Za-z0-9._@+-]{0,127}. (At program start,
// compiling that regular expression would take longer than reading a token.)
func isValidName(name string) bool {
	for i, r := range name {
		letterOrDigit := r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
		if !letterOrDigit && (i == 0 || !strings.ContainsRune("._@+-", r)) {
			return false
		}
	}
	return name != "" && len(name) <= 128
}

// fileName returns the file name of a connection's document. On a file system that ignores case,
// names that differ only in case need different files. So the name is in lower case, followed by a
// number whose bits say which letters are upper case.
func fileName(name string) string {
	upper := new(big.Int)
	for i, r := range name {
		if unicode.IsUpper(r) {
			upper.SetBit(upper, i, 1)
		}
	}
	file := strings.ToLower(name)
	if base, _, _ := strings.Cut(file, "."); isDevice(base) {
		file = "!" + file
	}
	if upper.Sign() != 0 {
		file += "!" + upper.Text(36)
	}
	return file + ".json"
}

// isDevice reports whether Windows reserves a name for a device, with any extension.
func isDevice(name string) bool {
	switch name {
	case "con", "prn", "aux", "nul":
		return true
	}
	number, ok := strings.CutPrefix(name, "com")
	if !ok {
		number, ok = strings.CutPrefix(name, "lpt")
	}
	return ok && len(number) == 1 && number >= "1" && number <= "9"
}

// connectionName is the inverse of fileName. ok is false if the file is not a document.
func connectionName(file string) (_ string, ok bool) {
	lower, isJSON := strings.CutSuffix(file, ".json")
	lower, number, mixed := strings.Cut(strings.TrimPrefix(lower, "!"), "!")
	name := []byte(lower)
	if mixed {
		upper, valid := new(big.Int).SetString(number, 36)
		if !valid {
			return "", false
		}
		for i := range name {
			if upper.Bit(i) == 1 {
				name[i] = byte(unicode.ToUpper(rune(name[i])))
			}
		}
	}
	return string(name), isJSON && CheckName(string(name)) == nil && fileName(string(name)) == file
}
