package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// ownTexts are the files that may print without package text, because they print only the program's
// own texts: nothing from a document, a server, a file name or a path.
var ownTexts = map[string]string{
	"help.go":           "the help texts; fold makes words printable, because it also prints texts of provider files",
	"environment.go":    "the help topic",
	"exec.go":           "the help text",
	"progress.go":       "a bar of numbers",
	"login_exchange.go": "an empty document, to a file",
	"login_secret.go":   "the client secret, to a file of its own",
}

// Texts from outside are printed only by text.Fprintf, text.Fprintln, text.JSON, printTable and fold.
func TestForeignTextsArePrintedByPackageText(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := file.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || ownTexts[name] != "" {
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
				t.Errorf("%s: %s prints a text without making it printable", name, f.Sel.Name)
			}
			return true
		})
	}
}

func isLiteral(e ast.Expr) bool {
	_, ok := e.(*ast.BasicLit)
	return ok
}

// isComposed reports whether the call writes the text of a [strings.Builder], or a cell of a table.
// Both were made printable before.
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
