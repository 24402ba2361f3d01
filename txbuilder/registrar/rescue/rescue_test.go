package rescue

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/facts"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/match"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/ports/portstest"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/terms"
)

const sat = txbuilder.RelayRate // per vB

// me is who owns names here.
var me = portstest.Script(1)

var errFull = errors.New("no space")

// yard is a world at block 1000 in which the first sender is ours, and the finds there.
func yard() (*portstest.World, *Finds) {
	w := portstest.New(1000)
	w.Wallet.Ours = [][]byte{portstest.Sender(1), me}
	p := w.Ports()
	search, source := own.NewSearch(p, nil), &facts.Source{World: p}
	checks, book := &terms.Checks{World: p, Search: search}, &record.Book{Journal: w.Journal, Clock: ports.SystemClock{}}
	b := &build.Config{World: p, Net: &chaincfg.RegressionNetParams, Facts: source, Search: search, Checks: checks, Book: book}
	return w, &Finds{World: p, Confirmations: 3, Facts: source, Search: search, Checks: checks, Match: &match.Match{World: p, Facts: source}, Book: book, Build: b}
}

func asks(t *testing.T) job.Request {
	return job.Request{Kind: job.KindRegister, Name: portstest.Name(t, "alice.id"), Owner: me, Rate: 10 * sat}
}

// preordered puts a preorder of the name that is asked for into a block, or, at height 0, into what
// the wallet remembers. It pays a fee of 2000.
func preordered(t *testing.T, w *portstest.World, height int32, quoted names.ConsensusHash) *wire.MsgTx {
	t.Helper()
	hash, err := txbuilder.PreorderHash(w.Params, portstest.Name(t, "alice.id"), portstest.Sender(1), me)
	if err != nil {
		t.Fatal(err)
	}
	tx := w.Operation(t, nameop.NamePreorder{Hash: hash, Consensus: quoted}, 1, 2)
	w.Wallet.Txs[tx.TxIn[0].PreviousOutPoint.Hash] = portstest.Tx(4000, portstest.Sender(1), portstest.Coin(1))
	if height == 0 {
		w.Wallet.Unsent = append(w.Wallet.Unsent, tx)
		return tx
	}
	w.Chain.Mine(height, tx)
	w.Names.Ops[tx.TxHash()] = ports.OpStatus{Height: height, Accepted: true}
	sender := string(portstest.Sender(1))
	w.Names.Outstanding[sender] = append(w.Names.Outstanding[sender], ports.Outstanding{Hash: hash, Txid: tx.TxHash(), Height: height, Sender: portstest.Sender(1)})
	return tx
}

