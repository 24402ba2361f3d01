package own

import (
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/ports/portstest"
)

// ours is a world at block 1000 in which the first sender is ours, and the search there.
func ours() (*portstest.World, *Search) {
	w := portstest.New(1000)
	w.Wallet.Ours = [][]byte{portstest.Sender(1)}
	return w, NewSearch(w.Ports(), nil)
}

func request(t *testing.T, name string, owner []byte) *job.Request {
	return &job.Request{Kind: job.KindRegister, Name: portstest.Name(t, name), Owner: owner}
}

// follows is a job whose preorder a transaction is.
func follows(t *testing.T, tx *wire.MsgTx, state job.State) *job.Job {
	return &job.Job{ID: "j", State: state, Request: *request(t, "alice.id", portstest.Script(1)), Stages: []*job.Stage{portstest.Stage(job.RolePreorder, portstest.Version(t, tx))}}
}

// TestChoose goes on with a preorder that fits, refuses another one while that could still be used,
// and lets go of one that cannot.
func TestChoose(t *testing.T) {
	me, other := portstest.Script(1), portstest.Script(2)
	life := portstest.New(0).Params.NamePreorderLifetime
	type put func(w *portstest.World, tx *wire.MsgTx, o ports.Outstanding)
	mined := func(w *portstest.World, tx *wire.MsgTx, o ports.Outstanding) {
		w.Names.Outstanding[string(o.Sender)] = append(w.Names.Outstanding[string(o.Sender)], o)
		w.Chain.Txs[o.Txid] = ports.TxStatus{Height: o.Height}
	}
	sent := func(w *portstest.World, tx *wire.MsgTx, _ ports.Outstanding) {
		w.Wallet.Unsent = append(w.Wallet.Unsent, tx)
	}
	for what, c := range map[string]struct {
		put    put
		owner  []byte // that the preorder is for
		sender byte
		height int32
		state  job.State // of a job that has it; 0: none has
		found  bool
		stands string // the job that stands in the way, "-": none in particular; empty: nothing does
	}{
		"in a block":               {mined, me, 1, 990, 0, true, ""},
		"in no block":              {sent, me, 1, 0, 0, true, ""},
		"for another owner":        {mined, other, 1, 990, 0, false, "-"},
		"by somebody else":         {sent, me, 9, 0, 0, false, ""},
		"the last block to use it": {mined, me, 1, 1001 - life, 0, true, ""},
		"too old to be used":       {mined, me, 1, 1000 - life, 0, false, ""},
		"of a job that goes on":    {mined, me, 1, 990, job.PreorderSigned, false, "j"},
		"of a job that is over":    {mined, me, 1, 990, job.Rejected, true, ""},
		"of one over, in no block": {sent, me, 1, 0, job.Cancelled, false, "j"},
		"in a block the node has not": {func(w *portstest.World, tx *wire.MsgTx, o ports.Outstanding) {
			sent(w, tx, o)
			w.Names.Ops[o.Txid] = ports.OpStatus{Height: 999}
		}, me, 1, 0, 0, false, ""},
		"in a block, and used": {func(w *portstest.World, tx *wire.MsgTx, o ports.Outstanding) {
			sent(w, tx, o)
			w.Chain.Txs[o.Txid] = ports.TxStatus{Height: 999}
		}, me, 1, 0, 0, false, ""},
	} {
		w, search := ours()
		w.Wallet.Ours = append(w.Wallet.Ours, other) // so that the owner can be told
		tx, o := w.Preorder(t, "alice.id", c.owner, c.sender, c.height)
		c.put(w, tx, o)
		if c.state != 0 {
			w.Journal.List = append(w.Journal.List, follows(t, tx, c.state))
		}
		list, err := search.EveryPreorder(t.Context(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		p, err := list.Choose(t.Context(), request(t, "alice.id", me))
		var no *PreorderOurs
		stands := ""
		if errors.As(err, &no) {
			if stands = "-"; no.Job != "" {
				stands = string(no.Job)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		if (p != nil) != c.found || stands != c.stands || p != nil && (p.Txid != o.Txid || p.Change() != wire.OutPoint{Hash: o.Txid, Index: 1}) {
			t.Errorf("%s: %+v, %v", what, p, err)
		}
		if p, err := list.Choose(t.Context(), request(t, "bob.id", me)); p != nil || err != nil {
			t.Errorf("%s: of another name: %+v, %v", what, p, err)
		}
	}
}

// TestChooseMined takes the one in a block before one that is in none, also when that is for
// another revealer than asked for.
func TestChooseMined(t *testing.T) {
	w, search := ours()
	me, other := portstest.Script(1), portstest.Script(2)
	w.Wallet.Ours = append(w.Wallet.Ours, other)
	preorder := func(revealer []byte) (*wire.MsgTx, ports.Outstanding) {
		hash, err := txbuilder.NamespacePreorderHash(w.Params, "lab", portstest.Sender(1), revealer)
		if err != nil {
			t.Fatal(err)
		}
		tx := w.Operation(t, nameop.NamespacePreorder{Hash: hash, HasTokens: true}, 1, 2)
		return tx, ports.Outstanding{Hash: hash, Namespace: true, Txid: tx.TxHash(), Height: 990, Sender: portstest.Sender(1)}
	}
	waits, _ := preorder(me)
	_, mined := preorder(other)
	w.Wallet.Unsent, w.Names.Outstanding[string(mined.Sender)] = []*wire.MsgTx{waits}, []ports.Outstanding{mined}
	list, err := search.EveryPreorder(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	launch := &job.Request{Kind: job.KindLaunch, Owner: me, Namespace: &nameop.NamespaceReveal{ID: "lab"}}
	if p, err := list.Choose(t.Context(), launch); err != nil || p == nil || p.Txid != mined.Txid || string(p.Owner) != string(other) {
		t.Errorf("%+v, %v", p, err)
	}
	w.Names.Outstanding = nil
	if list, err = search.EveryPreorder(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	if p, err := list.Choose(t.Context(), launch); err != nil || p == nil || p.Txid != waits.TxHash() {
		t.Errorf("without the other: %+v, %v", p, err)
	}
}

// copies are jobs that lie in a folder.
type copies struct {
	jobs []*job.Job
	err  error
	read int
}

func (c *copies) CopiedJobs(context.Context) ([]*job.Job, error) { c.read++; return c.jobs, c.err }

// TestCopied believes of a copied job nothing but bytes: the transaction must be a preorder of the
// name for the owner by a script of ours, and it must be in no block.
func TestCopied(t *testing.T) {
	me := portstest.Script(1)
	for what, c := range map[string]struct {
		name   string // of the transaction
		sender byte
		state  job.State
		alter  func(w *portstest.World, j *job.Job, tx *wire.MsgTx)
		found  bool
	}{
		"as it says":            {"alice.id", 1, job.PreorderSigned, nil, true},
		"of another name":       {"bob.id", 1, job.PreorderSigned, nil, false},
		"by a stranger's key":   {"alice.id", 9, job.PreorderSigned, nil, false},
		"of a job that is over": {"alice.id", 1, job.Rejected, nil, false},
		"in a block":            {"alice.id", 1, job.PreorderSigned, func(w *portstest.World, _ *job.Job, tx *wire.MsgTx) { w.Chain.Mine(990, tx) }, false},
		"read by the index": {"alice.id", 1, job.PreorderSigned, func(w *portstest.World, _ *job.Job, tx *wire.MsgTx) {
			w.Names.Ops[tx.TxHash()] = ports.OpStatus{Height: 9}
		}, false},
		"for another owner":        {"alice.id", 1, job.PreorderSigned, func(_ *portstest.World, j *job.Job, _ *wire.MsgTx) { j.Request.Owner = portstest.Script(2) }, false},
		"known to the journal":     {"alice.id", 1, job.PreorderSigned, func(w *portstest.World, j *job.Job, _ *wire.MsgTx) { w.Journal.List = []*job.Job{j} }, false},
		"given back, in a block":   {"alice.id", 1, job.Cancelling, func(w *portstest.World, j *job.Job, _ *wire.MsgTx) { w.Chain.Mine(990, returns(t, j)) }, false},
		"given back, in no block ": {"alice.id", 1, job.Cancelling, func(_ *portstest.World, j *job.Job, _ *wire.MsgTx) { returns(t, j) }, true},
	} {
		w, _ := ours()
		tx, o := w.Preorder(t, c.name, me, c.sender, 0)
		j := follows(t, tx, c.state)
		if c.alter != nil {
			c.alter(w, j, tx)
		}
		from := &copies{jobs: []*job.Job{j}}
		search := NewSearch(w.Ports(), from)
		list, err := search.EveryPreorder(t.Context(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		p, err := list.Choose(t.Context(), request(t, "alice.id", me))
		if err != nil || (p != nil) != c.found || p != nil && (p.Copied != j || p.Txid != o.Txid) {
			t.Errorf("%s: %+v, %v", what, p, err)
		}
		if _, err := search.EveryPreorder(t.Context(), 1000); err != nil || from.read != 1 {
			t.Errorf("%s: the copies were read %d times, %v", what, from.read, err)
		}
	}
}

// TestCopiedForAnother: a copied preorder for an owner that this wallet does not have stands in the
// way all the same.
func TestCopiedForAnother(t *testing.T) {
	w, _ := ours()
	other := portstest.Script(2)
	tx, o := w.Preorder(t, "alice.id", other, 1, 0)
	j := follows(t, tx, job.PreorderSigned)
	j.Request.Owner = other
	list, err := NewSearch(w.Ports(), &copies{jobs: []*job.Job{j}}).EveryPreorder(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	var no *PreorderOurs
	if p, err := list.Choose(t.Context(), request(t, "alice.id", portstest.Script(1))); !errors.As(err, &no) || no.Txid != o.Txid {
		t.Errorf("%+v, %v", p, err)
	}
}

// returns adds to a job the transaction that takes its preorder back.
func returns(t *testing.T, j *job.Job) *wire.MsgTx {
	tx := portstest.Tx(900, portstest.Sender(1), portstest.Coin(1))
	j.Stages = append(j.Stages, portstest.Stage(job.RoleReturn, portstest.Version(t, tx)))
	return tx
}

// TestUnreadCopies: copies that cannot be read now are no error here, and are remembered; any other
// failure is one.
func TestUnreadCopies(t *testing.T) {
	w, _ := ours()
	locked := NewSearch(w.Ports(), &copies{err: &UnreadCopies{N: 2, Dir: "there"}})
	if _, err := locked.EveryPreorder(t.Context(), 1000); err != nil || locked.Copied.Unread == nil || locked.Copied.Unread.N != 2 {
		t.Errorf("%v, %+v", err, locked.Copied.Unread)
	}
	away := errors.New("away")
	broken := NewSearch(w.Ports(), &copies{err: away})
	if _, err := broken.EveryPreorder(t.Context(), 1000); !errors.Is(err, away) {
		t.Errorf("a folder that is away: %v", err)
	}
}

// TestHeld keeps the change of a preorder that no job follows, until it cannot be used any more.
func TestHeld(t *testing.T) {
	me := portstest.Script(1)
	life := portstest.New(0).Params.NamePreorderLifetime
	for what, c := range map[string]struct {
		height int32
		state  job.State // of its job; 0: none
		owner  []byte    // who has the name; nil: nobody
		held   bool
	}{
		"no job":                          {990, 0, nil, true},
		"no job, and too old":             {1000 - life, 0, nil, false},
		"a job that goes on":              {990, job.PreorderConfirmed, nil, false},
		"a job that is done":              {990, job.Done, nil, false},
		"a job that was given up":         {990, job.Cancelled, nil, true},
		"a job that lost, the name taken": {990, job.Rejected, portstest.Script(3), false},
		"a job that lost, the name free":  {990, job.Rejected, nil, true},
	} {
		w, search := ours()
		tx, o := w.Preorder(t, "alice.id", me, 1, c.height)
		w.Names.Outstanding[string(o.Sender)] = []ports.Outstanding{o}
		if c.state != 0 {
			w.Journal.List = []*job.Job{follows(t, tx, c.state)}
		}
		if c.owner != nil {
			w.Names.Records[portstest.Name(t, "alice.id")] = names.Record{Status: names.Registered, Owner: c.owner}
		}
		kept, err := search.Reserved(t.Context())
		r, is := kept[wire.OutPoint{Hash: o.Txid, Index: 1}]
		if err != nil || (is && r.Holder == "") != c.held {
			t.Errorf("%s: kept %v for %q, %v", what, is, r.Holder, err)
		}
		// Within a block the index is not asked again; with the next block it is.
		w.Names.Outstanding = nil
		again, err := search.Reserved(t.Context())
		if err != nil || len(again) != len(kept) {
			t.Errorf("%s: in the same block %d kept, then %d, %v", what, len(kept), len(again), err)
		}
		w.At(1001)
		if after, err := search.Reserved(t.Context()); err != nil || c.held && len(after) != len(kept)-1 {
			t.Errorf("%s: in the next block %d kept, %v", what, len(after), err)
		}
	}
}

// TestSentPreorder reads a preorder out of a transaction alone, and tells what it was used for.
func TestSentPreorder(t *testing.T) {
	w, _ := ours()
	me, life := portstest.Script(1), w.Params.NamePreorderLifetime
	tx, o := w.Preorder(t, "alice.id", me, 1, 0)
	for what, c := range map[string]struct {
		tx     *wire.MsgTx
		jobs   []*job.Job
		height int32
		is     bool
	}{
		"in no block":                {tx, nil, 0, true},
		"in a block":                 {tx, nil, 990, true},
		"one block before it lapses": {tx, nil, 1001 - life, true},
		"lapsed":                     {tx, nil, 1000 - life, false},
		"followed":                   {tx, []*job.Job{follows(t, tx, job.PreorderSigned)}, 990, false},
		"not any more":               {tx, []*job.Job{follows(t, tx, job.Rejected)}, 990, true},
		"another operation":          {w.Operation(t, nameop.NameRegistration{Name: "alice.id"}, 1, 2), nil, 990, false},
		"no operation":               {portstest.Tx(1000, me, portstest.Coin(1)), nil, 990, false},
		"without the burn":           {w.Operation(t, nameop.NamePreorder{Hash: o.Hash}, 1, 1), nil, 990, false},
	} {
		p, is := SentPreorder(w.Params, c.jobs, c.tx, c.height, 1000)
		if is != c.is || is && (p.Txid != o.Txid || string(p.Sender) != string(portstest.Sender(1)) || p.Height != c.height) {
			t.Errorf("%s: %+v, %v", what, p, is)
		}
	}
	if p, _ := SentPreorder(w.Params, nil, tx, 990, 1000); p.Until != 990+life {
		t.Errorf("until %d", p.Until)
	}
}

// TestSenders are the scripts that an input shows, and none where it shows nothing.
func TestSenders(t *testing.T) {
	w, _ := ours()
	tx, _ := w.Preorder(t, "alice.id", portstest.Script(1), 1, 0)
	if !isSender(tx, portstest.Sender(1)) || isSender(tx, portstest.Sender(2)) {
		t.Errorf("%x", SendersOf(tx))
	}
	for what, script := range map[string][]byte{"nothing": nil, "an empty push": {0}, "half a push": {33, 2, 2}} {
		in := wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{1}}, script, nil)
		if list := SendersOf(&wire.MsgTx{TxIn: []*wire.TxIn{in}}); len(list) != 0 {
			t.Errorf("%s: %x", what, list)
		}
	}
}
