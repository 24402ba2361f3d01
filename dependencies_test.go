package main

import (
	"os"
	"strings"
	"testing"
)

// TestDependencies: every module that go.mod requires directly has its line in
// docs/dependencies.md, and no line is about a module that is gone.
func TestDependencies(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	required := map[string]bool{}
	for line := range strings.Lines(string(mod)) {
		fields := strings.Fields(line)
		if len(fields) == 2 && strings.HasPrefix(line, "\t") {
			required[fields[0]] = true
			if !strings.Contains(string(doc), "\n| `"+fields[0]+"` |") {
				t.Errorf("docs/dependencies.md has no line for %s", fields[0])
			}
		}
	}
	if len(required) < 10 {
		t.Fatalf("only %d requirements found", len(required))
	}
	for line := range strings.Lines(string(doc)) {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			if path, _, _ := strings.Cut(rest, "`"); !required[path] {
				t.Errorf("docs/dependencies.md has a line for %s, which go.mod does not require", path)
			}
		}
	}
}
