package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRestoreTable: each row of the README's table of what comes back from what has its checks in
// the transcript restore_table, and no others.
func TestRestoreTable(t *testing.T) {
	read := func(path ...string) string {
		b, err := os.ReadFile(filepath.Join(path...))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var rows, checked []string
	_, table, found := strings.Cut(read("README.md"), "| thing | words | backup | copy of the journal |\n| --- | --- | --- | --- |\n")
	if !found {
		t.Fatal("the README has no such table")
	}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			break
		}
		rows = append(rows, strings.TrimSpace(cells[1]))
	}
	for line := range strings.Lines(read("testdata", "script", "wallets", "restore_table.txtar")) {
		if row, ok := strings.CutPrefix(line, "# row: "); ok {
			checked = append(checked, strings.TrimSpace(row))
		}
	}
	if len(rows) < 5 || !slices.Equal(rows, checked) {
		t.Errorf("the table has the rows %q, and %q are checked", rows, checked)
	}
}
