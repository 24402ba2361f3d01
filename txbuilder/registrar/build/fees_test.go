package build

import (
	"errors"
	"fmt"
	"math/big"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/ports/portstest"
)

const sat = txbuilder.RelayRate // per vB

// fees are those of a job at a node that says what it wants.
func fees(w *portstest.World, j *job.Job, relay portstest.Relay) *Fees {
	p := w.Ports()
	relay.Chain = w.Chain
	p.Chain = relay
	return &Fees{Config: &Config{World: p}, Job: j, Relay: ports.RelayFees{Floor: sat, Increment: sat}}
}

// TestAtFloor raises the rates of what is about to be signed above the node's floor, and says when
// that is more than was asked for.
func TestAtFloor(t *testing.T) {
	for what, c := range map[string]struct {
		floor, rate, high txbuilder.FeeRate
		wantRate, wantHi  txbuilder.FeeRate
		forced            bool
	}{
		"a low floor":               {sat, 10 * sat, 30 * sat, 10 * sat, 30 * sat, false},
		"at the rate":               {10 * sat, 10 * sat, 30 * sat, 10 * sat, 30 * sat, false},
		"between the rates":         {20 * sat, 10 * sat, 30 * sat, 21 * sat, 30 * sat, false},
		"as high as the higher one": {29 * sat, 10 * sat, 30 * sat, 30 * sat, 30 * sat, false},
		"above both":                {30 * sat, 10 * sat, 30 * sat, 31 * sat, 31 * sat, true},
	} {
		w := portstest.New(100)
		j := &job.Job{Request: job.Request{Kind: job.KindUpdate, Rate: c.rate, HighRate: c.high}}
		m := fees(w, j, portstest.Relay{Fees: ports.RelayFees{Floor: c.floor, Increment: sat}})
		if err := m.atFloor(t.Context()); err != nil || j.Request.Rate != c.wantRate || j.Request.HighRate != c.wantHi || m.Forced != c.forced {
			t.Errorf("%s: %s and %s, forced %v, %v", what, j.Request.Rate, j.Request.HighRate, m.Forced, err)
		}
	}
	paid := &job.Job{Request: job.Request{Kind: job.KindImport, Rate: 10 * sat, HighRate: 30 * sat}, Stages: []*job.Stage{{Role: job.RoleFund}}}
	m := fees(portstest.New(100), paid, portstest.Relay{Fees: ports.RelayFees{Floor: 50 * sat}})
	if err := m.atFloor(t.Context()); err != nil || paid.Request.Rate != 10*sat {
		t.Errorf("an import whose coins are made: %s, %v", paid.Request.Rate, err)
	}
}

