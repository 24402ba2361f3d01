package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// budgets are what a reader can hold in mind. Test files are not counted; of files for one system
// only those of Linux are, so that the numbers are the same everywhere.
var budgets = map[string]int{
	"lines":            6000, // of a package, comments and blanks included
	"methods":          40,   // of a type
	"files of methods": 6,    // that hold the methods of a type
	"cycle":            6,    // files that reach each other by arrows: an arrow is a file that uses what another one declares
	"tenths of arrows": 45,   // for each file
	"parameters":       6,    // of a function, without receiver and context
}

// An offence is a budget that is passed.
type offence struct {
	where, budget string
}

// offences are the budgets that are passed, and by how much at most. A line is a debt and needs its
// reason: a table of kinds and the files of the kinds, say. There is none.
var offences = map[offence]int{}

// walls is what is measured of one package.
type walls struct {
	lines  int
	files  int
	arrows int
	cycle  int
	types  map[string]methods // by the name of the type
	params map[string]int     // by the name of the function, of those above the budget
}

// methods are counted for a type.
type methods struct{ count, files int }

// TestWalls measures every package of ours and holds it to the budgets.
func TestWalls(t *testing.T) {
	found := map[offence]int{}
	over := func(where, budget string, n int) {
		if n > budgets[budget] {
			found[offence{where, budget}] = n
		}
	}
	m := newMeasure()
	for _, dir := range packageDirs(t) {
		w, err := m.of(dir)
		if err != nil {
			t.Fatal(err)
		}
		over(dir, "lines", w.lines)
		over(dir, "cycle", w.cycle)
		over(dir, "tenths of arrows", (w.arrows*10+w.files-1)/w.files)
		for name, n := range w.types {
			over(dir+"."+name, "methods", n.count)
			over(dir+"."+name, "files of methods", n.files)
		}
		for name, n := range w.params {
			over(dir+"."+name, "parameters", n)
		}
	}
	for o, n := range found {
		switch most := offences[o]; {
		case n > most:
			t.Errorf("%s: %s: %d, and %d is what it may be", o.where, o.budget, n, max(most, budgets[o.budget]))
		case n*20 < most*19:
			t.Errorf("%s: %s: %d by now: write that down in the list, which says %d", o.where, o.budget, n, most)
		}
	}
	for o := range offences {
		if _, still := found[o]; !still {
			t.Errorf("%s: %s: within the budget now, take it off the list", o.where, o.budget)
		}
	}
}

// packageDirs lists the folders that the import table names and that exist, without those of test
// data.
func packageDirs(t *testing.T) []string {
	t.Helper()
	var dirs []string
	for dir := range mayImport {
		if _, err := os.Stat(dir); err == nil && !strings.HasPrefix(dir, "testdata") {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) < 10 {
		t.Fatalf("only %d packages were found", len(dirs))
	}
	slices.Sort(dirs)
	return dirs
}

// measure reads packages from source. Packages of others are not read: what they declare makes no
// arrow.
type measure struct {
	fset    *token.FileSet
	std     types.Importer
	checked map[string]*checked
}

// checked is one of our packages with what its identifiers mean.
type checked struct {
	pkg   *types.Package
	files []*ast.File
	info  *types.Info
	err   error
}

func newMeasure() *measure {
	m := &measure{fset: token.NewFileSet(), checked: map[string]*checked{}}
	build.Default.CgoEnabled = false // the standard library is read as it is without a C compiler
	m.std = importer.ForCompiler(m.fset, "source", nil)
	return m
}

// Import answers go/types: our own packages and the standard library are read, others are not.
func (m *measure) Import(path string) (*types.Package, error) {
	if dir, ours := strings.CutPrefix(path, module+"/"); ours {
		c := m.check(dir)
		return c.pkg, c.err
	}
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		return nil, errors.New("not ours")
	}
	return m.std.Import(path)
}

// check reads the package in dir. Errors of types are expected, because packages of others are
// missing.
func (m *measure) check(dir string) *checked {
	if c, done := m.checked[dir]; done {
		return c
	}
	c := &checked{info: &types.Info{Uses: map[*ast.Ident]types.Object{}}}
	m.checked[dir] = c
	linux := build.Default
	linux.GOOS, linux.GOARCH, linux.CgoEnabled = "linux", "amd64", false
	entries, err := os.ReadDir(dir)
	if err != nil {
		c.err = err
		return c
	}
	for _, entry := range entries {
		name := entry.Name()
		if match, err := linux.MatchFile(dir, name); err != nil || !match || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(m.fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			c.err = err
			return c
		}
		c.files = append(c.files, f)
	}
	conf := types.Config{Importer: m, Error: func(error) {}, FakeImportC: true}
	c.pkg, _ = conf.Check(module+"/"+dir, m.fset, c.files, c.info)
	return c
}