// TestOurs makes the job that goes on with a preorder which no job follows: with its bytes, its
// price, and the last block in which it counts.
func TestOurs(t *testing.T) {
	request := asks(t)
	other := request
	other.Owner = portstest.Script(2)
	at := func(w *portstest.World, height int32) names.ConsensusHash {
		h, err := w.Names.ConsensusHash(t.Context(), height)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for what, c := range map[string]struct {
		height int32
		quoted int32 // whose hash the preorder quotes; 0: an unknown one
		put    func(w *portstest.World)
		dry    bool
		window int32 // the last block in which it counts
		id     job.ID
		want   error
	}{
		"in a block":                      {990, 985, nil, false, 1009, job.NewID(&request, 0), nil},
		"in a block, for a plan":          {990, 985, nil, true, 1009, job.NewID(&request, 0), nil},
		"in a block, of an unknown hash":  {990, 0, nil, false, 0, job.NewID(&request, 0), nil},
		"in no block":                     {0, 995, nil, false, 1019, job.NewID(&request, 0), nil},
		"in no block, of an unknown hash": {0, 0, nil, false, 1, job.NewID(&request, 0), nil},
		"of a hash as old as may be":      {990, 990 - 24, nil, false, 990, job.NewID(&request, 0), nil},
		"a planned job takes it":          {990, 985, func(w *portstest.World) { w.Journal.List = []*job.Job{{ID: "p", State: job.Planned, Request: request}} }, false, 1009, "p", nil},
		"the second attempt": {990, 985, func(w *portstest.World) {
			w.Journal.List = []*job.Job{{ID: "p", State: job.Cancelled, Request: request}}
		}, false, 1009, job.NewID(&request, 1), nil},
		"a job for somebody else": {990, 985, func(w *portstest.World) { w.Journal.List = []*job.Job{{ID: "p", State: job.Planned, Request: other}} }, false, 0, "", new(job.Conflict)},
		"a job that has signed another one": {990, 985, func(w *portstest.World) {
			w.Journal.List = []*job.Job{{ID: "p", State: job.PreorderSigned, Request: request}}
		}, false, 0, "", new(job.Conflict)},
		"somebody has the name": {990, 985, func(w *portstest.World) {
			w.Names.Records[request.Name] = names.Record{Status: names.Registered, Owner: me}
		}, false, 0, "", new(terms.NameTaken)},
		"the disk is full":    {990, 985, func(w *portstest.World) { w.Journal.Full = errFull }, false, 0, "", errFull},
		"the index is behind": {990, 985, func(w *portstest.World) { w.Names.Height-- }, false, 0, "", job.ErrIndexBehind},
	} {
		w, r := yard()
		quoted := names.ConsensusHash{0xbb}
		if c.quoted > 0 {
			quoted = at(w, c.quoted)
		}
		tx := preordered(t, w, c.height, quoted)
		if c.put != nil {
			c.put(w)
		}
		before := len(w.Journal.List)
		p, err := r.Ours(t.Context(), &request, c.dry)
		if !portstest.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", what, p, err)
		}
		if c.want != nil {
			if w.Journal.Saves > 0 || len(w.Journal.List) != before {
				t.Errorf("%s: a job was written", what)
			}
			continue
		}
		j := p.Job
		v := j.Stages[0].Versions[0]
		if j.ID != c.id || j.State != job.PreorderSigned || j.Stages[0].Role != job.RolePreorder || !j.Stages[0].Used || v.Txid != tx.TxHash() || v.Fee != 2000 || v.Burn != 1000 || v.Next != 1 || v.Window != c.window ||
			string(j.Sender) != string(portstest.Sender(1)) || j.Price.Amount.Int64() != 1000 || string(j.Price.Payee) != string(portstest.Sender(1)) {
			t.Errorf("%s: %+v, %+v", what, j, v)
		}
		if _, err := v.Tx(); err != nil || (w.Journal.Saves == 1) == c.dry {
			t.Errorf("%s: written %d times, %v", what, w.Journal.Saves, err)
		}
	}
}

// TestRescue tells by what somebody remembers which preorders are whose, and goes on with those.
func TestRescue(t *testing.T) {
	bob := portstest.Name(t, "bob.id")
	for what, c := range map[string]struct {
		names  []names.Name
		owners [][]byte
		state  job.State // of a job that has it; 0: none
		height int32
		found  bool // its name is known
		job    bool // a job goes on with it
	}{
		"name and owner":              {[]names.Name{bob, asks(t).Name}, [][]byte{portstest.Script(2), me}, 0, 990, true, true},
		"another owner":               {[]names.Name{asks(t).Name}, [][]byte{portstest.Script(2)}, 0, 990, false, false},
		"another name":                {[]names.Name{bob}, [][]byte{me}, 0, 990, false, false},
		"an owner that can own none":  {[]names.Name{asks(t).Name}, [][]byte{{1, 2, 3}, me}, 0, 990, true, true},
		"too old":                     {[]names.Name{asks(t).Name}, [][]byte{me}, 0, 1000 - 144, true, false},
		"a job has it":                {[]names.Name{asks(t).Name}, [][]byte{me}, job.PreorderSigned, 990, false, false},
		"a job that is over has it":   {[]names.Name{asks(t).Name}, [][]byte{me}, job.Rejected, 990, true, true},
		"in no block, as remembered ": {[]names.Name{asks(t).Name}, [][]byte{me}, 0, 0, true, true},
	} {
		for _, dry := range []bool{true, false} {
			w, r := yard()
			tx := preordered(t, w, c.height, names.ConsensusHash{0xbb})
			if c.state != 0 {
				w.Journal.List = []*job.Job{{ID: "p", State: c.state, Request: asks(t), Stages: []*job.Stage{portstest.Stage(job.RolePreorder, portstest.Version(t, tx))}}}
			}
			list, err := r.Rescue(t.Context(), RescueRequest{Scripts: w.Wallet.Ours, Names: c.names, Owners: c.owners, Template: job.Request{Rate: 10 * sat}}, dry)
			if err != nil || len(list) != 1 || list[0].Err != nil {
				t.Fatalf("%s: %+v, %v", what, list, err)
			}
			if p := list[0]; (p.Name == asks(t).Name) != c.found || (p.Job != nil) != c.job || c.job && (p.Job.Request.Name != p.Name || string(p.Job.Request.Owner) != string(me)) {
				t.Errorf("%s: %+v", what, p)
			}
			if (w.Journal.Saves > 0) != (c.job && !dry) {
				t.Errorf("%s: dry %v, written %d times", what, dry, w.Journal.Saves)
			}
		}
	}
}

