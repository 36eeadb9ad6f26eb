package cli

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// subject is what the commands of a remedy work on.
type subject struct {
	connection string // its name; "" if it is a token file, or not known
	file       string // the path of a token file

	ownFlags bool // settings are flags of the running command
	repeat   bool // a login that has not created its connection: the same command logs in again

	// look returns the connection whose token is in the file, and the file's provider; "" if there is
	// none. It is called only if a remedy needs it.
	look func() (connection, provider string)

	// near returns connections whose names are similar to connection, which does not exist.
	near func() []string
}

// remedyFor puts a remedy into words, with commands for name: a connection or the path of a token
// file, or "" if it is not known.
func (a *app) remedyFor(name string, r oauth.Remedy) string { return r.Words(a.subject(name).words) }

func (a *app) subject(name string) subject {
	switch {
	case a.creating != "":
		s := subject{connection: a.creating, ownFlags: true}
		if a.loggingIn {
			_, err := a.store().Get(context.Background(), a.creating)
			s.repeat = errors.Is(err, freshet.ErrNotFound)
		}
		return s
	case filestore.IsPath(name):
		return subject{file: name, ownFlags: !a.showing, look: func() (string, string) { return a.lookUp(name) }}
	case filestore.CheckName(name) != nil:
		return subject{ownFlags: true}
	}
	return subject{
		connection: name,
		near:       func() []string { return similarNames(name, a.connectionNames()) },
	}
}

// lookUp returns the connection whose token is in the file, and the provider of the file.
func (a *app) lookUp(path string) (connection, provider string) {
	store, ctx := a.store(), context.Background()
	if c, err := store.Get(ctx, path); err == nil && !c.ProviderInfo().IsGeneric() {
		provider = c.ProviderInfo().Name
	}
	connections, _ := store.List(ctx) // those that can be read
	for _, c := range connections {
		if c.TokenFile != "" && realPath(c.TokenFile) == realPath(path) {
			return c.Name, provider
		}
	}
	return "", provider
}

// realPath returns the absolute path without symbolic links, as far as it can be found out.
func realPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path
}

// words puts an action into a command.
func (s subject) words(action oauth.Action) string {
	switch action.Verb {
	case "login":
		if command := s.login(action.Settings); command != "" {
			return "run " + command
		}
		return "log in"
	case "login again":
		switch command := s.login(action.Settings); {
		case s.repeat:
			return "run " + command
		case command != "":
			return "log in again (" + command + ")"
		}
		return "log in again"
	case "refresh":
		return "run freshet refresh" + s.target()
	case "introspect":
		return "run freshet introspect" + s.target()
	case "force":
		return "run freshet refresh" + s.target() + " --force"
	case "set":
		return s.set(action.Settings)
	case "store":
		return "run freshet secret " + shellQuote(action.Settings[0]) + " <FILE"
	case "lower":
		return "pass a lower " + flagFor(action.Settings[0])
	case "another":
		return "pass --name for another connection"
	case "list":
		similar := ""
		if s.near != nil {
			similar = didYouMean(s.near())
		}
		return similar + "run freshet status to list connections"
	case "create":
		return "freshet login PROVIDER or freshet import NAME FILE to create one"
	case "delete":
		if s.connection == "" {
			return "delete the file"
		}
		return "run freshet logout " + s.connection
	case "update":
		return "run freshet set " + s.connection + " with the new settings"
	}
	return action.Verb
}

// login returns the command that logs in with the settings, or "".
func (s subject) login(settings []string) string {
	name, tokenFile := s.connection, ""
	flags := ""
	for _, setting := range settings {
		flags += " " + flagFor(setting)
	}
	switch {
	case s.repeat && flags != "":
		return "the same command again with" + flags
	case s.repeat:
		return "the same command again"
	case name == "" && s.file == "":
		return ""
	case name == "":
		connection, provider := s.look()
		name = connection
		if connection == "" {
			name, tokenFile = cmp.Or(provider, "PROVIDER"), " --token-file "+shellQuote(s.file)
		}
	}
	return "freshet login " + name + tokenFile + flags
}

