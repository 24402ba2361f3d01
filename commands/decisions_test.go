package commands

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// TestDecisions: what a user is told is for users and scripts. The program asks the error itself,
// so that a better code or message changes no outcome: no comparison with the code of a fault, and
// none of what the table says of an error taken apart.
func TestDecisions(t *testing.T) {
	for _, path := range sourceFiles(t) {
		name := filepath.ToSlash(path)
		if filepath.Dir(name) == "fault" || filepath.Dir(name) == "faults" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if n := decisions(file); n > 0 {
			t.Errorf("%s decides %d times by the code or text that a user is told; ask the error itself (errors.Is, errors.As, a typed outcome)", name, n)
		}
	}
}

// decisions counts the places in a file that decide by what a user is told.
func decisions(file *ast.File) (n int) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.BinaryExpr:
			if (node.Op == token.EQL || node.Op == token.NEQ) && (comparesCode(node.X, node.Y) || comparesCode(node.Y, node.X)) {
				n++
			}
		case *ast.SwitchStmt:
			if tag, ok := node.Tag.(*ast.SelectorExpr); ok && tag.Sel.Name == "Code" && len(node.Body.List) > 0 {
				if first, ok := node.Body.List[0].(*ast.CaseClause); ok && len(first.List) > 0 && isText(first.List[0]) {
					n++
				}
			}
		case *ast.SelectorExpr:
			if call, ok := node.X.(*ast.CallExpr); ok && isTable(call.Fun) && slices.Contains([]string{"Code", "Exit", "Message"}, node.Sel.Name) {
				n++
			}
		}
		return true
	})
	return n
}

// comparesCode reports whether one side is the code of something and the other a text.
func comparesCode(side, other ast.Expr) bool {
	sel, ok := side.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Code" {
		return false
	}
	if call, ok := sel.X.(*ast.CallExpr); ok && isTable(call.Fun) {
		return false // which is counted already
	}
	id, ok := other.(*ast.Ident)
	return isText(other) || ok && id.Name == "code"
}

// isText reports whether an expression is a text that stands in the source, and not the empty one.
func isText(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING && lit.Value != `""`
}

// isTable reports whether a function is the one that says what a user is told.
func isTable(fun ast.Expr) bool {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Of" {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && pkg.Name == "faults"
}

// TestDecisionsAreSeen holds the search itself to examples.
func TestDecisionsAreSeen(t *testing.T) {
	for text, want := range map[string]int{
		`if f.Code == "pending" { return }`:                   1,
		`if "pending" != f.Code { return }`:                   1,
		`if f.Code == code { return }`:                        1,
		`if faults.Of(ctx, err).Code == "pending" { return }`: 1,
		`x := faults.Of(ctx, err).Exit(); _ = x`:              1,
		`switch f.Code { case "a": }`:                         1,
		`f := faults.Of(ctx, err); print(f.Code, f.Message)`:  0,
		`if refused.Code == chain.LowFee { return }`:          0,
		`if f.Code == "" { return }`:                          0,
		`f.Code = "conflict"`:                                 0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() { "+text+" }\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		if n := decisions(file); n != want {
			t.Errorf("%s: %d, want %d", text, n, want)
		}
	}
}
