package snv

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/state"
)

// liar is an index that tells another story; the consensus hashes stay the true ones.
type liar struct {
	*world
	block   func(height int32, row *state.BlockRow, ops []state.OpRow) []state.OpRow
	history func(list []index.HistoryEntry) []index.HistoryEntry
}

func (l liar) Block(ctx context.Context, height int32) (state.BlockRow, []state.OpRow, error) {
	row, ops, err := l.world.Block(ctx, height)
	if err == nil && l.block != nil {
		ops = l.block(height, &row, ops)
		var texts [][]byte
		for i := range ops {
			if text := ops[i].Serialize(l.Params()); text != nil {
				texts = append(texts, text)
			}
		}
		row.OpsHash = state.HashOps(texts)
	}
	return row, ops, err
}

func (l liar) HistoryFrom(ctx context.Context, subject string, q index.HistoryQuery) ([]index.HistoryEntry, error) {
	list, err := l.world.HistoryFrom(ctx, subject, q)
	if err == nil && l.history != nil {
		list = l.history(list)
	}
	return list, err
}

// forge makes what Prove would not give away.
func forge(t *testing.T, x Index, c Chain, name string, height int32) ([]byte, error) {
	t.Helper()
	n, err := names.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	m := &prover{ctx: t.Context(), x: x, c: c, p: x.Params(), name: n, o: Options{Height: height}, codec: newCodec(x.Params())}
	err = m.run()
	return m.b, err
}

// TestForgeries are proofs by somebody who has the chain and lies about it.
func TestForgeries(t *testing.T) {
	w := openWorld(t, lifecycle)
	name, ops := subject(t, w)
	var records []index.HistoryEntry
	for _, e := range ops {
		if e.Name != nil {
			records = append(records, e)
		}
	}
	last := records[len(records)-1]
	without := func(list []index.HistoryEntry) []index.HistoryEntry { // the last operation never happened
		return slices.DeleteFunc(list, func(e index.HistoryEntry) bool { return e.At == last.At })
	}
	drop := func(height int32, _ *state.BlockRow, ops []state.OpRow) []state.OpRow {
		return slices.DeleteFunc(ops, func(op state.OpRow) bool { return op.At == last.At })
	}
	changed := func(change func(*state.NameRow)) func(int32, *state.BlockRow, []state.OpRow) []state.OpRow {
		return func(_ int32, _ *state.BlockRow, ops []state.OpRow) []state.OpRow {
			for i := range ops {
				if ops[i].At == last.At {
					row := *ops[i].Name
					change(&row)
					ops[i].Name = &row
				}
			}
			return ops
		}
	}
	thief := names.PubKeyHashScript([20]byte{1, 2, 3})
	height := w.tip.Height
	for _, c := range []struct {
		label  string
		x      liar
		refuse any
	}{
		{"the last operation left out", liar{world: w, block: drop, history: without}, new(*UntrustedError)},
		{"the last operation not looked at", liar{world: w, history: without}, ErrRefused},
		{"another owner", liar{world: w, block: changed(func(r *state.NameRow) { r.Owner = thief })}, new(*UntrustedError)},
		{"another zone file", liar{world: w, block: changed(func(r *state.NameRow) { r.Value, r.HasValue = names.ZoneFileHash{9}, true })}, ErrRefused},
		{"renewed later", liar{world: w, block: changed(func(r *state.NameRow) { r.LastRenewed += 1000 })}, new(*UntrustedError)},
		{"never revoked", liar{world: w, block: changed(func(r *state.NameRow) { r.Revoked = !r.Revoked })}, new(*UntrustedError)},
		{"an operation of another name in between", liar{world: w, block: func(h int32, _ *state.BlockRow, ops []state.OpRow) []state.OpRow {
			if h != last.At.Height || len(ops) == 0 {
				return ops
			}
			more := ops[len(ops)-1]
			more.At.Index += 7
			if more.Name != nil {
				row := *more.Name
				row.Name, row.At = "zz."+row.Space(), more.At
				more.Name = &row
			}
			return append(ops, more)
		}}, new(*UntrustedError)},
		{"a namespace that lives longer", liar{world: w, block: func(_ int32, _ *state.BlockRow, ops []state.OpRow) []state.OpRow {
			for i := range ops {
				if ops[i].Space != nil && ops[i].Space.Ready() {
					row := *ops[i].Space
					row.Lifetime = names.InfiniteLifetime
					ops[i].Space = &row
				}
			}
			return ops
		}}, ErrRefused},
		{"a namespace that is only revealed", liar{world: w, history: func(list []index.HistoryEntry) []index.HistoryEntry {
			return slices.DeleteFunc(list, func(e index.HistoryEntry) bool { return e.Space != nil && e.Space.Ready() })
		}}, ErrRefused},
	} {
		t.Run(c.label, func(t *testing.T) {
			raw, err := forge(t, c.x, w, name, height)
			if err != nil {
				t.Fatal(err)
			}
			for _, trust := range []Trust{w.anchor(t, height), {w.anchor(t, height).Anchors, w.block(height).Blocks}} {
				s, err := Verify(t.Context(), w.Params(), raw, trust)
				if sentinel, ok := c.refuse.(error); ok && !errors.Is(err, sentinel) || !ok && !errors.As(err, c.refuse) {
					t.Errorf("have %v (%+v), want %v", err, s, reflect.TypeOf(c.refuse))
				}
			}
		})
	}
}

