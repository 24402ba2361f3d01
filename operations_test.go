package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// operationSwitches are the files that must know every operation, and those that one leaves out on
// purpose. A new operation that is missing in one of them would panic in the rules, or be stored or
// shown as something else.
var operationSwitches = map[string][]string{
	"names/rules/apply.go":           nil,
	"names/index/store/codec_ops.go": nil,
	"txbuilder/reading.go":           {"Announce"}, // it shows no name; its payload is shown as data
}

// TestOperationsEverywhere: each operation of names/nameop stands in every file of
// operationSwitches, and each opcode that a consensus hash covers in the layouts of names/snv.
func TestOperationsEverywhere(t *testing.T) {
	ops := operationTypes(t)
	if len(ops) < 12 {
		t.Fatalf("names/nameop has only %q", ops)
	}
	for file, without := range operationSwitches {
		used := selectors(t, file, "nameop")
		for _, op := range ops {
			if used[op] == slices.Contains(without, op) {
				t.Errorf("%s and nameop.%s: used is %v; see operationSwitches", file, op, used[op])
			}
		}
	}
	hashed := selectors(t, "names/snv/fields.go", "nameop")
	for _, op := range ops {
		if code := "Op" + op; op != "Announce" && op != "NameRenewal" && !hashed[code] { // a renewal has the opcode of a registration
			t.Errorf("names/snv/fields.go has no layout for nameop.%s", code)
		}
	}
}

// operationTypes are the operations of names/nameop: what has an opcode.
func operationTypes(t *testing.T) (ops []string) {
	t.Helper()
	files, err := filepath.Glob("names/nameop/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, d := range parsed(t, file).Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "Opcode" {
				continue
			}
			if id, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				ops = append(ops, id.Name)
			}
		}
	}
	return ops
}

// selectors are the names of a package that a file uses.
func selectors(t *testing.T, file, pkg string) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	ast.Inspect(parsed(t, file), func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok && id.Name == pkg {
				used[s.Sel.Name] = true
			}
		}
		return true
	})
	return used
}

// parsed is a source file.
func parsed(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
