package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestScriptGroups: every transcript is run: it stands in a folder of testdata/script that a
// package of commands/scripts runs. Those in which the test binary is the program are where the
// race detector looks.
func TestScriptGroups(t *testing.T) {
	folders, err := os.ReadDir("testdata/script")
	if err != nil {
		t.Fatal(err)
	}
	binary := regexp.MustCompile(`(?m)^(! )?(exec |damage \S+ \S+ )(killed|interrupted|ask) `)
	transcripts := 0
	for _, folder := range folders {
		if !folder.IsDir() {
			t.Errorf("testdata/script/%s is in no group and is not run", folder.Name())
			continue
		}
		group := folder.Name()
		test, err := os.ReadFile(filepath.Join("commands", "scripts", group, group+"_test.go"))
		if err != nil || !strings.Contains(string(test), `scripttest.Run(t, "`+group+`")`) {
			t.Errorf("no package of commands/scripts runs the group %s: %v", group, err)
		}
		files, err := filepath.Glob(filepath.Join("testdata", "script", group, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			switch {
			case err != nil:
				t.Error(err)
			case filepath.Ext(file) != ".txtar":
				t.Errorf("%s is not run", file)
			case binary.Match(text) != (group == "interrupted"):
				t.Errorf("%s: those that call killed, interrupted or ask are in the group interrupted, and no others", file)
			}
			transcripts++
		}
	}
	if transcripts < 60 {
		t.Errorf("only %d transcripts were found", transcripts)
	}
}
