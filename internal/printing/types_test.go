package printing_test

import (
	"bytes"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/freshet-dev/freshet"

// exportedTypes lists the exported types of the packages that others can import, as "oauth.Secret",
// and of the file store.
func exportedTypes(t *testing.T) map[string]bool {
	t.Helper()
	names, err := listTypes()
	if err != nil {
		t.Fatal(err)
	}
	return names
}

var listTypes = sync.OnceValues(func() (map[string]bool, error) {
	// go list compiles the packages; go/types reads the export data.
	list := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Name}}\t{{.Export}}",
		module+"/...")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	var public []string
	for line := range bytes.Lines(out) {
		fields := strings.Split(strings.TrimSpace(string(line)), "\t")
		if len(fields) < 3 {
			continue // unsafe has no file
		}
		path, name := fields[0], fields[1]
		exports[path] = fields[2]
		if (path == module || strings.HasPrefix(path, module+"/")) && name != "main" &&
			(!strings.Contains(path, "/internal/") || strings.HasSuffix(path, "/internal/filestore")) {
			public = append(public, path)
		}
	}
	imported := importer.ForCompiler(token.NewFileSet(), "gc",
		func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	names := map[string]bool{}
	for _, path := range public {
		pkg, err := imported.Import(path)
		if err != nil {
			return nil, err
		}
		for _, name := range pkg.Scope().Names() {
			if object, ok := pkg.Scope().Lookup(name).(*types.TypeName); ok && object.Exported() {
				names[qualified(path, name)] = true
			}
		}
	}
	return names, nil
})

// nameOf returns the name of a type as in exportedTypes.
func nameOf(t reflect.Type) string { return qualified(t.PkgPath(), t.Name()) }

// qualified returns a name after the path of its package in this module, or after "freshet".
func qualified(path, name string) string {
	if path == module {
		return "freshet." + name
	}
	return strings.TrimPrefix(path, module+"/") + "." + name
}
