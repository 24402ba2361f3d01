package registrar

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
)

// nowhere is a chain of which nothing is known.
func nowhere(context.Context, chainhash.Hash) (int32, error) { return 0, nil }

// onlyCoins leaves the wallet a few coins of the given amounts, at the script of the first payer.
func (v *world) onlyCoins(amounts ...btcutil.Amount) {
	v.t.Helper()
	script := v.w.add(40, true)
	for _, a := range amounts {
		v.pay(script, a)
	}
	v.mine(1)
	for s := range v.w.keys {
		if s != string(script) && s != string(v.w.owner) {
			delete(v.w.keys, s)
		}
	}
	v.w.change = script
}

// coinsOf are the coins that an owner's operation spends in a version, without the owner's own.
func coinsOf(t *testing.T, v *Version) (ops []wire.OutPoint) {
	for _, in := range mustTx(t, v).TxIn[1:] {
		ops = append(ops, in.PreviousOutPoint)
	}
	return ops
}

// TestRivalsCoinsAreFree: a version at the planned fee is mined, and the dearer one, which was
// never sent, spends another coin. That coin is kept until the version in the block has its
// confirmations, and not a block longer; a reorg that takes them away keeps it again.
func TestRivalsCoinsAreFree(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.run(v.register("alice.id"))
	v.onlyCoins(6000, 1e7)
	j, err := v.r.Start(t.Context(), Request{Kind: KindRevoke, Name: v.register("alice.id").Name, Owner: v.w.owner, Rate: txbuilder.SatPerVByte(10), Confirmations: 3})
	if err != nil {
		t.Fatal(err)
	}
	j = v.advance(j.ID)
	versions := j.Stage(RoleRevoke).Versions
	cheap, dear := coinsOf(t, versions[0]), coinsOf(t, versions[1])
	if len(cheap) != 1 || len(dear) == 0 || cheap[0] == dear[len(dear)-1] {
		t.Fatalf("the versions spend %v and %v", cheap, dear)
	}
	only := dear[len(dear)-1]
	kept := func(when string, want bool) {
		t.Helper()
		all, err := v.r.Reserved(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r, is := all[only]
		if is != want {
			t.Errorf("%s: the coin that only the dearer version spends is kept: %v, want %v", when, is, want)
		}
		if is && (r.Holder != j.ID || r.OutPoint != only || r.Purpose != PurposeSpends || r.Until != UntilOver || r.Subject != "alice.id") {
			t.Errorf("%s: %+v", when, r)
		}
	}
	kept("sent", true)
	v.mine(1)
	v.advance(j.ID)
	kept("one confirmation of three", true)
	v.mine(2)
	kept("three confirmations, before the job is looked at", false)
	if j = v.advance(j.ID); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	kept("done", false)
	all, err := v.r.Reserved(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := all[cheap[0]]; r.Holder != j.ID || r.Until != UntilSpent {
		t.Errorf("what was spent: %+v", r)
	}
	// Where nothing is known of the chain, nothing is free.
	blind, err := Reserved(t.Context(), v.journal, nowhere)
	if _, is := blind[only]; err != nil || !is {
		t.Errorf("without a chain the coin is free, %v", err)
	}
	// The coin can be used: another job takes it.
	v.pay(v.w.owner, 2000)
	v.mine(1)
	v.reorg(4, true)
	v.advance(j.ID)
	kept("after a reorg", true)
}

// TestSettledPreorderFreesItsRivals: a preorder is mined though its return was signed, with coins
// of its own.
func TestSettledPreorderFreesItsRivals(t *testing.T) {
	v, _, j := started(t, 1)
	v.advance(j.ID)
	extra := v.w.add(41, true)
	v.pay(extra, 1e6)
	if _, err := v.r.Cancel(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := v.btc.MineTxs(mustTx(t, j.Stage(RolePreorder).Versions[0])); err != nil {
		t.Fatal(err)
	}
	v.follow()
	if j = v.finish(j.ID); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	all, err := v.r.Reserved(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	coins, err := v.w.Spendable(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range coins {
		if r, is := all[c.OutPoint]; is {
			t.Errorf("%s is kept: %+v", c.OutPoint, r)
		}
	}
}

// madeUp is a version that spends coins, and leaves something.
func madeUp(t *testing.T, leaves int64, coins ...wire.OutPoint) *Version {
	t.Helper()
	tx := wire.NewMsgTx(2)
	for _, op := range coins {
		tx.AddTxIn(wire.NewTxIn(&op, nil, nil))
	}
	tx.AddTxOut(wire.NewTxOut(leaves, []byte{0x51}))
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		t.Fatal(err)
	}
	return &Version{Txid: tx.TxHash(), Raw: raw.Bytes(), Next: -1}
}

// TestReservedRivals: what loses, and coins that it alone would have spent, in four shapes: what
// returns the coins of a preorder that was mined, a list's transactions on a version of the split
// that was not, and a transfer of what a version of the registration gave that was not, or a
// transfer behind such a preorder of a list.
func TestReservedRivals(t *testing.T) {
	a, b, x := wire.OutPoint{Index: 1}, wire.OutPoint{Index: 2}, wire.OutPoint{Index: 3}
	preorder, back := madeUp(t, 1000, a), madeUp(t, 1000, a, x)
	first, second := madeUp(t, 1000, b), madeUp(t, 1000, b, a)
	good, bad := madeUp(t, 1000, wire.OutPoint{Hash: first.Txid}), madeUp(t, 1000, wire.OutPoint{Hash: second.Txid}, x)
	once, again := madeUp(t, 1000, b), madeUp(t, 900, b)
	gone, moved := madeUp(t, 1000, wire.OutPoint{Hash: once.Txid}, x), madeUp(t, 1000, wire.OutPoint{Hash: again.Txid}, a)
	root := wire.OutPoint{Hash: chainhash.Hash{9}}
	early, newer := madeUp(t, 1000, root), madeUp(t, 900, root)
	early.Parent, newer.Parent = root.Hash, root.Hash
	behind := madeUp(t, 1000, x, wire.OutPoint{Hash: early.Txid})
	behind.Parent = early.Txid
	for what, test := range map[string]struct {
		jobs  []*Job
		mined []*Version
	}{
		"list": {[]*Job{{ID: "list", State: Rejected, Request: Request{Kind: KindSeries, Confirmations: 2, Series: &Series{Split: "split", Items: []Item{{Kind: KindRegister}, {Kind: KindTransfer}}}},
			Listed: Listed{Items: []Progress{{}, {}}}, Stages: []*Stage{{Role: RolePreorder, Versions: []*Version{early, newer}, Used: true}, {Role: RoleTransfer, Versions: []*Version{behind}, Used: true}}}}, []*Version{newer}},
		"transfer": {[]*Job{
			{ID: "first", State: Done, Request: Request{Kind: KindRegister, Confirmations: 2}, Stages: []*Stage{{Role: RoleRegister, Versions: []*Version{once, again}, Used: true}}},
			{ID: "then", State: Done, Request: Request{Kind: KindTransfer, Confirmations: 2}, Stages: []*Stage{{Role: RoleTransfer, Versions: []*Version{gone, moved}, Used: true}}},
		}, []*Version{again, moved}},
		"return": {[]*Job{{ID: "one", State: Done, Request: Request{Kind: KindRegister, Confirmations: 2}, Stages: []*Stage{
			{Role: RolePreorder, Versions: []*Version{preorder}, Used: true}, {Role: RoleReturn, Versions: []*Version{back}, Used: true}}}}, []*Version{preorder}},
		"split": {[]*Job{
			{ID: "split", State: Rejected, Request: Request{Kind: KindSplit, Confirmations: 2, Split: &Split{}}, Stages: []*Stage{{Role: RoleSplit, Versions: []*Version{first, second}, Used: true}}},
			{ID: "list", State: Running, Request: Request{Kind: KindSeries, Confirmations: 2, Series: &Series{Split: "split", Items: []Item{{Kind: KindRegister}}}}, Listed: Listed{Items: []Progress{{}}}, Stages: []*Stage{{Role: RolePreorder, Versions: []*Version{good, bad}, Used: true}}},
		}, []*Version{first}},
	} {
		for depth, want := range map[int32]bool{1: true, 2: false} {
			kept, err := Reserved(t.Context(), build.StillJournal{List: test.jobs}, func(_ context.Context, txid chainhash.Hash) (int32, error) {
				if slices.ContainsFunc(test.mined, func(v *Version) bool { return v.Txid == txid }) {
					return depth, nil
				}
				return 0, nil
			})
			if _, is := kept[x]; err != nil || is != want {
				t.Errorf("%s, %d confirmations: kept %v, want %v, %v", what, depth, is, want, err)
			}
		}
	}
}

// TestLostNameFreesTheChange: somebody else gets the name after our preorder is in a block. The
// change of the preorder is free at once, also for one who asks without the job's help.
func TestLostNameFreesTheChange(t *testing.T) {
	v := newWorld(t, func(p *names.Params) { p.NamePreorderLifetime = 50 })
	v.launch("id", 1)
	if err := v.compete("bob.id", true); err != nil {
		t.Fatal(err)
	}
	req := v.register("bob.id")
	req.Confirmations = 2
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	v.mine(1)
	ver := v.advance(j.ID).Stage(RolePreorder).Versions[0]
	change := wire.OutPoint{Hash: ver.Txid, Index: 1}
	kept := func() bool {
		t.Helper()
		all, err := v.r.Reserved(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, is := all[change]
		return is
	}
	if !kept() {
		t.Error("what pays for the registration is free")
	}
	if err := v.compete("bob.id", false); err != nil {
		t.Fatal(err)
	}
	if j = v.finish(j.ID); j.State != Rejected {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	if kept() {
		t.Error("the change of a preorder that is of no use is kept")
	}
	jobs, err := v.r.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if lost, err := Lost(t.Context(), v.x, jobs, ver.Txid); err != nil || !lost {
		t.Errorf("lost: %v, %v", lost, err)
	}
	if lost, err := Lost(t.Context(), v.x, nil, ver.Txid); err != nil || lost {
		t.Errorf("without its job: lost %v, %v", lost, err)
	}
}
