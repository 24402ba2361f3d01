package facts

import (
	"errors"
	"maps"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/ports/portstest"
	"blockstack/txbuilder/registrar/step"
)

// TestTx puts together what node and index say of a transaction: a block counts as read only where
// the index has this transaction in it, and what the index remembers stands in for a node that
// forgets, but not while the index is behind.
func TestTx(t *testing.T) {
	id := chainhash.Hash{1}
	seen := func(height int32) *ports.OpStatus { return &ports.OpStatus{Height: height, Accepted: true} }
	refused := &ports.OpStatus{Height: 95, Reason: "too late"}
	for what, c := range map[string]struct {
		node   ports.TxStatus
		index  *ports.OpStatus
		synced bool
		want   step.TxFact
	}{
		"nowhere":                            {ports.TxStatus{}, nil, true, step.TxFact{}},
		"in the pool":                        {ports.TxStatus{InMempool: true}, nil, true, step.TxFact{InMempool: true}},
		"in a block that is not read":        {ports.TxStatus{Height: 95}, nil, false, step.TxFact{Height: 95, Confirmations: 6}},
		"in a block that is read":            {ports.TxStatus{Height: 95}, seen(95), true, step.TxFact{Height: 95, Confirmations: 6, Known: true, Accepted: true}},
		"refused":                            {ports.TxStatus{Height: 95}, refused, true, step.TxFact{Height: 95, Confirmations: 6, Known: true, Reason: "too late"}},
		"no operation":                       {ports.TxStatus{Height: 95}, nil, true, step.TxFact{Height: 95, Confirmations: 6, Known: true, Reason: "the name index does not see it as an operation"}},
		"in another block since a reorg":     {ports.TxStatus{Height: 95}, seen(94), false, step.TxFact{Height: 95, Confirmations: 6}},
		"forgotten by the node":              {ports.TxStatus{}, seen(95), true, step.TxFact{Height: 95, Confirmations: 6, Known: true, Accepted: true}},
		"back in the pool, index behind":     {ports.TxStatus{InMempool: true}, seen(95), false, step.TxFact{InMempool: true}},
		"gone in a reorg, index not yet":     {ports.TxStatus{}, seen(95), false, step.TxFact{}},
		"forgotten by a node that has it in": {ports.TxStatus{InMempool: true}, seen(95), true, step.TxFact{Height: 95, Confirmations: 6, Known: true, Accepted: true}},
	} {
		w := portstest.New(100)
		w.Chain.Txs[id] = c.node
		if c.index != nil {
			w.Names.Ops[id] = *c.index
		}
		r := &Source{World: w.Ports()}
		if got, err := r.Tx(t.Context(), id, 100, 100, c.synced); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", what, got, err, c.want)
		}
	}
}

