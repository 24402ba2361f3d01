package paying

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/bump"
	"blockstack/txbuilder/payments/paid"
	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
)

// printed is what print writes.
func printed(t *testing.T, print func(*session.Session) error) string {
	t.Helper()
	var out bytes.Buffer
	p := voice.New(&out, io.Discard)
	no(t, errors.Join(print(&session.Session{Out: p}), p.Commit()))
	return out.String()
}

// TestViewBump: what a bump was is told as it was; an old fee that is not known is not 0.
func TestViewBump(t *testing.T) {
	tx := &bump.Waiting{Entry: paid.Entry{Txid: chainhash.Hash{1}, Fee: 1285, FeeKnown: true}}
	for _, c := range []struct {
		known bool
		m     bump.Method
		want  string
	}{
		{true, bump.Replacement, `{"method":"replacement","bumped_txid":"` + tx.Entry.Txid.String() + `","fee_sat":10280,"old_fee_sat":1285,"extra_sat":8995,"fee_rate_sat_vb":"","vsize":0}`},
		{false, bump.Child, `{"method":"child","bumped_txid":"` + tx.Entry.Txid.String() + `","fee_sat":10280,"old_fee_sat":null,"extra_sat":8995,"fee_rate_sat_vb":"","vsize":0}`},
	} {
		tx.Entry.FeeKnown = c.known
		v := viewBump(tx, c.m, 10280, 8995)
		if b, err := json.Marshal(v); err != nil || string(b) != c.want {
			t.Errorf("%s, want %s", b, c.want)
		}
		v.Txid = "ff"
		if text := printed(t, func(s *session.Session) error { return printBump(s, v) }); text != "method\t"+string(c.m)+"\nfee\t0.00010280 BTC\nextra cost\t0.00008995 BTC\ntxid\tff\n" {
			t.Errorf("%q", text)
		}
	}
}

// TestViewPayment: a payee stands at the top where it is the only one, and a fee that is not known
// gives no rate.
func TestViewPayment(t *testing.T) {
	height := int32(7)
	alice := payments.PaidPayee{Name: "alice.id", Address: someone, How: payments.ByProfile, Amount: 5, Label: "rent", Before: "2M", ExactUntil: &height}
	bob := payments.PaidPayee{Address: "2B", How: payments.ByAddress, Amount: 6}
	v := viewPayment(payments.Summary{Amount: 5, Fee: 2, VSize: 1, Change: 3, Payees: []payments.PaidPayee{alice}})
	if v.Name != "alice.id" || v.Address != someone || v.PaidTo != string(payments.ByProfile) || v.FeeRate != "" || v.ExactUntil != &height || v.Txids == nil ||
		v.Payments[0] != (payeeView{Name: "alice.id", Address: someone, PaidTo: string(payments.ByProfile), AmountSat: 5, Label: "rent", Before: "2M"}) {
		t.Errorf("%+v", v)
	}
	v.setHeld(time.Unix(0, 0))
	v.PSBT = "a.psbt"
	if v.State != "prepared" || *v.HeldUntil != "1970-01-01T00:00:00Z" {
		t.Errorf("%+v", v)
	}
	if text := printed(t, func(s *session.Session) error { return printPayment(s, v) }); text !=
		"not paid yet\talice.id\nto\t"+someone+"\namount\t0.00000005 BTC\nfee\t0.00000002 BTC\nunsigned\ta.psbt\n" {
		t.Errorf("%q", text)
	}
	v = viewPayment(payments.Summary{Payees: []payments.PaidPayee{alice, bob}, FeeKnown: true, Rate: 5000})
	if v.Name != "" || v.Address != "" || v.PaidTo != "" || len(v.Payments) != 2 || v.FeeRate == "" || strings.Contains(v.FeeRate, "sat") {
		t.Errorf("%+v", v)
	}
	v.setTxid("ff")
	v.Height = &height
	if text := printed(t, func(s *session.Session) error { return printPayment(s, v) }); !strings.HasSuffix(text, "txid\tff\nheight\t7\n") || len(v.Txids) != 1 {
		t.Errorf("%q", text)
	}
}

