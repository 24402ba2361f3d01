package advance

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/doubt"
	"blockstack/txbuilder/registrar/facts"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/match"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/ports/portstest"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/rescue"
	"blockstack/txbuilder/registrar/terms"
)

const sat = txbuilder.RelayRate // per vB

// folder takes zone files, or does not.
type folder struct {
	err   error
	files int
}

func (f *folder) Publish(context.Context, names.Name, []byte) ([]string, error) {
	if f.err != nil {
		return nil, f.err
	}
	f.files++
	return []string{"here"}, nil
}

// yard is a world at block 1000, and an engine there over what a chain can say. Its wallet has no
// keys: what has to be signed ends in ErrNoKeys.
func yard(chain func(*portstest.World) ports.Chain, publisher ports.Publisher) (*portstest.World, *Engine) {
	w := portstest.New(1000)
	w.Wallet.Ours, w.Wallet.Change = [][]byte{portstest.Sender(1)}, portstest.Sender(1)
	for n := range byte(3) {
		tx, _ := coin(n)
		w.Wallet.Txs[tx.TxHash()] = tx
	}
	p := w.Ports()
	if chain != nil {
		p.Chain = chain(w)
	}
	search, source := own.NewSearch(p, nil), &facts.Source{World: p, Publishes: publisher != nil}
	checks := &terms.Checks{World: p, Search: search}
	doubts, book := &doubt.Doubts{Search: search}, &record.Book{Journal: w.Journal, Clock: ports.SystemClock{}}
	b := &build.Config{World: p, Net: &chaincfg.RegressionNetParams, Facts: source, Search: search, Checks: checks, Doubts: doubts, Book: book}
	finds := &rescue.Finds{World: p, Confirmations: 3, Facts: source, Search: search, Checks: checks, Match: &match.Match{World: p, Facts: source}, Book: book, Build: b}
	return w, &Engine{World: p, Publisher: publisher, Facts: source, Build: b, Doubts: doubts, Finds: finds, Book: book}
}

// coin is the n-th coin of the first sender, and what made it.
func coin(n byte) (*wire.MsgTx, wire.OutPoint) {
	tx := portstest.Tx(1e6, portstest.Sender(1), portstest.Coin(n))
	return tx, wire.OutPoint{Hash: tx.TxHash()}
}

// relay is a node with a lowest rate.
func relay(floor txbuilder.FeeRate) func(*portstest.World) ports.Chain {
	return func(w *portstest.World) ports.Chain {
		return portstest.Relay{Chain: w.Chain, Fees: ports.RelayFees{Floor: floor, Increment: sat}}
	}
}

// preordered is a registration whose preorder is signed in two versions, of which the dearer spends
// another coin, too.
func preordered(t *testing.T) (j *job.Job, low, high *job.Version) {
	t.Helper()
	_, one := coin(1)
	_, two := coin(2)
	low = portstest.Version(t, portstest.Tx(9000, portstest.Sender(1), one))
	high = portstest.Version(t, portstest.Tx(8000, portstest.Sender(1), one, two))
	low.Fee, high.Fee = 2000, 6000
	j = &job.Job{ID: "a", State: job.PreorderSigned, Request: job.Request{Kind: job.KindRegister, Name: portstest.Name(t, "alice.id"), Owner: portstest.Script(2),
		Rate: 10 * sat, HighRate: 30 * sat, Confirmations: 3}, Stages: []*job.Stage{portstest.Stage(job.RolePreorder, low, high)}}
	j.Stages[0].Since = 1000
	return j, low, high
}

