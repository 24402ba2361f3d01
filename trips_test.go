package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A leg is a function that a trip passes, with the file that it is in.
type leg struct {
	function, file string // Type.Method, or the name of a function
	calls          map[string]bool
}

// tripNames are the trips that docs/architecture.md writes down.
var tripNames = []string{"amount", "name", "password", "job"}

// TestTrips holds the trips of docs/architecture.md to the code. Each function is where the list
// says; the first is of a verb that the program has, so that nobody goes a way that no command
// takes; each other one is called by one that stands before it; and no trip enters a file more than
// twice. It is entered where a function of another file calls one of its own: the last one
// before it in the list that does.
func TestTrips(t *testing.T) {
	trips := readTrips(t)
	bodies := map[string]map[string]*ast.FuncDecl{}
	verbs := map[string]bool{}
	for _, file := range []string{"commands/app.go", "commands/nouns.go"} {
		for _, f := range functionsOf(t, file) {
			maps.Copy(verbs, called(f))
		}
	}
	for _, name := range tripNames {
		legs := trips[name]
		if len(legs) < 8 {
			t.Errorf("the trip of %s has %d functions: it is missing, or its table is not understood", name, len(legs))
		}
		entered := map[string]int{}
		for i := range legs {
			l := &legs[i]
			if bodies[l.file] == nil {
				bodies[l.file] = functionsOf(t, l.file)
			}
			f := bodies[l.file][l.function]
			if f == nil {
				t.Errorf("the trip of %s: %s is not in %s", name, l.function, l.file)
				continue
			}
			l.calls = called(f)
			from := callerOf(legs[:i], l.function)
			switch {
			case i == 0 && !verbs[l.function]:
				t.Errorf("the trip of %s begins with %s, which is no verb of the program", name, l.function)
			case i == 0:
				entered[l.file]++
			case from == nil:
				t.Errorf("the trip of %s: nothing that stands before %s calls it", name, l.function)
			case from.file != l.file:
				entered[l.file]++
			}
		}
		for file, n := range entered {
			if n > 2 {
				t.Errorf("the trip of %s enters %s %d times", name, file, n)
			}
		}
	}
	if len(trips) != len(tripNames) {
		t.Errorf("%d trips are written down, %d are known here", len(trips), len(tripNames))
	}
}

// callerOf is the last leg that calls a function; nil: there is none.
func callerOf(before []leg, function string) *leg {
	_, name, method := strings.Cut(function, ".")
	if !method {
		name = function
	}
	for i := len(before) - 1; i >= 0; i-- {
		if before[i].calls[name] {
			return &before[i]
		}
	}
	return nil
}

var (
	tripHead = regexp.MustCompile(`^### The trip of an? (\w+)`)
	tripRow  = regexp.MustCompile("^\\| *(`[^|]*) *\\| *`([^`|]*)` *\\|")
	quoted   = regexp.MustCompile("`([^`]+)`")
)

// readTrips reads the tables under the headings of trips: functions, file, what becomes of it
// there.
func readTrips(t *testing.T) map[string][]leg {
	t.Helper()
	trips := map[string][]leg{}
	trip := ""
	for _, line := range lines(t, "docs/architecture.md") {
		if strings.HasPrefix(line, "#") {
			trip = ""
		}
		if m := tripHead.FindStringSubmatch(line); m != nil {
			trip = m[1]
		}
		m := tripRow.FindStringSubmatch(line)
		if trip == "" || m == nil {
			continue
		}
		for _, f := range quoted.FindAllStringSubmatch(m[1], -1) {
			trips[trip] = append(trips[trip], leg{function: f[1], file: m[2]})
		}
	}
	return trips
}

// functionsOf are the functions of a file by their names, methods with their types.
func functionsOf(t *testing.T, file string) map[string]*ast.FuncDecl {
	t.Helper()
	all := map[string]*ast.FuncDecl{}
	src, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Error(err)
		return all
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return all
	}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := f.Name.Name
		if f.Recv != nil {
			name = receiver(f.Recv.List[0].Type) + "." + name
		}
		all[name] = f
	}
	return all
}

// receiver is the name of a method's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// called are the names that the body of a function calls, or hands on to be called.
func called(f *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if s, ok := call.Fun.(*ast.SelectorExpr); ok {
			names[s.Sel.Name] = true
		}
		for _, e := range append([]ast.Expr{call.Fun}, call.Args...) {
			if id, ok := e.(*ast.Ident); ok {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}
