package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// section is the part of docs/architecture.md under a heading of the second level.
func section(t *testing.T, heading string) []string {
	t.Helper()
	all := lines(t, "docs/architecture.md")
	from := slices.Index(all, "## "+heading)
	if from < 0 {
		t.Fatalf("docs/architecture.md has no section %q", heading)
	}
	all = all[from+1:]
	if to := slices.IndexFunc(all, func(l string) bool { return strings.HasPrefix(l, "## ") }); to >= 0 {
		all = all[:to]
	}
	return all
}

var (
	inQuotes = regexp.MustCompile("`([^`]+)`")
)

// importsOfOurs are the packages of the tree with those of ours that they import, tests left out.
func importsOfOurs(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (file == "bin" || file == "dist" || file != "." && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		pkg := path.Dir(filepath.ToSlash(file))
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		all[pkg] = append(all[pkg], nil...)
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
				all[pkg] = append(all[pkg], ours)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestPackagesAreWrittenDown: docs/architecture.md has each package once, and none that is not
// there. Groups of transcripts go without.
func TestPackagesAreWrittenDown(t *testing.T) {
	listed := map[string]int{}
	for _, line := range section(t, "Packages") {
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !strings.HasPrefix(line, "| `") {
			if !strings.HasPrefix(line, "`testdata`") && !strings.HasPrefix(line, "tests print") {
				continue
			}
			cell = line
		}
		for _, m := range inQuotes.FindAllStringSubmatch(cell, -1) {
			listed[m[1]]++
		}
	}
	listed["storage/gaia/gaiatest"]++ // beside the hub that it stands for
	there := importsOfOurs(t)
	for pkg := range there {
		if n := listed[pkg]; n != 1 && pkg != "." && !strings.HasPrefix(pkg, "commands/scripts/") {
			t.Errorf("the lists of packages in docs/architecture.md have %s %d times", pkg, n)
		}
	}
	for pkg := range listed {
		if _, ok := there[pkg]; !ok {
			t.Errorf("docs/architecture.md lists the package %s, which is not there", pkg)
		}
	}
}

// TestRoomsImport holds the table of rooms to what their packages import.
func TestRoomsImport(t *testing.T) {
	really := map[string]map[string]bool{}
	for pkg, list := range importsOfOurs(t) {
		room, _, _ := strings.Cut(pkg, "/")
		if room == "." || room == "testdata" {
			continue
		}
		if really[room] == nil {
			really[room] = map[string]bool{}
		}
		for _, p := range list {
			if other, _, _ := strings.Cut(p, "/"); other != room {
				really[room][other] = true
			}
		}
	}
	var before []string // "all of these" are the rooms above it in the table
	for _, line := range section(t, "Rooms") {
		cells := strings.Split(strings.Trim(line, "| "), "|")
		if !strings.HasPrefix(line, "| `") || len(cells) < 2 {
			continue
		}
		room := strings.Trim(cells[0], "` ")
		var said []string
		if last := cells[len(cells)-1]; strings.Contains(last, "all of these") {
			said = slices.Clone(before)
		} else if len(cells) == 3 {
			for _, m := range inQuotes.FindAllStringSubmatch(last, -1) {
				said = append(said, m[1])
			}
		}
		got := slices.Sorted(maps.Keys(really[room]))
		if slices.Sort(said); !slices.Equal(got, said) {
			t.Errorf("the room %s imports %v, docs/architecture.md says %v", room, got, said)
		}
		before = append(before, room)
		delete(really, room)
	}
	for room := range really {
		t.Errorf("the room %s is not in the table of docs/architecture.md", room)
	}
}

// TestTwentyExamples: each example of where a line goes has one answer, a package that is there, or
// one that is to come and is not.
func TestTwentyExamples(t *testing.T) {
	there := importsOfOurs(t)
	n, toCome := 0, 0
	for _, line := range section(t, "Where does my line go?") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 2 || !strings.HasPrefix(cells[0], strconv.Itoa(n+1)+". ") {
			continue
		}
		n++
		answers := inQuotes.FindAllStringSubmatch(cells[1], -1)
		if len(answers) != 1 {
			t.Errorf("example %d has %d answers", n, len(answers))
			continue
		}
		_, exists := there[answers[0][1]]
		later := strings.HasSuffix(cells[1], "*to come*")
		if later {
			toCome++
		}
		if exists == later {
			t.Errorf("example %d: is the package %s to come? The document says %v, the tree says %v", n, answers[0][1], later, !exists)
		}
	}
	if n != 20 || toCome < 4 {
		t.Errorf("%d examples, %d of them of what is to come; there are to be 20 and at least 4", n, toCome)
	}
}
