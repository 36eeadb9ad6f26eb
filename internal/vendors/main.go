// Command vendors compiles the files of package provider into it: what every start would have to read takes longer than
// what most of them are for.
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
		fmt.Fprintf(os.Stderr, "vendors: %v\n", err)
		os.Exit(1)
	}
}

// compile returns the Go source for the files in dir.
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
				return nil, fmt.Errorf("the host %s is %s's and %s's: a token endpoint there could be either's", host, other, p.Name)
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

// builtin is what each file says.
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
	fmt.Fprint(&out, "}\n\n// builtinHost is the vendor of a host as the files write it, or \"\".\nfunc builtinHost(host string) string {\nswitch host {\n")
	for _, p := range all {
		if len(p.Hosts) > 0 {
			fmt.Fprintf(&out, "case %s: return %q\n", quoted(p.Hosts), p.Name)
		}
	}
	fmt.Fprint(&out, "default: return \"\"\n}\n}\n\n// builtinIdentities are the vendors whose tokens say where they came from.\nvar builtinIdentities = []identityOf{\n")
	for _, p := range all {
		if p.Identity != nil {
			fmt.Fprintf(&out, "{%q, %q, %q},\n", p.Identity.Member, p.Identity.PathPrefix, p.Name)
		}
	}
	fmt.Fprint(&out, "}\n")
	for _, p := range all {
		value, maps := literal(p)
		fmt.Fprintf(&out, "\nvar %sData = %s\n", function(p.Name), value)
		fmt.Fprintf(&out, "\nfunc %s() *Provider {\np := %[1]sData\n%s\nreturn &p\n}\n", function(p.Name), strings.Join(maps, "\n"))
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

// function is the name of the function for a vendor: "stripe-connect" is stripeConnect.
func function(name string) string {
	words := strings.Split(name, "-")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return "builtin" + strings.ToUpper(words[0][:1]) + words[0][1:] + strings.Join(words[1:], "")
}
