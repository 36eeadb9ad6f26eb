package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// printsItsOwn are the files that print texts of the program's own, and nothing that comes from a document, a server, a file name or
// a path.
var printsItsOwn = map[string]string{
	"help.go":           "the texts of the commands; fold makes words printable, because provider files have some too",
	"environment.go":    "the help topic",
	"exec.go":           "the help text",
	"progress.go":       "a bar of numbers",
	"login_exchange.go": "an empty document, to a file",
	"login_secret.go":   "the client secret, to a file of its own",
}

// What others wrote reaches a terminal through package text only: text.Fprintf, text.Fprintln, text.JSON, printTable and fold.
func TestEverythingIsPrintedThroughOneFunction(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := file.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || printsItsOwn[name] != "" {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(source, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, _ := f.X.(*ast.Ident)
			isPrint := of != nil && of.Name == "fmt" && (strings.HasPrefix(f.Sel.Name, "Fprint") || strings.HasPrefix(f.Sel.Name, "Print"))
			isRaw := f.Sel.Name == "WriteString" && !isLiteral(call.Args[len(call.Args)-1])
			if (isPrint || isRaw) && !isComposed(call) {
				t.Errorf("%s: %s prints as it is what others may have written", name, f.Sel.Name)
			}
			return true
		})
	}
}

func isLiteral(e ast.Expr) bool {
	_, ok := e.(*ast.BasicLit)
	return ok
}

// isComposed reports whether what is written is the text of a [strings.Builder], into which it was printed, or a cell of a table.
func isComposed(call *ast.CallExpr) bool {
	switch arg := call.Args[len(call.Args)-1].(type) {
	case *ast.CallExpr: // out.String()
		f, ok := arg.Fun.(*ast.SelectorExpr)
		return ok && f.Sel.Name == "String" && len(arg.Args) == 0
	case *ast.BinaryExpr: // cell + padding, in printTable
		x, ok := arg.X.(*ast.Ident)
		return ok && x.Name == "cell"
	}
	return false
}