// TestRefused decides what the refusal of a stored transaction means: a dearer one that is stored,
// one that needs other coins, a wait, one newer signature where the refusal is explained, or
// nothing.
func TestRefused(t *testing.T) {
	fee, row, coins, other := ports.RefusedFee, ports.RefusedRow, ports.RefusedCoins, ports.RefusedOther
	deep := func(w *portstest.World, n byte) {
		_, op := coin(n)
		w.Wallet.Spent = map[wire.OutPoint]ports.Spender{op: {Txid: chainhash.Hash{1}, Height: 900}}
	}
	refused := new(ports.Refused)
	for what, c := range map[string]struct {
		chain     func(*portstest.World) ports.Chain
		current   int
		low, high *ports.RefusalClass
		put       func(*portstest.World)
		sent      []int // versions
		want      error
		stays     int    // the version that is to be sent the next time
		waits     string // what for
	}{
		"taken":                               {nil, 0, nil, nil, nil, []int{0}, nil, 0, "the preorder to be confirmed"},
		"too cheap":                           {nil, 0, &fee, nil, nil, []int{1}, nil, 1, "the preorder to be confirmed"},
		"both too cheap, and nobody says why": {nil, 0, &fee, &fee, nil, nil, portstest.ErrNoKeys, 1, ""},
		"both too cheap, below the floor":     {relay(40 * sat), 0, &fee, &fee, nil, nil, portstest.ErrNoKeys, 1, ""},
		"both too cheap, above the floor":     {relay(sat), 0, &fee, &fee, nil, nil, refused, 1, ""},
		"both, and the wallet is locked":      {nil, 0, &fee, &fee, func(w *portstest.World) { w.Wallet.Locked = true }, nil, ErrNeedsKey, 1, ""},
		"too many in a row":                   {nil, 0, &row, nil, nil, nil, nil, 0, "a block: the node takes no more unconfirmed transactions in a row"},
		"for a reason of its own":             {nil, 0, &other, nil, nil, nil, refused, 0, ""},
		"its coin is not there":               {nil, 0, &coins, &coins, nil, nil, refused, 1, ""},
		"one coin of two is not there":        {nil, 1, nil, &coins, nil, []int{0}, nil, 0, "the preorder to be confirmed"},
		"one coin of two is gone for good":    {nil, 1, nil, &other, func(w *portstest.World) { deep(w, 2) }, []int{0}, nil, 0, "the preorder to be confirmed"},
		"the coin of both is gone for good":   {nil, 0, &coins, &coins, func(w *portstest.World) { deep(w, 1) }, nil, txbuilder.ErrInsufficientFunds, 0, ""},
		"the node is away":                    {nil, 0, nil, nil, func(w *portstest.World) { w.Chain.Down = errAway }, nil, errAway, 0, ""},
	} {
		w, e := yard(c.chain, nil)
		w.Names.Spaces["id"] = names.Namespace{Version: 1, Lifetime: 52595, Coeff: 4, Base: 4, Status: names.NamespaceIsReady, RevealHeight: 10, ReadyHeight: 20}
		j, low, high := preordered(t)
		j.Stages[0].Current = c.current
		w.Journal.List = []*job.Job{j}
		versions := []*job.Version{low, high}
		for i, class := range []*ports.RefusalClass{c.low, c.high} {
			if class != nil {
				w.Chain.Refuse[versions[i].Txid] = &ports.Refused{Txid: versions[i].Txid, Class: *class, Reason: "no"}
			}
		}
		if c.put != nil {
			c.put(w)
		}
		got, err := e.Advance(t.Context(), "a")
		var sent []int
		for _, id := range w.Chain.Sent {
			sent = append(sent, slices.IndexFunc(versions, func(v *job.Version) bool { return v.Txid == id }))
		}
		if !slices.Equal(sent, c.sent) || !portstest.Is(err, c.want) || errors.Is(err, portstest.ErrNoKeys) != (c.want == portstest.ErrNoKeys) {
			t.Errorf("%s: versions %v were sent, %v", what, sent, err)
		}
		if stored := w.Journal.List[0]; stored.Stages[0].Current != c.stays || stored.State != job.PreorderSigned || len(stored.Stages[0].Versions) != 2 {
			t.Errorf("%s: version %d of %d is to be sent next, %s", what, stored.Stages[0].Current, len(stored.Stages[0].Versions), stored.State)
		}
		if err == nil && (got.Wait == nil || got.Wait.For != c.waits) {
			t.Errorf("%s: waits for %+v", what, got.Wait)
		}
	}
}

