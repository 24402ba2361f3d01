package registrar

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"
)

var simMutants = flag.Bool("sim.mutants", false, "remove one guard at a time and expect the simulator to notice")

// mutant is the engine without one of its guards. The guard is a piece of a function: the function
// is looked for by its name in all packages of the engine, and the piece by its words. Where the
// function stands, how it is laid out, whether its names are exported and from which package they
// come changes nothing.
type mutant struct{ guard, function, with, without string }

// mutated are the folders that functions are looked for in.
var mutated = []string{".", "../lastdays", "../../storage/dbfile"}

// TestMutants finds the piece of every guard once, so that none of the mutants loses its meaning
// when the code moves. With -sim.mutants it takes the guards away, one at a time, and expects the
// simulator to fail, or the tests of series, of fees and of coins.
func TestMutants(t *testing.T) {
	eachMutant(t, mutants(), "TestSimulation|TestSeries.*|Test.*Together|TestRefused.*|Test.*Floor|TestFloor.*|TestRivals.*|TestSettled.*", 800)
}

// eachMutant looks for the piece of every guard, sees that there is a program without it, and with
// -sim.mutants runs tests, by name, and as many lives of the simulator, without it.
func eachMutant(t *testing.T, list []mutant, tests string, lives int) {
	dir := t.TempDir()
	for _, m := range list {
		t.Run(strings.ReplaceAll(m.guard, " ", "_"), func(t *testing.T) {
			file, text := m.removed(t)
			if err := compiles(file, text); err != nil {
				t.Errorf("the mutant is no program: %v", err)
			}
			if !*simMutants {
				return
			}
			path := filepath.Join(dir, filepath.Base(file))
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			abs, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{abs: path}})
			if err != nil {
				t.Fatal(err)
			}
			over := filepath.Join(dir, "overlay.json")
			if err := os.WriteFile(over, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"test", "-count=1", "-failfast", "-overlay", over, "-run", "^(" + tests + ")$", "-timeout", "20m"}
			if lives > 0 {
				args = append(args, ".", "-sim.lives", strconv.Itoa(lives))
			} else {
				args = append(args, having(t, tests)...)
			}
			out, err := exec.Command("go", args...).CombinedOutput()
			switch text := string(out); {
			case err == nil && !ran(text):
				t.Errorf("there is no test %s", tests)
			case err == nil:
				t.Error("nobody noticed")
			case strings.Contains(text, "[build failed]"):
				t.Errorf("the mutant is no program:\n%s", text)
			default:
				t.Logf("noticed: %s", firstFault(text))
			}
		})
	}
}

// having are the packages of the engine in which tests of some names are.
func having(t *testing.T, tests string) (packages []string) {
	t.Helper()
	named := regexp.MustCompile(`(?m)^func (` + tests + `)\(`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if pkg := "./" + filepath.ToSlash(filepath.Dir(path)); named.Match(text) && !slices.Contains(packages, pkg) {
			packages = append(packages, pkg)
		}
		return err
	})
	if err != nil || len(packages) == 0 {
		t.Fatalf("there is no test %s, %v", tests, err)
	}
	return packages
}

// ran says whether a package had such a test.
func ran(text string) bool {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "ok") && !strings.Contains(line, "[no tests to run]") {
			return true
		}
	}
	return false
}

// firstFault is the line that says what was wrong.
func firstFault(text string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, "_test.go:") || strings.Contains(line, "panic:") {
			line = strings.TrimSpace(line)
			return line[:min(len(line), 300)]
		}
	}
	return text
}

