package commands

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"blockstack/commands/voice"
)

// TestHelpFits reads every page of help: no line is wider than a terminal, but for examples and words that cannot be broken.
func TestHelpFits(t *testing.T) {
	env, _, _ := testEnv()
	app := newApp(env)
	pages, texts := map[string][]byte{}, map[string]string{}
	var b bytes.Buffer
	appHelp(&b, app)
	pages[""] = b.Bytes()
	for words, c := range verbs(app) {
		var b bytes.Buffer
		commandHelp(&b, c)
		pages[words], texts[words] = b.Bytes(), c.Description
	}
	for words, page := range pages {
		for line := range strings.Lines(string(page)) {
			line = strings.TrimSuffix(line, "\n")
			fixed := strings.HasPrefix(line, "  ") && strings.Contains(texts[words], line) || strings.HasPrefix(line, "Usage: ") || len(strings.Fields(line)) == 1
			if len([]rune(line)) > voice.TerminalWidth && !fixed {
				t.Errorf("%s --help: %d columns: %s", words, len([]rune(line)), line)
			}
		}
	}
	want := []string{"    one two", "      three", "      four"}
	if got := voice.Hanging("    one two three four", 13); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