// version is one of a preorder that spends some coins.
func version(t *testing.T, value int64, coins ...wire.OutPoint) *job.Version {
	return portstest.Version(t, portstest.Tx(value, portstest.Sender(1), coins...))
}

// of is a job with some versions of its preorder.
func of(t *testing.T, id job.ID, state job.State, versions ...*job.Version) *job.Job {
	r := asks(t)
	r.Confirmations, r.HighRate = 3, 30*sat
	j := &job.Job{ID: id, State: state, Request: r}
	if len(versions) > 0 {
		j.Stages = []*job.Stage{portstest.Stage(job.RolePreorder, versions...)}
	}
	return j
}

// TestImport brings in what this journal does not know, and bars what would pay a second time.
func TestImport(t *testing.T) {
	one, two, elsewhere := version(t, 1000, portstest.Coin(1)), version(t, 900, portstest.Coin(1)), version(t, 800, portstest.Coin(2))
	two.Fee = 3000
	other := func(change func(*job.Job), j *job.Job) *job.Job { change(j); return j }
	for what, c := range map[string]struct {
		here     []*job.Job
		theirs   *job.Job
		full     bool
		what     job.ImportOutcome
		err      error
		versions int // that the journal has then; -1: no job
	}{
		"new":                                   {nil, of(t, "a", job.PreorderSigned, one), false, job.ImportNew, nil, 1},
		"known":                                 {[]*job.Job{of(t, "a", job.PreorderSigned, one)}, of(t, "a", job.PreorderSigned, one), false, job.ImportKnown, nil, 1},
		"with a version more":                   {[]*job.Job{of(t, "a", job.PreorderSigned, one)}, of(t, "a", job.PreorderSigned, one, two), false, job.ImportMerged, nil, 2},
		"with a version less":                   {[]*job.Job{of(t, "a", job.PreorderSigned, one, two)}, of(t, "a", job.PreorderSigned, one), false, job.ImportKnown, nil, 2},
		"planned here":                          {[]*job.Job{of(t, "a", job.Planned)}, of(t, "a", job.PreorderSigned, one), false, job.ImportMerged, nil, 1},
		"from another coin":                     {[]*job.Job{of(t, "a", job.PreorderSigned, one)}, of(t, "a", job.PreorderSigned, elsewhere), false, job.ImportBarred, job.ErrBadCopy, 1},
		"from two coins":                        {nil, of(t, "a", job.PreorderSigned, one, elsewhere), false, job.ImportBarred, job.ErrBadCopy, -1},
		"for another owner":                     {[]*job.Job{of(t, "a", job.PreorderSigned, one)}, other(func(j *job.Job) { j.Request.Owner = portstest.Script(2) }, of(t, "a", job.PreorderSigned, one)), false, job.ImportBarred, new(job.Conflict), 1},
		"another job is at it":                  {[]*job.Job{of(t, "b", job.PreorderSigned, elsewhere)}, of(t, "a", job.PreorderSigned, one), false, job.ImportBarred, new(job.Conflict), -1},
		"another job was at it":                 {[]*job.Job{of(t, "b", job.Cancelled, elsewhere)}, of(t, "a", job.PreorderSigned, one), false, job.ImportNew, nil, 1},
		"of no request":                         {nil, other(func(j *job.Job) { j.Request.Kind = "dance" }, of(t, "a", job.PreorderSigned, one)), false, job.ImportBarred, job.ErrBadRequest, -1},
		"new, and the disk is full":             {nil, of(t, "a", job.PreorderSigned, one), true, "", errFull, -1},
		"with a version more, and no room":      {[]*job.Job{of(t, "a", job.PreorderSigned, one)}, of(t, "a", job.PreorderSigned, one, two), true, "", errFull, 1},
		"known, and the disk is full all right": {[]*job.Job{of(t, "a", job.PreorderSigned, one)}, of(t, "a", job.PreorderSigned, one), true, job.ImportKnown, nil, 1},
	} {
		w, r := yard()
		if w.Journal.List = c.here; c.full {
			w.Journal.Full = errFull
		}
		list, err := r.Import(t.Context(), []*job.Job{c.theirs})
		if c.full && c.err != nil {
			if !errors.Is(err, errFull) {
				t.Errorf("%s: %+v, %v", what, list, err)
			}
		} else if err != nil || len(list) != 1 || list[0].What != c.what || !portstest.Is(list[0].Err, c.err) {
			t.Errorf("%s: %+v, %v", what, list, err)
		}
		versions := -1
		if j, err := w.Journal.Job(t.Context(), "a"); err == nil {
			versions = len(j.Stages[0].Versions)
		}
		if versions != c.versions {
			t.Errorf("%s: %d versions are in the journal", what, versions)
		}
	}
}

