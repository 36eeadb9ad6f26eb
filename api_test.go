package freshet_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write api.txt")

// TestAPI compares the exported names of the public packages with api.txt, so that a change of them
// is seen.
func TestAPI(t *testing.T) {
	var lines []string
	for dir := range maps.Keys(mayImport) {
		if !strings.Contains(dir, "/") {
			lines = append(lines, exported(t, dir)...)
		}
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile("api.txt", []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	file, err := os.ReadFile("api.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(file)), "\n")
	for _, line := range lines {
		if !slices.Contains(want, line) {
			t.Errorf("new: %s", line)
		}
	}
	for _, line := range want {
		if !slices.Contains(lines, line) {
			t.Errorf("gone: %s", line)
		}
	}
	if t.Failed() {
		t.Log("if that is meant, write api.txt with: go test . -run TestAPI -update")
	}
}

// exported lists the exported names of a package on Linux, each with its type.
func exported(t *testing.T, dir string) []string {
	t.Helper()
	linux := build.Default
	linux.GOOS, linux.GOARCH, linux.BuildTags = "linux", "amd64", nil
	files := token.NewFileSet()
	names, err := fs.Glob(os.DirFS("."), path.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var a surface
	for _, name := range names {
		matches, err := linux.MatchFile(dir, path.Base(name))
		if err != nil {
			t.Fatal(err)
		}
		if !matches || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		a.pkg = file.Name.Name
		for _, decl := range file.Decls {
			a.decl(decl)
		}
	}
	return a.lines
}

// surface collects the exported names of a package.
type surface struct {
	pkg   string
	lines []string
}

func (a *surface) add(kind, format string, args ...any) {
	a.lines = append(a.lines, a.pkg+": "+kind+" "+fmt.Sprintf(format, args...))
}

func (a *surface) decl(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		signature := strings.TrimPrefix(source(decl.Type), "func")
		if decl.Recv == nil {
			if decl.Name.IsExported() {
				a.add("func", "%s%s", decl.Name, signature)
			}
			return
		}
		receiver := source(decl.Recv.List[0].Type)
		if decl.Name.IsExported() && ast.IsExported(strings.TrimPrefix(receiver, "*")) {
			a.add("method", "(%s) %s%s", receiver, decl.Name, signature)
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				a.typeSpec(spec)
			case *ast.ValueSpec:
				a.valueSpec(decl.Tok.String(), spec)
			}
		}
	}
}

func (a *surface) typeSpec(spec *ast.TypeSpec) {
	if !spec.Name.IsExported() {
		return
	}
	switch t := spec.Type.(type) {
	case *ast.StructType:
		a.add("type", "%s struct", spec.Name)
		a.members("field", spec.Name.Name, t.Fields)
	case *ast.InterfaceType:
		a.add("type", "%s interface", spec.Name)
		a.members("method", spec.Name.Name, t.Methods)
	default:
		equals := ""
		if spec.Assign.IsValid() {
			equals = "= "
		}
		a.add("type", "%s %s%s", spec.Name, equals, source(t))
	}
}

// members adds the fields of a struct or the methods of an interface.
func (a *surface) members(kind, of string, list *ast.FieldList) {
	for _, f := range list.List {
		typ := source(f.Type)
		if len(f.Names) == 0 {
			a.add(kind, "%s embeds %s", of, typ)
		}
		for _, name := range f.Names {
			switch {
			case !name.IsExported():
			case kind == "method":
				a.add(kind, "(%s) %s%s", of, name, strings.TrimPrefix(typ, "func"))
			case f.Tag != nil:
				a.add(kind, "%s.%s %s %s", of, name, typ, f.Tag.Value)
			default:
				a.add(kind, "%s.%s %s", of, name, typ)
			}
		}
	}
}

func (a *surface) valueSpec(kind string, spec *ast.ValueSpec) {
	for i, name := range spec.Names {
		if !name.IsExported() {
			continue
		}
		text := name.Name
		if spec.Type != nil {
			text += " " + source(spec.Type)
		}
		if kind == "const" && i < len(spec.Values) {
			text += " = " + source(spec.Values[i])
		}
		a.add(kind, "%s", text)
	}
}

// source returns the source of a type or value on one line.
func source(node any) string {
	var text bytes.Buffer
	if err := printer.Fprint(&text, token.NewFileSet(), node); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(text.String()), " ")
}
