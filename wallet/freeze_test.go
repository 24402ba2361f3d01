package wallet_test

import (
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// A coin that labels freeze before the wallet has seen it is frozen when it comes, also after the
// tracker is built again.
func TestFreezeBeforeTheCoinComes(t *testing.T) {
	s, w := startNode(t), newWallet(t)
	ctx := testContext(t)
	tx := fund(t, s, receive(t, w, scripts.P2WPKH).Script, 500_000)
	free := fund(t, s, receive(t, w, scripts.P2WPKH).Script, 300_000)
	mine(t, s, 1)
	op := wire.OutPoint{Hash: tx.TxHash()}
	for i, o := range tx.TxOut {
		if o.Value == 500_000 {
			op.Index = uint32(i)
		}
	}
	label := labels.Label{Type: labels.Output, Ref: op.String(), Text: "keep"}
	n, err := w.ImportLabels(ctx, []labels.Label{label}, map[wire.OutPoint]bool{op: false}, "by a test")
	if err != nil || n != (labels.Imported{Frozen: 1, Waiting: 1}) {
		t.Fatalf("%+v %v", n, err)
	}
	check := func(frozen int) {
		t.Helper()
		if b := balance(t, w); int(b.Frozen) != frozen || int(b.Confirmed) != 800_000-frozen {
			t.Errorf("balance %+v, want %d frozen", b, frozen)
		}
		list, err := w.Spendable(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if frozen > 0 && c.OutPoint == op {
				t.Error("the coin is spendable")
			}
		}
	}
	syncWallet(t, w, s)
	check(500_000)
	if err := w.Rescan(ctx, s.Backend(t)); err != nil {
		t.Fatal(err)
	}
	check(500_000)
	if held, err := w.Frozen(ctx); err != nil || len(held) != 1 || held[op] != "by a test" {
		t.Errorf("frozen %v %v", held, err)
	}
	n, err = w.ImportLabels(ctx, nil, map[wire.OutPoint]bool{op: true, {Hash: free.TxHash()}: true}, "by a test")
	if err != nil || n != (labels.Imported{Unfrozen: 1}) {
		t.Fatalf("%+v %v", n, err)
	}
	check(0)
}