// TestImportList bars a list whose coin this journal does not know, or keeps for another list.
func TestImportList(t *testing.T) {
	low, high := version(t, 5000, portstest.Coin(1)), version(t, 4000, portstest.Coin(1))
	list := func(id job.ID, root *job.Version) *job.Job {
		pre := version(t, 3000, wire.OutPoint{Hash: root.Txid})
		pre.Parent = root.Txid
		st := portstest.Stage(job.RolePreorder, pre)
		st.Name = portstest.Name(t, string(id)+"n.id")
		return &job.Job{ID: id, State: job.Running, Request: job.Request{Kind: job.KindSeries, Owner: portstest.Sender(1), Rate: 10 * sat, HighRate: 30 * sat, Confirmations: 3,
			Series: &job.Series{Split: "s", Amount: 5000, Items: []job.Item{{Kind: job.KindRegister, Name: st.Name, Owner: me}}}},
			Listed: job.Listed{Items: []job.Progress{{State: job.PreorderSigned}}, Paths: []job.Path{{Root: root.Txid, Links: []chainhash.Hash{pre.Txid}}}}, Stages: []*job.Stage{st}}
	}
	split := func(versions ...*job.Version) *job.Job {
		return &job.Job{ID: "s", State: job.Running, Request: job.Request{Kind: job.KindSplit, Owner: portstest.Sender(1), Rate: 10 * sat, HighRate: 30 * sat, Confirmations: 3,
			Split: &job.Split{Outputs: []job.SplitOutput{{Script: portstest.Sender(1), Amount: 5000}}}}, Stages: []*job.Stage{portstest.Stage(job.RoleSplit, versions...)}}
	}
	for what, c := range map[string]struct {
		here   []*job.Job
		theirs []*job.Job
		barred bool
		err    error
	}{
		"with its split":                {nil, []*job.Job{list("l", low), split(low)}, false, nil},
		"whose split is here":           {[]*job.Job{split(low, high)}, []*job.Job{list("l", low)}, false, nil},
		"without its split":             {nil, []*job.Job{list("l", low)}, true, job.ErrBadCopy},
		"from a split we do not know":   {[]*job.Job{split(low)}, []*job.Job{list("l", high)}, true, new(job.Conflict)},
		"whose coin another list keeps": {[]*job.Job{split(low), list("m", low)}, []*job.Job{list("l", low)}, true, new(job.Conflict)},
	} {
		w, r := yard()
		w.Journal.List = c.here
		list, err := r.Import(t.Context(), c.theirs)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		for _, in := range list {
			if in.Job.ID == "l" && ((in.What == job.ImportBarred) != c.barred || !portstest.Is(in.Err, c.err)) {
				t.Errorf("%s: %+v, %v", what, in, in.Err)
			}
		}
		if _, err := w.Journal.Job(t.Context(), "l"); (err != nil) != c.barred {
			t.Errorf("%s: in the journal: %v", what, err)
		}
	}
}

