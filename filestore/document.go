package filestore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// document is a connection as the store keeps it, in a file of its own. The token is the last member, byte for byte.
type document struct {
	Name string `json:"name"`
	freshet.Registration
	TokenFile string          `json:"token_file,omitempty"` // where the token is instead
	Saved     time.Time       `json:"saved,omitzero"`       // when the token was
	Health    freshet.Health  `json:"health,omitzero"`
	History   freshet.History `json:"history,omitzero"`
	Token     json.RawMessage `json:"token,omitempty"`

	// PendingLogin is the intent of a login that has not ended, with the registration that it leads to.
	PendingLogin *freshet.Pending `json:"pending_login,omitempty"`
}

// knownMembers are the names that document has; what else is in a file was put there by somebody else, and is kept.
var knownMembers = sync.OnceValue(func() []string { return memberNames(reflect.TypeFor[document]()) })

func memberNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		if field.Anonymous {
			names = append(names, memberNames(field.Type)...)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func newDocument(c freshet.Connection) document {
	d := document{Name: c.Name, Registration: c.Registration, TokenFile: c.TokenFile, Health: c.Health, History: c.History}
	d.Client.Secret = "" // SecretFrom says where it is
	if c.Pending != nil && c.Pending.Login != nil {
		intent := *c.Pending
		intent.Reply, intent.Received = nil, time.Time{}
		d.PendingLogin = &intent
	}
	if c.TokenFile == "" && !c.Token.IsZero() {
		d.Token, d.Saved = c.Token.Bytes(), c.Saved.UTC().Round(0)
	}
	return d
}

// encode writes the document, with the members that previous has and we do not know.
func (d document) encode(previous []byte) ([]byte, error) {
	token := bytes.TrimSpace(bytes.TrimPrefix(d.Token, []byte("\xef\xbb\xbf")))
	d.Token = nil // encoding/json would lay it out anew
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("encoding the connection: %w", err)
	}
	out.Truncate(out.Len() - len("\n}\n"))
	unknown := unknownMembers(previous)
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, ",\n  %s: %s", quoted, unknown[name])
	}
	if len(token) > 0 {
		fmt.Fprintf(&out, ",\n  \"token\": %s", token)
	}
	out.WriteString("\n}\n")
	return out.Bytes(), nil
}

func unknownMembers(data []byte) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return nil
	}
	for name := range members {
		// In whatever case: encoding/json would take it for ours.
		if slices.ContainsFunc(knownMembers(), func(known string) bool { return strings.EqualFold(known, name) }) {
			delete(members, name)
		}
	}
	return members
}

// parseDocument reads a connection. Its token is parsed unless it is kept elsewhere.
func parseDocument(name string, data []byte) (freshet.Connection, error) {
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return freshet.Connection{}, &freshet.Problem{
			Name: name, What: "the connection's document cannot be read: " + err.Error(),
			Remedy: "mend it by hand, or remove it with Store.Delete and log in again", Err: err,
		}
	}
	// Not in the token, for which [freshet.ParseToken] has another rule.
	if again, err := jsonobject.DuplicateFold(data, "token"); err != nil || again != "" {
		return freshet.Connection{}, &freshet.Problem{
			Name: name, What: fmt.Sprintf("the connection's document has the member %q twice", again), Remedy: "remove the one that is wrong", Err: err,
		}
	}
	if d.Name != name {
		return freshet.Connection{}, &freshet.Problem{
			Name: name, What: fmt.Sprintf("the connection's document is another connection's: %q", d.Name),
			Remedy: "a connection cannot be copied or renamed by its file alone: change its member \"name\", too",
		}
	}
	c := freshet.Connection{
		Name: name, Registration: d.Registration, TokenFile: d.TokenFile, Health: d.Health, History: d.History, Saved: d.Saved,
		Version: hash(data),
	}
	if len(d.Token) == 0 || d.TokenFile != "" {
		return c, nil
	}
	token, err := freshet.ParseToken(d.Token)
	if err != nil {
		return freshet.Connection{}, fmt.Errorf("the token of %s: %w", name, err)
	}
	c.Token = token
	if c.Health.RefreshTokenHash != token.RefreshTokenHash() {
		c.Health = freshet.Health{}
	}
	return c, nil
}

// readDocument reads the document of a connection. The file stays open unless there is an error.
func readDocument(p place) (freshet.Connection, savedFile, error) {
	f, err := osfile.Open(p.document)
	saved, err := readSaved(f, err)
	if errors.Is(err, fs.ErrNotExist) {
		return freshet.Connection{}, savedFile{}, &freshet.Problem{
			Name: p.name, What: "there is no connection of this name",
			Remedy: "Store.List lists them; to make it: Keeper.Create; if it is a file, write ./" + p.name,
			Err:    freshet.ErrNotFound,
		}
	}
	if err != nil {
		return freshet.Connection{}, savedFile{}, unreadable(p.name, err)
	}
	var c freshet.Connection
	if err = checkPrivate(p, saved.info); err == nil {
		c, err = parseDocument(p.name, saved.content)
	}
	if err != nil {
		return freshet.Connection{}, savedFile{}, errors.Join(err, saved.Close())
	}
	if c.Saved.IsZero() {
		c.Saved = saved.info.ModTime() // a person wrote it
	}
	if c.TokenFile != "" && !filepath.IsAbs(c.TokenFile) {
		c.TokenFile = filepath.Join(filepath.Dir(p.document), c.TokenFile)
	}
	return c, saved, nil
}

// checkPrivate refuses a document that another user could have written. It says which commands are run as this user and
// where secrets go. (git refuses a repository of another user for the same reason: safe.directory.)
func checkPrivate(p place, document fs.FileInfo) error {
	path, info := p.document, document
	for range 3 { // the document, the directory of the connections, the state directory
		if who := writer(info); who != "" {
			return &freshet.Problem{
				Name: p.name, Kind: oauth.Misconfigured,
				What:   fmt.Sprintf("%s %s, and could make this user run a command or send a secret elsewhere", path, who),
				Remedy: "run the program as its owner; or make it this user's own: chown and chmod go-w",
			}
		}
		path = filepath.Dir(path)
		var err error
		if info, err = os.Stat(path); err != nil {
			return unreadable(p.name, err)
		}
	}
	return nil
}
