package build

import (
	"bytes"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/doubt"
	"blockstack/txbuilder/registrar/facts"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports/portstest"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
)

// yard is a world at block 1000 with an open namespace and a coin of the first sender, and what
// builds there.
func yard() (*portstest.World, *Config) {
	w := portstest.New(1000)
	w.Names.Spaces["id"] = names.Namespace{Version: 1, Lifetime: 52595, Coeff: 4, Base: 4, Buckets: [16]byte{6, 5, 4, 3, 2, 1, 1}, NonAlphaDiscount: 1,
		NoVowelDiscount: 1, Status: names.NamespaceIsReady, RevealHeight: 10, ReadyHeight: 20}
	w.Wallet.Ours, w.Wallet.Change = [][]byte{portstest.Sender(1)}, portstest.Sender(1)
	w.Wallet.Pay(portstest.Sender(1), 1e6, 900)
	p := w.Ports()
	search := own.NewSearch(p, nil)
	return w, &Config{World: p, Net: &chaincfg.RegressionNetParams, Facts: &facts.Source{World: p}, Search: search, Checks: &terms.Checks{World: p, Search: search},
		Doubts: &doubt.Doubts{Search: search}, Book: &record.Book{Journal: w.Journal}}
}

// registers is a job that has signed nothing yet.
func registers(t *testing.T) *job.Job {
	return &job.Job{ID: "a", State: job.Planned, Request: job.Request{Kind: job.KindRegister, Name: portstest.Name(t, "alice.id"), Owner: portstest.Script(2),
		Rate: 10 * sat, HighRate: 30 * sat, Confirmations: 3}}
}

// make builds what an action asks for, without signatures.
func (r *Config) make(t *testing.T, j *job.Job, a step.Action) (*Txs, error) {
	t.Helper()
	terms, err := r.Checks.Terms(t.Context(), &job.Job{Request: j.Request, Stages: j.Stages})
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.Txs(t.Context(), j, terms, Unsigned)
	if err != nil {
		t.Fatal(err)
	}
	return m, m.Make(t.Context(), a)
}

// first is the coin that a version spends at input 0, and its outputs' scripts.
func first(t *testing.T, v *job.Version) (wire.OutPoint, *wire.MsgTx) {
	t.Helper()
	tx, err := v.Tx()
	if err != nil {
		t.Fatal(err)
	}
	return tx.TxIn[0].PreviousOutPoint, tx
}

// TestRegistration: a preorder, and on its change the registration at both rates; what replaces it
// spends the same coin first, pays for what it evicts, and has registrations of its own.
func TestRegistration(t *testing.T) {
	w, r := yard()
	j := registers(t)
	if _, err := r.make(t, j, step.Action{Do: step.DoSign, Role: job.RolePreorder}); err != nil {
		t.Fatal(err)
	}
	pre, reg := j.Stage(job.RolePreorder), j.Stage(job.RoleRegister)
	if len(pre.Versions) != 1 || len(reg.Versions) != 2 || !bytes.Equal(j.Sender, portstest.Sender(1)) || j.Price == nil || j.Price.Amount.Int64() != 640 {
		t.Fatalf("%+v", j)
	}
	coin, tx := first(t, pre.Versions[0])
	if v := pre.Versions[0]; coin != w.Wallet.Coins[0].OutPoint || v.Burn != 640 || v.Window != 995+w.Params.ConsensusWindow || v.Rate != 10*sat ||
		!bytes.Equal(tx.TxOut[v.Next].PkScript, portstest.Sender(1)) {
		t.Errorf("the preorder: %+v", v)
	}
	for i, v := range reg.Versions {
		from, _ := first(t, v)
		if from != (wire.OutPoint{Hash: pre.Versions[0].Txid, Index: uint32(pre.Versions[0].Next)}) || v.Parent != pre.Versions[0].Txid || v.Rate != []txbuilder.FeeRate{10 * sat, 30 * sat}[i] {
			t.Errorf("registration %d: %+v from %s", i, v, from)
		}
	}
	if reg.Versions[1].Fee < reg.Versions[0].Fee+sat.Fee(reg.Versions[1].VSize) {
		t.Errorf("the dearer registration pays %d, the other one %d", reg.Versions[1].Fee, reg.Versions[0].Fee)
	}
	w.At(1010)
	pre.Used = true
	if _, err := r.make(t, j, step.Action{Do: step.DoSign, Role: job.RolePreorder, Replace: true}); err != nil {
		t.Fatal(err)
	}
	old, now := pre.Versions[0], pre.Versions[1]
	if again, _ := first(t, now); again != coin || now.Window != 1005+w.Params.ConsensusWindow || now.Fee < old.Fee+sat.Fee(now.VSize) || now.Rate <= old.Rate {
		t.Errorf("the replacement: %+v", now)
	}
	if n := len(reg.Versions); n != 4 || reg.Versions[3].Parent != now.Txid {
		t.Errorf("%d registrations", n)
	}
	pre.Current = 1
	j.State = job.PreorderSigned
	if _, err := r.make(t, j, step.Action{Do: step.DoSign, Role: job.RoleReturn}); err != nil {
		t.Fatal(err)
	}
	back := j.Stage(job.RoleReturn).Versions[0]
	if from, _ := first(t, back); from != coin || back.Fee <= now.Fee || back.Burn != 0 || back.Given != 0 {
		t.Errorf("what gives it back: %+v", back)
	}
}

