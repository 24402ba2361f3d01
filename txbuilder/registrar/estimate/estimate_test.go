package estimate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/lastdays"
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

// doubting is a home that doubts its last days since a block; 0: it does not.
type doubting struct {
	doubt.LastDays
	since int32
}

func (d doubting) Doubt(context.Context, int32) (*lastdays.Doubt, error) {
	if d.since == 0 {
		return nil, nil
	}
	return &lastdays.Doubt{Why: lastdays.Words, Since: d.since, At: time.Unix(0, 0)}, nil
}

// yard is a world at block 1000 with an open namespace and coins of the first sender, and the plans
// there, by what a chain can show.
func yard(chain func(*portstest.World) ports.Chain, days doubt.LastDays) (*portstest.World, *Plans) {
	w := portstest.New(1000)
	w.Names.Spaces["id"] = names.Namespace{Version: 1, Lifetime: 52595, Coeff: 4, Base: 4, Buckets: [16]byte{6, 5, 4, 3, 2, 1, 1}, NonAlphaDiscount: 1,
		NoVowelDiscount: 1, Status: names.NamespaceIsReady, RevealHeight: 10, ReadyHeight: 20}
	w.Wallet.Ours, w.Wallet.Change = [][]byte{portstest.Sender(1)}, portstest.Sender(1)
	w.Wallet.Pay(portstest.Sender(1), 1e8, 900)
	p := w.Ports()
	if chain != nil {
		p.Chain = chain(w)
	}
	search := own.NewSearch(p, nil)
	source := &facts.Source{World: p}
	checks := &terms.Checks{World: p, Search: search}
	doubts := &doubt.Doubts{LastDays: days, Blocks: doubt.DoubtBlocks, Net: &chaincfg.MainNetParams, Chain: p.Chain, Search: search}
	book := &record.Book{Journal: w.Journal, Clock: ports.SystemClock{}}
	b := &build.Config{World: p, Net: &chaincfg.RegressionNetParams, Facts: source, Search: search, Checks: checks, Doubts: doubts, Book: book}
	m := &match.Match{World: p, Facts: source}
	finds := &rescue.Finds{World: p, Confirmations: 6, Facts: source, Search: search, Checks: checks, Match: m, Book: book, Build: b}
	return w, &Plans{World: p, Confirmations: 6, Checks: checks, Doubts: doubts, Build: b, Match: m, Finds: finds}
}

func request(t *testing.T) job.Request {
	return job.Request{Kind: job.KindRegister, Name: portstest.Name(t, "alice.id"), Owner: portstest.Script(2), Rate: 10 * sat}
}

// paid is what leaves a wallet for good by some transactions, the outputs that it keeps left out.
func paid(t *testing.T, txs []Transaction) (sum btcutil.Amount) {
	t.Helper()
	for _, one := range txs {
		for _, in := range one.Plan.Packet.Inputs {
			switch {
			case in.WitnessUtxo != nil:
				sum += btcutil.Amount(in.WitnessUtxo.Value)
			default:
				n := one.Plan.Packet.UnsignedTx.TxIn[0].PreviousOutPoint.Index
				sum += btcutil.Amount(in.NonWitnessUtxo.TxOut[n].Value)
			}
		}
		for _, o := range one.Plan.Packet.UnsignedTx.TxOut {
			if string(o.PkScript) == string(portstest.Sender(1)) {
				sum -= btcutil.Amount(o.Value)
			}
		}
	}
	return sum
}

