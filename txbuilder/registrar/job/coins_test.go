package job

import (
	"bytes"
	"errors"
	"maps"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
)

// coin is the n-th coin, which no transaction here has made.
func coin(n byte) wire.OutPoint { return wire.OutPoint{Hash: chainhash.Hash{0xc0, n}} }

// version is a transaction with a fee that spends some coins.
func version(t *testing.T, fee btcutil.Amount, coins ...wire.OutPoint) *Version {
	t.Helper()
	tx := wire.NewMsgTx(2)
	for i := range coins {
		tx.AddTxIn(wire.NewTxIn(&coins[i], nil, nil))
	}
	tx.AddTxOut(wire.NewTxOut(100_000-int64(fee), script(1)))
	tx.AddTxOut(wire.NewTxOut(1000, script(2)))
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		t.Fatal(err)
	}
	return &Version{Txid: tx.TxHash(), Raw: raw.Bytes(), Fee: fee, VSize: 200, Next: 1}
}

// change is the second output of a version.
func change(v *Version) wire.OutPoint { return wire.OutPoint{Hash: v.Txid, Index: 1} }

func stage(role Role, versions ...*Version) *Stage {
	return &Stage{Role: role, Used: true, Versions: versions}
}

// registration is a job with some stages.
func registration(t *testing.T, id ID, state State, stages ...*Stage) *Job {
	return &Job{ID: id, State: state, Request: Request{Kind: KindRegister, Name: name(t, "alice.id"), Owner: script(1), Confirmations: 3}, Stages: stages}
}