var errAway, errFull = errors.New("away"), errors.New("no space")

// TestFullDisk: what cannot be written down is not sent, and the job is given out as it is on disk.
func TestFullDisk(t *testing.T) {
	_, low, high := preordered(t)
	for what, c := range map[string]struct {
		job  func(t *testing.T) []*job.Job
		put  func(w *portstest.World)
		id   job.ID
		sent int
	}{
		"the choice of a dearer version": {func(t *testing.T) []*job.Job { j, _, _ := preordered(t); return []*job.Job{j} },
			func(w *portstest.World) {
				w.Chain.Refuse[low.Txid] = &ports.Refused{Txid: low.Txid, Class: ports.RefusedFee}
			}, "a", 0},
		"that a preorder is in a block": {func(t *testing.T) []*job.Job { j, _, _ := preordered(t); return []*job.Job{j} },
			func(w *portstest.World) {
				w.Chain.Txs[high.Txid], w.Names.Ops[high.Txid] = ports.TxStatus{Height: 990}, ports.OpStatus{Height: 990, Accepted: true}
			}, "a", 0},
		"that a list's transactions may be known": {func(t *testing.T) []*job.Job { l, s := listed(t); l.Stages[0].Used = false; return []*job.Job{s, l} }, rooted, "l", 0},
	} {
		w, e := yard(nil, nil)
		w.Journal.List = c.job(t)
		c.put(w)
		w.Journal.Full = errFull
		before := w.Journal.List[len(w.Journal.List)-1]
		got, err := e.Advance(t.Context(), c.id)
		if !errors.Is(err, errFull) || len(w.Chain.Sent) != c.sent || got != before {
			t.Errorf("%s: %v, %d sent", what, err, len(w.Chain.Sent))
		}
	}
}

// listed is a list of one name whose preorder is signed, and its split.
func listed(t *testing.T) (l, split *job.Job) {
	t.Helper()
	v := portstest.Version(t, portstest.Tx(1e6, portstest.Sender(1), portstest.Coin(1)))
	split = &job.Job{ID: "s", State: job.Running, Request: job.Request{Kind: job.KindSplit, Confirmations: 3, Rate: 10 * sat, HighRate: 30 * sat,
		Split: &job.Split{Outputs: []job.SplitOutput{{Script: portstest.Sender(1), Amount: 1e6}}}}, Stages: []*job.Stage{portstest.Stage(job.RoleSplit, v)}}
	split.Stages[0].Since = 1000
	alice := portstest.Name(t, "alice.id")
	pre := portstest.Version(t, portstest.Tx(900_000, portstest.Sender(1), wire.OutPoint{Hash: v.Txid}))
	reg := portstest.Version(t, portstest.Tx(800_000, portstest.Sender(1), wire.OutPoint{Hash: pre.Txid, Index: 1}))
	pre.Parent, reg.Parent = v.Txid, pre.Txid
	l = &job.Job{ID: "l", State: job.Running, Request: job.Request{Kind: job.KindSeries, Owner: portstest.Sender(1), Confirmations: 3, Rate: 10 * sat, HighRate: 30 * sat,
		Series: &job.Series{Split: "s", Amount: 1e6, Items: []job.Item{{Kind: job.KindRegister, Name: alice, Owner: portstest.Script(2), ZoneFile: []byte("$TTL 3600\n")}}}},
		Listed: job.Listed{Items: []job.Progress{{State: job.PreorderSigned}}, Paths: []job.Path{{Root: v.Txid, Links: []chainhash.Hash{pre.Txid, reg.Txid}}}, Since: 1000},
		Stages: []*job.Stage{portstest.Stage(job.RolePreorder, pre), portstest.Stage(job.RoleRegister, reg)}}
	for _, st := range l.Stages {
		st.Name, st.Since, st.Used = alice, 1000, false
	}
	return l, split
}