// TestUnknown makes an error of every answer that is not to be had: a transaction is never absent,
// a name never free, a hash never good because nobody could tell.
func TestUnknown(t *testing.T) {
	away := errors.New("away")
	v := portstest.Version(t, portstest.Tx(1000, portstest.Script(1), portstest.Coin(1)))
	v.Window, v.Quoted = 110, names.ConsensusHash{1}
	one := &job.Job{ID: "a", State: job.PreorderSigned, Stages: []*job.Stage{portstest.Stage(job.RolePreorder, v)},
		Request: job.Request{Kind: job.KindRegister, Name: portstest.Name(t, "alice.id"), Owner: portstest.Script(1), Confirmations: 3}}
	list := &job.Job{ID: "l", State: job.Running, Stages: one.Stages, Listed: job.Listed{Items: make([]job.Progress, 1)},
		Request: job.Request{Kind: job.KindSeries, Owner: portstest.Script(1), Confirmations: 3, Series: &job.Series{Split: "s",
			Items: []job.Item{{Kind: job.KindRegister, Name: one.Request.Name, Owner: portstest.Script(1)}}}}}
	split := &job.Job{ID: "s", State: job.Running, Request: job.Request{Kind: job.KindSplit}, Stages: []*job.Stage{portstest.Stage(job.RoleSplit, v)}}
	for what, broken := range map[string]func(*portstest.World){
		"the node":  func(w *portstest.World) { w.Chain.Down = away },
		"the index": func(w *portstest.World) { w.Names.Broken = away },
	} {
		w := portstest.New(100)
		w.Journal.List = []*job.Job{one, list, split}
		r := &Source{World: w.Ports()}
		if _, err := r.Single(t.Context(), one, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Series(t.Context(), list, nil); err != nil {
			t.Fatal(err)
		}
		broken(w)
		_, single := r.Single(t.Context(), one, nil)
		_, series := r.Series(t.Context(), list, nil)
		_, tx := r.Tx(t.Context(), v.Txid, 100, 100, true)
		for asked, err := range map[string]error{"one name": single, "a list": series, "a transaction": tx} {
			if !errors.Is(err, away) {
				t.Errorf("without %s %s: %v", what, asked, err)
			}
		}
		_, doomed := r.Doomed(t.Context(), 1)
		_, splitFacts := r.Split(t.Context(), split)
		_, stale := r.stale(t.Context(), v, 100)
		switch what {
		case "the node":
			if !errors.Is(doomed, away) || !errors.Is(splitFacts, away) {
				t.Errorf("without the node: doomed %v, split %v", doomed, splitFacts)
			}
		case "the index":
			if !errors.Is(stale, away) {
				t.Errorf("without the index a hash is good: %v", stale)
			}
		}
	}
}

// TestSynced believes the index about names only where it stands on the node's block: at the same
// height on another block it does not.
func TestSynced(t *testing.T) {
	alice := portstest.Name(t, "alice.id")
	j := &job.Job{State: job.Planned, Request: job.Request{Kind: job.KindRegister, Name: alice, Owner: portstest.Script(1)}}
	for what, c := range map[string]struct {
		move   func(*portstest.World)
		synced bool
	}{
		"together":             {func(*portstest.World) {}, true},
		"behind":               {func(w *portstest.World) { w.Names.Height-- }, false},
		"on another block":     {func(w *portstest.World) { w.Names.Hash[5]++ }, false},
		"ahead, after a reorg": {func(w *portstest.World) { w.Names.Height++ }, false},
	} {
		w := portstest.New(100)
		w.Names.Records[alice] = names.Record{Status: names.Registered, Owner: portstest.Script(1), RenewedAt: 91}
		c.move(w)
		f, err := (&Source{World: w.Ports()}).Single(t.Context(), j, nil)
		if err != nil || f.Synced != c.synced || f.Held != c.synced || f.Taken {
			t.Errorf("%s: %+v, %v", what, f, err)
		}
	}
	w := portstest.New(100)
	w.Names.Records[alice] = names.Record{Status: names.Registered, Owner: portstest.Script(2), OwnerAddress: "somebody", RenewedAt: 91}
	f, err := (&Source{World: w.Ports()}).Single(t.Context(), j, nil)
	if err != nil || f.Held || !f.Taken || f.TakenBy != "somebody" || f.TakenFor != 10 {
		t.Errorf("somebody else's: %+v, %v", f, err)
	}
}

// TestStale: a version is stale when the block of the hash that it quotes has another hash now, or
// is not there.
func TestStale(t *testing.T) {
	w := portstest.New(100)
	r := &Source{World: w.Ports()}
	good, err := w.Names.ConsensusHash(t.Context(), 95)
	if err != nil {
		t.Fatal(err)
	}
	at := 95 + w.Params.ConsensusWindow
	for what, c := range map[string]struct {
		v     job.Version
		stale bool
	}{
		"quotes none":                       {job.Version{}, false},
		"of the first journals":             {job.Version{Window: at}, false},
		"the same":                          {job.Version{Window: at, Quoted: good}, false},
		"another one since a reorg":         {job.Version{Window: at, Quoted: names.ConsensusHash{7}}, true},
		"of a block that is not there":      {job.Version{Window: at + 6, Quoted: names.ConsensusHash{101, 0, 0xff}}, true},
		"of the last block that there is":   {job.Version{Window: at + 5, Quoted: names.ConsensusHash{100, 0, 0xff}}, false},
		"of the block before the right one": {job.Version{Window: at - 1, Quoted: good}, true},
	} {
		if stale, err := r.stale(t.Context(), &c.v, 100); err != nil || stale != c.stale {
			t.Errorf("%s: stale %v, %v", what, stale, err)
		}
	}
}

// TestBarred says why the index would refuse an operation of an owner in the next block, and since
// when.
func TestBarred(t *testing.T) {
	alice, mine, theirs := portstest.Name(t, "alice.id"), portstest.Script(1), portstest.Script(2)
	last := chainhash.Hash{9}
	for what, c := range map[string]struct {
		kind   job.Kind
		rec    names.Record
		barred bool
		since  int32
	}{
		"mine":                     {job.KindUpdate, names.Record{Status: names.Registered, Owner: mine, ExpiresAt: 200}, false, 0},
		"for ever":                 {job.KindUpdate, names.Record{Status: names.Registered, Owner: mine}, false, 0},
		"free":                     {job.KindUpdate, names.Record{Status: names.Available}, true, 0},
		"expired":                  {job.KindRenew, names.Record{Status: names.Expired, Owner: mine, ExpiresAt: 80, GraceEnds: 90}, true, 10},
		"revoked":                  {job.KindRenew, names.Record{Status: names.Revoked, Owner: mine, LastTx: last}, true, 4},
		"given away":               {job.KindRenew, names.Record{Status: names.Registered, Owner: theirs, ExpiresAt: 200, LastTx: last}, true, 4},
		"in grace":                 {job.KindTransfer, names.Record{Status: names.Grace, Owner: mine, ExpiresAt: 98, GraceEnds: 150}, true, 3},
		"renewed in grace":         {job.KindRenew, names.Record{Status: names.Grace, Owner: mine, ExpiresAt: 98, GraceEnds: 150}, false, 0},
		"in grace with next block": {job.KindUpdate, names.Record{Status: names.Registered, Owner: mine, ExpiresAt: 101}, true, 0},
		"one block before that":    {job.KindUpdate, names.Record{Status: names.Registered, Owner: mine, ExpiresAt: 102}, false, 0},
	} {
		w := portstest.New(100)
		w.Names.Records[alice], w.Names.Ops[last] = c.rec, ports.OpStatus{Height: 97, Accepted: true}
		j := &job.Job{State: job.Planned, Request: job.Request{Kind: c.kind, Name: alice, Owner: mine, To: nil, ZoneFile: []byte("z")}}
		f, err := (&Source{World: w.Ports()}).Single(t.Context(), j, nil)
		if err != nil || (f.Barred != "") != c.barred || f.BarredFor != c.since {
			t.Errorf("%s: %q for %d blocks, %v; want %v, %d", what, f.Barred, f.BarredFor, err, c.barred, c.since)
		}
	}
}

// TestDoomed: a version can never confirm when a rival with enough confirmations has its coin, or
// when it spends an output of such a one; a rival may be a job's, or one that only the wallet
// knows.
func TestDoomed(t *testing.T) {
	first, second := portstest.Tx(1000, portstest.Script(1), portstest.Coin(1)), portstest.Tx(900, portstest.Script(1), portstest.Coin(1))
	child := portstest.Tx(800, portstest.Script(1), wire.OutPoint{Hash: first.TxHash(), Index: 1})
	other := portstest.Tx(800, portstest.Script(1), portstest.Coin(2))
	v := func(tx *wire.MsgTx) *job.Version { return portstest.Version(t, tx) }
	j := &job.Job{ID: "a", State: job.PreorderSigned, Request: job.Request{Kind: job.KindRegister, Confirmations: 3},
		Stages: []*job.Stage{portstest.Stage(job.RolePreorder, v(first), v(second)), portstest.Stage(job.RoleRegister, v(child)), portstest.Stage(job.RoleUpdate, v(other))}}
	all := map[chainhash.Hash]bool{first.TxHash(): true, child.TxHash(): true}
	for what, c := range map[string]struct {
		put  func(*portstest.World)
		want map[chainhash.Hash]bool
	}{
		"nothing is mined":       {func(*portstest.World) {}, map[chainhash.Hash]bool{}},
		"a rival with two":       {func(w *portstest.World) { w.Chain.Txs[second.TxHash()] = ports.TxStatus{Height: 99} }, map[chainhash.Hash]bool{}},
		"a rival with three":     {func(w *portstest.World) { w.Chain.Txs[second.TxHash()] = ports.TxStatus{Height: 98} }, all},
		"a stranger's with two":  {func(w *portstest.World) { w.Wallet.Spent = by(portstest.Coin(2), 99) }, map[chainhash.Hash]bool{}},
		"a stranger's in none":   {func(w *portstest.World) { w.Wallet.Spent = by(portstest.Coin(2), 0) }, map[chainhash.Hash]bool{}},
		"a stranger's that won":  {func(w *portstest.World) { w.Wallet.Spent = by(portstest.Coin(2), 98) }, map[chainhash.Hash]bool{other.TxHash(): true}},
		"the version that is in": {func(w *portstest.World) { w.Chain.Txs[first.TxHash()] = ports.TxStatus{Height: 90} }, map[chainhash.Hash]bool{second.TxHash(): true}},
	} {
		w := portstest.New(100)
		w.Journal.List = []*job.Job{j}
		c.put(w)
		dead, err := (&Source{World: w.Ports()}).Doomed(t.Context(), 3)
		if err != nil || !maps.Equal(dead, c.want) {
			t.Errorf("%s: %v, %v; want %v", what, dead, err, c.want)
		}
	}
}

func by(op wire.OutPoint, height int32) map[wire.OutPoint]ports.Spender {
	return map[wire.OutPoint]ports.Spender{op: {Txid: chainhash.Hash{0xee}, Height: height}}
}

// TestLent: a coin that only a dearer version spends is free once the other is mined. When a reorg
// takes that away and the coin has paid for something else of ours meanwhile, the dearer version is
// not to be sent.
func TestLent(t *testing.T) {
	low := portstest.Version(t, portstest.Tx(1000, portstest.Script(1), portstest.Coin(1)))
	high := portstest.Version(t, portstest.Tx(900, portstest.Script(1), portstest.Coin(1), portstest.Coin(2)))
	spender := portstest.Tx(500, portstest.Script(3), portstest.Coin(2))
	ours := &job.Job{ID: "a", State: job.PreorderSigned, Request: job.Request{Kind: job.KindLaunch}, Stages: []*job.Stage{portstest.Stage(job.RoleNamespacePreorder, low, high)}}
	other := func(state job.State, used bool) *job.Job {
		st := portstest.Stage(job.RoleUpdate, portstest.Version(t, spender))
		st.Used = used
		return &job.Job{ID: "b", State: state, Request: job.Request{Kind: job.KindUpdate}, Stages: []*job.Stage{st}}
	}
	for what, c := range map[string]struct {
		jobs []*job.Job
		sent []*wire.MsgTx
		lent bool
	}{
		"nobody has it":                {nil, nil, false},
		"another job has sent it":      {[]*job.Job{other(job.UpdateSigned, true)}, nil, true},
		"another job has signed it":    {[]*job.Job{other(job.UpdateSigned, false)}, nil, false},
		"another job was given up":     {[]*job.Job{other(job.Rejected, true)}, nil, false},
		"a payment has it":             {nil, []*wire.MsgTx{spender}, true},
		"the wallet knows the version": {nil, []*wire.MsgTx{portstest.Tx(900, portstest.Script(1), portstest.Coin(1), portstest.Coin(2))}, false},
	} {
		w := portstest.New(100)
		w.Journal.List, w.Wallet.Unsent = append([]*job.Job{ours}, c.jobs...), c.sent
		f, err := (&Source{World: w.Ports()}).Single(t.Context(), ours, nil)
		if err != nil || f.Lent[high.Txid] != c.lent || f.Lent[low.Txid] {
			t.Errorf("%s: %v, %v", what, f.Lent, err)
		}
	}
}
