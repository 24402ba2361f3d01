package lists

import (
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
)

// TestRefusedWords: what contradicts itself is refused before a list is read.
func TestRefusedWords(t *testing.T) {
	verbtest.Refused(t, ApplyCommand(), map[string]string{
		"":                        "the list is missing",
		"names.csv":               "takes no arguments",
		"-f names.csv --psbt x":   "unknown flag",
		"-f names.csv --target 0": "--target 0 is not in",
	})
	verbtest.Refused(t, RenewCommand(), map[string]string{
		"":                       "missing NAME",
		"--target 3":             "missing NAME",
		"alice.id --due 60d":     "--due renews names as they are",
		"--due 60d --to 1J":      "--due renews names as they are",
		"--due 60d --zonefile z": "--due renews names as they are",
		"--due 60d --profile-url https://a.example/": "--due renews names as they are",
		"--due 60d --psbt x":                         "--due renews names as they are",
		"--due soon":                                 `--due: "soon" is not a number of blocks, of days like 60d or of weeks like 8w`,
		"--due 60d --target 0":                       "--target 0 is not in",
		"alice.id --zonefile z --profile-url https://a.example/": "are two ways to say the same",
		"alice.id bob.id": "takes 1 argument, got 2",
	})
}

// TestParsePeriod: blocks, days and weeks, to the block, and what is none of them.
func TestParsePeriod(t *testing.T) {
	for text, want := range map[string]int32{"1": 1, "144": 144, "1d": 144, "60d": 8640, "8w": 8064, "525600": 525600, "3650d": 525600} {
		if got, err := parsePeriod(text); err != nil || got != want {
			t.Errorf("%s: %d %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "0d", "d", "w", "-1", "+1", "+1d", "1.5d", "60 d", "60D", "1m", "1d1", "3651d", "525601", "99999999999w", "0x10"} {
		if text == "" {
			continue // no flag has an empty value
		}
		if got, err := parsePeriod(text); err == nil {
			t.Errorf("%q: %d blocks", text, got)
		}
	}
}

// TestBadList: every bad line of a list is told at once, and nothing is planned.
func TestBadList(t *testing.T) {
	h := verbtest.Empty(t)
	list := h.File(t, "names.csv", "name,owner,renew_within\nalice.id,,60d\nAlice.id,,\nalice.id,,\nbob.id,,never\n")
	o := h.Run(t, ApplyCommand(), "-f", list)
	if o.Exit() != fault.ExitMalformed || !strings.HasPrefix(o.Fault.Message, list+": ") || o.Out != "" {
		t.Fatalf("%v", o.Fault)
	}
	for _, where := range []string{"line 3", "line 4", "line 5"} {
		if !strings.Contains(o.Fault.Message, where) {
			t.Errorf("%s is not told: %s", where, o.Fault.Message)
		}
	}
	if o := h.Run(t, ApplyCommand(), "-f", h.Dir+"/none"); o.Exit() != fault.ExitNotFound {
		t.Errorf("%v", o.Fault)
	}
}
