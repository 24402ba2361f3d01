package namespaces

import (
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/testdata"
)

// TestRefusedWords: what is refused before a specification is read.
func TestRefusedWords(t *testing.T) {
	verbtest.Refused(t, NamespaceCommand(), map[string]string{
		"price":  "missing NAMESPACE",
		"launch": "missing SPEC",
		"launch id.toml --imports names.csv --dry-run": "--imports works neither with --psbt nor with --dry-run",
		"launch id.toml --imports names.csv --psbt x":  "--imports works neither with",
		"launch id.toml --target 0":                    "--target 0 is not in",
		"reveal":                                       "missing SPEC",
		"import id":                                    "missing FILE",
		"import id f --target 0":                       "--target 0 is not in",
		"ready":                                        "missing NAMESPACE",
		"list id":                                      "takes no arguments",
		"show":                                         "missing NAMESPACE",
	})
	for _, words := range []string{"price Id", "show a.b", "import I. f", "ready ID"} {
		if o := verbtest.Empty(t).Run(t, NamespaceCommand(), strings.Fields(words)...); o.Fault == nil || o.Exit() != fault.ExitUsage || o.Out != "" {
			t.Errorf("%s: %v", words, o.Fault)
		}
	}
}

// TestShown: the namespaces of a recorded chain, their rules and what one would cost.
func TestShown(t *testing.T) {
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json"))
	list := h.Run(t, NamespaceCommand(), "list", "--json")
	all, _ := list.Doc["namespaces"].([]any)
	if list.Fault != nil || len(all) != 1 || list.Doc["height"] != 712. {
		t.Fatalf("%v %v", list.Fault, list.Doc)
	}
	shown := h.Run(t, NamespaceCommand(), "show", "test", "--json")
	for key, want := range map[string]any{
		"namespace": "test", "status": "ready", "version": 1., "reveal_height": 691., "ready_height": 693., "unit": "BTC", "names_never_expire": false,
	} {
		if shown.Doc[key] != want || all[0].(map[string]any)[key] != want {
			t.Errorf("%s: %v and %v, want %v", key, shown.Doc[key], all[0].(map[string]any)[key], want)
		}
	}
	if b, _ := shown.Doc["buckets"].([]any); len(b) != 16 {
		t.Errorf("buckets: %v", b)
	}
	text := h.Run(t, NamespaceCommand(), "show", "test").Out
	for _, line := range []string{"status\tready\n", "revealed at\tblock 691\n", "open since\tblock 693\n"} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
	if o := h.Run(t, NamespaceCommand(), "show", "nowhere"); o.Exit() != fault.ExitNotFound || o.Fault.Message != "there is no namespace nowhere at block 712" {
		t.Errorf("%v", o.Fault)
	}
	for id, sat := range map[string]float64{"abcdefgh": 4_000_000, "abc": 400_000_000} {
		if o := h.Run(t, NamespaceCommand(), "price", id, "--json"); o.Fault != nil || o.Doc["price_sat"] != sat || o.Doc["height"] != 713. {
			t.Errorf("%s: %v %v", id, o.Fault, o.Doc)
		}
	}
	if o := h.Run(t, NamespaceCommand(), "launch", h.Dir+"/none.toml"); o.Exit() != fault.ExitNotFound {
		t.Errorf("%v", o.Fault)
	}
	if o := h.Run(t, NamespaceCommand(), "launch", h.File(t, "bad.toml", "schema = 1\n")); o.Fault == nil || o.Fault.Code != "bad_config" {
		t.Errorf("%v", o.Fault)
	}
}