// rooted puts the split of the list into a block.
func rooted(w *portstest.World) {
	for _, j := range w.Journal.List {
		if j.Request.Kind == job.KindSplit {
			w.Chain.Txs[j.Stages[0].Versions[0].Txid] = ports.TxStatus{Height: 1000}
		}
	}
}

// TestList sends what is next in a list once the split is in a block, having written down that it
// may be known; and it tells a refusal.
func TestList(t *testing.T) {
	for what, c := range map[string]struct {
		class *ports.RefusalClass
		chain func(*portstest.World) ports.Chain
		root  bool
		sent  int
		used  bool
		want  error
	}{
		"its split is in no block":       {nil, nil, false, 0, false, nil},
		"its split is in a block":        {nil, nil, true, 1, true, nil},
		"too many in a row":              {new(ports.RefusalClass), nil, true, 0, true, nil},
		"too cheap, below the floor":     {new(ports.RefusalClass), relay(40 * sat), true, 0, true, portstest.ErrNoKeys},
		"the same, the wallet is locked": {new(ports.RefusalClass), relay(40 * sat), true, 0, true, ErrNeedsKey},
		"too cheap, above the floor":     {new(ports.RefusalClass), relay(sat), true, 0, true, new(ports.Refused)},
		"for a reason of the node's own": {new(ports.RefusalClass), nil, true, 0, true, new(ports.Refused)},
	} {
		w, e := yard(c.chain, nil)
		w.Names.Spaces["id"] = names.Namespace{Version: 1, Lifetime: 52595, Coeff: 4, Base: 4, Status: names.NamespaceIsReady, RevealHeight: 10, ReadyHeight: 20}
		l, split := listed(t)
		w.Journal.List = []*job.Job{split, l}
		if c.root {
			rooted(w)
		}
		if id := l.Stages[0].Versions[0].Txid; c.class != nil {
			switch what {
			case "too many in a row":
				*c.class = ports.RefusedRow
			case "the same, the wallet is locked":
				*c.class, w.Wallet.Locked = ports.RefusedFee, true
			case "too cheap, below the floor", "too cheap, above the floor":
				*c.class = ports.RefusedFee
			}
			w.Chain.Refuse[id] = &ports.Refused{Txid: id, Class: *c.class}
		}
		got, err := e.Advance(t.Context(), "l")
		stored, _ := w.Journal.Job(t.Context(), "l")
		if !portstest.Is(err, c.want) || errors.Is(err, portstest.ErrNoKeys) != (c.want == portstest.ErrNoKeys) || len(w.Chain.Sent) != c.sent || stored.Stages[0].Used != c.used || stored.Stages[1].Used || err == nil && got.Wait == nil {
			t.Errorf("%s: %d sent, %+v, %v", what, len(w.Chain.Sent), stored.Stages[0], err)
		}
	}
}