// TestPlan says what a registration would cost, to the satoshi, without a key and without writing
// anything.
func TestPlan(t *testing.T) {
	w, p := yard(nil, nil)
	e, err := p.Plan(t.Context(), request(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Transactions) != 2 || e.Transactions[0].Role != job.RolePreorder || e.Transactions[1].Role != job.RoleRegister {
		t.Fatalf("%+v", e.Transactions)
	}
	pre, reg := e.Transactions[0], e.Transactions[1]
	if e.Fee != pre.Fee+reg.Fee || e.Burn != 640 || e.Given != txbuilder.DustLimit(portstest.Script(2)) || e.Total != e.Fee+e.Burn+e.Given || e.Total != paid(t, e.Transactions) {
		t.Errorf("fee %d, burn %d, given %d, total %d; %d leave the wallet", e.Fee, e.Burn, e.Given, e.Total, paid(t, e.Transactions))
	}
	if reg.FeeHigh < 3*reg.Fee-10 || e.FeeHigh != pre.FeeHigh+reg.FeeHigh || e.Worst != e.Total-e.Fee+e.FeeHigh || e.Locked != pre.Plan.Keep || e.Locked < reg.Fee {
		t.Errorf("at the higher rate: %d and %d, %d in all, worst %d, locked %d", pre.FeeHigh, reg.FeeHigh, e.FeeHigh, e.Worst, e.Locked)
	}
	if e.Request.Rate != 10*sat || e.Request.HighRate != 30*sat || e.Request.Confirmations != 6 || e.Blocks != 12 || e.Height != 1000 || e.PreorderBy != 995+w.Params.ConsensusWindow ||
		e.RegisterWithin != w.Params.NamePreorderLifetime || e.ExactUntil != nil || len(e.Irreversible) != 2 {
		t.Errorf("%+v", e)
	}
	if c := e.Costs(); len(c) != 1 || c[0].Fee != e.Fee || c[0].Moved != e.Burn+e.Given {
		t.Errorf("costs %+v", c)
	}
	if w.Journal.Saves > 0 || len(w.Journal.List) > 0 || len(w.Chain.Sent) > 0 {
		t.Errorf("a plan has written %d jobs and sent %d transactions", w.Journal.Saves, len(w.Chain.Sent))
	}
}

// TestPlanSays what there is already, what stands in the way, and what could not be known.
func TestPlanSays(t *testing.T) {
	pool := func(part bool) func(*portstest.World) ports.Chain {
		return func(w *portstest.World) ports.Chain { return portstest.Pool{Chain: w.Chain, Part: part} }
	}
	for what, c := range map[string]struct {
		chain func(*portstest.World) ports.Chain
		since int32
		put   func(t *testing.T, w *portstest.World)
		ok    func(e *Estimate, err error) bool
	}{
		"a job that runs": {nil, 0, func(t *testing.T, w *portstest.World) {
			w.Journal.List = []*job.Job{{ID: "r", State: job.Planned, Request: request(t)}}
		}, func(e *Estimate, err error) bool {
			return err == nil && e.Running != nil && e.Running.ID == "r" && e.Fee == 0 && len(e.Transactions) == 0
		}},
		"a preorder that no job follows": {nil, 0, func(t *testing.T, w *portstest.World) {
			tx, o := w.Preorder(t, "alice.id", portstest.Script(2), 1, 990)
			w.Chain.Mine(990, tx)
			w.Names.Outstanding[string(o.Sender)] = []ports.Outstanding{o}
			w.Wallet.Txs[tx.TxIn[0].PreviousOutPoint.Hash] = portstest.Tx(1e6, portstest.Sender(1), portstest.Coin(1))
		}, func(e *Estimate, err error) bool {
			return err == nil && e.Found != nil && e.Found.Job.State == job.PreorderSigned && len(e.Transactions) == 0
		}},
		"a job for another owner": {nil, 0, func(t *testing.T, w *portstest.World) {
			r := request(t)
			r.Owner = portstest.Script(5)
			w.Journal.List = []*job.Job{{ID: "r", State: job.Planned, Request: r}}
		}, func(_ *Estimate, err error) bool { return errors.As(err, new(*job.Conflict)) }},
		"a rate below the floor": {func(w *portstest.World) ports.Chain {
			return portstest.Relay{Chain: w.Chain, Fees: ports.RelayFees{Floor: 10*sat + 1, Increment: sat}}
		}, 0, nil, func(_ *Estimate, err error) bool {
			var no *BelowFloor
			return errors.As(err, &no) && no.Rate == 10*sat && no.Floor == 10*sat+1
		}},
		"a rate at the floor": {func(w *portstest.World) ports.Chain {
			return portstest.Relay{Chain: w.Chain, Fees: ports.RelayFees{Floor: 10 * sat, Increment: sat}}
		}, 0, nil, func(e *Estimate, err error) bool { return err == nil && e.Fee > 0 }},
		"a doubt": {nil, 995, nil, func(e *Estimate, err error) bool {
			return err == nil && e.Doubt != nil && e.Doubt.Blocks == 7 && risk(e, e.Doubt.Error())
		}},
		"no pool to look through":    {nil, 0, nil, func(e *Estimate, err error) bool { return err == nil && risk(e, "memory pool could not") }},
		"a part of the pool":         {pool(true), 0, nil, func(e *Estimate, err error) bool { return err == nil && risk(e, "memory pool could not") }},
		"the whole pool":             {pool(false), 0, nil, func(e *Estimate, err error) bool { return err == nil && !risk(e, "memory pool could not") }},
		"answers that are not exact": {nil, 0, func(_ *testing.T, w *portstest.World) { w.Names.Exact = new(int32) }, func(e *Estimate, err error) bool { return err == nil && e.ExactUntil != nil }},
		"the second attempt": {nil, 0, func(t *testing.T, w *portstest.World) {
			w.Journal.List = []*job.Job{{ID: "r", State: job.Cancelled, Request: request(t)}}
		}, func(e *Estimate, err error) bool { return err == nil && e.Running == nil && e.Fee > 0 }},
	} {
		w, p := yard(c.chain, doubting{since: c.since})
		if c.put != nil {
			c.put(t, w)
		}
		if e, err := p.Plan(t.Context(), request(t)); !c.ok(e, err) {
			t.Errorf("%s: %+v, %v", what, e, err)
		}
		if w.Journal.Saves > 0 {
			t.Errorf("%s: a plan has written", what)
		}
	}
}

func risk(e *Estimate, text string) bool { return strings.Contains(strings.Join(e.Risks, "\n"), text) }

// batch asks for so many registrations.
func batch(t *testing.T, n int) BatchRequest {
	req := BatchRequest{Rate: 10 * sat, List: "x", Scripts: func(_ context.Context, n int) (list [][]byte, _ error) {
		for i := range n {
			list = append(list, portstest.Sender(byte(20+i)))
		}
		return list, nil
	}}
	for i := range n {
		name := fmt.Sprintf("n%d.id", i)
		if i == 0 {
			name = "averylongname.id" // which costs less than what is relayed
		}
		req.Items = append(req.Items, job.Item{Kind: job.KindRegister, Name: portstest.Name(t, name), Owner: portstest.Script(byte(100 + i/20))})
	}
	return req
}

// sum is that of some costs.
func sum(list []txbuilder.Cost) (all txbuilder.Cost) {
	for _, c := range list {
		all.Fee, all.Moved = all.Fee+c.Fee, all.Moved+c.Moved
	}
	return all
}

// TestPlanBatch adds up: what the names cost, the transaction before them, and what the coins of
// the lists must hold.
func TestPlanBatch(t *testing.T) {
	for _, n := range []int{1, 24, 25, 60} {
		w, p := yard(nil, nil)
		b, err := p.PlanBatch(t.Context(), batch(t, n))
		if err != nil || len(b.Refused) > 0 {
			t.Fatalf("%d names: %+v, %v", n, b, err)
		}
		var fee, burn, set btcutil.Amount
		for _, c := range b.Costs {
			fee, burn = fee+c.Fee, burn+c.Burn
		}
		if b.Fee != fee+b.SplitFee || b.Burn != burn || b.Total != b.Fee+b.Burn+b.Given || b.Given != btcutil.Amount(n)*txbuilder.DustLimit(portstest.Script(100)) || b.Transactions != 2*n+1 {
			t.Errorf("%d names: fee %d of %d and %d, burn %d of %d, given %d, total %d, %d transactions", n, b.Fee, fee, b.SplitFee, b.Burn, burn, b.Given, b.Total, b.Transactions)
		}
		if b.Worst != b.FeeHigh+b.Burn+b.Given || b.Costs[0].Burn != txbuilder.DustLimit(portstest.Script(7)) {
			t.Errorf("%d names: worst %d, of it fees %d; the long name burns %d", n, b.Worst, b.FeeHigh, b.Costs[0].Burn)
		}
		if ops := sum(b.OpCosts()); ops.Fee != b.Fee || ops.Moved != b.Burn+b.Given {
			t.Errorf("%d names: by operation %+v", n, ops)
		}
		names := 0
		for k, s := range b.Series {
			names, set = names+len(s.Series.Items), set+s.Series.Amount
			if len(s.Series.Items) > job.MaxSeries || s.Series.Output != k || b.Split.Split.Outputs[k].Amount != s.Series.Amount || s.MaxTotal != 0 {
				t.Errorf("%d names: list %d has %d, %+v", n, k, len(s.Series.Items), s)
			}
		}
		if names != n || len(b.Series) != (n+job.MaxSeries-1)/job.MaxSeries || b.Worst <= b.Total || b.Locked != set+b.SplitFee-b.Total || b.FeeHigh <= b.Fee {
			t.Errorf("%d names: %d in %d lists, total %d, worst %d, locked %d", n, names, len(b.Series), b.Total, b.Worst, b.Locked)
		}
		if w.Journal.Saves > 0 || len(w.Chain.Sent) > 0 {
			t.Errorf("%d names: a plan has written or sent", n)
		}
	}
}

// TestBatchCeiling shares out what a ceiling leaves, and refuses one that the worst outcome does
// not fit under.
func TestBatchCeiling(t *testing.T) {
	_, p := yard(nil, nil)
	free, err := p.PlanBatch(t.Context(), batch(t, 30))
	if err != nil {
		t.Fatal(err)
	}
	for ceiling, ok := range map[btcutil.Amount]bool{free.Worst: true, free.Worst + 1001: true, free.Worst - 1: false} {
		_, p := yard(nil, nil)
		req := batch(t, 30)
		req.MaxTotal = ceiling
		b, err := p.PlanBatch(t.Context(), req)
		if !ok {
			var over *job.OverBudget
			if !errors.As(err, &over) || over.Need != free.Worst || over.Max != ceiling {
				t.Errorf("at most %d: %v", ceiling, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		sum := b.Split.MaxTotal
		for _, s := range b.Series {
			sum += s.MaxTotal
		}
		if sum > ceiling || sum < ceiling-btcutil.Amount(len(b.Series)) || b.Split.MaxTotal == 0 {
			t.Errorf("at most %d: the parts may spend %d", ceiling, sum)
		}
	}
}

// TestBatchRefused leaves out what the checks refuse, each for its reason, and costs the others.
func TestBatchRefused(t *testing.T) {
	mine := portstest.Script(100)
	for what, c := range map[string]struct {
		put  func(t *testing.T, w *portstest.World, req *BatchRequest)
		want error
	}{
		"taken": {func(t *testing.T, w *portstest.World, req *BatchRequest) {
			w.Names.Records[req.Items[1].Name] = names.Record{Status: names.Registered, Owner: portstest.Script(9)}
		}, new(terms.NameTaken)},
		"twice in the list": {func(_ *testing.T, _ *portstest.World, req *BatchRequest) { req.Items[1].Name = req.Items[0].Name }, new(job.Conflict)},
		"a job works on it": {func(_ *testing.T, w *portstest.World, req *BatchRequest) {
			w.Journal.List = []*job.Job{{ID: "r", State: job.Planned, Request: job.Request{Kind: job.KindRegister, Name: req.Items[1].Name, Owner: mine}}}
		}, new(job.Conflict)},
		"preordered": {func(t *testing.T, w *portstest.World, req *BatchRequest) {
			tx, _ := w.Preorder(t, req.Items[1].Name.String(), mine, 1, 0)
			w.Wallet.Unsent = []*wire.MsgTx{tx}
		}, new(own.PreorderOurs)},
		"one too many for its owner": {func(_ *testing.T, w *portstest.World, req *BatchRequest) {
			w.Names.Owned[string(mine)] = w.Params.MaxNamesPerOwner - 2
		}, new(terms.Quota)},
		"an owner of several keys": {func(_ *testing.T, w *portstest.World, req *BatchRequest) {
			script := names.ScriptHashScript([20]byte{5})
			w.Names.Records[req.Items[1].Name] = names.Record{Status: names.Registered, Owner: script}
			req.Items[1] = job.Item{Kind: job.KindTransfer, Name: req.Items[1].Name, Owner: script, To: mine}
		}, job.ErrBadRequest},
		"paid in tokens": {func(t *testing.T, w *portstest.World, req *BatchRequest) {
			ns := w.Names.Spaces["id"]
			ns.Version = 3
			w.Names.Spaces["tok"] = ns
			req.Items[1].Name = portstest.Name(t, "n.tok")
		}, new(build.PaidInTokens)},
	} {
		w, p := yard(nil, nil)
		req := batch(t, 3)
		c.put(t, w, &req)
		b, err := p.PlanBatch(t.Context(), req)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		no := b.Refused[1]
		if !portstest.Is(no, c.want) {
			t.Errorf("%s: refused %v", what, b.Refused)
			continue
		}
		got := 0
		for i := range req.Items {
			if b.Refused[i] == nil {
				got++
				if b.Costs[i].Burn < txbuilder.DustLimit(portstest.Script(1)) {
					t.Errorf("%s: name %d costs %+v", what, i, b.Costs[i])
				}
			} else if b.Costs[i].Fee != 0 {
				t.Errorf("%s: a refused name costs %+v", what, b.Costs[i])
			}
		}
		if ops := sum(b.OpCosts()); ops.Fee != b.Fee || ops.Moved != b.Burn+b.Given || got != len(b.OpCosts()) || got != len(b.Series[0].Series.Items) {
			t.Errorf("%s: %d names are planned for, %d operations", what, len(b.Series[0].Series.Items), len(b.OpCosts()))
		}
	}
}

// TestExplain tells of each kind what cannot be undone.
func TestExplain(t *testing.T) {
	alice := portstest.Name(t, "alice.id")
	for what, c := range map[string]struct {
		req          job.Request
		irreversible string
		risk         string
	}{
		"a launch":   {job.Request{Kind: job.KindLaunch, Namespace: &nameop.NamespaceReveal{ID: "lab"}}, "can never be changed", "without a preorder of their own"},
		"a transfer": {job.Request{Kind: job.KindTransfer, Name: alice, To: portstest.Script(2), Erase: true}, "zone-file hash is erased", "reorganisation"},
		"a renewal":  {job.Request{Kind: job.KindRenew, Name: alice}, "the 77 blocks that are left are thrown away", "reorganisation"},
		"a revoke":   {job.Request{Kind: job.KindRevoke, Name: alice}, "nobody can have it before it has expired", "reorganisation"},
		"an import":  {job.Request{Kind: job.KindImport, Import: &job.ImportSet{Names: make([]job.Import, 3)}}, "the 3 outputs are lost", "private key of the ring"},
	} {
		e := &Estimate{Request: c.req, Renewal: &terms.Renewal{Wasted: 77}}
		e.explain(&job.Job{Request: c.req})
		if !strings.Contains(strings.Join(e.Irreversible, "\n"), c.irreversible) || !risk(e, c.risk) {
			t.Errorf("%s: %q, %q", what, e.Irreversible, e.Risks)
		}
	}
}
