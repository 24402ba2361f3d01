package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestScriptKindsInOnePlace: what kind a script is, and its address, is asked of names/outscript.
func TestScriptKindsInOnePlace(t *testing.T) {
	asked := 0
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path := filepath.ToSlash(file)
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := s.X.(*ast.Ident)
			if !ok || pkg.Name != "txscript" {
				return true
			}
			name := s.Sel.Name
			if strings.HasPrefix(name, "IsPayTo") || name == "IsWitnessProgram" || name == "GetScriptClass" || name == "ExtractPkScriptAddrs" {
				if asked++; !strings.HasPrefix(path, "names/outscript/") {
					t.Errorf("%s uses txscript.%s: names/outscript knows that", path, name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if asked == 0 {
		t.Error("nobody asks btcd: the test looks for the wrong names")
	}
}