// target returns the argument of a command that refreshes.
func (s subject) target() string {
	switch {
	case s.connection != "":
		return " " + s.connection
	case s.file == "":
		return ""
	}
	if connection, _ := s.look(); connection != "" {
		return " " + connection
	}
	return " " + shellQuote(s.file)
}

// set returns the command, or the flags, for settings.
func (s subject) set(settings []string) string {
	isFile := s.file != ""
	var flags []string
	lookedUp := ""
	for _, setting := range settings {
		flags = append(flags, flagFor(setting))
		if setting == "keys" && !isFile {
			lookedUp = ", so that it can be looked up"
		}
	}
	switch {
	case settings[0] == "state_dir":
		return "set FRESHET_HOME"
	case isFile && slices.ContainsFunc(settings, isOfLogin):
		return "run " + s.login(settings)
	case isFile && !s.ownFlags:
		return "run freshet refresh " + shellQuote(s.file) + " " + strings.Join(flags, " ")
	case !s.ownFlags:
		return "run freshet set " + s.connection + " " + strings.Join(flags, " ") + lookedUp
	}
	environment := ""
	if len(settings) == 1 {
		environment = settingVariables[settings[0]]
	}
	if environment != "" {
		environment = " or set " + environment
	}
	return "pass " + strings.Join(flags, " ") + environment + lookedUp
}

// isOfLogin reports whether only a connection has the setting: a token file has no place for it.
func isOfLogin(setting string) bool {
	family, _, _ := strings.Cut(setting, ".")
	switch family {
	case "scope", "redirect_uri", "callback_url", "port", "resource", "authorize_param", "code_param", "refresh_param",
		"device_url", "authorize_url", "issuer", "keys", "renew_by":
		return true
	}
	return false
}

// settingVariables are the variables of the environment for settings.
var settingVariables = map[string]string{
	"client_id": "FRESHET_CLIENT_ID", "client_secret": "FRESHET_CLIENT_SECRET",
}

// settingValues stand for the values of flags.
var settingValues = map[string]string{
	"client_id": "ID", "client_secret": "FILE", "client_secret_from": "SOURCE", "auth": "METHOD",
	"provider": "NAME", "part": "NAME=VALUE", "scope": "SCOPE", "redirect_uri": "URI", "port": "N",
	"authorize_param": "NAME=VALUE", "code_param": "NAME=VALUE", "refresh_param": "NAME=VALUE", "min_ttl": "",
	"assertion_subject": "USER", "assertion_audience": "AUDIENCE",
	"renew_by": "GRANT", "client_key_from": "SOURCE", "client_key_password_from": "SOURCE", "client_certificate": "FILE",
}

// flagFor returns the flag for a setting. The keys of a server have none: they are in its metadata.
func flagFor(setting string) string {
	name, value, hasValue := strings.Cut(setting, "=")
	family, key, hasKey := strings.Cut(name, ".")
	if name == "keys" {
		family = "issuer"
	}
	if !hasValue {
		value = "URL"
		if placeholder, ok := settingValues[family]; ok {
			value = placeholder
		}
	}
	if hasKey {
		value = key + "=" + strings.TrimPrefix(value, "NAME=")
	}
	flag := strings.ReplaceAll(family, "_", "-")
	switch flag {
	case "client-secret":
		flag = "client-secret-file"
	case "renew-by":
		flag = "grant"
	case "insecure-hosts":
		flag = "insecure-host"
	}
	return strings.TrimSpace("--" + flag + " " + value)
}

// shellQuote quotes a path for a shell, if necessary.
func shellQuote(path string) string {
	isPlain := func(r rune) bool {
		return r > 0x7f || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' ||
			strings.ContainsRune(`./_-+@:,=%\`, r)
	}
	if path != "" && strings.IndexFunc(path, func(r rune) bool { return !isPlain(r) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
