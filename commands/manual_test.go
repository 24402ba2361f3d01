package commands

import (
	"strings"
	"testing"

	"blockstack/commands/line"
)

// TestManual finds every verb and every flag in the manual page, which must not take any text for a
// request of troff.
func TestManual(t *testing.T) {
	env, _, _ := testEnv()
	app := newApp(env)
	page := line.ManualPage(app)
	for words, c := range verbs(app) {
		if !strings.Contains(page, "\n.SS \"blockstack "+line.Troff(strings.TrimSpace(words+" "+c.ArgsUsage))+"\"\n") {
			t.Errorf("%s is not in the manual", words)
		}
		for _, f := range c.Flags {
			if !strings.Contains(page, line.Troff(line.Dashed(f.Names()[0]))) {
				t.Errorf("%s %s is not in the manual", words, line.Dashed(f.Names()[0]))
			}
		}
	}
	known := map[string]bool{".TH": true, ".SH": true, ".SS": true, ".TP": true, ".PP": true, ".B": true, ".I": true, ".nf": true, ".fi": true}
	for typedLine := range strings.Lines(page) {
		if request := strings.Fields(typedLine); strings.HasPrefix(typedLine, ".") && !known[request[0]] || strings.HasPrefix(typedLine, "'") {
			t.Errorf("troff would take %q for a request", typedLine)
		}
		if strings.Trim(typedLine, "\n") != "" && strings.ContainsFunc(typedLine, func(r rune) bool { return r >= 0x80 }) {
			t.Errorf("%q is not ASCII", typedLine)
		}
	}
	if got := line.Troff(`.a "b" \c 'd' -e …`); got != `\&.a \(dqb\(dq \ec \(aqd\(aq \-e \[u2026]` {
		t.Errorf("troff: %s", got)
	}
}
