package provider

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/freshet-dev/freshet/internal/urls"
)

//go:generate go run ../internal/providergen
//go:generate go run ../internal/providerpage . ../docs/providers.md

const genericName = "generic"

// ErrUnknown is returned by [Lookup] if there is no provider with the name.
var ErrUnknown = errors.New("unknown provider")

// catalog has the built-in providers and the user's. It is read-only data, like the time zones of
// package time.
type catalog struct {
	userFiles func() map[string]userFile
	built     sync.Map // name → *Provider: the built-in ones that were used
}

// userFile is one of the user's files, or what is wrong with it.
type userFile struct {
	provider *Provider
	err      error
}

// identityOf is the [Identity] of a built-in provider.
type identityOf struct{ member, pathPrefix, name string }

var known = &catalog{userFiles: sync.OnceValue(func() map[string]userFile {
	dir := Directory()
	if dir == "" {
		return nil
	}
	return readFiles(os.DirFS(dir), dir)
})}

// Directory returns the directory of the user's own files, which need not exist: freshet/providers
// in $XDG_CONFIG_HOME if that is an absolute path, otherwise in [os.UserConfigDir]. It returns ""
// if that fails: without a home directory, or on Linux if $XDG_CONFIG_HOME is a relative path.
func Directory() string {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		var err error
		if dir, err = os.UserConfigDir(); err != nil {
			return ""
		}
	}
	return filepath.Join(dir, "freshet", "providers")
}

// readFiles reads the files of a directory. If the directory cannot be read, there are none.
func readFiles(dir fs.FS, path string) map[string]userFile {
	files := map[string]userFile{}
	entries, _ := fs.ReadDir(dir, ".")
	var untrusted error
	if info, err := fs.Stat(dir, "."); err == nil {
		untrusted = checkWriters(info)
	}
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), ".json")
		lower := strings.ToLower(name)
		if !ok || !isName(lower) || lower == genericName {
			continue
		}
		if lower != name { // sorts before a file with the right name, which replaces this entry
			err := fmt.Errorf("%s: rename it to %s.json", filepath.Join(path, entry.Name()), lower)
			files[lower] = userFile{err: err}
			continue
		}
		if info, err := entry.Info(); err == nil && info.Size() == 0 {
			continue // as in "freshet providers acme --json >acme.json": the shell has just created it
		}
		p, err := readFile(dir, name)
		switch {
		case untrusted != nil:
			p, err = nil, fmt.Errorf("%s: %w", path, untrusted)
		case err != nil:
			err = fmt.Errorf("%s: %w", filepath.Join(path, entry.Name()), err)
		}
		files[name] = userFile{p, err}
	}
	return files
}

func readFile(dir fs.FS, name string) (*Provider, error) {
	text, err := readTrusted(dir, name+".json")
	if err != nil {
		if failed, ok := errors.AsType[*fs.PathError](err); ok {
			err = failed.Err // the caller adds the path
		}
		return nil, err
	}
	p, err := Parse(text)
	if err == nil && p.Name != name {
		err = fmt.Errorf(`"name" is %q, and must be the name of the file`, p.Name)
	}
	return p, err
}

// readTrusted reads a file, unless another user could have written it.
func readTrusted(dir fs.FS, name string) ([]byte, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = checkWriters(info)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

// Lookup returns the provider with the name. A user's file replaces a built-in provider. The error
// is [ErrUnknown], or says what is wrong with the user's file.
func Lookup(name string) (*Provider, error) { return known.lookup(name) }

// Names returns the names of all providers, built-in and the user's, sorted.
func Names() []string { return known.names() }

// Generic returns the provider that stands for any server without a file: the RFCs and nothing
// else.
var Generic = sync.OnceValue(func() *Provider { return builtin(genericName) })

func (c *catalog) lookup(name string) (*Provider, error) {
	if name == genericName {
		return Generic(), nil
	}
	if file, ok := c.userFiles()[name]; ok {
		return file.provider, file.err
	}
	if p, ok := c.built.Load(name); ok {
		return p.(*Provider), nil
	}
	p := builtin(name)
	if p == nil {
		return nil, ErrUnknown
	}
	first, _ := c.built.LoadOrStore(name, p) // all callers get the same pointer
	return first.(*Provider), nil
}

func (c *catalog) names() []string {
	names := slices.AppendSeq(slices.Clone(builtinNames), maps.Keys(c.userFiles()))
	slices.Sort(names)
	return slices.Compact(names)
}

// Recognize returns the provider of a saved token, whose string members member returns, and of its
// token endpoint, which may be "". It returns [Generic] if neither identifies a provider.
func Recognize(member func(name string) string, endpoint string) *Provider {
	return known.recognize(member, endpoint)
}

func (c *catalog) recognize(member func(string) string, endpoint string) *Provider {
	host := ""
	if u, err := url.Parse(endpoint); err == nil {
		host = u.Hostname()
	}
	// A token may name any identity. That decides no host: package internal/endpoints checks it.
	isIdentity := func(name, pathPrefix string) bool {
		u, err := url.Parse(member(name))
		return err == nil && u.Host != "" && strings.HasPrefix(u.Path, pathPrefix)
	}
	files := c.userFiles()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		p := files[name].provider
		if files[name].err != nil {
			continue
		}
		if urls.MatchHost(host, p.Hosts) || p.Identity != nil && isIdentity(p.Identity.Member, p.Identity.PathPrefix) {
			return p
		}
	}
	name := builtinAt(host)
	if name == "" {
		i := slices.IndexFunc(builtinIdentities, func(i identityOf) bool { return isIdentity(i.member, i.pathPrefix) })
		if i < 0 {
			return Generic()
		}
		name = builtinIdentities[i].name
	}
	if _, replaced := files[name]; replaced {
		return Generic() // the user's file is broken, or lists other hosts: its endpoint must not get this token
	}
	p, _ := c.lookup(name)
	return p
}

// builtinAt returns the name of the built-in provider that owns the host, or "".
func builtinAt(host string) string {
	if host = strings.ToLower(host); !urls.IsHost(host) {
		return ""
	}
	name := builtinHost(host)
	for i := 1; name == "" && i < len(host); i++ {
		if host[i] == '.' {
			name = builtinHost(host[i:])
		}
	}
	return name
}