// TestTransactionSpeaks is about a prover who has found a second history for a trusted consensus
// hash: the transaction of the last operation still has to say the same.
func TestTransactionSpeaks(t *testing.T) {
	thief := names.PubKeyHashScript([20]byte{1, 2, 3})
	tried := map[string]int{}
	for _, file := range []string{lifecycle, "chain/d08-renew-rules.json", "chain/d07-transfer-rules.json", "chain/d23-epochs.json"} {
		w := openWorld(t, file)
		err := w.Export(t.Context(), func(rec names.Record) error {
			history, err := w.History(t.Context(), rec.Name)
			for i, e := range history {
				if e.Name == nil || i+1 < len(history) && history[i+1].At.Height == e.At.Height {
					continue
				}
				for what, change := range map[string]func(r *state.NameRow) bool{
					"nothing": func(*state.NameRow) bool { return false },
					"owner": func(r *state.NameRow) bool {
						r.Owner = thief
						return r.Act != state.ActUpdate && r.Act != state.ActRevoke // nothing of the transaction shows the owner
					},
					"zone file": func(r *state.NameRow) bool {
						r.Value[3]++
						r.HasValue = true
						return r.Act != state.ActRenew && r.Act != state.ActTransferKeep // unless it is kept
					},
					"position": func(r *state.NameRow) bool {
						r.At.Index += 1000
						return true
					},
				} {
					refuse := false
					x := liar{world: w, block: func(_ int32, _ *state.BlockRow, ops []state.OpRow) []state.OpRow {
						for i := range ops {
							if ops[i].At == e.At {
								row := *ops[i].Name
								refuse = change(&row)
								ops[i].Name = &row
							}
						}
						return ops
					}}
					raw, err := forge(t, x, w, rec.Name.String(), e.At.Height)
					if err != nil {
						return err
					}
					trust := w.anchor(t, e.At.Height)
					s, err := Verify(t.Context(), w.Params(), raw, trust)
					var found *UntrustedError
					if errors.As(err, &found) { // as if the hash it leads to were the trusted one
						trust.Anchors[0].Consensus = found.Have
						s, err = Verify(t.Context(), w.Params(), raw, trust)
					}
					if refuse && !errors.Is(err, ErrRefused) && !errors.Is(err, ErrMalformed) || what == "nothing" && err != nil {
						t.Errorf("%s: %s of %s at %d changed: %+v, %v", file, what, rec.Name, e.At.Height, s, err)
					}
					if refuse {
						tried[what+" "+string(e.Name.Act)]++
					}
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"owner :", "owner ::", "owner >>", "owner >~", "owner ;", "zone file :", "zone file +", "zone file ~", "zone file ;"} {
		if tried[want] == 0 {
			t.Errorf("never tried: %s (have %v)", want, tried)
		}
	}
}
