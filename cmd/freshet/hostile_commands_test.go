//go:build unix

package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/cli"
)

// hostileRows has arguments with hostile texts for each command. {file} is a token file with a
// hostile name, {conn} a connection.
var hostileRows = map[string][][]string{
	"login": {
		{hostile},
		{"new", "--issuer", hostile, "--client-id", "c"},
		{"new", "--provider", hostile},
		{"new", "--token-url", "https://" + hostile, "--authorize-url", hostile, "--client-id", hostile},
		{"{conn}", "--paste", "--state", "s"},
		{"{conn}", "--paste", "--state", "s", "--json"},
		{"{conn}", "--listen-host", hostile, "--no-browser"},
		{"{conn}", "--port", hostile, "--no-browser"},
		{"{conn}", "--redirect-uri", hostile, "--no-browser"},
		{"{conn}", "--callback-url", hostile},
		{"{conn}", "--pkce", hostile},
		{"{conn}", "--response-type", hostile},
		{"{conn}", "--response-mode", hostile, "--no-browser", "--timeout", "300ms"},
		{"{conn}", "--token-file", "{file}"},
		{"{conn}", "--client-secret-from", hostile},
		{"{conn}", "--client-secret-from", "file:" + hostile},
		{"{conn}", "--allow-page", hostile, "--no-browser"},
		{"microsoft", "--part", hostile + "=x", "--client-id", "c"},
		{"microsoft", "--part", "tenant=" + hostile, "--client-id", "c"},
		{"new", "--name", hostile},
		{"new.json"},
		{"{file}"},
		{"{conn}", "--" + hostile},
	},
	"set": {
		{"{conn}", "--scope", hostile},
		{"{conn}", "--client-id", hostile},
		{"{conn}", "--proxy", hostile},
		{"{conn}", "--client-secret-from", "env:" + hostile},
		{hostile, "--scope", "x"},
		{"{conn}", "--refresh-param", hostile},
		{"{conn}", "--token-url", "https://" + hostile},
		{"{conn}", "--part", "a=" + hostile},
		{"{file}", "--scope", "x"},
		{"{conn}", "--ca-file", hostile},
		{"{conn}", "--assume-ttl", hostile},
		{"{conn}", "--redirect-uri", hostile},
	},
	"import": {
		{"i1", "{file}"},
		{"i2", "{file}", "--json"},
		{"i3", "{file}", "--in-place"},
		{"i3", "{file}", "--replace", "--client-id", hostile},
		{hostile, "{file}"},
		{"i4", hostile},
		{"i5", "-"},
		{"{conn}", "{file}"},
		{"i7", "{file}", "--provider", hostile},
		{"i8", "broken.json"},
		{"i9", "{file}", "--token-url", hostile},
	},
	"secret": {{hostile}, {"good", "--remove"}, {"good", hostile}, {"good"}},
	"refresh": {
		{hostile},
		{"{file}", "--client-id", hostile, "--dry-run"},
		{"{file}", "--dry-run", "--json"},
		{"{conn}", "--dry-run"},
		{"missing" + hostileFile},
		{"{dir}"},
		{"broken.json"},
		{"{file}", "--trace", hostile + "/x"},
		{"{file}", "--auth", hostile},
		{"{file}", "--client-secret-file", hostile},
	},
	"token": {
		{hostile},
		{"{file}"},
		{"{file}", "--json"},
		{"{file}", "--auth-header"},
		{"{file}", "--rejected", hostile},
		{"{conn}", "--timeout", hostile},
		{"broken.json"},
		{"type.json", "--auth-header"},
	},
	"exec": {
		{hostile, "--", "true"},
		{"{file}", "--", hostile},
		{"{file}", "--", "./" + hostileFile},
		{"{conn}", "--", "env"},
		{"type.json", "--", "env"},
	},
	"status": {
		{},
		{"--json"},
		{hostile},
		{"{file}"},
		{"{file}", "--json"},
		{"{conn}"},
		{"{conn}", "--json"},
		{"{file}", "{conn}", "missing.json"},
		{"--within", hostile},
		{"broken.json"},
		{"{dir}"},
	},
	"doctor": {
		{"--offline"},
		{"--offline", "--json"},
		{hostile},
		{"{file}", "--offline"},
		{"{file}", "--offline", "--json"},
		{"{conn}", "--offline"},
		{"broken.json"},
		{"missing" + hostileFile},
		{"{file}", "--token-url", "https://" + hostile},
		{"{link}", "--offline"},
	},
	"whoami": {
		{hostile},
		{"{file}", "--client-id", hostile, "--timeout", "450ms"},
		{"{conn}", "--userinfo-url", hostile},
		{"{file}", "--userinfo-url", hostile},
	},
	"introspect": {
		{hostile}, {"{file}"}, {"{file}", "--introspection-url", hostile, "--client-id", "c"}, {"{conn}"},
	},
	"revoke": {
		{hostile}, {"{file}"}, {"{file}", "--revocation-url", hostile, "--client-id", "c"}, {"{conn}", "--json"},
	},
	"logout": {{hostile}, {"{file}"}, {"{conn}"}, {"missing"}, {"c-history", "--yes"}},
	"testserver": {
		{"--addr", hostile},
		{"--provider", hostile},
		{"--consent", hostile},
		{"--fault", hostile},
		{"--write-token", "{file}"},
		{"--write-token", hostile + "/x"},
		{hostile},
		{"--ttl", hostile},
	},
	"demo":        {{hostile}, {}},
	"version":     {{}, {hostile}},
	"completion":  {{"bash"}, {"zsh"}, {"fish"}, {"powershell"}, {hostile}},
	"environment": {{}},
	"exit-codes":  {{}},
	"rename":      {{hostile, "new"}, {"{conn}", hostile}, {"missing" + hostileFile, "{file}"}},
	"providers": {
		{},
		{"--json"},
		{hostile},
		{"mine"},
		{"mine", "--json"},
		{"broken"},
		{"./" + hostileFile},
		{"./config/freshet/providers/broken.json"},
	},
	"help": {{hostile}, {"token"}},
}