// TestCeiling refuses a registration whose dearest outcome is above it, before anything is signed,
// and takes one that fits to the satoshi.
func TestCeiling(t *testing.T) {
	_, r := yard()
	j := registers(t)
	m, err := r.make(t, j, step.Action{Do: step.DoSign, Role: job.RolePreorder})
	if err != nil {
		t.Fatal(err)
	}
	worst := m.Planned[0].Plan.Total() + worstOf(m.Planned[1:])
	kept := m.Planned[0].Plan.Total() + m.Planned[0].Plan.Keep
	for ceiling, ok := range map[btcutil.Amount]bool{max(worst, kept): true, max(worst, kept) - 1: false, 1: false} {
		j := registers(t)
		j.Request.MaxTotal = ceiling
		_, err := r.make(t, j, step.Action{Do: step.DoSign, Role: job.RolePreorder})
		var over *job.OverBudget
		if (err == nil) != ok || !ok && (!errors.As(err, &over) || over.Max != ceiling) {
			t.Errorf("at most %d: %v", ceiling, err)
		}
	}
}

// TestNoCoins: coins that are kept for another job, that belong to an owner, or that are not there
// pay for nothing.
func TestNoCoins(t *testing.T) {
	for what, put := range map[string]func(*testing.T, *portstest.World, *Config){
		"none": func(_ *testing.T, w *portstest.World, _ *Config) { w.Wallet.Coins = nil },
		"kept": func(t *testing.T, w *portstest.World, _ *Config) {
			v := portstest.Version(t, portstest.Tx(1000, portstest.Script(2), w.Wallet.Coins[0].OutPoint))
			w.Journal.List = []*job.Job{{ID: "b", State: job.UpdateSigned, Request: job.Request{Kind: job.KindUpdate, Name: portstest.Name(t, "bob.id")},
				Stages: []*job.Stage{portstest.Stage(job.RoleUpdate, v)}}}
		},
		"an owner's": func(_ *testing.T, _ *portstest.World, r *Config) {
			r.Owner = func(s []byte) bool { return bytes.Equal(s, portstest.Sender(1)) }
			r.Checks.Owner = r.Owner
		},
	} {
		w, r := yard()
		put(t, w, r)
		j := registers(t)
		if _, err := r.make(t, j, step.Action{Do: step.DoSign, Role: job.RolePreorder}); !errors.Is(err, txbuilder.ErrInsufficientFunds) && !errors.Is(err, txbuilder.ErrNoFirstInput) {
			t.Errorf("%s: %v", what, err)
		}
		if len(j.Stages) > 0 {
			t.Errorf("%s: %d transactions were made", what, len(j.Stages))
		}
	}
}

