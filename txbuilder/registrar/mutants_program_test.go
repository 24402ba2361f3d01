package registrar

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// exported are the files in which the compiler has written down what packages export, by import
// path, of all that the engine is made of.
var exported = sync.OnceValues(func() (map[string]string, error) {
	args := append([]string{"list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}}={{.Export}}{{end}}"}, ".")
	for _, dir := range mutated {
		args = append(args, dir+"/...")
	}
	cmd := exec.Command("go", args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, said.String())
	}
	files := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		files[path] = file
	}
	return files, nil
})

// compiles says whether a package is a program when one of its files has another text: a mutant
// that does not compile shows nothing.
func compiles(file string, text []byte) error {
	exports, err := exported()
	if err != nil {
		return err
	}
	set, dir := token.NewFileSet(), filepath.Dir(file)
	all, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	var parsed []*ast.File
	for _, name := range all {
		if in, err := build.Default.MatchFile(dir, filepath.Base(name)); err != nil {
			return err
		} else if !in || strings.HasSuffix(name, "_test.go") {
			continue
		}
		src := text
		if name != filepath.Clean(file) {
			if src, err = os.ReadFile(name); err != nil {
				return err
			}
		}
		f, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, f)
	}
	cfg := types.Config{Importer: importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	_, err = cfg.Check(dir, set, parsed, nil)
	return err
}
