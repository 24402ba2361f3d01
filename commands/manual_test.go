package commands

import (
	"strings"
	"testing"
)

// TestManual finds every verb and every flag in the manual page, which must not take any text for a request of troff.
func TestManual(t *testing.T) {
	env, _, _ := testEnv()
	app := newApp(env)
	page := manualPage(app)
	for words, c := range verbs(app) {
		if !strings.Contains(page, "\n.SS \"blockstack "+troff(strings.TrimSpace(words+" "+c.ArgsUsage))+"\"\n") {
			t.Errorf("%s is not in the manual", words)
		}
		for _, f := range c.Flags {
			if !strings.Contains(page, troff(dashed(f.Names()[0]))) {
				t.Errorf("%s %s is not in the manual", words, dashed(f.Names()[0]))
			}
		}
	}
	known := map[string]bool{".TH": true, ".SH": true, ".SS": true, ".TP": true, ".PP": true, ".B": true, ".I": true, ".nf": true, ".fi": true}
	for line := range strings.Lines(page) {
		if request := strings.Fields(line); strings.HasPrefix(line, ".") && !known[request[0]] || strings.HasPrefix(line, "'") {
			t.Errorf("troff would take %q for a request", line)
		}
		if strings.Trim(line, "\n") != "" && strings.ContainsFunc(line, func(r rune) bool { return r >= 0x80 }) {
			t.Errorf("%q is not ASCII", line)
		}
	}
	if got := troff(`.a "b" \c 'd' -e …`); got != `\&.a \(dqb\(dq \ec \(aqd\(aq \-e \[u2026]` {
		t.Errorf("troff: %s", got)
	}
}