// removed gives the file that has the guard, and its text without it.
func (m mutant) removed(t *testing.T) (file string, text []byte) {
	t.Helper()
	want, times := wordsOf(m.with, nil), 0
	for _, f := range functions(t)[lower(m.function)] {
		have := wordsOf(string(f.file.raw[f.from:f.to]), f.file.imports)
		for at := 0; at+len(want) <= len(have); at++ {
			if !sameWords(have[at:at+len(want)], want) {
				continue
			}
			times++
			from, to := f.from+have[at].from, f.from+have[at+len(want)-1].to
			file = f.file.path
			text = fmt.Appendf(nil, "%s%s%s", f.file.raw[:from], f.file.spell(m.without), f.file.raw[to:])
		}
	}
	if times != 1 {
		t.Fatalf("the guard is %d times in functions %s", times, m.function)
	}
	return file, text
}

// sourceFile is a file of the engine, with the paths that it imports by the name that they have in
// it.
type sourceFile struct {
	path    string
	raw     []byte
	imports map[string]bool
}

// function is a piece of a file.
type function struct {
	file     *sourceFile
	from, to int
}

// readFunctions finds those of the engine by name, once.
var readFunctions = sync.OnceValues(func() (map[string][]function, error) {
	found := make(map[string][]function)
	for _, dir := range mutated {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, path, raw, 0)
			if err != nil {
				return err
			}
			file := &sourceFile{path: path, raw: raw, imports: make(map[string]bool)}
			for _, spec := range parsed.Imports {
				p, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return err
				}
				if strings.Contains(p, "/registrar/") {
					file.imports[filepath.Base(p)] = true
				}
			}
			for _, d := range parsed.Decls {
				if f, is := d.(*ast.FuncDecl); is {
					name := lower(f.Name.Name)
					found[name] = append(found[name], function{file, set.Position(f.Pos()).Offset, set.Position(f.End()).Offset})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
})

// functions are those of the engine by name.
func functions(t *testing.T) map[string][]function {
	t.Helper()
	found, err := readFunctions()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// word is a token of a text. Names are compared without their first letter's case, and without the
// package of the engine that they come from.
type word struct {
	tok      token.Token
	text     string
	exact    string // as it is written, with its package
	from, to int
}

func sameWords(a, b []word) bool {
	for i := range a {
		if a[i].tok != b[i].tok || a[i].text != b[i].text {
			return false
		}
	}
	return true
}

// lower makes the first letter small.
func lower(name string) string {
	r := []rune(name)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

// wordsOf reads the tokens of a text but for the ends of statements.
func wordsOf(text string, imports map[string]bool) (list []word) {
	set := token.NewFileSet()
	file := set.AddFile("", set.Base(), len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), nil, 0)
	for {
		pos, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return list
		case token.SEMICOLON:
			continue
		}
		w := word{tok: tok, from: file.Offset(pos)}
		if w.exact = lit; lit == "" {
			w.exact = tok.String()
		}
		w.text, w.to = w.exact, w.from+len(w.exact)
		if tok == token.IDENT {
			w.text = lower(lit)
			if n := len(list); n > 1 && list[n-1].tok == token.PERIOD && list[n-2].tok == token.IDENT && imports[list[n-2].exact] &&
				(n < 3 || list[n-3].tok != token.PERIOD) {
				w.from, w.exact = list[n-2].from, list[n-2].exact+"."+lit
				list = list[:n-2]
			}
		}
		list = append(list, w)
	}
}

// spell writes the names of a text as the file writes them.
func (f *sourceFile) spell(text string) string {
	as := make(map[string]string)
	exact := make(map[string]bool)
	for _, w := range wordsOf(string(f.raw), f.imports) {
		if w.tok == token.IDENT {
			exact[w.exact] = true
			if _, known := as[w.text]; !known {
				as[w.text] = w.exact
			}
		}
	}
	var b strings.Builder
	at := 0
	for _, w := range wordsOf(text, nil) {
		b.WriteString(text[at:w.from])
		at = w.to
		if to, known := as[w.text]; known && w.tok == token.IDENT && !exact[w.exact] {
			b.WriteString(to)
		} else {
			b.WriteString(w.exact)
		}
	}
	return b.String() + text[at:]
}
