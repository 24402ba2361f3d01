package wallets

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/commands/verbtest"
)

// fresh is an empty home and a password for what is made in it, which costs nothing to try.
func fresh(t *testing.T) verbtest.Home {
	t.Helper()
	session.LinkedCost = "1 8 1"
	h := verbtest.Empty(t)
	h.Flags = append(h.Flags, "--password-file", outside(t, "password", verbtest.Password+"\n"))
	return h
}

// outside writes a file that is in no home.
func outside(t *testing.T, name, text string) string {
	t.Helper()
	return verbtest.Home{Dir: t.TempDir()}.File(t, name, text)
}

// on is a home on another network.
func on(h verbtest.Home, network string) verbtest.Home {
	h.Flags = slices.Clone(h.Flags)
	h.Flags[slices.Index(h.Flags, "--network")+1] = network
	return h
}

// withPassword is a home whose commands get another password.
func withPassword(t *testing.T, h verbtest.Home, password string) verbtest.Home {
	t.Helper()
	h.Flags = slices.Clone(h.Flags)
	h.Flags[slices.Index(h.Flags, "--password-file")+1] = outside(t, "password", password+"\n")
	return h
}

// there lists what is in a home.
func there(t *testing.T, h verbtest.Home) string {
	t.Helper()
	list, err := os.ReadDir(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// must runs a verb that has to work.
func must(t *testing.T, o verbtest.Outcome) verbtest.Outcome {
	t.Helper()
	if o.Fault != nil {
		t.Fatal(o.Fault)
	}
	return o
}

// TestCreateWritesWords: the words stand in a new file for this user alone and nowhere else, and
// they bring the same wallet back in another home.
func TestCreateWritesWords(t *testing.T) {
	for _, n := range []string{"12", "24"} {
		h := fresh(t)
		file := filepath.Join(t.TempDir(), "words")
		made := must(t, h.Run(t, CreateCommand(), "--words-file", file, "--words", n, "--json"))
		words, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%v %v", info.Mode(), err)
		}
		phrase := strings.TrimSuffix(string(words), "\n")
		if got := len(strings.Split(phrase, " ")); n != strconv.Itoa(got) {
			t.Errorf("%d words, want %s", got, n)
		}
		if strings.Contains(made.Out+made.Said, phrase) || !strings.Contains(made.Said, file+" holds your money and your names") {
			t.Errorf("%s %s", made.Out, made.Said)
		}
		if made.Doc["words_file"] != file || made.Doc["network"] != "regtest" || made.Doc["keychain"] != filepath.Join(h.Dir, "keychain") {
			t.Errorf("%v", made.Doc)
		}
		if n != "12" {
			continue
		}
		again := fresh(t)
		back := must(t, again.Run(t, RestoreCommand(), "--words-file", file, "--json"))
		if back.Doc["fingerprint"] != made.Doc["fingerprint"] || back.Doc["height"] != nil || back.Doc["balance_sat"] != nil {
			t.Errorf("%v, made %v", back.Doc, made.Doc)
		}
		if a := must(t, again.Run(t, AddressCommand(), "--json")); a.Doc["address"] != made.Doc["address"] {
			t.Errorf("%v, made %v", a.Doc, made.Doc)
		}
	}
}

// TestCreateRefused: nothing is made where the words cannot be handed over, or are none.
func TestCreateRefused(t *testing.T) {
	dir := t.TempDir()
	taken := outside(t, "taken", "what is here stays\n")
	right := strings.Repeat("abandon ", 11) + "about"
	for _, c := range []struct {
		words []string
		exit  fault.ExitCode
		says  string
	}{
		{nil, fault.ExitDeclined, "--words-file FILE"},
		{[]string{"--words-file", taken}, fault.ExitFailed, "words file:"},
		{[]string{"--words-file", filepath.Join(dir, "none", "words")}, fault.ExitNotFound, "words file:"},
		{[]string{"--words", "13", "--words-file", filepath.Join(dir, "13")}, fault.ExitUsage, "--words is 13, not 12, 15, 18, 21 or 24"},
		{[]string{"--words", "0", "--words-file", filepath.Join(dir, "0")}, fault.ExitUsage, "--words is 0"},
		{[]string{"--import"}, fault.ExitDeclined, "--import-file FILE"},
		{[]string{"--import-file", filepath.Join(dir, "none")}, fault.ExitNotFound, "phrase:"},
		{[]string{"--import-file", "-"}, fault.ExitMalformed, "standard input is empty"},
		{[]string{"--import-file", outside(t, "empty", "")}, fault.ExitMalformed, " is empty"},
		{[]string{"--import-file", outside(t, "slip", strings.Replace(right, "about", "abuot", 1))}, fault.ExitMalformed, "12"},
		{[]string{"--import-file", outside(t, "sum", strings.Repeat("abandon ", 12))}, fault.ExitMalformed, "checksum"},
		{[]string{"--import-file", outside(t, "few", "abandon about")}, fault.ExitMalformed, "it has 2 words"},
		{[]string{"--import-file", outside(t, "long", strings.Repeat("abandon ", 2000))}, fault.ExitMalformed, "holds more than a phrase"},
	} {
		h := fresh(t)
		o := h.Run(t, CreateCommand(), c.words...)
		if o.Fault == nil || o.Exit() != c.exit || !strings.Contains(o.Fault.Error()+strings.Join(o.Fault.Hints, " "), c.says) || o.Out != "" {
			t.Errorf("%q: exit %d, %v %v; %s", c.words, o.Exit(), o.Fault, o.Fault.Hints, o.Out)
		}
		if left := there(t, h); left != "" {
			t.Errorf("%q: left %s", c.words, left)
		}
		if o.Fault != nil && strings.Contains(o.Fault.Error(), "abandon abandon") {
			t.Errorf("%q: the words stand in %v", c.words, o.Fault)
		}
	}
	if b, err := os.ReadFile(taken); err != nil || string(b) != "what is here stays\n" {
		t.Errorf("%q %v", b, err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("%v %v", list, err)
	}
}

// TestCreateImports: a phrase in one line or a word a line is that of the published vectors; a
// second wallet never replaces the first, and another network uses the same keychain.
func TestCreateImports(t *testing.T) {
	words := append(slices.Repeat([]string{"abandon"}, 11), "about")
	for what, text := range map[string]string{
		"one line": strings.Join(words, " ") + "\n", "a word a line": strings.Join(words, "\n"), "and more lines": strings.Join(words, " ") + "\nof another text\n",
		"capitals and gaps": "  " + strings.ToUpper(strings.Join(words, "   ")) + "\r\n",
	} {
		h := fresh(t)
		o := h.Run(t, CreateCommand(), "--import-file", outside(t, "in", text), "--json")
		if o.Fault != nil || o.Doc["fingerprint"] != "73c5da0a" || o.Doc["address"] != "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2" {
			t.Fatalf("%s: %v %v", what, o.Fault, o.Doc)
		}
		if _, there := o.Doc["words_file"]; there {
			t.Errorf("%v", o.Doc)
		}
	}
	h := fresh(t)
	file := outside(t, "in", strings.Join(words, " "))
	text := must(t, h.Run(t, CreateCommand(), "--import-file", file)).Out
	for _, want := range []string{"network\tregtest\n", "address\t2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2\n", "owner address\t"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	keychain, err := os.ReadFile(filepath.Join(h.Dir, "keychain"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		network, says string
		words         []string
	}{
		{"regtest", "there is a wallet for regtest in", []string{"--import-file", file}},
		{"regtest", "there is a wallet for regtest in", []string{"--words-file", filepath.Join(t.TempDir(), "w")}},
		{"regtest", "there is a wallet for regtest in", []string{"--watch-only", file}},
		{"testnet", "there is a keychain in", []string{"--import-file", file}},
		{"testnet", "there is a keychain in", []string{"--words-file", filepath.Join(t.TempDir(), "w")}},
	} {
		if o := on(h, c.network).Run(t, CreateCommand(), c.words...); o.Exit() != fault.ExitFailed || !strings.Contains(o.Fault.Message, c.says) || len(o.Fault.Hints) == 0 {
			t.Errorf("%s %q: %v", c.network, c.words, o.Fault)
		}
	}
	if o := withPassword(t, on(h, "testnet"), "a wrong one").Run(t, CreateCommand()); o.Exit() != fault.ExitLocked {
		t.Errorf("%v", o.Fault)
	}
	if b, err := os.ReadFile(filepath.Join(h.Dir, "keychain")); err != nil || string(b) != string(keychain) {
		t.Errorf("the keychain changed: %v", err)
	}
	o := must(t, on(h, "testnet").Run(t, CreateCommand(), "--json"))
	if o.Doc["fingerprint"] != "73c5da0a" || o.Doc["network"] != "testnet" || !strings.Contains(o.Said, "now used on testnet, too") {
		t.Errorf("%v %s", o.Doc, o.Said)
	}
	if err := os.Remove(filepath.Join(h.Dir, "keychain")); err != nil {
		t.Fatal(err)
	}
	for _, network := range []string{"regtest", "testnet"} {
		if o := on(h, network).Run(t, CreateCommand(), "--import-file", file); o.Exit() != fault.ExitFailed || !strings.Contains(o.Fault.Message, "without a keychain") {
			t.Errorf("%s: %v", network, o.Fault)
		}
	}
}

// TestWatchOnly: what wallet descriptors writes, as text and as JSON, watches the same addresses in
// another home, and signs nothing there.
func TestWatchOnly(t *testing.T) {
	h := fresh(t)
	must(t, h.Run(t, CreateCommand(), "--import-file", outside(t, "in", strings.Repeat("abandon ", 11)+"about")))
	doc := must(t, h.Run(t, DescriptorsCommand(), "--json"))
	if doc.Doc["network"] != "regtest" || doc.Doc["fingerprint"] != "73c5da0a" {
		t.Errorf("%v", doc.Doc)
	}
	text := must(t, h.Run(t, DescriptorsCommand())).Out
	list := doc.Doc["descriptors"].([]any)
	if len(list) != strings.Count(text, "\n") || len(list) < 9 || strings.Contains(text, "prv") {
		t.Errorf("%d descriptors, %s", len(list), text)
	}
	change, owners := 0, 0
	for _, d := range list {
		d := d.(map[string]any)
		if d["internal"] == true {
			change++
		}
		if d["label"] == "owner key" {
			owners++
		}
		if !strings.Contains(text, d["desc"].(string)+"\n") || d["timestamp"] == nil {
			t.Errorf("%v", d)
		}
	}
	if change != 4 || owners == 0 {
		t.Errorf("%d of change, %d of owners: %s", change, owners, text)
	}
	address := func(h verbtest.Home, kind string) any {
		return must(t, h.Run(t, AddressCommand(), "--type", kind, "--json")).Doc["address"]
	}
	for what, from := range map[string]string{"text": text, "JSON": doc.Out} {
		w := verbtest.Empty(t)
		o := must(t, w.Run(t, CreateCommand(), "--watch-only", outside(t, "d", from), "--json"))
		if o.Doc["watch_only"] != true || o.Doc["address"] != "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2" || len(o.Doc["kinds"].([]any)) != 4 || !strings.Contains(o.Said, "compare the address") {
			t.Errorf("%s: %v", what, o.Doc)
		}
		for kind := range addressKinds() {
			if got, want := address(w, kind), address(h, kind); got != want {
				t.Errorf("%s, %s: %v, want %v", what, kind, got, want)
			}
		}
		if again := must(t, w.Run(t, DescriptorsCommand())).Out; again != text {
			t.Errorf("%s: %s, want %s", what, again, text)
		}
		if o := must(t, w.Run(t, StatusCommand(), "--json")); o.Doc["watch_only"] != true {
			t.Errorf("%v", o.Doc)
		}
		for _, c := range []verbtest.Outcome{
			w.Run(t, SignMessageCommand(), "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2", "hi"), w.Run(t, BackupCommand(), filepath.Join(w.Dir, "b")), w.Run(t, UnlockCommand()),
			w.Run(t, PasswordCommand()), w.Run(t, AddressCommand(), "--check"),
		} {
			if c.Fault == nil || c.Out != "" || c.Fault.Code == "internal" || !strings.Contains(c.Fault.Error()+strings.Join(c.Fault.Hints, " "), "watch") {
				t.Errorf("%s: %v %s", what, c.Fault, c.Out)
			}
		}
	}
	for what, from := range map[string]string{"nothing": "", "no descriptor": "hello\n", "a sum that is wrong": strings.Replace(text, "#", "#q", 1), "half of it": text[:len(text)/2]} {
		w := verbtest.Empty(t)
		if o := w.Run(t, CreateCommand(), "--watch-only", outside(t, "d", from)); o.Fault == nil || o.Fault.Code == "internal" || o.Out != "" || there(t, w) != "" {
			t.Errorf("%s: %v, left %s", what, o.Fault, there(t, w))
		}
	}
}
