package commands

import (
	"bytes"
	"strings"
	"testing"

	"blockstack/commands/line"
	"blockstack/commands/voice"
)

// TestHelpFits reads every page of help: no line is wider than a terminal, but for examples and
// words that cannot be broken.
func TestHelpFits(t *testing.T) {
	env, _, _ := testEnv()
	app := newApp(env)
	pages, texts := map[string][]byte{}, map[string]string{}
	var b bytes.Buffer
	line.AppHelp(&b, app)
	pages[""] = b.Bytes()
	for words, c := range verbs(app) {
		var b bytes.Buffer
		line.CommandHelp(&b, c)
		pages[words], texts[words] = b.Bytes(), c.Description
	}
	for words, page := range pages {
		for row := range strings.Lines(string(page)) {
			row = strings.TrimSuffix(row, "\n")
			fixed := strings.HasPrefix(row, "  ") && strings.Contains(texts[words], row) || strings.HasPrefix(row, "Usage: ") || len(strings.Fields(row)) == 1
			if len([]rune(row)) > voice.TerminalWidth && !fixed {
				t.Errorf("%s --help: %d columns: %s", words, len([]rune(row)), row)
			}
		}
	}
}
