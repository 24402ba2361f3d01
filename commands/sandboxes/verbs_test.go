package sandboxes

import (
	"os"
	"slices"
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
)

// onSandbox is a home where the sandbox is the network, and nothing runs.
func onSandbox(t *testing.T) verbtest.Home {
	h := verbtest.Empty(t)
	h.Flags = slices.DeleteFunc(h.Flags, func(w string) bool { return w == "--network" || w == "regtest" || w == "--offline" })
	return h
}

// TestRefusedWords: numbers out of bounds, and every verb on another network, before a node is
// looked for.
func TestRefusedWords(t *testing.T) {
	const other = "the sandbox verbs work on --network sandbox, not on regtest"
	verbtest.Refused(t, SandboxCommand(), map[string]string{
		"start": other, "stop": other, "status": other, "mine 1": other, "reorg 1": other, "fund 1J 1": other, "demo now": "takes no arguments",
		"mine": "missing N", "mine 0": `N is "0", not a whole number from 1 to 10000`, "mine 10001": `N is "10001"`, "mine all": `N is "all"`,
		"reorg": "missing DEPTH", "reorg 0": `DEPTH is "0"`, "reorg 1000001": `DEPTH is "1000001"`, "fund 1J": "missing AMOUNT", "start x": "takes no arguments",
	})
}

// TestNoSandbox: where none runs, every verb that needs one says how to start it, and makes
// nothing.
func TestNoSandbox(t *testing.T) {
	for _, words := range []string{"mine 1", "mine 1 --min-fee-rate 50", "reorg 1", "fund 2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9 1", "stop"} {
		h := onSandbox(t)
		o := h.Run(t, SandboxCommand(), strings.Fields(words)...)
		left, err := os.ReadDir(h.Dir)
		if o.Fault == nil || !strings.Contains(strings.Join(o.Fault.Hints, "\n"), "blockstack sandbox start") || o.Out != "" || err != nil || len(left) > 0 {
			t.Errorf("%s: %v, left %v", words, o.Fault, left)
		}
	}
	h := onSandbox(t)
	if o := h.Run(t, SandboxCommand(), "mine", "1", "--min-fee-rate", "x"); o.Exit() != fault.ExitUsage {
		t.Errorf("%v", o.Fault)
	}
	if o := h.Run(t, SandboxCommand(), "start", "--sandbox", h.Dir); o.Exit() != fault.ExitUsage || !strings.Contains(o.Fault.Message, "--sandbox names one that runs already") {
		t.Errorf("%v", o.Fault)
	}
	if o := h.Run(t, SandboxCommand(), "start", "--registry", h.File(t, "rules.json", "{}")); o.Fault == nil || o.Fault.Code != "bad_config" {
		t.Errorf("rules that are none: %v", o.Fault)
	}
}
