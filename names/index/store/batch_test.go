package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"blockstack/names"
)

// TestBatchOnTop lays changes over rows and reads both as one, then takes them back.
func TestBatchOnTop(t *testing.T) {
	owner := names.PubKeyHashScript([20]byte{1})
	base := NewBatch(nil)
	for _, name := range []string{"a.id", "b.id", "d.id"} {
		if err := base.put(bOwners, ownerKey(owner, name), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := base.put(bSpaces, []byte("id"), []byte("before")); err != nil {
		t.Fatal(err)
	}
	listed := func(b *Batch) (list []string) {
		err := b.State(names.Mainnet()).NamesOf(owner, func(name string) (bool, error) {
			list = append(list, name)
			return true, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	top := newBatch(base)
	top.undo = newUndoLog()
	err := errors.Join(top.put(bOwners, ownerKey(owner, "c.id"), nil), top.remove(bOwners, ownerKey(owner, "b.id")),
		top.put(bOwners, ownerKey(owner, "d.id"), []byte{1}), top.put(bOwners, ownerKey(owner, "e.id"), nil),
		top.put(bSpaces, []byte("id"), []byte("after")))
	if err != nil {
		t.Fatal(err)
	}
	if got := listed(top); !slices.Equal(got, []string{"a.id", "c.id", "d.id", "e.id"}) {
		t.Errorf("on top: %q", got)
	}
	if got := listed(base); !slices.Equal(got, []string{"a.id", "b.id", "d.id"}) {
		t.Errorf("below: %q", got)
	}
	log := top.undo.encode()
	top.undo = nil
	if err := top.put(bUndo, heightKey(7), log); err != nil {
		t.Fatal(err)
	}
	if undone, err := top.Disconnect(8); undone || err != nil {
		t.Errorf("a block that left nothing: %t, %v", undone, err)
	}
	if undone, err := top.Disconnect(7); !undone || err != nil {
		t.Fatalf("%t, %v", undone, err)
	}
	if got := listed(top); !slices.Equal(got, []string{"a.id", "b.id", "d.id"}) {
		t.Errorf("taken back: %q", got)
	}
	if v, err := top.get(bSpaces, []byte("id")); err != nil || string(v) != "before" {
		t.Errorf("taken back: %q, %v", v, err)
	}
}

// TestRowSum changes every bit of a stored row, and looks for the row in other places.
func TestRowSum(t *testing.T) {
	key, value := []byte("id"), []byte("row")
	stored := withSum(bSpaces, key, value)
	if got, err := checkedRow(bSpaces, key, stored); err != nil || string(got) != "row" {
		t.Fatalf("%q, %v", got, err)
	}
	for bit := range 8 * len(stored) {
		bad := slices.Clone(stored)
		bad[bit/8] ^= 1 << (bit % 8)
		if _, err := checkedRow(bSpaces, key, bad); !errors.Is(err, ErrCorrupt) {
			t.Errorf("bit %d: %v", bit, err)
		}
	}
	for what, err := range map[string]error{
		"another key":    second(checkedRow(bSpaces, []byte("ie"), stored)),
		"another bucket": second(checkedRow(bRings, key, stored)),
		"too short":      second(checkedRow(bSpaces, key, stored[:3])),
	} {
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error {
	if err == nil {
		return fmt.Errorf("no error")
	}
	return err
}
