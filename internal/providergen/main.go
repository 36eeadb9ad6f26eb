// Command providergen generates provider/builtin.go from provider/*.json. To parse the files at every start
// would take longer than most commands do.
//
//	go generate ./provider
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/freshet-dev/freshet/provider"
)

func main() {
	source, err := compile(".")
	if err == nil {
		err = os.WriteFile("builtin.go", source, 0o644)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "providergen: %v\n", err)
		os.Exit(1)
	}
}

// compile returns the Go source of the files in dir.
func compile(dir string) ([]byte, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var all []*provider.Provider
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		p, err := provider.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *provider.Provider) int { return strings.Compare(a.Name, b.Name) })
	owner := map[string]string{}
	for _, p := range all {
		for _, host := range p.Hosts {
			if other, taken := owner[host]; taken {
				return nil, fmt.Errorf("the host %s belongs to both %s and %s: each host must belong to one provider",
					host, other, p.Name)
			}
			owner[host] = p.Name
		}
	}
	return format.Source(source(all))
}

func source(all []*provider.Provider) []byte {
	var out bytes.Buffer
	fmt.Fprint(&out, `// Code generated from the JSON files by go generate; DO NOT EDIT.

package provider

import "github.com/freshet-dev/freshet/oauth"

// builtin returns the built-in provider with this name, or nil.
func builtin(name string) *Provider {
	switch name {
`)
	for _, p := range all {
		fmt.Fprintf(&out, "case %q: return %s()\n", p.Name, function(p.Name))
	}
	fmt.Fprint(&out, "default: return nil\n}\n}\n\n")
	fmt.Fprint(&out, "var builtinNames = []string{\n")
	for _, p := range all {
		fmt.Fprintf(&out, "%q,\n", p.Name)
	}
	fmt.Fprint(&out, `}

// builtinHost returns the provider of a host, or "". A leading dot stands for any subdomain.
func builtinHost(host string) string {
switch host {
`)
	for _, p := range all {
		if len(p.Hosts) > 0 {
			fmt.Fprintf(&out, "case %s: return %q\n", quoted(p.Hosts), p.Name)
		}
	}
	fmt.Fprint(&out, `default: return ""
}
}

// builtinIdentities are the providers that can be recognized by a member of their tokens.
var builtinIdentities = []identityOf{
`)
	for _, p := range all {
		if p.Identity != nil {
			fmt.Fprintf(&out, "{%q, %q, %q},\n", p.Identity.Member, p.Identity.PathPrefix, p.Name)
		}
	}
	fmt.Fprint(&out, "}\n")
	for _, p := range all {
		value, maps := literal(p)
		fmt.Fprintf(&out, "\nvar %sData = %s\n", function(p.Name), value)
		fmt.Fprintf(&out, "\nfunc %s() *Provider {\np := %[1]sData\n%s\nreturn &p\n}\n",
			function(p.Name), strings.Join(maps, "\n"))
	}
	return out.Bytes()
}

func quoted(texts []string) string {
	var all []string
	for _, text := range texts {
		all = append(all, strconv.Quote(text))
	}
	return strings.Join(all, ", ")
}

// function returns the name of the function for a provider: builtinStripeConnect for "stripe-connect".
func function(name string) string {
	words := strings.Split(name, "-")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return "builtin" + strings.ToUpper(words[0][:1]) + words[0][1:] + strings.Join(words[1:], "")
}
