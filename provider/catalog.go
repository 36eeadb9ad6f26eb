package provider

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ../internal/vendors
//go:generate go run ../internal/providerpage . ../docs/providers.md

const genericName = "generic"

// ErrUnknown is returned by [Lookup] for a name that no file has.
var ErrUnknown = errors.New("there is no such provider")

// catalog is what is built in and what the user added. It is data like the time zones of package time, and as read-only.
type catalog struct {
	own  func() map[string]ownFile
	used sync.Map // name → *Provider, of those built in
}

// ownFile is a file of the user's, or what is wrong with it.
type ownFile struct {
	provider *Provider
	err      error
}

// identityOf is how a vendor's tokens are recognized ([Identity]).
type identityOf struct{ member, pathPrefix, name string }

var known = &catalog{own: sync.OnceValue(func() map[string]ownFile {
	dir := Directory()
	if dir == "" {
		return nil
	}
	return readFiles(os.DirFS(dir), dir)
})}

// Directory is where the user's own files are: freshet/providers in $XDG_CONFIG_HOME, or in the directory that the system
// has for configuration. It is "" for a user without a home.
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

// readFiles reads the files of a directory, which need not be there, nor be ours to read.
func readFiles(dir fs.FS, path string) map[string]ownFile {
	files := map[string]ownFile{}
	entries, _ := fs.ReadDir(dir, ".")
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), ".json")
		lower := strings.ToLower(name)
		if !ok || !isName(lower) || lower == genericName {
			continue
		}
		if lower != name { // capitals sort first: a file that is named well replaces this
			files[lower] = ownFile{err: fmt.Errorf("%s: it must be called %s.json", filepath.Join(path, entry.Name()), lower)}
			continue
		}
		if info, err := entry.Info(); err == nil && info.Size() == 0 {
			continue // a shell has just made it, for what freshet providers --json is to print into it
		}
		p, err := readFile(dir, name)
		if err != nil {
			err = fmt.Errorf("%s: %w", filepath.Join(path, entry.Name()), err)
		}
		files[name] = ownFile{p, err}
	}
	return files
}

func readFile(dir fs.FS, name string) (*Provider, error) {
	text, err := fs.ReadFile(dir, name+".json")
	if err != nil {
		if failed, ok := errors.AsType[*fs.PathError](err); ok {
			err = failed.Err // the path is named already
		}
		return nil, err
	}
	p, err := Parse(text)
	if err == nil && p.Name != name {
		err = fmt.Errorf(`its "name" is %q`, p.Name)
	}
	return p, err
}

// Lookup returns the vendor with that name. The error is [ErrUnknown], or says what is wrong with the user's file.
func Lookup(name string) (*Provider, error) { return known.lookup(name) }

// Names lists the vendors, those of the user's files among them.
func Names() []string { return known.names() }

// IsOwn reports whether the vendor of that name is one of the user's own files.
func IsOwn(name string) bool {
	_, ok := known.own()[name]
	return ok
}

// Generic is any OAuth 2.0 server: the RFCs and nothing else.
var Generic = sync.OnceValue(func() *Provider { return builtin(genericName) })

func (c *catalog) lookup(name string) (*Provider, error) {
	if name == genericName {
		return Generic(), nil
	}
	if own, ok := c.own()[name]; ok {
		return own.provider, own.err
	}
	if p, ok := c.used.Load(name); ok {
		return p.(*Provider), nil
	}
	p := builtin(name)
	if p == nil {
		return nil, ErrUnknown
	}
	first, _ := c.used.LoadOrStore(name, p) // a vendor is one pointer
	return first.(*Provider), nil
}

func (c *catalog) names() []string {
	names := slices.Clone(builtinNames)
	for name := range c.own() {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Recognize tells the vendor from a saved token, whose string members member returns, and from the token endpoint, which
// may be "". It returns [Generic] when nothing gives the vendor away.
func Recognize(member func(name string) string, endpoint string) *Provider {
	return known.recognize(member, endpoint)
}

func (c *catalog) recognize(member func(string) string, endpoint string) *Provider {
	host := ""
	if u, err := url.Parse(endpoint); err == nil {
		host = u.Hostname()
	}
	own := c.own()
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if p := own[name].provider; own[name].err == nil && (p.Owns(host) || p.issued(member)) {
			return p
		}
	}
	name := cmp.Or(vendorAt(host), genericName)
	if i := slices.IndexFunc(builtinIdentities, func(i identityOf) bool { return isOn(member(i.member), i.pathPrefix) }); name == genericName && i >= 0 {
		name = builtinIdentities[i].name
	}
	if _, replaced := own[name]; replaced {
		return Generic() // the user's file of that name is not about this token, or broken, which whoever names it is told
	}
	p, _ := c.lookup(name)
	return p
}

// vendorAt is the name of the built-in vendor whose host it is, or "".
func vendorAt(host string) string {
	if host = strings.ToLower(host); !isHostName(host) {
		return ""
	}
	if name := builtinHost(host); name != "" {
		return name
	}
	for i := 1; i < len(host); i++ {
		if host[i] == '.' {
			if name := builtinHost(host[i:]); name != "" {
				return name
			}
		}
	}
	return ""
}

// issued reports whether a token looks like one of p's. It may lie: nothing is sent anywhere on its word alone.
func (p *Provider) issued(member func(string) string) bool {
	return p.Identity != nil && isOn(member(p.Identity.Member), p.Identity.PathPrefix)
}

func isOn(address, pathPrefix string) bool {
	if address == "" {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && strings.HasPrefix(u.Path, pathPrefix)
}