// TestDescribeEntry: what a transaction was for, the nearest thing first.
func TestDescribeEntry(t *testing.T) {
	out := []moneyOutputView{{Address: "2Ours", Ours: true}, {Ours: false}, {Address: "2Theirs"}}
	for _, c := range []struct {
		v    moneyView
		want string
	}{
		{moneyView{JobRole: "preorder", Names: []string{"alice.id"}, Label: "x"}, "preorder alice.id"},
		{moneyView{JobRole: "preorder", Label: "x"}, "x"},
		{moneyView{Names: []string{"alice.id"}, Label: "rent"}, "rent (alice.id)"},
		{moneyView{Names: []string{"alice.id", "bob.id"}}, "to alice.id and others"},
		{moneyView{Names: []string{"alice.id"}, NetSat: 1}, "to alice.id"},
		{moneyView{NetSat: 1, Outputs: out}, "received"},
		{moneyView{NetSat: -1, Outputs: out}, "to 2Theirs"},
		{moneyView{NetSat: -1, Outputs: out[:2]}, "to yourself"},
	} {
		if got := describeEntry(c.v); got != c.want {
			t.Errorf("%+v: %q, want %q", c.v, got, c.want)
		}
	}
}

// TestViewEntry: heights, fees and replacements that are not known are not told, change is called
// change, and names stand for the addresses that were paid.
func TestViewEntry(t *testing.T) {
	by := chainhash.Hash{2}
	e := coins.Entry{Height: -1, Received: 40, Spent: 100, Fee: 9, Void: true, ReplacedBy: &by, Outputs: []coins.Output{
		{Index: 0, Amount: 51, Address: "2A"},
		{Index: 1, Amount: 30, Address: "2C", Ours: true, Key: scripts.Key{Role: scripts.Payment, Branch: scripts.Change}},
		{Index: 2, Amount: 10, Address: "2R", Ours: true, Key: scripts.Key{Role: scripts.Payment}},
	}}
	v := viewEntry(&e, map[string]string{"2A": "alice.id"}, jobTransaction{ID: "j1", Subject: "bob.id", Role: "update"})
	if v.Height != nil || v.FeeSat != nil || v.NetSat != -60 || !v.Void || v.ReplacedBy != by.String() || v.JobID != "j1" || v.JobRole != "update" ||
		strings.Join(v.Names, " ") != "bob.id alice.id" || v.Outputs[0].Name != "alice.id" || v.Outputs[0].Role != "" || v.Outputs[1].Role != "change" || v.Outputs[2].Role != "payment" {
		t.Errorf("%+v", v)
	}
	e = coins.Entry{Height: 0, FeeKnown: true}
	if v = viewEntry(&e, nil, jobTransaction{}); v.Height == nil || *v.Height != 0 || v.FeeSat == nil || *v.FeeSat != 0 || v.ReplacedBy != "" || v.Names == nil {
		t.Errorf("%+v", v)
	}
}

// TestWithReplaced: what waits stays first, and what was replaced stands where its time is.
func TestWithReplaced(t *testing.T) {
	at := func(height int32, second int64, replaced bool) coins.Entry {
		e := coins.Entry{Height: height, Time: time.Unix(second, 0), Fee: btcutil.Amount(second)}
		if replaced {
			e.ReplacedBy = &chainhash.Hash{}
		}
		return e
	}
	list := withReplaced([]coins.Entry{at(-1, 10, false), at(9, 50, false), at(8, 30, false)}, []coins.Entry{at(-1, 60, true), at(-1, 40, true), at(-1, 20, true), at(-1, 41, true)})
	var order []int
	for _, e := range list {
		order = append(order, int(e.Fee))
	}
	if b, _ := json.Marshal(order); string(b) != "[10,60,50,41,40,30,20]" {
		t.Errorf("%s", b)
	}
}

// TestCoinState: the first thing that keeps a coin from being spent is what is said.
func TestCoinState(t *testing.T) {
	all := coins.Coin{Frozen: "later", Reserved: true, Immature: true}
	all.Key.Role = scripts.Shared
	for _, c := range []struct {
		want string
		next func(*coins.Coin)
	}{
		{"several keys", func(c *coins.Coin) { c.Key.Role = scripts.Owner }},
		{"owner key", func(c *coins.Coin) { c.Key.Role = scripts.Payment }},
		{"frozen: later", func(c *coins.Coin) { c.Frozen = "" }},
		{"reserved", func(c *coins.Coin) { c.Reserved = false }},
		{"immature", func(c *coins.Coin) { c.Immature = false }},
		{"unconfirmed", func(c *coins.Coin) { c.Confirmations = 1 }},
		{"spendable", func(*coins.Coin) {}},
	} {
		if got := coinState(&all); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		c.next(&all)
	}
}
