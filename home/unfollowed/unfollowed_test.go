package unfollowed

import (
	"context"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports/portstest"
	"blockstack/wallet/coins"
)

// wallet knows some transactions of its own.
type wallet struct{ entries []coins.Entry }

func (w wallet) History(context.Context) ([]coins.Entry, error) { return w.entries, nil }

func (w wallet) Txs(_ context.Context, ids []chainhash.Hash) (map[chainhash.Hash]*wire.MsgTx, error) {
	txs := make(map[chainhash.Hash]*wire.MsgTx)
	for _, e := range w.entries {
		if slices.Contains(ids, e.Txid) {
			txs[e.Txid] = e.Tx
		}
	}
	return txs, nil
}

// Coins are the outputs that nothing here spends.
func (w wallet) Coins(context.Context) (list []coins.Coin, _ error) {
	spent := make(map[wire.OutPoint]bool)
	for _, e := range w.entries {
		for _, in := range e.Tx.TxIn {
			spent[in.PreviousOutPoint] = true
		}
	}
	for _, e := range w.entries {
		for i := range e.Tx.TxOut {
			var c coins.Coin
			c.OutPoint, c.Height = wire.OutPoint{Hash: e.Txid, Index: uint32(i)}, e.Height
			if !spent[c.OutPoint] {
				list = append(list, c)
			}
		}
	}
	return list, nil
}

func entry(tx *wire.MsgTx, height int32, spent btcutil.Amount) coins.Entry {
	return coins.Entry{Txid: tx.TxHash(), Tx: tx, Height: height, Spent: spent}
}

// TestFinder finds the preorders that this wallet has sent and that nothing has followed, by its
// own transactions alone, and keeps their change.
func TestFinder(t *testing.T) {
	world := portstest.New(1000)
	life, me := world.Params.NamePreorderLifetime, portstest.Script(1)
	preorder, o := world.Preorder(t, "alice.id", me, 1, 0)
	change := wire.OutPoint{Hash: o.Txid, Index: 1}
	next, _ := world.Preorder(t, "bob.id", me, 1, 0)
	next.TxIn[0].PreviousOutPoint = change
	j := &registrar.Job{ID: "a", State: job.PreorderSigned, Request: job.Request{Kind: job.KindRegister, Name: portstest.Name(t, "alice.id")},
		Stages: []*job.Stage{portstest.Stage(job.RolePreorder, portstest.Version(t, preorder))}}
	for what, c := range map[string]struct {
		entries []coins.Entry
		jobs    []*registrar.Job
		listed  bool // the first preorder
		held    bool // its change
	}{
		"in a block":                    {[]coins.Entry{entry(preorder, 990, 5000)}, nil, true, true},
		"in no block":                   {[]coins.Entry{entry(preorder, -1, 5000)}, nil, true, true},
		"too old":                       {[]coins.Entry{entry(preorder, 1000-life, 5000)}, nil, false, false},
		"somebody else's":               {[]coins.Entry{entry(preorder, 990, 0)}, nil, false, true},
		"followed":                      {[]coins.Entry{entry(preorder, 990, 5000)}, []*registrar.Job{j}, false, false},
		"its change was spent":          {[]coins.Entry{entry(preorder, 990, 5000), entry(portstest.Tx(100, me, change), 995, 1000)}, nil, false, false},
		"spent by the next preorder":    {[]coins.Entry{entry(preorder, 990, 5000), entry(next, 995, 1000)}, nil, true, false},
		"something else was spent":      {[]coins.Entry{entry(preorder, 990, 5000), entry(portstest.Tx(100, me, portstest.Coin(5)), 995, 1000)}, nil, true, true},
		"a transaction that is nothing": {[]coins.Entry{entry(portstest.Tx(1000, me, portstest.Coin(5)), 990, 5000)}, nil, false, false},
	} {
		w := wallet{c.entries}
		f := &Finder{Rules: world.Params, Jobs: c.jobs, Tip: 1000}
		list, err := f.List(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.ContainsFunc(list, func(s *registrar.Sent) bool { return s.Txid == o.Txid }); got != c.listed {
			t.Errorf("%s: %d are listed", what, len(list))
		}
		kept := make(registrar.Reservations)
		candidates, err := Candidates(t.Context(), w, kept)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Keep(t.Context(), w, candidates, kept); err != nil {
			t.Fatal(err)
		}
		if _, is := kept[change]; is != c.held {
			t.Errorf("%s: kept %v", what, kept)
		}
	}
}

// TestCandidates leaves out what is kept already, and what cannot be the change of a preorder.
func TestCandidates(t *testing.T) {
	world := portstest.New(1000)
	tx, o := world.Preorder(t, "alice.id", portstest.Script(1), 1, 0)
	w := wallet{[]coins.Entry{entry(tx, -1, 5000)}}
	change := wire.OutPoint{Hash: o.Txid, Index: 1}
	for what, c := range map[string]struct {
		kept registrar.Reservations
		n    int
	}{
		"nothing is kept": {registrar.Reservations{}, 1}, "its change is kept": {registrar.Reservations{change: {}}, 0},
		"another output is kept": {registrar.Reservations{{Hash: o.Txid, Index: 2}: {}}, 1},
	} {
		got, err := Candidates(t.Context(), w, c.kept)
		if height, is := got[o.Txid]; err != nil || len(got) != c.n || is && height != 0 {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
}

// TestUses tells the registration that a preorder was sent for from other operations.
func TestUses(t *testing.T) {
	world := portstest.New(1000)
	me := portstest.Script(1)
	tx, _ := world.Preorder(t, "alice.id", me, 1, 0)
	reads := func(subject string, sender, owner []byte, op nameop.Op) *txbuilder.Reading {
		return &txbuilder.Reading{Subject: subject, Sender: sender, Owner: owner, Op: op}
	}
	registration := nameop.NameRegistration{Name: "alice.id"}
	for what, c := range map[string]struct {
		op   *txbuilder.Reading
		uses bool
	}{
		"its registration":    {reads("alice.id", portstest.Sender(1), me, registration), true},
		"of another name":     {reads("bob.id", portstest.Sender(1), me, registration), false},
		"for another owner":   {reads("alice.id", portstest.Sender(1), portstest.Script(2), registration), false},
		"by another sender":   {reads("alice.id", portstest.Sender(2), me, registration), false},
		"a reveal":            {reads("alice.id", portstest.Sender(1), me, nameop.NamespaceReveal{ID: "alice"}), false},
		"an update":           {reads("alice.id", portstest.Sender(1), me, nameop.NameUpdate{}), false},
		"nothing":             {nil, false},
		"what does not count": {&txbuilder.Reading{Subject: "alice.id", Sender: portstest.Sender(1), Owner: me, Op: registration, Problem: "x"}, false},
	} {
		if uses := (&Finder{Rules: world.Params, Tip: 1000}).Uses(tx, c.op); uses != c.uses {
			t.Errorf("%s: %v", what, uses)
		}
	}
}
