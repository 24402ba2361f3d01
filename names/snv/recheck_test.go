package snv

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/nameop"
	"blockstack/names/snv/snvtest"
	"blockstack/names/state"
)

// altered is an index whose operations were changed, and every hash with them, as somebody would
// who can write the file.
type altered struct {
	*index.Index
	change func(op *state.OpRow)
	hashes bool // make ops hashes and consensus hashes fit
}

func (a *altered) Block(ctx context.Context, height int32) (state.BlockRow, []state.OpRow, error) {
	row, ops, err := a.Index.Block(ctx, height)
	if err != nil {
		return row, ops, err
	}
	for i := range ops {
		a.apply(&ops[i])
	}
	if a.hashes {
		var texts [][]byte
		for i := range ops {
			if text := ops[i].Serialize(a.Params()); text != nil {
				texts = append(texts, text)
			}
		}
		row.OpsHash = state.HashOps(texts)
		row.Consensus, err = a.ConsensusHash(ctx, height)
	}
	return row, ops, err
}

// apply changes a copy of the row of the name.
func (a *altered) apply(op *state.OpRow) {
	if op.Name != nil {
		name := *op.Name
		name.Owner = slices.Clone(name.Owner)
		op.Name = &name
	}
	a.change(op)
}

func (a *altered) ConsensusHash(ctx context.Context, height int32) (names.ConsensusHash, error) {
	if !a.hashes || height < a.Params().FirstBlock {
		return a.Index.ConsensusHash(ctx, height)
	}
	_, ops, err := a.Index.Block(ctx, height)
	if err != nil {
		return names.ConsensusHash{}, err
	}
	var texts [][]byte
	for i := range ops {
		a.apply(&ops[i])
		if text := ops[i].Serialize(a.Params()); text != nil {
			texts = append(texts, text)
		}
	}
	var earlier []names.ConsensusHash
	for _, h := range state.EarlierHeights(a.Params().FirstBlock, height) {
		hash, err := a.ConsensusHash(ctx, h)
		if err != nil {
			return hash, err
		}
		earlier = append(earlier, hash)
	}
	return state.HashConsensus(state.HashOps(texts), earlier), nil
}

func (a *altered) HistoryFrom(ctx context.Context, subject string, q index.HistoryQuery) ([]index.HistoryEntry, error) {
	list, err := a.Index.HistoryFrom(ctx, subject, q)
	for i := range list {
		a.apply(&list[i].OpRow)
	}
	return list, err
}

// TestRecheck computes records of every kind again, and refuses what their transactions do not
// give.
func TestRecheck(t *testing.T) {
	c := snvtest.New(t)
	alice, bob, payer := c.Person(1), c.Person(2), c.Person(3)
	c.Launch("id", c.Person(0), 1000)
	c.Follow()
	zoneFile, other := names.ZoneFileHash{1}, names.ZoneFileHash{2}
	c.MineAndFollow(c.Register("alice.id", payer, alice, zoneFile)...)
	n, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string) names.Record {
		t.Helper()
		rec, err := c.Index.Record(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if err := Recheck(t.Context(), c.Index, c, rec); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return rec
	}
	check("registered")
	c.MineAndFollow(c.Tx(alice, nameop.NameUpdate{NameConsensus: nameop.UpdateHash("alice.id", c.Quote), ZoneFile: other}, c.Pay(alice, 1)))
	check("updated")
	c.MineAndFollow(c.Tx(alice, nameop.NameTransfer{NameHash: nameop.NameHash("alice.id"), Consensus: c.Quote, Keep: true}, c.Pay(bob, 1), c.Pay(alice, 1)))
	rec := check("transferred")
	if !bytes.Equal(rec.Owner, bob.Script) || rec.ZoneFile != other {
		t.Fatalf("record %+v", rec)
	}

	thief := c.Person(9)
	wrong := rec
	wrong.Owner = thief.Script
	if err := Recheck(t.Context(), c.Index, c, wrong); !errors.Is(err, index.ErrDiffers) {
		t.Errorf("a record of another owner: %v", err)
	}
	for what, change := range map[string]func(op *state.OpRow){
		"another owner after the transfer": func(op *state.OpRow) {
			if op.Name != nil && bytes.Equal(op.Name.Owner, bob.Script) {
				op.Name.Owner = thief.Script
			}
		},
		"another zone file": func(op *state.OpRow) {
			if op.Name != nil && op.Name.Value == other {
				op.Name.Value = names.ZoneFileHash{7}
			}
		},
		"another owner before the transfer": func(op *state.OpRow) {
			if op.Name != nil && bytes.Equal(op.Name.Owner, alice.Script) {
				op.Name.Owner = thief.Script
			}
		},
		"renewed later": func(op *state.OpRow) {
			if op.Name != nil {
				op.Name.LastRenewed++
			}
		},
		"revoked": func(op *state.OpRow) {
			if op.Name != nil {
				op.Name.Revoked = !op.Name.Revoked
			}
		},
	} {
		for _, hashes := range []bool{false, true} {
			a := &altered{Index: c.Index, change: change, hashes: hashes}
			said := rec
			list, err := a.HistoryFrom(t.Context(), "alice.id", index.HistoryQuery{})
			if err != nil {
				t.Fatal(err)
			}
			last := list[len(list)-1].Name
			said.Owner, said.ZoneFile, said.Revoked, said.RenewedAt = last.Owner, last.Value, last.Revoked, last.LastRenewed
			if err := Recheck(t.Context(), a, c, said); !errors.Is(err, index.ErrDiffers) {
				t.Errorf("%s (hashes fit: %t): %v", what, hashes, err)
			}
		}
	}
}
