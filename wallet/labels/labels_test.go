package labels

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// coin is an outpoint, named by a byte.
func coin(n byte) wire.OutPoint { return wire.OutPoint{Hash: chainhash.Hash{n}, Index: uint32(n)} }

// TestLabels: labels are set all or none, changed and taken away, and what cannot be one is
// refused.
func TestLabels(t *testing.T) {
	ctx, b := t.Context(), emptyBook(t)
	now := func() []Label {
		t.Helper()
		list, err := b.Labels(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	first := []Label{{Address, "addr", "Bäcker"}, {Output, "aa:1", strings.Repeat("x", maxLabel)}, {Tx, strings.Repeat("r", 200), "lunch"}}
	if err := b.SetLabels(ctx, first); err != nil {
		t.Fatal(err)
	}
	if got := now(); !slices.Equal(got, first) {
		t.Errorf("%v", got)
	}
	for name, bad := range map[string]Label{
		"an unknown type": {"xpub", "a", "b"}, "no type": {"", "a", "b"}, "no ref": {Tx, "", "b"},
		"a long ref": {Tx, strings.Repeat("r", 201), "b"}, "a long text": {Tx, "a", strings.Repeat("x", maxLabel+1)},
	} {
		if err := b.SetLabels(ctx, []Label{{Tx, "before", "b"}, bad}); !errors.Is(err, ErrBadLabel) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := now(); !slices.Equal(got, first) {
		t.Errorf("of a list with a bad label something was kept: %v", got)
	}
	if err := b.SetLabels(ctx, []Label{{Address, "addr", ""}, {Address, "never", ""}, {Output, "aa:1", "y:z"}}); err != nil {
		t.Fatal(err)
	}
	if got := now(); !slices.Equal(got, []Label{{Output, "aa:1", "y:z"}, first[2]}) {
		t.Errorf("after a change: %v", got)
	}
}

// TestFrozen: coins are frozen for a reason and let go, also those that are not there yet.
func TestFrozen(t *testing.T) {
	ctx, b := t.Context(), emptyBook(t)
	if err := b.Freeze(ctx, coin(1), ""); err != nil {
		t.Fatal(err)
	}
	if err := b.Freeze(ctx, coin(2), "for later"); err != nil {
		t.Fatal(err)
	}
	if err := b.Freeze(ctx, coin(3), strings.Repeat("x", maxLabel+1)); err == nil {
		t.Error("a reason that is too long")
	}
	if got, err := b.Frozen(ctx); err != nil || len(got) != 2 || got[coin(1)] != "frozen" || got[coin(2)] != "for later" {
		t.Errorf("%v, %v", got, err)
	}
	if err := b.Unfreeze(ctx, coin(1)); err != nil {
		t.Error(err)
	}
	if err := b.Unfreeze(ctx, coin(1)); !errors.Is(err, ErrUnknownCoin) {
		t.Errorf("twice: %v", err)
	}
	if got, err := b.Frozen(ctx); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

// TestImport: an import says what it has changed, leaves coins of owners alone, and changes all or
// nothing.
func TestImport(t *testing.T) {
	ctx, b := t.Context(), emptyBook(t)
	if err := b.Freeze(ctx, coin(1), "before"); err != nil {
		t.Fatal(err)
	}
	ours := map[wire.OutPoint]bool{coin(1): true, coin(2): true, coin(3): true, coin(4): false}
	say := map[wire.OutPoint]bool{
		coin(1): true,  // let go
		coin(2): false, // frozen
		coin(3): true,  // free as it was
		coin(4): false, // an owner's: frozen always
		coin(5): false, // not here yet
		coin(6): true,  // not here yet, and free as it would be
	}
	labels := []Label{{Tx, "a", "lunch"}}
	n, err := b.Import(ctx, labels, say, "imported", ours)
	if err != nil || n != (Imported{Frozen: 2, Unfrozen: 1, Waiting: 1}) {
		t.Errorf("%+v, %v", n, err)
	}
	if n, err = b.Import(ctx, labels, say, "imported", ours); err != nil || n != (Imported{}) {
		t.Errorf("again: %+v, %v", n, err)
	}
	frozen, err := b.Frozen(ctx)
	if err != nil || len(frozen) != 2 || frozen[coin(2)] != "imported" || frozen[coin(5)] != "imported" {
		t.Errorf("frozen %v, %v", frozen, err)
	}
	for name, call := range map[string]func() error{
		"no reason":     func() error { _, err := b.Import(ctx, nil, say, "", ours); return err },
		"a long reason": func() error { _, err := b.Import(ctx, nil, say, strings.Repeat("x", maxLabel+1), ours); return err },
		"a bad label": func() error {
			_, err := b.Import(ctx, []Label{{Tx, "b", "c"}, {"x", "y", "z"}}, map[wire.OutPoint]bool{coin(2): true}, "r", ours)
			return err
		},
	} {
		if err := call(); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if now, err := b.Frozen(ctx); err != nil || len(now) != 2 {
		t.Errorf("an import that was refused changed %v, %v", now, err)
	}
	if list, err := b.Labels(ctx); err != nil || len(list) != 1 {
		t.Errorf("an import that was refused changed %v, %v", list, err)
	}
}