// TestOneLiveCoin: versions that spend another coin are no harm once that coin is nowhere in the
// chain and a version of the first is in a block.
func TestOneLiveCoin(t *testing.T) {
	one, other := version(t, 1000, portstest.Coin(1)), version(t, 900, portstest.Coin(2))
	block, pool := ports.TxStatus{Height: 990}, ports.TxStatus{InMempool: true}
	for what, c := range map[string]struct {
		one, coin1, coin2 ports.TxStatus
		ok                bool
	}{
		"neither is mined":                        {ports.TxStatus{}, block, ports.TxStatus{}, false},
		"one is mined, the other's coin is gone":  {block, block, ports.TxStatus{}, true},
		"one is mined, the other's coin is there": {block, block, block, false},
		"and in the pool":                         {block, block, pool, false},
	} {
		w, r := yard()
		w.Chain.Txs[one.Txid], w.Chain.Txs[portstest.Coin(1).Hash], w.Chain.Txs[portstest.Coin(2).Hash] = c.one, c.coin1, c.coin2
		if err := r.oneLiveCoin(t.Context(), of(t, "a", job.PreorderSigned, one, other)); (err == nil) != c.ok || !c.ok && !errors.Is(err, job.ErrBadCopy) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestAdopt adds to a job the version of its preorder that another machine sent, when that is in a
// block; what is saved before it is believed.
func TestAdopt(t *testing.T) {
	for what, c := range map[string]struct {
		full  bool
		known bool
		want  error
		n     int
	}{
		"a version of another machine": {false, false, nil, 2},
		"the journal's own":            {false, true, nil, 1},
		"and the disk is full":         {true, false, errFull, 1},
	} {
		w, r := yard()
		elsewhere, o := w.Preorder(t, "bob.id", me, 1, 980) // by the same sender
		w.Chain.Mine(980, elsewhere)
		w.Names.Outstanding[string(o.Sender)] = []ports.Outstanding{o}
		tx := preordered(t, w, 990, names.ConsensusHash{0xbb})
		mine := version(t, 500, tx.TxIn[0].PreviousOutPoint)
		if c.known {
			mine = portstest.Version(t, tx)
		}
		j := of(t, "a", job.PreorderSigned, mine)
		j.Sender = portstest.Sender(1)
		w.Journal.List = []*job.Job{j}
		f, err := r.Facts.Single(t.Context(), j, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.full {
			w.Journal.Full = errFull
		}
		got, err := r.Adopt(t.Context(), j, f)
		if !portstest.Is(err, c.want) || len(w.Journal.List[0].Stages[0].Versions) != c.n || len(j.Stages[0].Versions) != 1 {
			t.Errorf("%s: %d versions are in the journal, %v", what, len(w.Journal.List[0].Stages[0].Versions), err)
		}
		if err == nil && ((got == j) != c.known || !got.Stages[0].Has(tx.TxHash())) {
			t.Errorf("%s: %+v", what, got.Stages[0])
		}
	}
}

// TestPaidBy reads the price off a transaction: tokens where it debits them, else the satoshi of
// its burn.
func TestPaidBy(t *testing.T) {
	_, r := yard()
	for what, c := range map[string]struct {
		op     nameop.Op
		unit   names.Unit
		amount int64
	}{
		"a preorder in bitcoin":   {nameop.NamePreorder{}, names.Satoshi, 1000},
		"a preorder in tokens":    {nameop.NamePreorder{HasTokens: true, Tokens: 77}, names.MicroStacks, 77},
		"a preorder of no tokens": {nameop.NamePreorder{HasTokens: true}, names.Satoshi, 1000},
		"a renewal in tokens":     {nameop.NameRenewal{HasTokens: true, Tokens: 78}, names.MicroStacks, 78},
		"a namespace in tokens":   {nameop.NamespacePreorder{HasTokens: true, Tokens: 79}, names.MicroStacks, 79},
		"a namespace in bitcoin":  {nameop.NamespacePreorder{}, names.Satoshi, 1000},
	} {
		if p := r.paidBy(c.op, 1000, me); p.Unit != c.unit || p.Amount.Int64() != c.amount || string(p.Payee) != string(me) {
			t.Errorf("%s: %+v", what, p)
		}
	}
}