// TestSenderCoin: what follows a preorder spends its change; where that is gone for good, another
// coin of the same script, and where it may only be on its way, the change all the same.
func TestSenderCoin(t *testing.T) {
	for what, c := range map[string]struct {
		there bool // the change
		spent bool // by what is in a block
		other bool // the script has another coin
		kept  bool // for another job
		want  string
	}{
		"it is there":                       {true, false, true, false, "change"},
		"it is nowhere":                     {false, false, true, false, "change"},
		"it was spent":                      {false, true, true, false, "other"},
		"it was spent, nothing else":        {false, true, false, false, ""},
		"it was spent, the other is needed": {false, true, true, true, ""},
	} {
		w, r := yard()
		tx, _ := w.Preorder(t, "alice.id", portstest.Script(2), 1, 990)
		v := portstest.Version(t, tx)
		j := registers(t)
		j.State, j.Sender = job.PreorderConfirmed, portstest.Sender(1)
		j.Stages = []*job.Stage{portstest.Stage(job.RolePreorder, v)}
		change := wire.OutPoint{Hash: v.Txid, Index: 1}
		other := w.Wallet.Coins[0]
		w.Wallet.Coins = nil
		if c.other {
			w.Wallet.Coins = append(w.Wallet.Coins, other)
		}
		if c.there {
			mine := other
			mine.OutPoint = change
			w.Wallet.Coins = append(w.Wallet.Coins, mine)
		}
		w.Chain.Mine(990, tx)
		for h := int32(991); h <= 1000; h++ {
			w.Chain.Mine(h)
		}
		if c.spent {
			w.Chain.Mine(995, portstest.Tx(500, portstest.Script(9), change))
		}
		if c.kept {
			b := portstest.Version(t, portstest.Tx(1000, portstest.Script(2), other.OutPoint))
			w.Journal.List = []*job.Job{{ID: "b", State: job.UpdateSigned, Request: job.Request{Kind: job.KindUpdate, Name: portstest.Name(t, "bob.id")},
				Stages: []*job.Stage{portstest.Stage(job.RoleUpdate, b)}}}
		}
		m, err := r.Txs(t.Context(), j, &terms.Terms{Tip: 1000}, Unsigned)
		if err != nil {
			t.Fatal(err)
		}
		in, err := m.senderCoin(t.Context(), v, tx)
		switch c.want {
		case "":
			if !errors.As(err, new(*NoSenderCoin)) {
				t.Errorf("%s: %s, %v", what, in.OutPoint, err)
			}
		default:
			if want := map[string]wire.OutPoint{"change": change, "other": other.OutPoint}[c.want]; err != nil || in.OutPoint != want {
				t.Errorf("%s: %s, %v; want %s", what, in.OutPoint, err, c.want)
			}
		}
	}
}

// TestRootOf takes the coin of a list from the version of the split that it is asked for, and from
// no other transaction.
func TestRootOf(t *testing.T) {
	w, r := yard()
	tx := portstest.Tx(5000, portstest.Script(2), portstest.Coin(1))
	v := portstest.Version(t, tx)
	w.Journal.List = []*job.Job{{ID: "s", State: job.Running, Request: job.Request{Kind: job.KindSplit, Split: &job.Split{Outputs: []job.SplitOutput{
		{Script: portstest.Script(2), Amount: 5000}, {Script: portstest.Script(2), Amount: 5000}}}}, Stages: []*job.Stage{portstest.Stage(job.RoleSplit, v)}}}
	for output, ok := range map[int]bool{0: true, 1: true, 2: false} {
		j := &job.Job{ID: "l", Request: job.Request{Kind: job.KindSeries, Series: &job.Series{Split: "s", Output: output}}}
		root, n, err := r.RootOf(t.Context(), j, v.Txid)
		if (err == nil) != ok || ok && (n != output || root.TxHash() != v.Txid) || !ok && !errors.Is(err, job.ErrBadJournal) {
			t.Errorf("coin %d: output %d, %v", output, n, err)
		}
	}
	j := &job.Job{ID: "l", Request: job.Request{Kind: job.KindSeries, Series: &job.Series{Split: "s"}}}
	if _, _, err := r.RootOf(t.Context(), j, portstest.Coin(3).Hash); !errors.Is(err, job.ErrBadJournal) {
		t.Errorf("of another transaction: %v", err)
	}
}