// Each command must have a row.
func TestNothingHostileIsPrintedByAnyCommand(t *testing.T) {
	t.Parallel()
	root := cli.Command()
	root.InitDefaultHelpCmd()
	known := map[string]bool{}
	for _, command := range root.Commands() {
		known[command.Name()] = true
		if hostileRows[command.Name()] == nil {
			t.Errorf("the command %s has no row in this test", command.Name())
		}
	}
	for command, all := range hostileRows {
		if !known[command] {
			t.Errorf("the row %s is of no command", command)
		}
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t)
			s.answer = hostileAnswers(t)["a refusal"]
			for _, args := range all {
				s.run(t, s.expand(t, append([]string{command}, args...))...)
			}
		})
	}
	s := newSandbox(t)
	for _, args := range [][]string{
		{hostile}, {"--" + hostile}, {hostileFile}, {"__complete", "token", hostile}, {"__complete", "status", ""},
	} {
		s.run(t, args...)
	}
}

// expand writes the files, and returns the arguments with their names.
func (s *sandbox) expand(t *testing.T, args []string) []string {
	t.Helper()
	document := s.connectionDocument()
	document["name"], document["token"] = "acme", tokenDocument(t)
	document["redirect"], document["scopes"] = object{hostile: hostile}, []any{hostile}
	s.write(t, "home/connections/acme.json", document)
	document["name"] = "c-history"
	s.write(t, "home/connections/c-history.json", document)
	s.write(t, "home/connections/"+hostileFile, document)
	file := s.write(t, "files"+hostileFile+"/"+hostileFile, tokenDocument(t))
	s.write(t, "files"+hostileFile+"/"+hostileFile+".lost-1", []byte("x"))
	s.write(t, "broken.json", []byte("{\"access_token\": "+hostile))
	s.write(t, "type.json", object{"access_token": "a1", "token_type": hostile})
	s.write(t, hostileFile, []byte(`{"name": "`+hostileHeader+`", "title": "x"}`))
	s.write(t, "config/freshet/providers/mine.json", hostileProvider())
	s.write(t, "config/freshet/providers/broken.json", object{hostile: hostile})
	link := filepath.Join(s.dir, "link.json")
	if err := os.Symlink(hostileFile+"/nowhere"+hostileFile, link); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	expanded := make([]string, len(args))
	names := strings.NewReplacer("{file}", file, "{conn}", "acme", "{dir}", filepath.Dir(file)+"/", "{link}", link)
	for i, arg := range args {
		expanded[i] = names.Replace(arg)
	}
	return expanded
}
