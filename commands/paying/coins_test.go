package paying

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/home/money"
	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/bills"
	"blockstack/txbuilder/payments/send"
	"blockstack/wallet"
	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/secret"
)

// rich is a home whose wallet has six coins of 0.1 BTC.
func rich(t *testing.T) (verbtest.Home, *chaintest.Bitcoin) {
	t.Helper()
	h, btc := verbtest.Empty(t).WithWallet(t), chaintest.New()
	look(t, h, btc, func(w *wallet.Wallet) {
		a, err := w.ReceiveAddress(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			if _, err := btc.Pay(a.Script, 1e7); err != nil {
				t.Fatal(err)
			}
		}
		btc.Mine(1)
	})
	return h, btc
}

// look opens the wallet of a home, and brings it to the tip of a chain after f.
func look(t *testing.T, h verbtest.Home, btc *chaintest.Bitcoin, f func(w *wallet.Wallet)) {
	t.Helper()
	w, err := wallet.Open(home.WalletConfig(&config.Config{Home: h.Dir, Network: "regtest"}))
	if err != nil {
		t.Fatal(err)
	}
	f(w)
	if err := w.Sync(t.Context(), btc); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// pays makes a payment of 0.12 BTC to someone for the request "sent", at 5 satoshi a byte, that is
// in no block.
func pays(t *testing.T, h verbtest.Home, btc *chaintest.Bitcoin) (txid string) {
	t.Helper()
	look(t, h, btc, func(w *wallet.Wallet) {
		node := func(context.Context) (send.Node, error) { return money.Pool{Node: money.Node{Sender: btc}}, nil }
		s, err := payments.New(payments.Config{Net: btc.Net(), Network: "regtest", Wallet: money.Wallet{Wallet: w}, Jobs: nothing{}, Names: nothing{}, Node: node,
			Past: money.Past{Wallet: w, Dir: filepath.Join(h.Dir, "regtest")}, Book: money.Book{Wallet: w}})
		no(t, err)
		o := payments.Order{Bills: []bills.Bill{{Target: someone, Amount: 12e6, Label: "rent"}}, Request: "sent", Rate: txbuilder.SatPerVByte(5)}
		payees, err := s.Payees(t.Context(), o)
		no(t, err)
		plan, err := s.Plan(t.Context(), o, payees)
		no(t, err)
		no(t, w.Unlock(t.Context(), secret.New([]byte(verbtest.Password))))
		sent, err := s.Pay(t.Context(), plan)
		no(t, err)
		txid = sent.Txid.String()
	})
	return txid
}

// nothing is a home without names and jobs.
type nothing struct{}

func (nothing) Reserve(context.Context) (func() error, error) {
	return func() error { return nil }, nil
}

func (nothing) Payee(context.Context, names.Name) (payments.NamePayee, error) {
	return payments.NamePayee{}, os.ErrNotExist
}

func (nothing) OwnedBy(context.Context, []byte) (int, error) { return 0, nil }

func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rated gives a payment a rate, for which a node is asked otherwise.
func rated(words ...string) []string { return append(words, "--fee-rate", "5") }

// fields are some of a document, for a comparison.
func fields(doc map[string]any, keys ...string) string {
	var all []string
	for _, k := range keys {
		value, is := doc[k]
		if !is {
			value = "-"
		}
		all = append(all, fmt.Sprintf("%s=%v", k, value))
	}
	return strings.Join(all, " ")
}

// TestRich: the life of a wallet with coins: each step begins where the one before it ended.
func TestRich(t *testing.T) {
	h, btc := rich(t)
	coinsShown(t, h)
	plansShown(t, h)
	notPaid(t, h)
	prepared(t, h)
	sentAndBumped(t, h, btc)
}

// coinsShown: what the wallet has, as programs and as people see it.
func coinsShown(t *testing.T, h verbtest.Home) {
	t.Helper()
	o := h.Run(t, BalanceCommand(), "--json")
	const sums = "spendable_sat=6e+07 unconfirmed_sat=0 immature_sat=0 reserved_sat=0 frozen_sat=0 owner_sat=0 total_sat=6e+07 height=102 synced=false"
	if got := fields(o.Doc, "spendable_sat", "unconfirmed_sat", "immature_sat", "reserved_sat", "frozen_sat", "owner_sat", "total_sat", "height", "synced"); got != sums {
		t.Errorf("balance: %v %s", o.Fault, got)
	}
	if o := h.Run(t, BalanceCommand()); o.Out != "spendable\t0.60000000 BTC\nheight\t102\n" {
		t.Errorf("balance: %v %q", o.Fault, o.Out)
	}
	o = h.Run(t, CoinsCommand(), "--json")
	list, _ := o.Doc["coins"].([]any)
	if len(list) != 6 || o.Doc["height"] != 102. {
		t.Fatalf("coins: %v %v", o.Fault, o.Doc)
	}
	const one = "amount_sat=1e+07 kind=p2sh-p2wpkh role=payment path=m/49'/1'/0'/0/0 height=102 confirmations=1 spendable=true reserved=false immature=false " +
		"reserved_for=- reserved_until=- frozen=- label=-"
	for _, c := range list {
		got := fields(c.(map[string]any), "amount_sat", "kind", "role", "path", "height", "confirmations", "spendable", "reserved", "immature", "reserved_for", "reserved_until", "frozen", "label")
		if got != one {
			t.Error(got)
		}
	}
	if o := h.Run(t, CoinsCommand()); strings.Count(o.Out, "\t0.10000000 BTC\t1\t") != 6 || strings.Count(o.Out, "\tspendable\t\n") != 6 {
		t.Errorf("coins: %v %s", o.Fault, o.Out)
	}
	if o := h.Run(t, CoinsCommand(), "--reserved"); o.Fault != nil || o.Out != "" {
		t.Errorf("nothing is reserved: %v %s", o.Fault, o.Out)
	}
	if o := h.Run(t, CoinsCommand(), "--reserved", "--json"); o.Fault != nil || len(o.Doc["coins"].([]any)) != 0 {
		t.Errorf("nothing is reserved: %v %s", o.Fault, o.Out)
	}
	o = h.Run(t, HistoryCommand(), "--json", "--limit", "2")
	if list, _ = o.Doc["transactions"].([]any); len(list) != 2 || o.Doc["total"] != 6. || o.Doc["height"] != 102. {
		t.Fatalf("history: %v %v", o.Fault, o.Doc)
	}
	got := fields(list[0].(map[string]any), "height", "confirmations", "received_sat", "spent_sat", "net_sat", "fee_sat", "void", "names", "label", "replaced_by", "job_id", "job_role")
	if got != "height=102 confirmations=1 received_sat=1e+07 spent_sat=0 net_sat=1e+07 fee_sat=<nil> void=false names=[] label=- replaced_by=- job_id=- job_role=-" {
		t.Errorf("history: %s", got)
	}
	if o := h.Run(t, HistoryCommand()); strings.Count(o.Out, "102\t0.10000000 BTC\t\treceived\t") != 6 {
		t.Errorf("history: %v %s", o.Fault, o.Out)
	}
}

// plansShown: what a payment would be is shown as it is asked for, and nothing comes of it.
func plansShown(t *testing.T, h verbtest.Home) {
	t.Helper()
	list := h.File(t, "wages.csv", "target,amount_btc,label\n"+someone+",0.1,rent\n2MvFhEGhVcfAYKbfKUJR6qibeY1uF5TbadX,0.2,\n")
	jsonList := h.File(t, "wages.json", `{"schema":"blockstack/payments/v1","payments":[{"target":"`+someone+`","amount_sat":10000000}]}`)
	for _, c := range []struct {
		words []string
		want  string
		pays  string
	}{
		{[]string{someone, "0.15"}, "amount_sat=1.5e+07 fee_sat=1285 vsize=257 change_sat=4.998715e+06 address=" + someone + " paid_to=address", "1.5e+07 <nil>"},
		{[]string{someone, "0.15", "--subtract-fee"}, "amount_sat=1.4998715e+07 fee_sat=1285 vsize=257 change_sat=5e+06 address=" + someone + " paid_to=address", "1.4998715e+07 <nil>"},
		{[]string{someone, "max"}, "amount_sat=5.9997055e+07 fee_sat=2945 vsize=589 change_sat=0 address=" + someone + " paid_to=address", "5.9997055e+07 <nil>"},
		{[]string{someone, "0.15", "--max-total", "0.15001285"}, "amount_sat=1.5e+07 fee_sat=1285 vsize=257 change_sat=4.998715e+06 address=" + someone + " paid_to=address", "1.5e+07 <nil>"},
		{[]string{"bitcoin:" + someone + "?amount=0.15&label=rent"}, "amount_sat=1.5e+07 fee_sat=1285 vsize=257 change_sat=4.998715e+06 address=" + someone + " paid_to=address", "1.5e+07 rent"},
		{[]string{"bitcoin:" + someone + "?amount=0.15&message=for+two", "0.15"}, "amount_sat=1.5e+07 fee_sat=1285 vsize=257 change_sat=4.998715e+06 address=" + someone + " paid_to=address", "1.5e+07 for+two"},
		{[]string{"--file", jsonList}, "amount_sat=1e+07 fee_sat=1285 vsize=257 change_sat=9.998715e+06 address=" + someone + " paid_to=address", "1e+07 <nil>"},
		{[]string{"--file", list}, "amount_sat=3e+07 fee_sat=2355 vsize=471 change_sat=9.997645e+06 address=- paid_to=-", "1e+07 rent, 2e+07 <nil>"},
	} {
		o := h.Run(t, PayCommand(), rated(append(c.words, "--dry-run", "--json")...)...)
		if got := fields(o.Doc, "amount_sat", "fee_sat", "vsize", "change_sat", "address", "paid_to"); got != c.want {
			t.Errorf("%q: %v\n%s, want\n%s", c.words, o.Fault, got, c.want)
			continue
		}
		if got := fields(o.Doc, "dry_run", "job_id", "state", "txids", "psbt", "txid", "name", "burn_sat", "burn_ustacks", "fee_rate_sat_vb", "height", "request_id", "held_until"); got !=
			"dry_run=true job_id=<nil> state=- txids=[] psbt=- txid=- name=- burn_sat=0 burn_ustacks=0 fee_rate_sat_vb=5 height=<nil> request_id=- held_until=-" {
			t.Errorf("%q: %s", c.words, got)
		}
		var pays []string
		for _, p := range o.Doc["payments"].([]any) {
			q := p.(map[string]any)
			pays = append(pays, fmt.Sprint(q["amount_sat"], " ", q["label"]))
		}
		if got := strings.Join(pays, ", "); got != c.pays {
			t.Errorf("%q: %s, want %s", c.words, got, c.pays)
		}
	}
	if o := h.Run(t, PayCommand(), rated(someone, "0.15", "--dry-run")...); o.Out != "to\t"+someone+"\namount\t0.15000000 BTC\nfee\t0.00001285 BTC\n" {
		t.Errorf("%v %q", o.Fault, o.Out)
	}
	untouched(t, h)
}

// untouched wants all six coins to be free, and no payment in the history.
func untouched(t *testing.T, h verbtest.Home) {
	t.Helper()
	if o := h.Run(t, BalanceCommand()); o.Out != "spendable\t0.60000000 BTC\nheight\t102\n" {
		t.Errorf("something came of it: %v %s", o.Fault, o.Out)
	}
	if o := h.Run(t, HistoryCommand(), "--json"); o.Doc["total"] != 6. {
		t.Errorf("something came of it: %v %s", o.Fault, o.Out)
	}
}

// notPaid: payments that are refused, that nobody agrees to, or that there is no node for. Each
// leaves the coins free and no file.
func notPaid(t *testing.T, h verbtest.Home) {
	t.Helper()
	first := h.Run(t, CoinsCommand(), "--json").Doc["coins"].([]any)[0].(map[string]any)["outpoint"].(string)
	old := h.File(t, "old.psbt", "mine")
	for _, c := range []struct {
		words []string
		exit  fault.ExitCode
		says  string
	}{
		{[]string{someone, "0.15"}, fault.ExitDeclined, "an answer is needed: Pay it"},
		{[]string{someone, "0.15", "--yes"}, fault.ExitUnreachable, "--offline forbids to ask a node"},
		{[]string{someone, "0.15", "--yes", "--request-id", "once"}, fault.ExitUnreachable, "--offline forbids to ask a node"},
		{[]string{someone, "0.75", "--yes"}, fault.ExitMoney, "need 0.75002945 BTC, have 0.60000000 BTC"},
		{[]string{someone, "0.15", "--yes", "--max-total", "0.15"}, fault.ExitMoney, "it would cost 0.15001285 BTC, and --max-total is 0.15000000 BTC"},
		{[]string{someone, "0.15", "--yes", "--from", coin + ":0"}, fault.ExitNotFound, "not a coin of this wallet"},
		{[]string{someone, "0.15", "--yes", "--from", first}, fault.ExitMoney, "need 0.15"},
		{[]string{someone, "0.15", "--dry-run", "--from", "owner:0"}, fault.ExitUsage, "which names identity 0 owns must be known"},
		{[]string{someone, "0.15", "--psbt", old}, fault.ExitUsage, old},
		{[]string{"alice.id", "0.15", "--yes"}, fault.ExitUsage, "no name rules are known"},
		{[]string{"mnEYdCtkMEQgv4D3kkXHHK3VkYkXRGFNQ", "0.15"}, fault.ExitUsage, ""},
		{[]string{"1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk", "0.15"}, fault.ExitUsage, ""},
		{[]string{"bitcoin:" + someone, "--yes"}, fault.ExitUsage, "missing AMOUNT"},
		{[]string{"bitcoin:" + someone + "?amount=0.1", "0.2"}, fault.ExitUsage, "the payment URI asks for 0.10000000 BTC, and AMOUNT is 0.2"},
		{[]string{"bitcoin:" + someone + "?amount=0.1", "max"}, fault.ExitUsage, "the payment URI asks for 0.10000000 BTC"},
		{[]string{"bitcoin:" + someone + "?req-x=1", "0.2"}, fault.ExitUsage, `it requires "req-x", which is not known here`},
		{[]string{"bitcoin:?amount=1"}, fault.ExitUsage, "bad payment URI"},
	} {
		o := h.Run(t, PayCommand(), rated(c.words...)...)
		if o.Exit() != c.exit || o.Fault == nil || !strings.Contains(o.Fault.Message, c.says) || o.Out != "" {
			t.Errorf("%q: exit %d, %v, want %d with %q; printed %q", c.words, o.Exit(), o.Fault, c.exit, c.says, o.Out)
		}
	}
	if b, err := os.ReadFile(old); err != nil || string(b) != "mine" {
		t.Errorf("%s %v", b, err)
	}
	for _, rate := range []string{"0", "-1", "five", "100000"} {
		if o := h.Run(t, PayCommand(), someone, "0.15", "--yes", "--fee-rate", rate); o.Exit() != fault.ExitUsage || o.Out != "" {
			t.Errorf("--fee-rate %s: %v", rate, o.Fault)
		}
	}
	if o := h.Run(t, PayCommand(), someone, "0.15", "--dry-run"); o.Exit() != fault.ExitUnreachable {
		t.Errorf("without a rate a node is asked: %v", o.Fault)
	}
	untouched(t, h)
}

// TestNoCoins: of a wallet that has looked and has nothing, all is known, and it can pay nobody.
func TestNoCoins(t *testing.T) {
	h, btc := verbtest.Empty(t).WithWallet(t), chaintest.New()
	btc.Mine(3)
	look(t, h, btc, func(*wallet.Wallet) {})
	if o := h.Run(t, BalanceCommand()); o.Out != "spendable\t0.00000000 BTC\nheight\t3\n" {
		t.Errorf("%v %q", o.Fault, o.Out)
	}
	for _, c := range []struct {
		command *cli.Command
		list    string
	}{{HistoryCommand(), "transactions"}, {CoinsCommand(), "coins"}} {
		if o := h.Run(t, c.command, "--json"); o.Fault != nil || fmt.Sprint(o.Doc[c.list]) != "[]" || o.Doc["height"] != 3. {
			t.Errorf("%v %s", o.Fault, o.Out)
		}
		if o := h.Run(t, c.command); o.Fault != nil || o.Out != "" {
			t.Errorf("%v %q", o.Fault, o.Out)
		}
	}
	for _, amount := range []string{"0.1", "max"} {
		if o := h.Run(t, PayCommand(), rated(someone, amount, "--yes")...); o.Exit() != fault.ExitMoney || o.Out != "" {
			t.Errorf("%s: %v %s", amount, o.Fault, o.Out)
		}
	}
}

// prepared: a payment that is signed elsewhere holds its coins; the same request gives the same
// transaction, and what is left pays others.
func prepared(t *testing.T, h verbtest.Home) {
	t.Helper()
	one, two := filepath.Join(h.Dir, "one.psbt"), filepath.Join(h.Dir, "two.psbt")
	words := func(more ...string) []string {
		return rated(append([]string{someone, "0.15", "--request-id", "a"}, more...)...)
	}
	o := h.Run(t, PayCommand(), words("--psbt", one, "--hold", "2h", "--json")...)
	keys := []string{"amount_sat", "fee_sat", "vsize", "change_sat", "fee_rate_sat_vb", "state", "request_id", "inputs", "payments"}
	was := fields(o.Doc, keys...)
	if o.Fault != nil || o.Doc["psbt"] != one || o.Doc["already_known"] != nil || o.Doc["change_sat"] != 4998715. || o.Doc["state"] != "prepared" || o.Doc["request_id"] != "a" {
		t.Fatalf("%v %v", o.Fault, o.Doc)
	}
	until, err := time.Parse(time.RFC3339, o.Doc["held_until"].(string))
	if left := time.Until(until); err != nil || left < 119*time.Minute || left > 2*time.Hour {
		t.Errorf("held until %v, %v", until, err)
	}
	again := h.Run(t, PayCommand(), words("--psbt", two, "--json")...)
	if got := fields(again.Doc, keys...); got != was || again.Doc["already_known"] != true {
		t.Errorf("again: %v\n%s, was\n%s", again.Fault, got, was)
	}
	a, e := os.ReadFile(one)
	b, f := os.ReadFile(two)
	if e != nil || f != nil || string(a) != string(b) || len(a) == 0 {
		t.Errorf("%v %v: not the same PSBT", e, f)
	}
	if look := h.Run(t, PayCommand(), words("--dry-run", "--json")...); look.Doc["dry_run"] != true || look.Doc["psbt"] != base64.StdEncoding.EncodeToString(a) {
		t.Errorf("%v %v", look.Fault, look.Doc)
	}
	for _, c := range []struct {
		words []string
		exit  fault.ExitCode
		says  string
	}{
		{words("--yes"), fault.ExitFailed, "the request a was prepared to be signed elsewhere, and was not sent"},
		{words("--psbt", two), fault.ExitUsage, two},
		{rated(someone, "0.16", "--request-id", "a", "--psbt", filepath.Join(h.Dir, "three")), fault.ExitUsage, "the request id a is that of another payment"},
		{rated(someone, "0.15", "--yes"), fault.ExitDeclined, "(prepared, not sent); pay it again: --yes does not answer it"},
		{rated(someone, "0.42", "--yes"), fault.ExitMoney, "have 0.40000000 BTC"},
	} {
		if o := h.Run(t, PayCommand(), c.words...); o.Exit() != c.exit || !strings.Contains(o.Fault.Message, c.says) || o.Out != "" {
			t.Errorf("%q: exit %d %v", c.words, o.Exit(), o.Fault)
		}
	}
	if o := h.Run(t, BalanceCommand()); o.Out != "spendable\t0.40000000 BTC\nreserved for jobs\t0.20000000 BTC\nheight\t102\n" {
		t.Errorf("%v %q", o.Fault, o.Out)
	}
	o = h.Run(t, CoinsCommand(), "--reserved", "--json")
	list := o.Doc["coins"].([]any)
	if len(list) != 2 {
		t.Fatalf("%v", o.Doc)
	}
	for _, c := range list {
		c := c.(map[string]any)
		if c["spendable"] != false || c["reserved"] != true || !strings.HasPrefix(c["reserved_for"].(string), "payment ") || c["reserved_until"] != again.Doc["held_until"] {
			t.Errorf("%v", c)
		}
	}
	if o := h.Run(t, PayCommand(), rated(someone, "0.05", "--dry-run", "--from", list[0].(map[string]any)["outpoint"].(string))...); o.Fault == nil || o.Out != "" {
		t.Errorf("a coin that is held was spent: %s", o.Out)
	}
	if o := h.Run(t, CoinsCommand(), "--reserved"); strings.Count(o.Out, "\t0.10000000 BTC\tpayment ") != 2 {
		t.Errorf("%v %s", o.Fault, o.Out)
	}
	if o := h.Run(t, CoinsCommand()); strings.Count(o.Out, "\treserved\t") != 2 || strings.Count(o.Out, "\tspendable\t") != 4 {
		t.Errorf("%v %s", o.Fault, o.Out)
	}
}

// sentAndBumped: what was sent is in the history, answers its request, and can be bumped.
func sentAndBumped(t *testing.T, h verbtest.Home, btc *chaintest.Bitcoin) {
	t.Helper()
	txid := pays(t, h, btc)
	o := h.Run(t, HistoryCommand(), "--json", "--limit", "1")
	e := o.Doc["transactions"].([]any)[0].(map[string]any)
	if got := fields(e, "txid", "height", "confirmations", "spent_sat", "net_sat", "fee_sat", "label", "void"); got !=
		"txid="+txid+" height=<nil> confirmations=0 spent_sat=2e+07 net_sat=-1.2001285e+07 fee_sat=1285 label=rent void=false" {
		t.Error(got)
	}
	roles := map[string]int{}
	for _, out := range e["outputs"].([]any) {
		out := out.(map[string]any)
		roles[fields(out, "amount_sat", "ours", "role")]++
	}
	if roles["amount_sat=1.2e+07 ours=false role=-"] != 1 || roles["amount_sat=7.998715e+06 ours=true role=change"] != 1 {
		t.Errorf("%v", roles)
	}
	if o := h.Run(t, HistoryCommand(), "--limit", "1"); o.Out != "unconfirmed\t-0.12001285 BTC\t0.00001285 BTC\trent\t"+txid+"\n" {
		t.Errorf("%v %q", o.Fault, o.Out)
	}
	o = h.Run(t, PayCommand(), rated(someone, "0.12", "--request-id", "sent", "--dry-run", "--json")...)
	if got := fields(o.Doc, "dry_run", "state", "already_known", "txid", "amount_sat", "fee_sat", "change_sat", "height"); got !=
		"dry_run=true state=sent already_known=true txid="+txid+" amount_sat=1.2e+07 fee_sat=1285 change_sat=7.998715e+06 height=<nil>" {
		t.Errorf("%v %s", o.Fault, got)
	}
	o = h.Run(t, PayCommand(), rated(someone, "0.12", "--yes")...)
	if o.Exit() != fault.ExitDeclined || !strings.Contains(o.Fault.Message, txid+" (in no block yet); pay it again: --yes does not answer it") {
		t.Errorf("the same twice: %v", o.Fault)
	}

	for _, c := range []struct {
		words []string
		exit  fault.ExitCode
		says  string
	}{
		{[]string{txid, "--fee-rate", "40", "--yes"}, fault.ExitUnreachable, "--offline"}, // it may be in a block by now
		{[]string{txid, "--fee-rate", "40", "--child", "--dry-run"}, fault.ExitUnreachable, "--offline"},
		{[]string{txid, "--fee-rate", "40", "--max-total", "x"}, fault.ExitUsage, "--max-total"},
		{[]string{txid, "--fee-rate", "40", "--target", "0"}, fault.ExitUsage, "--target 0 is not in"},
		{[]string{txid}, fault.ExitUnreachable, "--offline"},
		{[]string{coin, "--fee-rate", "40"}, fault.ExitNotFound, "the wallet does not know the transaction: " + coin},
	} {
		if o := h.Run(t, BumpCommand(), c.words...); o.Exit() != c.exit || o.Fault == nil || !strings.Contains(o.Fault.Message, c.says) || o.Out != "" {
			t.Errorf("%q: exit %d %v %s", c.words, o.Exit(), o.Fault, o.Out)
		}
	}
	btc.Mine(1)
	look(t, h, btc, func(*wallet.Wallet) {})
	o = h.Run(t, PayCommand(), rated(someone, "0.12", "--request-id", "sent", "--json")...)
	if got := fields(o.Doc, "state", "already_known", "txid", "height"); got != "state=confirmed already_known=true txid="+txid+" height=103" {
		t.Errorf("%v %s", o.Fault, got)
	}
	if o := h.Run(t, BumpCommand(), txid, "--fee-rate", "40", "--yes"); o.Fault == nil || o.Out != "" {
		t.Errorf("a transaction in a block was bumped: %s", o.Out)
	}
}
