package paid

import (
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// spend is a transaction that spends coins, named by a byte each, and pays a script.
func spend(script string, sat int64, from ...byte) *wire.MsgTx {
	tx := wire.NewMsgTx(2)
	for _, n := range from {
		tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{n}}, nil, nil))
	}
	tx.AddTxOut(wire.NewTxOut(sat, []byte(script)))
	return tx
}

// What was asked for is compared by names where there are some, and in any order.
func TestSameRequest(t *testing.T) {
	a, b := Target{Script: []byte("a"), Amount: 1}, Target{Name: "alice.id", Script: []byte("b"), Amount: 2}
	moved := Target{Name: "alice.id", Amount: 2}
	for name, c := range map[string]struct {
		p, o Record
		want bool
	}{
		"the same":          {Record{Targets: []Target{a, b}}, Record{Targets: []Target{b, a}}, true},
		"a payee who moved": {Record{Targets: []Target{b}}, Record{Targets: []Target{moved}}, true},
		"fewer":             {Record{Targets: []Target{a, b}}, Record{Targets: []Target{a}}, false},
		"one twice":         {Record{Targets: []Target{a, b}}, Record{Targets: []Target{a, a}}, false},
		"another amount":    {Record{Targets: []Target{a}}, Record{Targets: []Target{{Script: []byte("a"), Amount: 2}}}, false},
		"everything":        {Record{Targets: []Target{a}}, Record{Targets: []Target{{Script: []byte("a"), Amount: 1, Max: true}}}, false},
		"fee out of it":     {Record{Targets: []Target{a}}, Record{Targets: []Target{a}, SubtractFee: true}, false},
		"an address now":    {Record{Targets: []Target{b}}, Record{Targets: []Target{{Script: []byte("b"), Amount: 2}}}, false},
	} {
		if got := c.p.SameRequest(&c.o); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// entryOf is a transaction of ours in the history.
func entryOf(tx *wire.MsgTx, height int32, at time.Time) Entry {
	e := Entry{Txid: tx.TxHash(), Tx: tx, Height: height, Time: at, Spent: 1 << 30}
	for _, o := range tx.TxOut {
		e.Outputs = append(e.Outputs, Output{Amount: btcutil.Amount(o.Value), Script: o.PkScript, Address: string(o.PkScript)})
	}
	return e
}

// A payment has a twin when the same target was paid the same and that is unconfirmed or younger
// than an hour.
func TestTwin(t *testing.T) {
	now := time.Unix(2e9, 0)
	young, old := now.Add(-30*time.Minute), now.Add(-2*time.Hour)
	want := []Target{{Name: "alice.id", Address: "new", Script: []byte("new"), Amount: 1000}, {Address: "b", Script: []byte("b"), Amount: 7}}
	tx := spend("old", 1000, 1)
	row := func(at time.Time, t Target) Record {
		return Record{Time: at, Targets: []Target{t}, Tx: tx}
	}
	alice := Target{Name: "alice.id", Address: "old", Script: []byte("old"), Amount: 1000}
	prepared := row(old, alice)
	prepared.PSBT, prepared.Until = []byte("p"), now.Add(time.Hour)
	lapsed := prepared
	lapsed.Until = old
	bumped, thief := spend("old", 1000, 1, 2), spend("x", 5, 1)
	names := map[chainhash.Hash]map[string]string{tx.TxHash(): {"old": "alice.id"}}
	for name, c := range map[string]struct {
		m    Memory
		want bool
	}{
		"nothing":                    {Memory{}, false},
		"recorded, not seen":         {Memory{Payments: []Record{row(old, alice)}}, true},
		"unconfirmed, old":           {Memory{Payments: []Record{row(old, alice)}, History: []Entry{entryOf(tx, -1, old)}}, true},
		"confirmed, young":           {Memory{Payments: []Record{row(young, alice)}, History: []Entry{entryOf(tx, 5, old)}}, true},
		"confirmed, old":             {Memory{Payments: []Record{row(old, alice)}, History: []Entry{entryOf(tx, 5, now)}}, false},
		"of the future":              {Memory{Payments: []Record{row(now.Add(time.Hour), alice)}, History: []Entry{entryOf(tx, 5, now)}}, true},
		"bumped":                     {Memory{Payments: []Record{row(old, alice)}, History: []Entry{entryOf(bumped, -1, old)}}, true},
		"undone by another":          {Memory{Payments: []Record{row(young, alice)}, History: []Entry{entryOf(thief, -1, old)}}, false},
		"prepared":                   {Memory{Payments: []Record{prepared}}, true},
		"prepared, its time is over": {Memory{Payments: []Record{lapsed}}, false},
		"another amount":             {Memory{Payments: []Record{row(young, Target{Name: "alice.id", Amount: 999})}}, false},
		"another name":               {Memory{Payments: []Record{row(young, Target{Name: "bob.id", Script: []byte("old"), Amount: 1000})}}, false},
		"the address of the name":    {Memory{Payments: []Record{row(young, Target{Script: []byte("new"), Amount: 1000})}}, true},
		"everything":                 {Memory{Payments: []Record{row(young, Target{Name: "alice.id", Max: true})}}, false},
		"elsewhere, by name":         {Memory{History: []Entry{entryOf(tx, -1, old)}, Names: names}, true},
		"elsewhere, by address":      {Memory{History: []Entry{entryOf(spend("b", 7, 9), 5, young)}}, true},
		"elsewhere, old":             {Memory{History: []Entry{entryOf(spend("b", 7, 9), 5, old)}}, false},
	} {
		if twin, got := c.m.Twin(want, now); got != c.want {
			t.Errorf("%s: %v, %+v", name, got, twin)
		}
	}
	// A home that was restored a day ago: what it did not pay itself since may be what is asked
	// for.
	begins := now.Add(-24 * time.Hour)
	m := Memory{History: []Entry{entryOf(tx, 5, now.Add(-48*time.Hour))}, Names: names}
	if _, ok := m.Lost(want, begins, now); !ok {
		t.Error("a payment of the lost days is not found")
	}
	if _, ok := m.Lost(want, begins, now.Add(10*24*time.Hour)); ok {
		t.Error("asked about for ever")
	}
	m.Payments = []Record{row(old, alice)}
	if _, ok := m.Lost(want, begins, now); ok {
		t.Error("what the memory has is not lost")
	}
}

// Who takes money from a payee is named; who pays him as well is not.
func TestDeprived(t *testing.T) {
	paid := entryOf(spend("payee", 1000, 1), -1, time.Now())
	child := wire.NewMsgTx(2)
	child.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: paid.Txid}, nil, nil))
	child.AddTxOut(wire.NewTxOut(10, []byte("second")))
	history := []Entry{entryOf(child, -1, time.Now()), paid}
	for name, c := range map[string]struct {
		tx   *wire.MsgTx
		want int
	}{
		"another coin":      {spend("x", 5, 9), 0},
		"itself":            {paid.Tx, 0},
		"another payee":     {spend("x", 5, 1), 2},
		"less":              {spend("payee", 999, 1, 3), 2},
		"more":              {spend("payee", 1001, 1, 3), 2},
		"as much":           {spend("payee", 1000, 1, 3), 1}, // what hung on it is lost all the same
		"one coin of a few": {spend("x", 1000, 4, 1), 2},
	} {
		if got := Deprived(history, nil, c.tx); len(got) != c.want {
			t.Errorf("%s: %d are deprived, want %d", name, len(got), c.want)
		}
	}
	// Two payments of as much to the same payee, each prepared for itself, are not one.
	second := spend("payee", 1000, 1, 3)
	both := []Record{{Tx: paid.Tx, Targets: []Target{{Script: []byte("payee"), Amount: 1000}}}, {Tx: second, Targets: []Target{{Script: []byte("payee"), Amount: 1000}}}}
	if got := Deprived(history[1:], both, second); len(got) != 1 {
		t.Errorf("a second payment of as much replaces the first unasked: %d", len(got))
	}
	if got := Deprived(history[1:], both[:1], second); len(got) != 0 {
		t.Error("what a bump puts in the place of a payment is another payment")
	}
	history[1].Height = 7
	if got := Deprived(history[1:], nil, spend("x", 5, 1)); len(got) != 0 {
		t.Error("what is in a block cannot be undone")
	}
}
