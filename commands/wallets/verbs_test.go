package wallets

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
)

const (
	txid    = "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd"
	someone = "2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9"
)

// TestRefusedWords: what contradicts itself is refused before anything is opened or made.
func TestRefusedWords(t *testing.T) {
	tomorrow := time.Now().Add(48 * time.Hour).Format(time.DateOnly)
	for _, c := range []struct {
		command *cli.Command
		says    map[string]string
	}{
		{StatusCommand(), map[string]string{"now": "takes no arguments"}},
		{AddressCommand(), map[string]string{"--type pubkey": `--type is "pubkey", not nested, legacy, segwit or taproot`, "one": "takes no arguments"}},
		{RequestCommand(), map[string]string{"max": "max is no amount to ask for", "--type x": `--type is "x"`, "1 2": "takes 1 argument, got 2"}},
		{RescanCommand(), map[string]string{
			"--search 0": "--search 0 is not in 1..", "--search 9999999": "--search 9999999 is not in",
			"--since yesterday": `--since is "yesterday", neither a block's height nor a day`, "--since -5": "--since", "--since 2019-02-30": "neither a block's height nor a day",
			"--since " + tomorrow: "lies in the future", "": "which --offline forbids", "--since 575000": "which --offline forbids",
		}},
		{RestoreCommand(), map[string]string{
			"--words-file a --backup b":             "give one of --words-file, --backup and --encrypted-file",
			"--backup b --encrypted-file c":         "give one of",
			"--words-file a --encrypted-file c":     "give one of",
			"--old-password-file p":                 "--old-password-file is the password of --encrypted-file",
			"--words-file a --old-password-file p":  "--old-password-file is the password",
			"--backup b --birthday 2019-05-01":      "a backup knows its birthday",
			"--backup b --search 5":                 "a backup knows its birthday",
			"--backup b --new-password":             "a backup opens with its own password",
			"--words-file a --search 0":             "--search is not in 1..",
			"--words-file a --search 4294967297":    "--search is not in 1..",
			"--words-file a --birthday 1.5.2019":    `--birthday is "1.5.2019", not a day like 2019-05-01`,
			"--words-file a --birthday 2019-13-01":  "not a day like",
			"--words-file a --birthday " + tomorrow: "lies in the future",
		}},
		{CreateCommand(), map[string]string{
			"--watch-only x --import":    "it takes no phrase",
			"--watch-only x --words 24":  "it takes no phrase",
			"--birthday 2019-05-01":      "--birthday belongs to --watch-only",
			"--import --words-file w":    "are for a new phrase",
			"--import-file i --words 12": "are for a new phrase",
			"--import --import-file i":   "--import asks for the phrase, --import-file reads it",
			"alice":                      "takes no arguments",
		}},
		{UnlockCommand(), map[string]string{"--for 0s": "--for 0s is not between 1s and 24h", "--for 25h": "--for 25h0m0s is not between", "--for -1h": "--for -1h0m0s is not between"}},
		{PasswordCommand(), map[string]string{
			"--keyring perhaps":                  `--keyring is "perhaps", not on or off`,
			"--keyring on --new-password-file f": "--keyring leaves the password as it is",
		}},
		{LabelCommand(), map[string]string{
			"":                      "missing TXID|OUTPOINT|ADDRESS",
			txid + " rent --remove": "give TEXT or --remove, not both",
			"nonsense":              `"nonsense" is neither a transaction, nor a coin (TXID:INDEX), nor an address of regtest`,
			txid[:63]:               "neither a transaction",
			txid + ":x":             "is not a coin",
			txid[:63] + "g":         "is not a transaction, 64 hex digits",
			"1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk rent": "nor an address of regtest",
		}},
		{FreezeCommand(), map[string]string{"": "missing OUTPOINT", txid: "is not a coin, TXID:INDEX", txid + ":1 " + txid + ":01": "is not a coin"}},
		{UnfreezeCommand(), map[string]string{"": "missing OUTPOINT", "all": "is not a coin"}},
		{SignMessageCommand(), map[string]string{"": "missing ADDRESS", someone: "give the message either as an argument or with --message-file", someone + " hi --message-file f": "give the message either"}},
		{VerifyMessageCommand(), map[string]string{someone: "missing SIGNATURE", someone + " sig": "give the message either", someone + " sig hi --message-file f": "give the message either"}},
		{SweepCommand(), map[string]string{"": "missing ", "keys --since -1": "--since -1 is not a height"}},
		{LabelsCommand(), map[string]string{"import": "missing FILE", "export x": "takes no arguments"}},
	} {
		verbtest.Refused(t, c.command, c.says)
	}
	if o := verbtest.Empty(t).Run(t, LabelCommand(), txid, " "); o.Exit() != fault.ExitUsage || !strings.Contains(o.Fault.Message, "the label is empty") {
		t.Errorf("%v", o.Fault)
	}
}