// TestOwnerOperation spends a free coin of the owner first, and gives it back: the one that the
// name's last operation gave before any other, those of other names last.
func TestOwnerOperation(t *testing.T) {
	owner := portstest.Sender(3)
	zone := []byte("$TTL 3600\n_http._tcp IN URI 10 1 \"https://example.com/\"\n")
	for what, c := range map[string]struct {
		coins []string // whose last operation gave them: of the name, of another one, of none
		kept  int      // which one another job has; -1: none
		want  int      // -1: there is none
	}{
		"none":                      {nil, -1, -1},
		"one":                       {[]string{""}, -1, 0},
		"another one, and none":     {[]string{"bob.id", ""}, -1, 1},
		"none, and another one":     {[]string{"", "bob.id"}, -1, 0},
		"of another one alone":      {[]string{"bob.id"}, -1, 0},
		"none, and the name":        {[]string{"", "alice.id"}, -1, 1},
		"the name, and none":        {[]string{"alice.id", ""}, -1, 0},
		"the name's, which is used": {[]string{"alice.id", ""}, 0, 1},
		"the only one is used":      {[]string{""}, 0, -1},
	} {
		w, r := yard()
		var coins []wire.OutPoint
		for _, n := range []string{"alice.id", "bob.id"} {
			w.Names.Records[portstest.Name(t, n)] = names.Record{Status: names.Registered, Owner: owner, ExpiresAt: 9000, RenewedAt: 10, FirstRegistered: 10}
		}
		for i, n := range c.coins {
			coins = append(coins, w.Wallet.Pay(owner, 6000, 900))
			if n != "" {
				rec := w.Names.Records[portstest.Name(t, n)]
				rec.LastTx = coins[i].Hash
				w.Names.Records[portstest.Name(t, n)] = rec
			}
			if i == c.kept {
				v := portstest.Version(t, portstest.Tx(1000, portstest.Script(2), coins[i]))
				w.Journal.List = []*job.Job{{ID: "b", State: job.UpdateSigned, Request: job.Request{Kind: job.KindUpdate, Name: portstest.Name(t, "bob.id")},
					Stages: []*job.Stage{portstest.Stage(job.RoleUpdate, v)}}}
			}
		}
		j := &job.Job{ID: "u", State: job.Planned, Request: job.Request{Kind: job.KindUpdate, Name: portstest.Name(t, "alice.id"), Owner: owner, ZoneFile: zone,
			Rate: 10 * sat, HighRate: 10*sat + sat/2, Confirmations: 3}}
		m, err := r.make(t, j, step.Action{Do: step.DoSign, Role: job.RoleUpdate})
		if c.want < 0 {
			if !errors.As(err, new(*NoOwnerCoin)) {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		versions := j.Stage(job.RoleUpdate).Versions
		low, _ := first(t, versions[0])
		high, _ := first(t, versions[1])
		if len(versions) != 2 || low != coins[c.want] || high != low || versions[1].Fee < versions[0].Fee+sat.Fee(versions[0].VSize+replacementSlack) || versions[0].Given != 0 {
			t.Errorf("%s: %s and %s, %+v", what, low, high, versions)
		}
		if got := lineSum(m.Planned[0].Plan, txbuilder.RoleOwnerChange); got < txbuilder.DustLimit(owner) {
			t.Errorf("%s: the owner gets %d back", what, got)
		}
	}
}
