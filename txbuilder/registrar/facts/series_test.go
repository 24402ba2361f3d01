package facts

import (
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/ports/portstest"
	"blockstack/txbuilder/registrar/step"
)

// list is a series of one name that has signed its preorder, with the split that makes its coin in
// two versions.
func list(t *testing.T) (series, split *job.Job, low, high, preorder *job.Version) {
	t.Helper()
	low = portstest.Version(t, portstest.Tx(5000, portstest.Script(1), portstest.Coin(1)))
	high = portstest.Version(t, portstest.Tx(4000, portstest.Script(1), portstest.Coin(1)))
	preorder = portstest.Version(t, portstest.Tx(3000, portstest.Script(1), wire.OutPoint{Hash: low.Txid}))
	split = &job.Job{ID: "s", State: job.Running, Request: job.Request{Kind: job.KindSplit}, Stages: []*job.Stage{portstest.Stage(job.RoleSplit, low, high)}}
	split.Stages[0].Current = 1
	series = &job.Job{ID: "l", State: job.Running, Stages: []*job.Stage{portstest.Stage(job.RolePreorder, preorder)}, Listed: job.Listed{Items: make([]job.Progress, 1)},
		Request: job.Request{Kind: job.KindSeries, Owner: portstest.Script(1), Confirmations: 3, Series: &job.Series{Split: "s",
			Items: []job.Item{{Kind: job.KindRegister, Name: portstest.Name(t, "alice.id"), Owner: portstest.Script(1)}}}}}
	return series, split, low, high, preorder
}

