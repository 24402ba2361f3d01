package wallets

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/home/config"
)

// backedUp is a home with a wallet and a label, and a backup of it.
func backedUp(t *testing.T) (h verbtest.Home, file string) {
	t.Helper()
	h = fresh(t)
	must(t, h.Run(t, CreateCommand(), "--import-file", outside(t, "in", knownPhrase)))
	must(t, h.Run(t, LabelCommand(), txid, "rent of May"))
	file = filepath.Join(t.TempDir(), "wallet.backup")
	return h, file
}

// label is what a home calls the transaction of the tests.
func label(t *testing.T, h verbtest.Home) any {
	t.Helper()
	return must(t, h.Run(t, LabelCommand(), txid, "--json")).Doc["label"]
}

// flip changes a byte in the middle of a file, in a copy of it.
func flip(t *testing.T, file string, at int) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[at%len(b)] ^= 1
	return outside(t, "flipped", string(b))
}

// TestBackup: the file is for this user alone, says nothing without the password, and is replaced
// only when that is asked for; what was written is what backup-verify and restore find.
func TestBackup(t *testing.T) {
	h, file := backedUp(t)
	for what, o := range map[string]verbtest.Outcome{
		"no folder":      h.Run(t, BackupCommand(), filepath.Join(t.TempDir(), "none", "b")),
		"no file":        h.Run(t, BackupCommand()),
		"two files":      h.Run(t, BackupCommand(), "a", "b"),
		"no such backup": h.Run(t, BackupVerifyCommand(), file),
		"no backup":      h.Run(t, BackupVerifyCommand(), outside(t, "x", "hello")),
		"nothing":        h.Run(t, RestoreCommand(), "--backup", outside(t, "x", "")),
		"no wallet":      fresh(t).Run(t, BackupCommand(), file),
		"wrong password": withPassword(t, h, "a wrong one").Run(t, BackupCommand(), file),
	} {
		want := map[string]fault.ExitCode{
			"no folder": fault.ExitUsage, "no file": fault.ExitUsage, "two files": fault.ExitUsage, "no such backup": fault.ExitNotFound,
			"no backup": fault.ExitMalformed, "nothing": fault.ExitFailed, "no wallet": fault.ExitNotFound, "wrong password": fault.ExitLocked,
		}[what]
		if o.Exit() != want || o.Out != "" {
			t.Errorf("%s: exit %d, want %d: %v", what, o.Exit(), want, o.Fault)
		}
	}
	if _, err := os.Lstat(file); err == nil {
		t.Error("a refused backup left a file")
	}
	made := must(t, h.Run(t, BackupCommand(), file, "--json"))
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 || made.Doc["bytes"] != float64(len(raw)) {
		t.Errorf("%v %v %v", info.Mode(), err, made.Doc)
	}
	if strings.Contains(string(raw), "rent of May") || strings.Contains(string(raw), "abandon") {
		t.Error("the backup can be read without its password")
	}
	checked := must(t, h.Run(t, BackupVerifyCommand(), file, "--json"))
	for _, doc := range []map[string]any{made.Doc, checked.Doc} {
		if doc["file"] != file || doc["fingerprint"] != "73c5da0a" || doc["zonefiles"] != 0. || !reflect.DeepEqual(doc["networks"], []any{"regtest"}) ||
			!reflect.DeepEqual(doc["open_jobs"], []any{}) || !reflect.DeepEqual(doc["files"], made.Doc["files"]) || doc["created"] != made.Doc["created"] {
			t.Errorf("%v", doc)
		}
	}
	if text := must(t, h.Run(t, BackupVerifyCommand(), file)).Out; !strings.Contains(text, "jobs under way\t0\n") || !strings.Contains(text, "it restores: ") {
		t.Error(text)
	}
	if left, err := filepath.Glob(filepath.Join(h.Dir, proofPrefix+"*")); err != nil || len(left) > 0 {
		t.Errorf("proofs are left: %v %v", left, err)
	}
	if o := h.Run(t, BackupCommand(), file); o.Exit() != fault.ExitFailed || o.Fault.Code != "conflict" {
		t.Errorf("%v", o.Fault)
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != string(raw) {
		t.Errorf("the backup changed: %v", err)
	}
	must(t, h.Run(t, LabelCommand(), txid, "rent of June"))
	must(t, h.Run(t, BackupCommand(), file, "--replace"))
	again := fresh(t)
	must(t, again.Run(t, RestoreCommand(), "--backup", file))
	if got := label(t, again); got != "rent of June" {
		t.Errorf("%v", got)
	}
	for at := range 12 { // every part of the file is held to the password
		o := h.Run(t, BackupVerifyCommand(), flip(t, file, at*len(raw)/12+1))
		if o.Fault == nil || o.Out != "" || o.Fault.Code == "internal" {
			t.Errorf("byte %d: %v %s", at*len(raw)/12+1, o.Fault, o.Out)
		}
	}
}

// TestRestoreBackup: into an empty home everything comes back; over the same wallet what is here is
// kept and what is lost comes back; over another wallet nothing is touched.
func TestRestoreBackup(t *testing.T) {
	h, file := backedUp(t)
	must(t, h.Run(t, BackupCommand(), file))

	into := fresh(t)
	if o := withPassword(t, into, "a wrong one").Run(t, RestoreCommand(), "--backup", file); o.Exit() != fault.ExitLocked || there(t, into) != "" {
		t.Errorf("%v, left %s", o.Fault, there(t, into))
	}
	o := must(t, into.Run(t, RestoreCommand(), "--backup", file, "--json"))
	if o.Doc["fingerprint"] != "73c5da0a" || o.Doc["network"] != "regtest" || o.Doc["height"] != nil || o.Doc["kept"] != nil {
		t.Errorf("%v", o.Doc)
	}
	if got := label(t, into); got != "rent of May" {
		t.Errorf("%v", got)
	}
	for _, name := range []string{"keychain", "regtest/labels.db"} {
		if info, err := os.Stat(filepath.Join(into.Dir, name)); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	must(t, into.Run(t, AddressCommand(), "--check"))

	must(t, h.Run(t, LabelCommand(), txid, "rent of June"))
	same := files(t, h)
	if o := h.Run(t, RestoreCommand(), "--backup", file); o.Fault == nil || o.Fault.Code == "internal" || !reflect.DeepEqual(files(t, h), same) {
		t.Errorf("where nothing is lost: %v", o.Fault)
	}
	for _, lost := range []string{"keychain", "regtest/labels.db"} {
		if err := os.Remove(filepath.Join(h.Dir, lost)); err != nil {
			t.Fatal(err)
		}
		o := must(t, h.Run(t, RestoreCommand(), "--backup", file, "--json"))
		if kept, _ := o.Doc["kept"].([]any); slices.Contains(kept, any("regtest/labels.db")) != (lost == "keychain") {
			t.Errorf("without %s: %v", lost, o.Doc)
		}
		must(t, h.Run(t, AddressCommand(), "--check"))
		if want := map[string]any{"keychain": "rent of June", "regtest/labels.db": "rent of May"}[lost]; label(t, h) != want {
			t.Errorf("without %s: %v, want %v", lost, label(t, h), want)
		}
	}

	other := fresh(t)
	must(t, other.Run(t, CreateCommand(), "--words-file", filepath.Join(t.TempDir(), "w")))
	before := files(t, other)
	if o := other.Run(t, RestoreCommand(), "--backup", file); o.Fault == nil || o.Fault.Code == "internal" || o.Out != "" {
		t.Errorf("over another wallet: %v %s", o.Fault, o.Out)
	}
	if after := files(t, other); !reflect.DeepEqual(after, before) {
		t.Error("the home of another wallet changed")
	}
}

// files are the keychains and labels of a home.
func files(t *testing.T, h verbtest.Home) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"keychain*", "*/labels.db"} {
		list, err := filepath.Glob(filepath.Join(h.Dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range list {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all[path] = string(b)
		}
	}
	return all
}

// TestRestoreWords: over a wallet the words are refused; a lost keychain and a lost password come
// back with everything else kept, and the words of another wallet change nothing.
func TestRestoreWords(t *testing.T) {
	h, _ := backedUp(t)
	words := outside(t, "words", knownPhrase)
	other := outside(t, "other", "legal winner thank year wave sausage worth useful legal winner thank yellow")
	if o := h.Run(t, RestoreCommand(), "--words-file", words); o.Fault == nil || o.Fault.Code != "conflict" || len(o.Fault.Hints) != 3 {
		t.Errorf("%v", o.Fault)
	}
	before := files(t, h)
	if o := h.Run(t, RestoreCommand(), "--new-password", "--words-file", other); o.Fault == nil || o.Fault.Code == "internal" || !reflect.DeepEqual(files(t, h), before) {
		t.Errorf("the words of another wallet: %v", o.Fault)
	}
	changed := withPassword(t, h, "battery staple and more")
	o := must(t, changed.Run(t, RestoreCommand(), "--new-password", "--words-file", words, "--json"))
	moved, _ := o.Doc["old_keychain"].(string)
	if b, err := os.ReadFile(moved); err != nil || string(b) != before[filepath.Join(h.Dir, "keychain")] || label(t, changed) != "rent of May" {
		t.Errorf("%v %v", err, o.Doc)
	}
	must(t, changed.Run(t, AddressCommand(), "--check"))
	if o := h.Run(t, AddressCommand(), "--check"); o.Exit() != fault.ExitLocked {
		t.Errorf("the lost password opens it: %v", o.Fault)
	}
	if err := os.Remove(filepath.Join(h.Dir, "keychain")); err != nil {
		t.Fatal(err)
	}
	if o := h.Run(t, RestoreCommand(), "--words-file", other); o.Fault == nil || o.Fault.Code == "internal" {
		t.Errorf("the words of another wallet: %v", o.Fault)
	}
	if _, err := os.Stat(filepath.Join(h.Dir, "keychain")); err == nil {
		t.Fatal("the words of another wallet made a keychain")
	}
	text := must(t, h.Run(t, RestoreCommand(), "--words-file", words)).Out
	if !strings.Contains(text, "kept\tregtest/labels.db\n") || !strings.Contains(text, "note\tnothing was searched yet") || label(t, h) != "rent of May" {
		t.Errorf("%s %v", text, label(t, h))
	}
	must(t, h.Run(t, AddressCommand(), "--check"))
	if err := os.Remove(filepath.Join(h.Dir, "regtest", "labels.db")); err != nil { // a restore that ended between its two files
		t.Fatal(err)
	}
	o = must(t, h.Run(t, RestoreCommand(), "--words-file", words))
	if !strings.Contains(o.Said, "the keychain of a restore that was interrupted is here") {
		t.Error(o.Said)
	}
	must(t, h.Run(t, AddressCommand(), "--check"))
}

// TestOldPhrase: files that hold no encrypted phrase are refused and nothing is made.
func TestOldPhrase(t *testing.T) {
	for what, text := range map[string]string{"nothing": "", "words": knownPhrase, "hex that is cut": "ab", "large": strings.Repeat("ab", 5000)} {
		h := fresh(t)
		o := h.Run(t, RestoreCommand(), "--encrypted-file", outside(t, "code", text), "--old-password-file", outside(t, "old", "password\n"))
		if o.Fault == nil || o.Fault.Code == "internal" || o.Out != "" || there(t, h) != "" || strings.Contains(o.Fault.Error(), "abandon") {
			t.Errorf("%s: %v, left %s", what, o.Fault, there(t, h))
		}
	}
}

// TestTakeSettings: what can do no harm comes back into a home without a configuration; the rest is
// shown with the command that sets it.
func TestTakeSettings(t *testing.T) {
	text := `{"schema":"blockstack/config/v1","network":"testnet","offline":true,"proxy":"socks5://127.0.0.1:9050","confirmations":1}`
	if _, err := config.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.json")
	r, err := takeSettings(path, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	keys := func(list []setting) (s string) {
		for _, one := range list {
			s += one.Key + "=" + strings.Join(one.Values, ",") + " " + one.Command + ";"
		}
		return s
	}
	if got := keys(r.Taken); got != "network=testnet ;offline=true ;" {
		t.Errorf("taken: %s", got)
	}
	if got := keys(r.Left); !strings.Contains(got, "proxy=socks5://127.0.0.1:9050 blockstack config set proxy socks5://127.0.0.1:9050;") || !strings.Contains(got, "confirmations=1 blockstack config set confirmations 1;") {
		t.Errorf("left: %s", got)
	}
	if !r.wanted("proxy") || !r.wanted("offline") || r.wanted("peers") {
		t.Error("what was wanted is not known")
	}
	file, err := config.Read(path)
	if err != nil || file.Network == nil || *file.Network != "testnet" || file.Proxy != nil || file.Confirmations != nil {
		t.Errorf("%+v %v", file, err)
	}
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := takeSettings(path, []byte(`{"schema":"blockstack/config/v1","network":"mainnet"}`))
	if now, rerr := os.ReadFile(path); err != nil || rerr != nil || len(again.Taken) != 0 || len(again.Left) != 1 || string(now) != string(was) {
		t.Errorf("over a configuration: %+v %v %s", again, err, now)
	}
	if r, err := takeSettings(filepath.Join(t.TempDir(), "c"), nil); err != nil || len(r.Taken)+len(r.Left) != 0 {
		t.Errorf("no settings: %+v %v", r, err)
	}
	if _, err := takeSettings(filepath.Join(t.TempDir(), "c"), []byte(`{"network":[`)); err == nil {
		t.Error("settings that are none were taken")
	}
}
