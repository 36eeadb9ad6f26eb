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

// document is the content of a connection's file. The token is its last member, byte for byte.
type document struct {
	Name string `json:"name"`
	freshet.Registration
	TokenFile string          `json:"token_file,omitempty"` // path of the token if it is not in the document
	Saved     time.Time       `json:"saved,omitzero"`       // when the token was saved
	Health    freshet.Health  `json:"health,omitzero"`
	History   freshet.History `json:"history,omitzero"`
	Token     json.RawMessage `json:"token,omitempty"`

	// PendingLogin is the intent of a login that has not ended, with the registration that the
	// connection will have.
	PendingLogin *freshet.Pending `json:"pending_login,omitempty"`

	// RenamedTo is the name that the connection is getting. See [Store.Rename].
	RenamedTo string `json:"renamed_to,omitempty"`
}

// knownMembers lists the JSON names of document. Other members of a file were added by other
// programs, and are kept.
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
	d := document{
		Name: c.Name, Registration: c.Registration, TokenFile: c.TokenFile, Health: c.Health, History: c.History,
	}
	d.Client.Secret = "" // SecretFrom has its source
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

// encode encodes the document, with the unknown members of previous.
func (d document) encode(previous []byte) ([]byte, error) {
	token := bytes.TrimSpace(bytes.TrimPrefix(d.Token, []byte("\xef\xbb\xbf")))
	d.Token = nil // encoding/json would reformat it
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
		// encoding/json ignores case.
		if slices.ContainsFunc(knownMembers(), func(known string) bool { return strings.EqualFold(known, name) }) {
			delete(members, name)
		}
	}
	return members
}

// parseDocument parses a document, and its token if that is in the document.
func parseDocument(name string, data []byte) (freshet.Connection, error) {
	invalid := func(what string, remedy oauth.Remedy, err error) (freshet.Connection, error) {
		what = "the connection's document " + what
		return freshet.Connection{}, &freshet.SetupError{Name: name, What: what, Remedy: remedy, Err: err}
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return invalid("cannot be read: "+jsonCause(data, err),
			"repair it by hand, or remove it ({delete}) and {login again}", err)
	}
	// Except in the token, for which [freshet.ParseToken] has another rule.
	if again, err := jsonobject.DuplicateFold(data, "token"); err != nil || again != "" {
		return invalid(fmt.Sprintf("has the member %q twice", again), "remove the one that is wrong", err)
	}
	if d.Name != name && d.RenamedTo != name {
		return invalid(fmt.Sprintf("belongs to another connection: %q", d.Name),
			"to copy or rename a connection, change the member \"name\" of the document, too", nil)
	}
	c := freshet.Connection{
		Name: name, Registration: d.Registration, TokenFile: d.TokenFile,
		Health: d.Health, History: d.History, Saved: d.Saved, Version: hash(data),
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

// jsonCause returns what is wrong with a document, and where. Line and column count from 1, and the
// column counts bytes.
func jsonCause(data []byte, err error) string {
	var offset int64
	switch invalid := err.(type) { //nolint:errorlint // encoding/json does not wrap them
	case *json.SyntaxError:
		offset = invalid.Offset - 1
	case *json.UnmarshalTypeError:
		offset = invalid.Offset - 1
	default:
		return err.Error()
	}
	before := data[:min(max(offset, 0), int64(len(data)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("%v (line %d, column %d)", err, line, column)
}

// readDocument reads the document of a connection. The file stays open unless there is an error.
func readDocument(at location) (freshet.Connection, savedFile, error) {
	saved, err := readFile(at.document)
	if errors.Is(err, fs.ErrNotExist) {
		remedy := oauth.Remedyf("{list} or {create}; for a file use ./%s", at.name)
		if info, err := os.Stat(at.name); err == nil && info.Mode().IsRegular() {
			remedy = oauth.Remedyf("for the file of this name use ./%s", at.name)
		}
		return freshet.Connection{}, savedFile{}, &freshet.SetupError{
			Name: at.name, What: "no such connection", Remedy: remedy, Err: freshet.ErrNotFound,
		}
	}
	if err != nil {
		return freshet.Connection{}, savedFile{}, unreadable(at.name, err)
	}
	var c freshet.Connection
	if err = checkPrivate(at, saved.info); err == nil {
		c, err = parseDocument(at.name, saved.content)
	}
	if err != nil {
		return freshet.Connection{}, savedFile{}, errors.Join(err, saved.Close())
	}
	if c.Saved.IsZero() {
		c.Saved = saved.info.ModTime() // a person wrote the document
	}
	if c.TokenFile != "" && !filepath.IsAbs(c.TokenFile) {
		c.TokenFile = filepath.Join(filepath.Dir(at.document), c.TokenFile)
	}
	return c, saved, nil
}

// checkPrivate refuses a document that another user could have written, because it says which
// commands run as this user and where secrets are sent. (git refuses a repository of another user
// for the same reason: safe.directory.)
func checkPrivate(at location, document fs.FileInfo) error {
	path, info := at.document, document
	for range 3 { // the document, the directory of the connections, the state directory
		if why := whyUntrusted(info); why != "" {
			return &freshet.SetupError{
				Name: at.name, Kind: oauth.Misconfigured,
				What:   fmt.Sprintf("%s %s, who could make this user run commands and send secrets", path, why),
				Remedy: "run the program as its owner, or make it private: chown and chmod go-w",
			}
		}
		path = filepath.Dir(path)
		var err error
		if info, err = osfile.Stat(path); err != nil {
			return unreadable(at.name, err)
		}
	}
	return nil
}