// TestRoot: a list whose split the journal does not have is given up only when it has sent nothing;
// one that has sent something waits for the split to be brought in. A split that was rejected is
// one that a block has all the same.
func TestRoot(t *testing.T) {
	type facts struct{ orphan, missing, doomed, root, pooled bool }
	for what, c := range map[string]struct {
		put  func(w *portstest.World, series, split *job.Job, low *job.Version)
		want facts
	}{
		"on its way":         {func(*portstest.World, *job.Job, *job.Job, *job.Version) {}, facts{}},
		"not in the journal": {func(w *portstest.World, s, _ *job.Job, _ *job.Version) { w.Journal.List = []*job.Job{s} }, facts{missing: true}},
		"neither, not used": {func(w *portstest.World, s, _ *job.Job, _ *job.Version) {
			w.Journal.List, s.Stages[0].Used = []*job.Job{s}, false
		}, facts{orphan: true}},
		"not signed": {func(_ *portstest.World, _, split *job.Job, _ *job.Version) { split.Stages = nil }, facts{orphan: true}},
		"in a block": {func(w *portstest.World, _, _ *job.Job, low *job.Version) {
			w.Chain.Txs[low.Txid] = ports.TxStatus{Height: 99}
		}, facts{root: true}},
		"in the pool": {func(w *portstest.World, _, _ *job.Job, low *job.Version) {
			w.Chain.Txs[low.Txid] = ports.TxStatus{InMempool: true}
		}, facts{pooled: true}},
		"rejected": {func(_ *portstest.World, _, split *job.Job, _ *job.Version) { split.State = job.Rejected }, facts{doomed: true}},
		"rejected, in a block": {func(w *portstest.World, _, split *job.Job, low *job.Version) {
			split.State, w.Chain.Txs[low.Txid] = job.Rejected, ports.TxStatus{Height: 99}
		}, facts{root: true}},
	} {
		w := portstest.New(100)
		series, split, low, high, _ := list(t)
		w.Journal.List = []*job.Job{series, split}
		c.put(w, series, split, low)
		f, err := (&Source{World: w.Ports()}).Series(t.Context(), series, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := facts{f.Orphan, f.Missing, f.Doomed, f.Root == low.Txid, f.Pooled == low.Txid}
		if got != c.want || got.root != (f.Root != chainhash.Hash{}) {
			t.Errorf("%s: %+v, root %s; want %+v", what, got, f.Root, c.want)
		}
		if signed := !f.Orphan && !f.Missing; signed && f.Newest != high.Txid {
			t.Errorf("%s: the newest is %s", what, f.Newest)
		}
	}
}

// TestLinks takes the index at its word where it has read a transaction, the list of the pool where
// the node has one, and asks the node about each where it has not.
func TestLinks(t *testing.T) {
	for what, c := range map[string]struct {
		index  *ports.OpStatus
		node   ports.TxStatus
		listed bool // the node lists its pool
		waits  bool // the transaction is in it
		want   step.TxFact
	}{
		"read by the index":    {&ports.OpStatus{Height: 95, Accepted: true}, ports.TxStatus{}, true, false, step.TxFact{Height: 95, Confirmations: 6, Known: true, Accepted: true}},
		"listed in the pool":   {nil, ports.TxStatus{}, true, true, step.TxFact{InMempool: true}},
		"not listed":           {nil, ports.TxStatus{}, true, false, step.TxFact{}},
		"asked for":            {nil, ports.TxStatus{InMempool: true}, false, false, step.TxFact{InMempool: true}},
		"asked for, and mined": {nil, ports.TxStatus{Height: 95}, false, false, step.TxFact{Height: 95, Confirmations: 6, Known: true, Reason: "the name index does not see it as an operation"}},
	} {
		w := portstest.New(100)
		series, split, _, _, preorder := list(t)
		w.Journal.List = []*job.Job{series, split}
		if c.index != nil {
			w.Names.Ops[preorder.Txid] = *c.index
		}
		w.Chain.Txs[preorder.Txid] = c.node
		p := w.Ports()
		if c.listed {
			pool := portstest.Pool{Chain: w.Chain}
			if tx, err := preorder.Tx(); err != nil {
				t.Fatal(err)
			} else if c.waits {
				pool.Waiting = append(pool.Waiting, tx)
			}
			p.Chain = pool
		}
		f, err := (&Source{World: p}).Series(t.Context(), series, nil)
		if err != nil || f.Txs[preorder.Txid] != c.want {
			t.Errorf("%s: %+v, %v; want %+v", what, f.Txs[preorder.Txid], err, c.want)
		}
	}
}

// TestOtherVersion: what spends the change of another job's preorder waits when a reorg brought
// another version of that preorder to the pool.
func TestOtherVersion(t *testing.T) {
	old := portstest.Version(t, portstest.Tx(5000, portstest.Script(1), portstest.Coin(1)))
	now := portstest.Version(t, portstest.Tx(4000, portstest.Script(1), portstest.Coin(1)))
	spends := portstest.Version(t, portstest.Tx(3000, portstest.Script(1), wire.OutPoint{Hash: old.Txid, Index: 1}))
	j := &job.Job{ID: "b", State: job.UpdateSigned, Request: job.Request{Kind: job.KindUpdate, Confirmations: 3}, Stages: []*job.Stage{portstest.Stage(job.RoleUpdate, spends)}}
	for what, c := range map[string]struct {
		state   job.State
		current int
		used    bool
		waits   bool
	}{
		"replaced":                       {job.PreorderSigned, 1, true, true},
		"the same version":               {job.PreorderSigned, 0, true, false},
		"replaced, and nothing was sent": {job.PreorderSigned, 1, false, false},
		"replaced in a job that is over": {job.Done, 1, true, false},
	} {
		w := portstest.New(100)
		st := portstest.Stage(job.RolePreorder, old, now)
		st.Current, st.Used = c.current, c.used
		w.Journal.List = []*job.Job{j, {ID: "a", State: c.state, Request: job.Request{Kind: job.KindRegister}, Stages: []*job.Stage{st}}}
		wait, err := (&Source{World: w.Ports()}).OtherVersion(t.Context(), j, spends.Txid)
		if err != nil || (wait != nil) != c.waits || wait != nil && *wait.Txid != now.Txid {
			t.Errorf("%s: %+v, %v", what, wait, err)
		}
	}
}
