package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOneVoice reads the source of the whole program: nothing but main, and the programs of the
// transcripts, ends the process, nothing writes to the standard streams past the Printer, and
// errors are not told apart by their texts.
func TestOneVoice(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(path)
		if d.IsDir() {
			if path != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"bin", "dist", "testdata"}, name)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "main.go" || name == "commands/scripttest/programs.go" {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			what := pkg.Name + "." + sel.Sel.Name
			switch what {
			case "os.Exit", "os.Stdin", "os.Stdout", "os.Stderr", "fmt.Print", "fmt.Printf", "fmt.Println",
				"log.Print", "log.Printf", "log.Println", "log.Fatal", "log.Fatalf", "log.Fatalln", "slog.Info", "slog.Warn", "slog.Error":
				t.Errorf("%s uses %s: results and messages go through the Printer, streams come from main", name, what)
			}
			return true
		})
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); !ok || pkg.Name != "strings" || !slices.Contains([]string{"Contains", "HasPrefix", "HasSuffix", "EqualFold"}, sel.Sel.Name) {
				return true
			}
			if inner, ok := call.Args[0].(*ast.CallExpr); ok && len(inner.Args) == 0 {
				if s, ok := inner.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Error" && !strings.HasPrefix(name, "wallet/chain/") && name != "commands/app.go" {
					t.Errorf("%s tells an error by its text", name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("only %d files read", files)
	}
}
