package main

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// commentWidth is how wide a comment may be, a tab being four columns.
const commentWidth = 100

// Of a comment these may be wider: code and tables, which are indented in it, rules of a grammar,
// and what an example prints.
var mayBeWide = regexp.MustCompile(`^\s*//(\t|   | - |go:| [a-z-]+ +=| [{\["])`)

// TestCommentWidth holds comments to one width.
func TestCommentWidth(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (file == "bin" || file == "dist" || file != "." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		files++
		for n, text := range lines(t, file) {
			comment := strings.HasPrefix(strings.TrimSpace(text), "//") && !mayBeWide.MatchString(text)
			if w := utf8.RuneCountInString(strings.ReplaceAll(text, "\t", "    ")); comment && w > commentWidth {
				t.Errorf("%s:%d: a comment of %d columns", filepath.ToSlash(file), n+1, w)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 500 {
		t.Errorf("the walk saw %d files", files)
	}
}