// TestOneCoin is the rule that keeps a job from paying twice: versions from one parent spend one
// coin first.
func TestOneCoin(t *testing.T) {
	other := version(t, 3000, coin(2), coin(1))
	other.Parent = chainhash.Hash{7}
	twin := version(t, 2000, coin(1))
	twin.Parent = other.Parent
	for what, c := range map[string]struct {
		stages []*Stage
		want   error
	}{
		"another one of that parent":    {[]*Stage{stage(RoleRegister, twin, other)}, ErrBadCopy},
		"the same":                      {[]*Stage{stage(RolePreorder, version(t, 1000, coin(1)), version(t, 2000, coin(1), coin(2)))}, nil},
		"another one":                   {[]*Stage{stage(RolePreorder, version(t, 1000, coin(1)), version(t, 2000, coin(2)))}, ErrBadCopy},
		"another one first":             {[]*Stage{stage(RolePreorder, version(t, 1000, coin(1), coin(2)), version(t, 2000, coin(2), coin(1)))}, ErrBadCopy},
		"another one of another parent": {[]*Stage{stage(RoleRegister, version(t, 1000, coin(1)), other)}, nil},
		"one of another stage":          {[]*Stage{stage(RolePreorder, version(t, 1000, coin(1))), stage(RoleRegister, version(t, 2000, coin(2)))}, nil},
		"what gives coins back":         {[]*Stage{stage(RoleReturn, version(t, 1000, coin(1)), version(t, 2000, coin(2)))}, nil},
		"none":                          {[]*Stage{stage(RolePreorder, version(t, 1000))}, ErrBadJournal},
		"other bytes":                   {[]*Stage{stage(RolePreorder, &Version{Txid: chainhash.Hash{1}, Raw: version(t, 1000, coin(1)).Raw})}, ErrBadJournal},
	} {
		if err := registration(t, "a", PreorderSigned, c.stages...).OneCoin(); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestNeverConfirm follows what hangs on a loser to its end, and spares the winner and what hangs
// on that.
func TestNeverConfirm(t *testing.T) {
	winner, loser := version(t, 2000, coin(1)), version(t, 1000, coin(1), coin(2))
	good, child := version(t, 10, change(winner)), version(t, 10, change(loser))
	grandchild, apart := version(t, 10, change(child)), version(t, 10, coin(3))
	txs := make(map[chainhash.Hash]*wire.MsgTx)
	for _, v := range []*Version{winner, loser, good, child, grandchild, apart} {
		tx, err := v.Tx()
		if err != nil {
			t.Fatal(err)
		}
		txs[v.Txid] = tx
	}
	dead := NeverConfirm(txs, map[wire.OutPoint]chainhash.Hash{coin(1): winner.Txid})
	if want := map[chainhash.Hash]bool{loser.Txid: true, child.Txid: true, grandchild.Txid: true}; !maps.Equal(dead, want) {
		t.Errorf("%v, want %v", dead, want)
	}
	if dead := NeverConfirm(txs, nil); len(dead) > 0 {
		t.Errorf("nothing was spent: %v", dead)
	}
}

// TestExtraCoins are what a version spends and another one of the same transaction does not.
func TestExtraCoins(t *testing.T) {
	low, high := version(t, 1000, coin(1)), version(t, 2000, coin(1), coin(2))
	reg := version(t, 10, change(low))
	j := registration(t, "a", PreorderSigned, stage(RolePreorder, low, high), stage(RoleRegister, reg, version(t, 20, change(high))))
	extra, err := j.ExtraCoins()
	if err != nil || len(extra[low.Txid]) > 0 || len(extra[high.Txid]) != 1 || extra[high.Txid][0] != coin(2) {
		t.Errorf("%v, %v", extra, err)
	}
	for what, c := range map[string]struct {
		stages []*Stage
		differ bool
	}{
		"one version":                 {[]*Stage{stage(RolePreorder, low)}, false},
		"two that spend the same":     {[]*Stage{stage(RolePreorder, low, version(t, 3000, coin(1)))}, false},
		"one with a coin more":        {[]*Stage{stage(RolePreorder, low, high)}, true},
		"what the job made is no one": {[]*Stage{stage(RolePreorder, low, version(t, 3000, coin(1))), stage(RoleRegister, reg, version(t, 20, change(version(t, 3000, coin(1)))))}, false},
		"one that gives coins back":   {[]*Stage{stage(RolePreorder, low), stage(RoleReturn, version(t, 3000, coin(1)))}, true},
	} {
		if differ, err := registration(t, "a", PreorderSigned, c.stages...).CoinsDiffer(); err != nil || differ != c.differ {
			t.Errorf("%s: %v, %v", what, differ, err)
		}
	}
}

// TestFollowedBy gives of several jobs that have a transaction the open one, whichever stands
// first.
func TestFollowedBy(t *testing.T) {
	v := version(t, 1000, coin(1))
	open, over := registration(t, "a", PreorderSigned, stage(RolePreorder, v)), registration(t, "b", Cancelled, stage(RolePreorder, v))
	for _, list := range [][]*Job{{open, over}, {over, open}} {
		if got := FollowedBy(list)[v.Txid]; got != open {
			t.Errorf("%+v", got)
		}
	}
	for state, want := range map[State]bool{Planned: true, PreorderSigned: true, Done: true, Cancelled: false, Rejected: false, Expired: false} {
		if Follows(registration(t, "a", state)) != want || Follows(nil) {
			t.Errorf("%s follows: %v", state, !want)
		}
	}
}

// TestInclude keeps versions in the order of their fees, and the one that is to be sent the same.
func TestInclude(t *testing.T) {
	low, mid, high := version(t, 1000, coin(1)), version(t, 2000, coin(1)), version(t, 3000, coin(1))
	for _, order := range [][]*Version{{low, mid, high}, {high, mid, low}, {mid, high, low}, {mid, low, high}} {
		st := &Stage{Role: RolePreorder, Versions: []*Version{order[0]}}
		for _, v := range order[1:] {
			if !st.Include(v) || st.Include(v) {
				t.Error("it was there, or is not now")
			}
		}
		if st.Versions[0] != low || st.Versions[1] != mid || st.Versions[2] != high || st.Versions[st.Current] != order[0] {
			t.Errorf("%d, %d, %d, to be sent %d", st.Versions[0].Fee, st.Versions[1].Fee, st.Versions[2].Fee, st.Versions[st.Current].Fee)
		}
	}
}

// TestOutput finds the coins of a split by script and amount, each once, wherever the change
// stands.
func TestOutput(t *testing.T) {
	tx := wire.NewMsgTx(2)
	for _, o := range []struct {
		value int64
		to    byte
	}{{7, 9}, {5, 1}, {6, 1}, {5, 1}, {5, 2}} {
		tx.AddTxOut(wire.NewTxOut(o.value, script(o.to)))
	}
	j := &Job{Request: Request{Kind: KindSplit, Split: &Split{Outputs: []SplitOutput{{script(1), 5}, {script(1), 5}, {script(2), 5}, {script(1), 6}, {script(1), 5}}}}}
	for n, want := range []int{1, 3, 4, 2, -1, -1} {
		if got, ok := j.Output(tx, n); ok != (want >= 0) || ok && got != want {
			t.Errorf("coin %d is output %d, %v; want %d", n, got, ok, want)
		}
	}
	if _, ok := new(Job).Output(tx, 0); ok {
		t.Error("a job that makes no coins makes one")
	}
}

// TestMet says when a record shows what is wanted. A renewal stands for a tenth of the term that it
// paid for, for a reorg at the least, and never beyond half of a short term.
func TestMet(t *testing.T) {
	zone := []byte("zone")
	is := func(owner byte, height int32, change func(*names.Record)) names.Record {
		rec := names.Record{Status: names.Registered, Owner: script(owner), RenewedAt: 1000, ExpiresAt: 11_000, Height: height, HasZoneFile: true, ZoneFile: names.HashZoneFile(zone)}
		if change != nil {
			change(&rec)
		}
		return rec
	}
	short := func(r *names.Record) { r.ExpiresAt = r.RenewedAt + 100 }
	year := func(r *names.Record) { r.ExpiresAt = r.RenewedAt + 500 }
	for what, c := range map[string]struct {
		req Request
		rec names.Record
		met bool
	}{
		"given":                        {Request{Kind: KindTransfer, Owner: script(1), To: script(2)}, is(2, 1500, nil), true},
		"not given":                    {Request{Kind: KindTransfer, Owner: script(1), To: script(2)}, is(1, 1500, nil), false},
		"given, and expired":           {Request{Kind: KindTransfer, Owner: script(1), To: script(2)}, is(2, 1500, func(r *names.Record) { r.Status = names.Expired }), false},
		"updated":                      {Request{Kind: KindUpdate, Owner: script(1), ZoneFile: zone}, is(1, 1500, nil), true},
		"updated by somebody else":     {Request{Kind: KindUpdate, Owner: script(1), ZoneFile: zone}, is(2, 1500, nil), false},
		"no zone file":                 {Request{Kind: KindUpdate, Owner: script(1), ZoneFile: zone}, is(1, 1500, func(r *names.Record) { r.HasZoneFile = false }), false},
		"revoked":                      {Request{Kind: KindRevoke, Owner: script(1)}, is(1, 1500, func(r *names.Record) { r.Status = names.Revoked }), true},
		"not revoked":                  {Request{Kind: KindRevoke, Owner: script(1)}, is(1, 1500, nil), false},
		"renewed":                      {Request{Kind: KindRenew, Owner: script(1)}, is(1, 1100, nil), true},
		"a tenth of the term ago":      {Request{Kind: KindRenew, Owner: script(1)}, is(1, 2000, nil), true},
		"longer ago":                   {Request{Kind: KindRenew, Owner: script(1)}, is(1, 2001, nil), false},
		"as long as a reorg may undo":  {Request{Kind: KindRenew, Owner: script(1)}, is(1, 1144, year), true},
		"longer than that":             {Request{Kind: KindRenew, Owner: script(1)}, is(1, 1145, year), false},
		"half of a short term ago":     {Request{Kind: KindRenew, Owner: script(1)}, is(1, 1050, short), true},
		"more than that":               {Request{Kind: KindRenew, Owner: script(1)}, is(1, 1051, short), false},
		"renewed for somebody else":    {Request{Kind: KindRenew, Owner: script(1), To: script(2)}, is(2, 1100, nil), true},
		"renewed, and not given":       {Request{Kind: KindRenew, Owner: script(1), To: script(2)}, is(1, 1100, nil), false},
		"renewed with the zone file":   {Request{Kind: KindRenew, Owner: script(1), ZoneFile: zone}, is(1, 1100, nil), true},
		"renewed with another one":     {Request{Kind: KindRenew, Owner: script(1), ZoneFile: []byte("other")}, is(1, 1100, nil), false},
		"renewed, and in its last one": {Request{Kind: KindRenew, Owner: script(1)}, is(1, 1100, func(r *names.Record) { r.ExpiresAt = 1101 }), false},
	} {
		if met := Met(&c.req, &c.rec); met != c.met {
			t.Errorf("%s: %v", what, met)
		}
	}
}