// TestNoWallet: every verb that needs a wallet says that there is none, and makes nothing.
func TestNoWallet(t *testing.T) {
	for _, c := range []struct {
		command *cli.Command
		words   string
	}{
		{StatusCommand(), ""}, {AddressCommand(), "--new"}, {RequestCommand(), "0.1"}, {LabelCommand(), txid + " rent"}, {FreezeCommand(), txid + ":0"},
		{UnfreezeCommand(), txid + ":0"}, {SignMessageCommand(), someone + " hi"}, {LabelsCommand(), "export"},
	} {
		h := verbtest.Empty(t)
		o := h.Run(t, c.command, strings.Fields(c.words)...)
		left, err := os.ReadDir(h.Dir)
		if o.Exit() != fault.ExitNotFound || !strings.HasPrefix(o.Fault.Message, "no wallet at ") || len(o.Fault.Hints) == 0 || o.Out != "" || err != nil || len(left) > 0 {
			t.Errorf("%s: %v %q, left %v %v", c.command.Name, o.Fault, o.Out, left, err)
		}
	}
}

// TestStatus: what is there, as keys and in words; what was never looked for is null.
func TestStatus(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	o := h.Run(t, StatusCommand(), "--json")
	if o.Fault != nil || o.Doc["network"] != "regtest" || o.Doc["home"] != h.Dir || o.Doc["fingerprint"] != "73c5da0a" || o.Doc["watch_only"] != false || o.Doc["keyring"] != false {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	if height, there := o.Doc["height"]; !there || height != nil {
		t.Errorf("height: %v %v", height, there)
	}
	if text := h.Run(t, StatusCommand()).Out; !strings.Contains(text, "coins known up to\tnever looked\n") {
		t.Error(text)
	}
}

// TestAddresses: the first address of each kind is that of the published vectors for these words,
// and stays the same until --new.
func TestAddresses(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	first := map[string]string{}
	for kind, c := range map[string]struct{ path, form string }{
		"nested": {"m/49'/1'/0'/0/0", "^2"}, "legacy": {"m/44'/1'/0'/0/0", "^[mn]"}, "segwit": {"m/84'/1'/0'/0/0", "^bcrt1q"}, "taproot": {"m/86'/1'/0'/0/0", "^bcrt1p"},
	} {
		o := h.Run(t, AddressCommand(), "--type", kind, "--json")
		first[kind], _ = o.Doc["address"].(string)
		if o.Fault != nil || o.Doc["path"] != c.path || !regexp.MustCompile(c.form).MatchString(first[kind]) || o.Doc["checked"] != false {
			t.Errorf("%s: %v %v", kind, o.Fault, o.Doc)
		}
		if again := h.Run(t, AddressCommand(), "--type", kind, "--check", "--json"); again.Doc["address"] != first[kind] || again.Doc["checked"] != true {
			t.Errorf("%s: derived from the seed it is %v %v", kind, again.Fault, again.Doc)
		}
	}
	// BIP 49: the first address of these words on test networks.
	if first["nested"] != "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2" {
		t.Errorf("nested: %s", first["nested"])
	}
	if o := h.Run(t, AddressCommand()); o.Out != first["nested"]+"\n" {
		t.Errorf("the usual kind: %s", o.Out)
	}
	if o := h.Run(t, AddressCommand(), "--new", "--json"); o.Doc["path"] != "m/49'/1'/0'/0/1" || o.Doc["address"] == first["nested"] {
		t.Errorf("%v", o.Doc)
	}
}

// TestRequest: the URI has what was asked for, quoted, and what says who asks becomes the address's
// label.
func TestRequest(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	o := h.Run(t, RequestCommand(), "0.01", "--label", "Alice & Bob", "--message", "order 17", "--json")
	address, _ := o.Doc["address"].(string)
	if o.Fault != nil || o.Doc["amount_sat"] != 1e6 || o.Doc["uri"] != "bitcoin:"+address+"?amount=0.01000000&label=Alice%20%26%20Bob&message=order%2017" {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	if o := h.Run(t, LabelCommand(), address, "--json"); o.Doc["label"] != "Alice & Bob order 17" || o.Doc["type"] != "addr" {
		t.Errorf("%v", o.Doc)
	}
	if o := h.Run(t, RequestCommand(), "--no-qr"); o.Out != "bitcoin:"+address+"\n" {
		t.Error(o.Out)
	}
	drawn := strings.Split(h.Run(t, RequestCommand()).Out, "\n")
	if len(drawn) < 15 || strings.Trim(drawn[0], "█▀▄") != "" || strings.Trim(drawn[1], "█▀▄") != "" {
		t.Errorf("%q", drawn)
	}
	if o := h.Run(t, RequestCommand(), "--label", strings.Repeat("x", 3000)); o.Fault == nil || o.Out != "" || len(o.Fault.Message) > 200 {
		t.Errorf("%v", o.Fault)
	}
}

// TestMessages: what is signed verifies, for each kind of address, and anything else does not.
func TestMessages(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	for _, kind := range []string{"nested", "legacy", "segwit", "taproot"} {
		address := strings.TrimSpace(h.Run(t, AddressCommand(), "--type", kind).Out)
		o := h.Run(t, SignMessageCommand(), address, "I am alice.id")
		signature := strings.TrimSpace(o.Out)
		if o.Fault != nil || signature == "" {
			t.Fatalf("%s: %v", kind, o.Fault)
		}
		if o := h.Run(t, VerifyMessageCommand(), address, signature, "I am alice.id", "--json"); o.Fault != nil || o.Doc["valid"] != true || o.Doc["address"] != address {
			t.Errorf("%s: %v %v", kind, o.Fault, o.Doc)
		}
		if o := h.Run(t, VerifyMessageCommand(), address, signature, "--message-file", h.File(t, "message", "I am alice.id")); o.Fault != nil {
			t.Errorf("%s, from a file: %v", kind, o.Fault)
		}
		for what, words := range map[string][]string{
			"another message": {address, signature, "I am bob.id"}, "another address": {someone, signature, "I am alice.id"},
			"half a signature": {address, signature[:len(signature)/2], "I am alice.id"}, "no signature": {address, "?", "I am alice.id"},
		} {
			if o := h.Run(t, VerifyMessageCommand(), words...); o.Fault == nil || o.Out != "" {
				t.Errorf("%s, %s: %v %s", kind, what, o.Fault, o.Out)
			}
		}
	}
	if o := h.Run(t, SignMessageCommand(), someone, "hi"); o.Fault == nil || o.Out != "" {
		t.Errorf("an address of somebody else: %v %s", o.Fault, o.Out)
	}
}

// TestLabels: a label is written, shown, exported, taken away and brought back; a file with one bad
// line changes nothing.
func TestLabels(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	show := func(ref string) string {
		label, _ := h.Run(t, LabelCommand(), ref, "--json").Doc["label"].(string)
		return label
	}
	for ref, text := range map[string]string{txid: "rent of May", txid + ":1": "change", someone: "landlord"} {
		if o := h.Run(t, LabelCommand(), ref, text); o.Fault != nil {
			t.Fatal(o.Fault)
		}
		if got := show(ref); got != text {
			t.Errorf("%s: %q", ref, got)
		}
	}
	if o := h.Run(t, FreezeCommand(), txid+":1", "--reason", "not mine", "--json"); o.Exit() != fault.ExitNotFound {
		t.Errorf("a coin that is not here: %v %v", o.Fault, o.Doc)
	}
	out := filepath.Join(h.Dir, "labels.jsonl")
	if o := h.Run(t, LabelsCommand(), "export", "--out", out, "--json"); o.Fault != nil || o.Doc["labels"] != 3. {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	if o := h.Run(t, LabelsCommand(), "export", "--out", out); o.Fault == nil {
		t.Error("a file that is there was written over")
	}
	if o := h.Run(t, LabelCommand(), txid, "--remove"); o.Fault != nil || show(txid) != "" {
		t.Errorf("%v %q", o.Fault, show(txid))
	}
	good, err := os.ReadFile(out)
	if err != nil || strings.Count(string(good), "\n") != 3 {
		t.Fatalf("%s %v", good, err)
	}
	if o := h.Run(t, LabelsCommand(), "import", h.File(t, "bad.jsonl", string(good)+"{\"type\":\"tx\"\n")); o.Exit() != fault.ExitMalformed || show(txid) != "" {
		t.Errorf("%v %q", o.Fault, show(txid))
	}
	if o := h.Run(t, LabelsCommand(), "import", out, "--json"); o.Fault != nil || o.Doc["labels"] != 3. || show(txid) != "rent of May" {
		t.Errorf("%v %v %q", o.Fault, o.Doc, show(txid))
	}
}

// TestPasswordChange: afterwards the new one opens and the old one does not; what cannot be read
// changes nothing.
func TestPasswordChange(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	check := func(h verbtest.Home) verbtest.Outcome { return h.Run(t, AddressCommand(), "--check") }
	if o := h.Run(t, PasswordCommand(), "--new-password-file", filepath.Join(h.Dir, "none")); o.Exit() != fault.ExitNotFound {
		t.Errorf("%v", o.Fault)
	}
	if o := h.Run(t, PasswordCommand(), "--new-password-file", h.File(t, "empty", "\n")); o.Exit() != fault.ExitUsage {
		t.Errorf("%v", o.Fault)
	}
	if o := check(h); o.Fault != nil {
		t.Fatalf("after two refusals: %v", o.Fault)
	}
	changed := h.File(t, "new", "battery staple and more\n")
	if o := h.Run(t, PasswordCommand(), "--new-password-file", changed, "--json"); o.Fault != nil || o.Doc["unlockers"] != 1. {
		t.Fatalf("%v %v", o.Fault, o.Doc)
	}
	if o := check(h); o.Exit() != fault.ExitLocked {
		t.Errorf("the old password: %v", o.Fault)
	}
	h.Flags[len(h.Flags)-1] = changed
	if o := check(h); o.Fault != nil {
		t.Errorf("the new password: %v", o.Fault)
	}
}

// TestParseBirthday: the day of the user, a day early, because block times are nobody's.
func TestParseBirthday(t *testing.T) {
	day, err := parseBirthday("2019-05-01")
	if err != nil || !day.Equal(time.Date(2019, 4, 30, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%v %v", day, err)
	}
	if day, err := parseBirthday(""); err != nil || !day.IsZero() {
		t.Errorf("%v %v", day, err)
	}
}