// TestAffordable pays on a node's word alone a small fee, or what depends on the transaction, and
// no more.
func TestAffordable(t *testing.T) {
	stage := func(used bool, burn, given btcutil.Amount) *job.Stage {
		return &job.Stage{Role: job.RolePreorder, Used: used, Versions: []*job.Version{{Burn: burn, Given: given}}}
	}
	list := job.Request{Kind: job.KindSeries, Series: &job.Series{Items: make([]job.Item, 3)}}
	for what, c := range map[string]struct {
		fee    btcutil.Amount
		burn   btcutil.Amount // by the transaction itself
		stages []*job.Stage
		req    job.Request
		forced bool
		ok     bool
	}{
		"dear, as the user wants":         {1e6, 0, nil, job.Request{}, false, true},
		"small":                           {SmallFee, 0, nil, job.Request{}, true, true},
		"not small, for nothing":          {SmallFee + 1, 0, nil, job.Request{}, true, false},
		"as much as it burns":             {100_000, 100_000, nil, job.Request{}, true, true},
		"more than it burns":              {100_001, 100_000, nil, job.Request{}, true, false},
		"as much as its preorder":         {100_000, 0, []*job.Stage{stage(true, 90_000, 10_000)}, job.Request{}, true, true},
		"more than its preorder":          {100_001, 0, []*job.Stage{stage(true, 90_000, 10_000)}, job.Request{}, true, false},
		"a preorder that was not sent":    {100_000, 0, []*job.Stage{stage(false, 100_000, 0)}, job.Request{}, true, false},
		"the sum of two, for one name":    {100_000, 0, []*job.Stage{stage(true, 60_000, 0), stage(true, 60_000, 0)}, job.Request{}, true, false},
		"a list, as much as all of it":    {200_000, 0, []*job.Stage{stage(true, 100_000, 0), stage(true, 100_000, 0)}, list, true, true},
		"a list, more than that":          {200_001, 0, []*job.Stage{stage(true, 100_000, 0), stage(true, 100_000, 0)}, list, true, false},
		"a list, a small one for each":    {3 * SmallFee, 0, nil, list, true, true},
		"a list, not a small one of each": {3*SmallFee + 1, 0, nil, list, true, false},
	} {
		m := &Fees{Job: &job.Job{Request: c.req, Stages: c.stages}, Forced: c.forced}
		err := m.affordable(planned(t, c.fee, c.burn))
		if (err == nil) != c.ok || err != nil && !errors.As(err, new(*FloorTooHigh)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// planned is a preorder that pays a fee and burns an amount, or as little as is relayed.
func planned(t *testing.T, fee, burn btcutil.Amount) *txbuilder.Plan {
	t.Helper()
	w := portstest.New(100)
	w.Wallet.Pay(portstest.Script(1), 1e8, 1)
	b, err := txbuilder.New(txbuilder.Config{Params: w.Params, Net: &chaincfg.RegressionNetParams, Coins: w.Wallet, Height: 100})
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Preorder(t.Context(), txbuilder.PreorderRequest{Funding: txbuilder.Funding{Rate: sat, MinFee: fee}, Name: portstest.Name(t, "alice.id"), Owner: portstest.Script(1),
		Price: txbuilder.Price{Unit: names.Satoshi, Amount: big.NewInt(int64(burn))}, Payee: portstest.Script(7)})
	if err != nil || p.Fee != fee {
		t.Fatalf("%+v, %v", p, err)
	}
	return p
}

// chain is a preorder in two versions, a registration on each, and something that another job hangs
// on the change of the dearer one.
func chain(t *testing.T) (j, other *job.Job, low, high, register *job.Version) {
	t.Helper()
	low = portstest.Version(t, portstest.Tx(9000, portstest.Script(1), portstest.Coin(1)))
	high = portstest.Version(t, portstest.Tx(8000, portstest.Script(1), portstest.Coin(1)))
	low.Fee, low.Rate, high.Fee, high.Rate = 2000, 10*sat, 6000, 30*sat
	register = portstest.Version(t, portstest.Tx(7000, portstest.Script(1), wire.OutPoint{Hash: high.Txid, Index: 1}))
	register.Fee = 500
	dearer := portstest.Version(t, portstest.Tx(6000, portstest.Script(1), wire.OutPoint{Hash: high.Txid, Index: 1}))
	dearer.Fee = 700
	hangs := portstest.Version(t, portstest.Tx(5000, portstest.Script(1), wire.OutPoint{Hash: dearer.Txid, Index: 0}))
	hangs.Fee = 40
	j = &job.Job{ID: "a", State: job.PreorderSigned, Request: job.Request{Kind: job.KindRegister, Rate: 10 * sat, HighRate: 30 * sat},
		Stages: []*job.Stage{portstest.Stage(job.RolePreorder, low, high), portstest.Stage(job.RoleRegister, register, dearer)}}
	other = &job.Job{ID: "b", State: job.UpdateSigned, Request: job.Request{Kind: job.KindUpdate}, Stages: []*job.Stage{portstest.Stage(job.RoleUpdate, hangs)}}
	return j, other, low, high, register
}

// TestHung is the most that may hang on a transaction: of those that spend one output the dearest,
// with what hangs on it; what was never sent does not.
func TestHung(t *testing.T) {
	for what, c := range map[string]struct {
		registers, other bool // were sent
		want             btcutil.Amount
	}{
		"all were sent": {true, true, 740}, "the last was not": {true, false, 700}, "nothing was": {false, false, 0}, "only the last was": {false, true, 0},
	} {
		w := portstest.New(100)
		j, other, low, high, _ := chain(t)
		j.Stages[1].Used, other.Stages[0].Used = c.registers, c.other
		w.Journal.List = []*job.Job{other, j}
		hung, err := fees(w, j, portstest.Relay{}).Hung(t.Context())
		if err != nil || hung.Fees(high.Txid) != c.want || hung.Fees(low.Txid) != 0 {
			t.Errorf("%s: %d and %d, %v", what, hung.Fees(high.Txid), hung.Fees(low.Txid), err)
		}
	}
}

// TestOutbid replaces every version with all that may hang on it (BIP 125): a higher rate than each
// has, and a fee above all that goes.
func TestOutbid(t *testing.T) {
	_, _, _, high, _ := chain(t)
	own := sat.Fee(high.VSize + replacementSlack) // what a replacement pays for its own size
	for what, c := range map[string]struct {
		alter  func(j *job.Job)
		hangs  btcutil.Amount // says the node
		floor  txbuilder.FeeRate
		rate   txbuilder.FeeRate
		fee    btcutil.Amount
		forced bool
	}{
		"its versions":                 {func(*job.Job) {}, 0, sat, 45 * sat, 6740 + own, false},
		"what the node knows":          {func(*job.Job) {}, 700, sat, 45 * sat, 6740 + own, false},
		"what a stranger hung on it":   {func(*job.Job) {}, 5000, sat, 45 * sat, 11_000 + own, true},
		"one that pays more than said": {func(j *job.Job) { j.Stages[0].Versions[1].Fee = 200 * 50 }, 0, sat, 51 * sat, 10_740 + own, false},
		"a floor above that":           {func(*job.Job) {}, 0, 60 * sat, 61 * sat, 6740 + own, false},
		"what returns its coins": {func(j *job.Job) {
			back := portstest.Version(t, portstest.Tx(1, portstest.Script(1), portstest.Coin(1)))
			back.Fee, back.Rate = 9000, 45*sat
			j.Stages = append(j.Stages, portstest.Stage(job.RoleReturn, back))
		}, 0, sat, 45 * sat * 3 / 2, 9000 + own, false},
	} {
		w := portstest.New(100)
		j, other, _, high, _ := chain(t)
		c.alter(j)
		w.Journal.List = []*job.Job{other, j}
		m := fees(w, j, portstest.Relay{Hanging: map[chainhash.Hash]btcutil.Amount{high.Txid: c.hangs}})
		m.Relay.Floor = c.floor
		rate, fee, err := m.Outbid(t.Context(), j.Stages[0])
		if err != nil || rate != c.rate || fee != c.fee || m.Forced != c.forced {
			t.Errorf("%s: %s, %d, forced %v, %v; want %s, %d", what, rate, fee, m.Forced, err, c.rate, c.fee)
		}
	}
}

// TestWithinBudget counts all that a job pays, with the fee that a newer version would have, and
// leaves the returning transaction out.
func TestWithinBudget(t *testing.T) {
	j, _, low, _, _ := chain(t)
	j.Stages[0].Current, low.Burn, low.Given = 0, 640, 5460
	back := portstest.Version(t, portstest.Tx(1, portstest.Script(1), portstest.Coin(1)))
	back.Fee = 1e6
	j.Stages = append(j.Stages, portstest.Stage(job.RoleReturn, back))
	f := txbuilder.Funding{Rate: 5 * sat, MinFee: 3000}
	spent := btcutil.Amount(3000 + 640 + 5460 + 500) // the fee, price and coin of the preorder, the fee of the registration
	for ceiling, ok := range map[btcutil.Amount]bool{0: true, spent: true, spent - 1: false} {
		j.Request.MaxTotal = ceiling
		err := (&Fees{Job: j}).withinBudget(j.Stages[0], f)
		var over *job.OverBudget
		if (err == nil) != ok || err != nil && (!errors.As(err, &over) || over.Need != spent || over.Max != ceiling) {
			t.Errorf("at most %d: %v", ceiling, err)
		}
	}
	f.Rate, j.Request.MaxTotal = 10*sat, spent-3000+(10*sat).Fee(low.VSize+replacementSlack)-1
	if err := (&Fees{Job: j}).withinBudget(j.Stages[0], f); !errors.As(err, new(*job.OverBudget)) {
		t.Errorf("at the rate of the version: %v", err)
	}
}

// TestIsRefusal tells what is about one name, which a list can leave out, from what ends the list.
func TestIsRefusal(t *testing.T) {
	for err, want := range map[error]bool{
		&NoOwnerCoin{}: true, &PaidInTokens{}: true, fmt.Errorf("x: %w", job.ErrBadRequest): true, fmt.Errorf("x: %w", names.ErrNotFound): true,
		&ports.Refused{}: false, &job.OverBudget{}: false, errors.New("no connection"): false, fmt.Errorf("x: %w", &FloorTooHigh{}): true,
	} {
		if IsRefusal(err) != want {
			t.Errorf("%T %v: %v", err, err, !want)
		}
	}
	if IsRefusal(nil) {
		t.Error("no error is a refusal")
	}
}
