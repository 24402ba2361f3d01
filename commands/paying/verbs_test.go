package paying

import (
	"strings"
	"testing"
	"time"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/txbuilder/payments"
)

const (
	someone = "2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9"
	coin    = "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd"
)

// TestRefusedWords: pay refuses what contradicts itself before it opens anything.
func TestRefusedWords(t *testing.T) {
	pay := func(words string) string { return someone + " 0.1 " + words }
	verbtest.Refused(t, PayCommand(), map[string]string{
		"":                                                 "missing TARGET and AMOUNT",
		someone:                                            "missing AMOUNT",
		someone + " 0.1 0.2":                               "takes 2 arguments, got 3",
		someone + " 0.1 --file list":                       "or --file, not both",
		pay("--wait never"):                                `--wait is "never", not broadcast or confirmed`,
		pay("--dry-run --psbt x"):                          "--dry-run shows the plan, --psbt writes it",
		pay("--hold 5m"):                                   "--hold is for --psbt",
		pay("--psbt x --hold 5s"):                          "--hold 5s is not in 1m0s..720h0m0s",
		pay("--psbt x --hold 721h"):                        "--hold 721h0m0s is not in",
		pay("--target 0"):                                  "--target 0 is not in 1..1008 blocks",
		pay("--target 1009"):                               "--target 1009 is not in",
		pay("--from nowhere"):                              `"nowhere" is not a coin, TXID:INDEX`,
		pay("--from " + coin):                              "is not a coin, TXID:INDEX",
		pay("--from " + coin + ":00"):                      "is not a coin",
		pay("--from " + coin + ":4294967296"):              "is not a coin",
		pay("--from owner:x"):                              `--from owner: is "x"`,
		pay("--from owner:-1"):                             `--from owner: is "-1"`,
		pay("--from owner:10000"):                          "not a whole number from 0 to 9999",
		pay("--from owner:0 --from owner:1"):               "--from owner:0 cannot be combined",
		pay("--from owner:0 --from " + coin + ":1"):        "cannot be combined with another --from",
		pay("--from " + coin + ":1 --from " + coin + ":1"): "twice",
		pay("--request-id " + strings.Repeat("x", 300)):    "--request-id ",
		someone + " max --subtract-fee":                    "max takes the fee out of the amount anyway",
	})
	verbtest.Refused(t, HistoryCommand(), map[string]string{"--limit 0": "--limit is 0, not 1 or more", "--limit -3": "--limit is -3", "alice.id": "takes no arguments"})
	verbtest.Refused(t, BalanceCommand(), map[string]string{"alice.id": "takes no arguments"})
	verbtest.Refused(t, BumpCommand(), map[string]string{"": "missing ", "nonsense": "not a transaction", coin + " " + coin: "takes 1 argument"})
}

// TestBadAmounts: an amount that is none is told as that, with nothing opened.
func TestBadAmounts(t *testing.T) {
	for _, amount := range []string{"0", "0.000000001", "1e3", "21000001", "1,5", "0x1", "one", "--", "NaN"} {
		words := []string{someone, amount}
		if amount == "--" {
			words = []string{someone, "--max-total", "x", "1"}
		}
		o := verbtest.Empty(t).Run(t, PayCommand(), words...)
		if o.Fault == nil || o.Fault.Code != "bad_amount" || o.Out != "" {
			t.Errorf("%q: %v", words, o.Fault)
		}
	}
}

// TestParseFrom: coins keep their order, an identity stands alone.
func TestParseFrom(t *testing.T) {
	from, err := parseFrom([]string{coin + ":1", coin + ":0"})
	if err != nil || len(from.Coins) != 2 || from.Coins[0].Index != 1 || from.Coins[1].Index != 0 || from.Identity != nil {
		t.Errorf("%+v %v", from, err)
	}
	if from, err = parseFrom([]string{"owner:9999"}); err != nil || from.Identity == nil || *from.Identity != 9999 || from.Coins != nil {
		t.Errorf("%+v %v", from, err)
	}
	if from, err = parseFrom(nil); err != nil || from.Coins != nil || from.Identity != nil {
		t.Errorf("%+v %v", from, err)
	}
}

// TestCheckHold: both ends of what coins can be held for.
func TestCheckHold(t *testing.T) {
	for d, good := range map[time.Duration]bool{
		holdLeast: true, holdMost: true, holdDefault: true, holdLeast - 1: false, holdMost + 1: false, 0: false, -time.Hour: false,
	} {
		if err := checkHold(d); (err == nil) != good {
			t.Errorf("%s: %v", d, err)
		}
	}
}

// TestReadBills: from arguments, a file and standard input; what is wrong in a list is told with
// the file's name.
func TestReadBills(t *testing.T) {
	h := verbtest.Empty(t)
	const list = "target,amount_btc,label\n" + someone + ",0.1,rent\nalice.id,0.2,\n"
	for _, o := range []payOptions{{File: h.File(t, "wages.csv", list)}, {File: "-"}} {
		all, err := o.readBills(strings.NewReader(list))
		if err != nil || len(all) != 2 || all[0].Amount != 1e7 || all[1].Amount != 2e7 {
			t.Errorf("%s: %+v %v", o.File, all, err)
		}
	}
	o := payOptions{Target: someone, Amount: "max"}
	if all, err := o.readBills(nil); err != nil || len(all) != 1 || !all[0].All {
		t.Errorf("%+v %v", all, err)
	}
	o.Order = payments.Order{SubtractFee: true}
	if _, err := o.readBills(nil); err == nil {
		t.Error("max with --subtract-fee")
	}
	bad := payOptions{File: h.File(t, "bad.csv", "target,amount_btc\n"+someone+",lots\n")}
	if o := h.Run(t, PayCommand(), "--file", bad.File); o.Fault == nil || o.Fault.Code != "malformed" || !strings.HasPrefix(o.Fault.Message, bad.File+": ") || len(o.Fault.Hints) != 1 {
		t.Errorf("%v", o.Fault)
	}
	if o := h.Run(t, PayCommand(), "--file", h.Dir+"/none"); o.Exit() != fault.ExitNotFound {
		t.Errorf("%v", o.Fault)
	}
}

// TestNeverLooked: a wallet that has never looked at the chain knows neither its balance nor its
// history: that is not nothing.
func TestNeverLooked(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	for _, words := range [][]string{{"--json"}, nil} {
		if o := h.Run(t, BalanceCommand(), words...); o.Exit() != fault.ExitNotFound || !strings.Contains(o.Fault.Message, "balance is unknown") || o.Out != "" {
			t.Errorf("balance: %v %s", o.Fault, o.Out)
		}
		if o := h.Run(t, HistoryCommand(), words...); o.Exit() != fault.ExitNotFound || !strings.Contains(o.Fault.Message, "history is unknown") || o.Out != "" {
			t.Errorf("history: %v %s", o.Fault, o.Out)
		}
	}
	if o := h.Run(t, PayCommand(), someone, "0.1", "--yes"); o.Fault == nil || o.Out != "" {
		t.Errorf("pay offline: %v %s", o.Fault, o.Out)
	}
}
