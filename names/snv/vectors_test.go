package snv

import (
	"bytes"
	"errors"
	"path"
	"testing"

	"blockstack/names"
	"blockstack/testdata"
)

// TestVectorsProofs proves every name of every recorded chain at several heights, and compares what
// was proven with the index, which the reference's answers bind.
func TestVectorsProofs(t *testing.T) {
	files := append(testdata.Files(t, "chain/*.json"), testdata.Files(t, "protocol/chain_*.json")...)
	for _, file := range files {
		t.Run(path.Base(file), func(t *testing.T) {
			w := openWorld(t, file)
			cases, long := 0, 0
			err := w.Export(t.Context(), func(rec names.Record) error {
				for _, height := range w.heights(t, rec.Name) {
					if height > longest+w.first { // such a chain is expensive, and one proof is like the other
						if long++; long > 1 {
							continue
						}
					}
					w.checkProof(t, rec.Name, height)
					cases++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if cases > 0 { // some chains are about refusals alone
				testdata.Cases(t, file, cases)
			}
		})
	}
}

// longest is the length of a chain up to which every proof is made.
const longest = 1000

// heights are those of a name's operations, the ones after them, and the last ones of the chain.
func (w *world) heights(t *testing.T, n names.Name) []int32 {
	const most = 12
	history, err := w.History(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int32]bool{}
	var list []int32
	add := func(h int32) {
		if h <= w.tip.Height && !seen[h] && len(list) < most {
			seen[h] = true
			list = append(list, h)
		}
	}
	add(w.tip.Height)
	for i := len(history) - 1; i >= 0; i-- {
		if e := history[i]; e.Name != nil {
			add(e.At.Height)
			add(e.At.Height + 1)
			add(e.At.Height + 9)
		}
	}
	return list
}

func (w *world) checkProof(t *testing.T, n names.Name, height int32) {
	t.Helper()
	want, err := w.RecordAt(t.Context(), n, height)
	if err != nil {
		t.Fatal(err)
	}
	made, err := Prove(t.Context(), w, w, n, Options{Height: height})
	if want.Status == names.Available {
		if !errors.Is(err, names.ErrNotFound) {
			t.Errorf("%s at %d: free, and a proof gives %v", n, height, err)
		}
		return
	}
	if err != nil {
		t.Error(err)
		return
	}
	s, err := Verify(t.Context(), w.Params(), made.Raw, w.anchor(t, height))
	if err != nil {
		t.Errorf("%s at %d: %v", n, height, err)
		return
	}
	if !s.Ownership || s.Inclusion {
		t.Errorf("%s at %d: ownership %v, inclusion %v", n, height, s.Ownership, s.Inclusion)
	}
	if got := s.Record; !sameRecord(got, want) {
		t.Errorf("%s at %d: proven\n%+v\nindex\n%+v", n, height, got, want)
	}
}

func sameRecord(a, b names.Record) bool {
	return a.Name == b.Name && a.Status == b.Status && bytes.Equal(a.Owner, b.Owner) && a.OwnerAddress == b.OwnerAddress &&
		a.ZoneFile == b.ZoneFile && a.HasZoneFile == b.HasZoneFile && a.FirstRegistered == b.FirstRegistered &&
		a.RenewedAt == b.RenewedAt && a.ExpiresAt == b.ExpiresAt && a.GraceEnds == b.GraceEnds && a.Revoked == b.Revoked &&
		a.LastTx == b.LastTx && a.Height == b.Height && a.Consensus == b.Consensus
}