// TestPublish: a registration that cannot be published is not over; a list goes on, and is told at
// the end what is left to do.
func TestPublish(t *testing.T) {
	one := func(t *testing.T, w *portstest.World) job.ID {
		j, low, _ := preordered(t)
		reg := portstest.Version(t, portstest.Tx(7000, portstest.Sender(1), wire.OutPoint{Hash: low.Txid, Index: 1}))
		reg.Parent = low.Txid
		j.State, j.Request.ZoneFile, j.Stages = job.RegisterConfirmed, []byte("$TTL 3600\n"), append(j.Stages, portstest.Stage(job.RoleRegister, reg))
		for _, v := range []*job.Version{low, reg} {
			w.Chain.Txs[v.Txid], w.Names.Ops[v.Txid] = ports.TxStatus{Height: 990}, ports.OpStatus{Height: 990, Accepted: true}
		}
		w.Names.Records[j.Request.Name] = names.Record{Status: names.Registered, Owner: j.Request.Owner, RenewedAt: 990}
		w.Journal.List = []*job.Job{j}
		return j.ID
	}
	list := func(t *testing.T, w *portstest.World) job.ID {
		l, split := listed(t)
		w.Journal.List = []*job.Job{split, l}
		rooted(w)
		for _, st := range l.Stages {
			st.Used = true
			w.Names.Ops[st.Versions[0].Txid] = ports.OpStatus{Height: 990, Accepted: true}
		}
		l.Items[0].State = job.RegisterConfirmed
		w.Names.Records[l.Request.Series.Items[0].Name] = names.Record{Status: names.Registered, Owner: portstest.Script(2), RenewedAt: 990}
		return l.ID
	}
	longer := func(t *testing.T, w *portstest.World) job.ID { // with another name, whose update is next
		id := list(t, w)
		l, err := w.Journal.Job(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		bob, last := portstest.Name(t, "bob.id"), l.Paths[0].Links[1]
		next := portstest.Version(t, portstest.Tx(700_000, portstest.Sender(1), wire.OutPoint{Hash: last, Index: 1}))
		next.Parent = last
		st := portstest.Stage(job.RoleUpdate, next)
		st.Name, st.Since, st.Used = bob, 1000, false
		l.Request.Series.Items = append(l.Request.Series.Items, job.Item{Kind: job.KindUpdate, Name: bob, Owner: portstest.Script(3), ZoneFile: []byte("$TTL 60\n")})
		l.Items, l.Stages, l.Paths[0].Links = append(l.Items, job.Progress{State: job.UpdateSigned}), append(l.Stages, st), append(l.Paths[0].Links, next.Txid)
		w.Names.Records[bob] = names.Record{Status: names.Registered, Owner: portstest.Script(3), RenewedAt: 900}
		return id
	}
	for what, c := range map[string]struct {
		put   func(*testing.T, *portstest.World) job.ID
		err   error
		state job.State
		files int
		sent  int
	}{
		"a name":                           {one, nil, job.Done, 1, 0},
		"a name, and no room":              {one, errFull, job.RegisterConfirmed, 0, 0},
		"of a list":                        {list, nil, job.Done, 1, 0},
		"of a list, and no room":           {list, errFull, job.Running, 0, 0},
		"of a list that goes on":           {longer, nil, job.Running, 1, 1},
		"of a list that goes on, no room ": {longer, errFull, job.Running, 0, 1},
	} {
		f := &folder{err: c.err}
		w, e := yard(nil, f)
		id := c.put(t, w)
		_, err := e.Advance(t.Context(), id)
		stored, _ := w.Journal.Job(t.Context(), id)
		if !portstest.Is(err, c.err) || stored.State != c.state || f.files != c.files || len(w.Chain.Sent) != c.sent {
			t.Errorf("%s: %s, %d files, %d sent, %v", what, stored.State, f.files, len(w.Chain.Sent), err)
		}
	}
}

// TestCancel gives up what nothing is lost by: not a preorder that is in a block, and nothing after
// it.
func TestCancel(t *testing.T) {
	no := ErrNotCancellable
	for what, c := range map[string]struct {
		state job.State
		kind  job.Kind
		mined bool
		lock  bool
		want  error
		to    job.State
	}{
		"planned":                  {job.Planned, job.KindRegister, false, false, nil, job.Cancelled},
		"planned, the wallet shut": {job.Planned, job.KindRegister, false, true, nil, job.Cancelled},
		"coins are moved":          {job.MoveSigned, job.KindRegister, false, false, nil, job.Cancelled},
		"a preorder is sent":       {job.PreorderSigned, job.KindRegister, false, false, portstest.ErrNoKeys, job.PreorderSigned},
		"the same, wallet shut":    {job.PreorderSigned, job.KindRegister, false, true, ErrNeedsKey, job.PreorderSigned},
		"a preorder is in a block": {job.PreorderSigned, job.KindRegister, true, false, no, job.PreorderSigned},
		"a preorder is confirmed":  {job.PreorderConfirmed, job.KindRegister, true, false, no, job.PreorderConfirmed},
		"a registration is sent":   {job.RegisterSigned, job.KindRegister, false, false, no, job.RegisterSigned},
		"an update of its own":     {job.UpdateSigned, job.KindRegister, true, false, no, job.UpdateSigned},
		"being cancelled":          {job.Cancelling, job.KindRegister, false, false, nil, job.Cancelling},
		"cancelled":                {job.Cancelled, job.KindRegister, false, false, nil, job.Cancelled},
		"done":                     {job.Done, job.KindRegister, true, false, no, job.Done},
		"a split that is signed":   {job.Running, job.KindSplit, false, false, no, job.Running},
	} {
		w, e := yard(nil, nil)
		j, low, _ := preordered(t)
		if j.State, j.Request.Kind = c.state, c.kind; c.state == job.Planned {
			j.Stages = nil
		}
		if c.state == job.MoveSigned {
			j.Stages[0].Role = job.RoleMove
		}
		if c.kind == job.KindSplit {
			j.Request.Split = &job.Split{}
		}
		if c.mined {
			w.Chain.Txs[low.Txid] = ports.TxStatus{Height: 999}
		}
		w.Journal.List, w.Wallet.Locked = []*job.Job{j}, c.lock
		_, err := e.Cancel(t.Context(), "a")
		if stored := w.Journal.List[0]; !portstest.Is(err, c.want) || stored.State != c.to {
			t.Errorf("%s: %s, %v", what, stored.State, err)
		}
	}
	for root, want := range map[bool]error{false: nil, true: no} {
		w, e := yard(nil, nil)
		l, split := listed(t)
		w.Journal.List = []*job.Job{split, l}
		if root {
			rooted(w)
			w.Names.Ops[l.Stages[0].Versions[0].Txid] = ports.OpStatus{Height: 1000, Accepted: true}
		}
		_, err := e.Cancel(t.Context(), "l")
		stored, _ := w.Journal.Job(t.Context(), "l")
		if !portstest.Is(err, want) || (stored.Items[0].Dropped == job.Cancelled) != (want == nil) || stored.State != job.Running {
			t.Errorf("a list whose preorder is in a block: %v: %+v, %v", root, stored.Items, err)
		}
	}
}

// TestAdvanceEach looks at open jobs and at those that ended lately, goes on after an error of one,
// and stops when nobody wants to hear more.
func TestAdvanceEach(t *testing.T) {
	jobs := func() []*job.Job {
		over := func(id job.ID, since int32) *job.Job {
			st := portstest.Stage(job.RolePreorder, portstest.Version(t, portstest.Tx(1, portstest.Script(1), portstest.Coin(id[0]))))
			st.Since = since
			return &job.Job{ID: id, State: job.Cancelled, Request: job.Request{Kind: job.KindRegister, Name: portstest.Name(t, string(id)+"n.id"), Owner: portstest.Script(2), Confirmations: 3},
				Stages: []*job.Stage{st}}
		}
		j, _, _ := preordered(t)
		broken, _, _ := preordered(t)
		broken.ID, broken.Request.Name = "b", portstest.Name(t, "bob.id")
		broken.Stages[0].Versions[0].Raw = nil
		return []*job.Job{broken, over("c", 850), over("d", 900), j}
	}
	w, e := yard(nil, nil)
	w.Journal.List = jobs()
	var seen []job.ID
	errs := make(map[job.ID]error)
	if err := e.AdvanceEach(t.Context(), func(j *job.Job, err error) error { seen = append(seen, j.ID); errs[j.ID] = err; return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seen, []job.ID{"b", "d", "a"}) || !errors.Is(errs["b"], job.ErrBadJournal) || errs["d"] != nil {
		t.Errorf("%v, %v", seen, errs)
	}
	list, err := e.AdvanceAll(t.Context())
	if len(list) != 4 || !errors.Is(err, job.ErrBadJournal) {
		t.Errorf("%d jobs, %v", len(list), err)
	}
	enough := errors.New("enough")
	if seen = nil; !errors.Is(e.AdvanceEach(t.Context(), func(j *job.Job, _ error) error { seen = append(seen, j.ID); return enough }), enough) || len(seen) != 1 {
		t.Errorf("%v", seen)
	}
}
