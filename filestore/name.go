package filestore

import (
	"math/big"
	"os"
	"strings"
	"unicode"

	"github.com/freshet-dev/freshet"
)

// IsPath reports whether a name is the path of a token file, and not the name of a connection: it ends in .json or has a
// separator in it.
func IsPath(name string) bool {
	return strings.HasSuffix(name, ".json") || strings.ContainsRune(name, '/') || strings.ContainsRune(name, os.PathSeparator)
}

// validName reports whether a name is [A-Za-z0-9][A-Za-z0-9._@+-]{0,127}. (Compiling that would cost each start more than
// reading a token.)
func validName(name string) bool {
	for i, r := range name {
		letterOrDigit := r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
		if !letterOrDigit && (i == 0 || !strings.ContainsRune("._@+-", r)) {
			return false
		}
	}
	return name != "" && len(name) <= 128
}

// CheckName returns a [*freshet.Problem] unless a connection may have the name.
func CheckName(name string) error {
	switch {
	case IsPath(name):
		return &freshet.Problem{Name: name, What: "this is a path, and not a name for a connection", Remedy: "choose a name without / that does not end in .json"}
	case !validName(name):
		return &freshet.Problem{
			Name: name, What: "this cannot be the name of a connection",
			Remedy: "use letters, digits and . _ @ + -, beginning with a letter or a digit, 128 characters at most",
		}
	}
	return nil
}

// fileName is the name of a connection's document. Names that differ only in case stay apart on file systems that do not tell
// case, too: which letters are capitals is told by a number.
func fileName(name string) string {
	capitals := new(big.Int)
	for i, r := range name {
		if unicode.IsUpper(r) {
			capitals.SetBit(capitals, i, 1)
		}
	}
	file := strings.ToLower(name)
	if base, _, _ := strings.Cut(file, "."); isDevice(base) {
		file = "!" + file
	}
	if capitals.Sign() != 0 {
		file += "!" + capitals.Text(36)
	}
	return file + ".json"
}

// isDevice reports whether Windows takes a file of that name, whatever comes behind a dot, for a device.
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

// connectionName undoes fileName. Names that fileName does not make are of other files.
func connectionName(file string) (string, bool) {
	lower, ok := strings.CutSuffix(file, ".json")
	lower, number, mixed := strings.Cut(strings.TrimPrefix(lower, "!"), "!")
	name := []byte(lower)
	if mixed {
		capitals, valid := new(big.Int).SetString(number, 36)
		if !valid {
			return "", false
		}
		for i := range name {
			if capitals.Bit(i) == 1 {
				name[i] = byte(unicode.ToUpper(rune(name[i])))
			}
		}
	}
	return string(name), ok && CheckName(string(name)) == nil && fileName(string(name)) == file
}
