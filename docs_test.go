package main

import (
	"bufio"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docs are the documents of the project.
func docs(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(list, "README.md", "CONTRIBUTING.md", "SECURITY.md")
}

// The names of files and packages in a text: a path below one of the project's folders, or the name
// of a Go file alone. A word in capitals stands for what the reader puts there.
var (
	namedPath = regexp.MustCompile(`(?:^|[^\w/.\-"])((?:commands|home|names|profile|storage|txbuilder|wallet|testdata|docs)/[\w./\-]+)`)
	namedFile = regexp.MustCompile(`(?:^|[^\w/.\-*])([a-z_0-9]+\.go)\b`)
	stands    = regexp.MustCompile(`^[A-Z]+(\.go)?$`)
)

// TestNamedFilesExist holds documents and comments to the tree: each file and package that they
// name is there. A comment names a file of its own package, or one that the comment gives the
// package of.
func TestNamedFilesExist(t *testing.T) {
	files := map[string][]string{} // by base name, the folders
	var sources []string
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (file == "bin" || file == "dist" || file != "." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(file, ".go") {
			files[d.Name()] = append(files[d.Name()], path.Dir(filepath.ToSlash(file)))
			sources = append(sources, filepath.ToSlash(file))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, doc := range slices.Concat(docs(t), sources) {
		source := strings.HasSuffix(doc, ".go")
		for n, text := range lines(t, doc) {
			if strings.HasSuffix(text, "*to come* |") {
				continue
			}
			if source {
				_, comment, is := strings.Cut(text, "//")
				if !is {
					continue
				}
				text = comment
			}
			for _, m := range namedPath.FindAllStringSubmatch(text, -1) {
				p := strings.TrimRight(m[1], "./")
				if slices.ContainsFunc(strings.Split(p, "/"), stands.MatchString) {
					continue
				}
				named++
				if !exists(p) && !(source && exists(path.Join(path.Dir(doc), p))) {
					t.Errorf("%s:%d names %s, which is not there", doc, n+1, p)
				}
			}
			for _, m := range namedFile.FindAllStringSubmatch(text, -1) {
				named++
				if in := files[m[1]]; len(in) == 0 || source && !slices.Contains(in, path.Dir(doc)) && !strings.Contains(text, "package ") {
					t.Errorf("%s:%d names %s, which is not there", doc, n+1, m[1])
				}
			}
		}
	}
	if named < 200 {
		t.Errorf("only %d files and packages are named: the search finds too little", named)
	}
}

// lines reads a text file.
func lines(t *testing.T, file string) (list []string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		list = append(list, s.Text())
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return list
}

func exists(file string) bool {
	_, err := os.Stat(filepath.FromSlash(file))
	return err == nil
}