// of measures the package in dir.
func (m *measure) of(dir string) (walls, error) {
	c := m.check(dir)
	if c.err != nil {
		return walls{}, fmt.Errorf("reading %s: %w", dir, c.err)
	}
	w := walls{files: len(c.files), types: map[string]methods{}, params: map[string]int{}}
	graph := map[string]map[string]bool{}
	for _, f := range c.files {
		from := m.fileOf(f.Package)
		w.lines += m.fset.File(f.Package).LineCount()
		for _, used := range uses(f, c.info) {
			if to, ours := m.declaredIn(c.pkg, used); ours && to != from {
				if graph[from] == nil {
					graph[from] = map[string]bool{}
				}
				graph[from][to] = true
			}
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if n := parameters(fn.Type); n > budgets["parameters"] {
					w.params[fn.Name.Name] = max(n, w.params[fn.Name.Name])
				}
			}
		}
	}
	for _, to := range graph {
		w.arrows += len(to)
	}
	w.cycle = largestCycle(graph)
	for _, name := range c.pkg.Scope().Names() {
		if tn, ok := c.pkg.Scope().Lookup(name).(*types.TypeName); ok {
			if named, ok := tn.Type().(*types.Named); ok {
				files := map[string]bool{}
				for i := range named.NumMethods() {
					files[m.fileOf(named.Method(i).Pos())] = true
				}
				w.types[name] = methods{named.NumMethods(), len(files)}
			}
		}
	}
	return w, nil
}

// fileOf is the name of the file that holds a place.
func (m *measure) fileOf(p token.Pos) string { return m.fset.Position(p).Filename }

// uses lists the objects that the identifiers of a file mean.
func uses(f *ast.File, info *types.Info) (found []types.Object) {
	ast.Inspect(f, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && info.Uses[id] != nil {
			found = append(found, info.Uses[id])
		}
		return true
	})
	return found
}

// declaredIn is the file that declares a function, type, constant, variable or method of pkg.
// Fields and what is local to a function do not count.
func (m *measure) declaredIn(pkg *types.Package, o types.Object) (string, bool) {
	if o.Pkg() != pkg {
		return "", false
	}
	if fn, ok := o.(*types.Func); ok {
		return m.fileOf(fn.Origin().Pos()), true
	}
	return m.fileOf(o.Pos()), o.Parent() == pkg.Scope()
}

// parameters counts a function's parameters, without a context.
func parameters(fn *ast.FuncType) int {
	n := 0
	for _, field := range fn.Params.List {
		if sel, ok := field.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Context" {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == "context" {
				continue
			}
		}
		n += max(1, len(field.Names))
	}
	return n
}

// largestCycle is the size of the largest set of files that reach each other (Tarjan's strongly
// connected components).
func largestCycle(graph map[string]map[string]bool) int {
	var (
		index, low = map[string]int{}, map[string]int{}
		on         = map[string]bool{}
		stack      []string
		largest    int
		visit      func(string)
	)
	visit = func(v string) {
		index[v] = len(index) + 1
		low[v] = index[v]
		stack, on[v] = append(stack, v), true
		for w := range graph[v] {
			if index[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if on[w] {
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		at := slices.Index(stack, v)
		largest = max(largest, len(stack)-at)
		for _, w := range stack[at:] {
			on[w] = false
		}
		stack = stack[:at]
	}
	for v := range graph {
		if index[v] == 0 {
			visit(v)
		}
	}
	if largest == 1 {
		return 0 // a file alone is no cycle
	}
	return largest
}

// TestMeasure holds the measure itself to an example: three files in a circle, one beside it.
func TestMeasure(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.go":       "package x\nimport \"context\"\nfunc a(_ context.Context, p, q, r, s, t, u, v int) { b() }\n",
		"b.go":       "package x\nfunc b() { T{}.m() }\n",
		"c.go":       "package x\ntype T struct{ f int }\nfunc (T) m() { a(nil, 1, 2, 3, 4, 5, 6, 7) }\n",
		"d.go":       "package x\nfunc (T) n() {}\nfunc d(v T) int { return v.f }\n",
		"e_test.go":  "package x\nfunc e() { a(nil, 1, 2, 3, 4, 5, 6, 7) }\n",
		"f_plan9.go": "package x\nfunc f() { d(T{}) }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w, err := newMeasure().of(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := walls{lines: 3 + 2 + 3 + 3, files: 4, arrows: 4, cycle: 3, types: map[string]methods{"T": {2, 2}}, params: map[string]int{"a": 7}}
	if !reflect.DeepEqual(w, want) {
		t.Errorf("%+v, want %+v", w, want)
	}
}
