package provider

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

//go:embed *.json
var builtin embed.FS

const genericName = "generic"

// ErrUnknown is returned by [Lookup] for a name that no file has.
var ErrUnknown = errors.New("there is no such provider")

// catalog is a set of files, each read when it is first asked for: a command that needs one vendor does not wait for twenty.
type catalog struct {
	dirs []fs.FS  // of two files of one name the one in the earlier directory counts
	read sync.Map // name → func() (*Provider, error)
}

// known is what is built in and what the user added. It is data like the time zones of package time, and as read-only.
var known = sync.OnceValue(func() *catalog {
	c := &catalog{dirs: []fs.FS{builtin}}
	if dir := Directory(); dir != "" {
		c.dirs = []fs.FS{os.DirFS(dir), builtin}
	}
	return c
})

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

// Lookup returns the vendor with that name. The error is [ErrUnknown], or says what is wrong with the user's file.
func Lookup(name string) (*Provider, error) { return known().lookup(name) }

// Names lists the vendors, those of the user's files among them.
func Names() []string { return known().names() }

// Generic is any OAuth 2.0 server: the RFCs and nothing else.
var Generic = sync.OnceValue(func() *Provider {
	text, _ := builtin.ReadFile(genericName + ".json")
	p, err := Parse(text)
	if err != nil {
		panic(err) // unreachable: a test reads every file
	}
	return p
})

func (c *catalog) lookup(name string) (*Provider, error) {
	if name == genericName {
		return Generic(), nil
	}
	if !IsName(name) {
		return nil, ErrUnknown
	}
	read, ok := c.read.Load(name)
	if !ok {
		read, _ = c.read.LoadOrStore(name, sync.OnceValues(func() (*Provider, error) { return c.parse(name) }))
	}
	return read.(func() (*Provider, error))()
}

func (c *catalog) parse(name string) (*Provider, error) {
	text, dir, err := c.text(name)
	if err != nil {
		return nil, err
	}
	p, err := Parse(text)
	if err == nil && p.Name != name {
		err = fmt.Errorf(`its "name" is %q`, p.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.path(dir, name), err)
	}
	return p, nil
}

// text is the file, and the number of the directory that it is in.
func (c *catalog) text(name string) (text []byte, dir int, err error) {
	for i, dir := range c.dirs {
		text, err := fs.ReadFile(dir, name+".json")
		if err == nil {
			return text, i, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) { // another user's directory is not ours to read
			return nil, i, err
		}
	}
	return nil, 0, ErrUnknown
}

func (c *catalog) path(dir int, name string) string {
	if dir == len(c.dirs)-1 {
		return name + ".json"
	}
	return filepath.Join(Directory(), name+".json")
}

func (c *catalog) names() []string {
	var names []string
	for _, dir := range c.dirs {
		files, _ := fs.ReadDir(dir, ".") // one that is not there has none
		for _, file := range files {
			if name, ok := strings.CutSuffix(file.Name(), ".json"); ok && IsName(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// IsUsers reports whether the user has a file of that name.
func IsUsers(name string) bool {
	_, dir, err := known().text(name)
	return err == nil && dir < len(known().dirs)-1
}

// Recognize tells the vendor from a saved token, whose string members member returns, and from the token endpoint, which
// may be "". It returns [Generic] when nothing gives the vendor away.
func Recognize(member func(name string) string, endpoint string) *Provider {
	return known().recognize(member, endpoint)
}

func (c *catalog) recognize(member func(string) string, endpoint string) *Provider {
	host := ""
	if u, err := url.Parse(endpoint); err == nil {
		host = strings.ToLower(u.Hostname())
	}
	for _, name := range c.names() {
		text, _, err := c.text(name)
		if err != nil || !mayBe(text, host, member) {
			continue
		}
		if p, err := c.lookup(name); err == nil && (host != "" && p.Owns(host) || p.issued(member)) {
			return p
		}
	}
	return Generic()
}

// mayBe reports whether it is worth while to parse a file, which takes a hundred times as long as to look for a text in it.
func mayBe(file []byte, host string, member func(string) string) bool {
	if bytes.Contains(file, []byte(`"path_prefix"`)) && strings.Contains(member("id"), "/") {
		return true
	}
	if host == "" {
		return false
	}
	if bytes.Contains(file, []byte(`"`+host+`"`)) {
		return true
	}
	for i := range len(host) {
		if host[i] == '.' && bytes.Contains(file, []byte(`"`+host[i:]+`"`)) {
			return true
		}
	}
	return false
}

// issued reports whether a token looks like one of p's. It may lie: nothing is sent anywhere on its word alone.
func (p *Provider) issued(member func(string) string) bool {
	if p.Identity == nil {
		return false
	}
	u, err := url.Parse(member(p.Identity.Member))
	return err == nil && u.Host != "" && strings.HasPrefix(u.Path, p.Identity.PathPrefix)
}
