package snv

import (
	"bytes"
	"context"
	"errors"
	"path"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/index/scenario"
	"blockstack/testdata"
)

// spending is a world that shows what its transactions spend.
type spending struct {
	*world
	scenario *scenario.Scenario
}

func (s spending) PrevOut(ctx context.Context, op wire.OutPoint) (*wire.TxOut, error) {
	return s.scenario.PrevOut(ctx, op)
}

// SpentBy asks the scenario, whose block of the same height may have another hash.
func (s spending) SpentBy(ctx context.Context, hash chainhash.Hash, tx int) ([]*wire.TxOut, error) {
	own, err := s.scenario.HashAt(ctx, s.first+int32(slices.Index(s.hashes, hash)))
	if err != nil {
		return nil, err
	}
	return s.scenario.SpentBy(ctx, own, tx)
}

// most is how many records of a chain are computed again.
const most = 25

// TestRecheckVectors computes records and rules of every chain that the reference answered again.
func TestRecheckVectors(t *testing.T) {
	checked := 0
	for _, file := range append(testdata.Files(t, "chain/*.json"), testdata.Files(t, "protocol/chain_*.json")...) {
		t.Run(path.Base(file), func(t *testing.T) {
			w := openWorld(t, file)
			s, err := scenario.Read(bytes.NewReader(testdata.Vectors(t, file)))
			if err != nil {
				t.Fatal(err)
			}
			list, err := w.Names(t.Context(), "", names.Name{}, 0)
			if err != nil {
				t.Fatal(err)
			}
			spaces, err := w.Namespaces(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, ns := range spaces {
				if err := RecheckNamespace(t.Context(), w, spending{w, s}, ns); err != nil {
					t.Errorf("%v", err)
				}
				ns.Coeff++
				if err := RecheckNamespace(t.Context(), w, spending{w, s}, ns); !errors.Is(err, index.ErrDiffers) {
					t.Errorf("other prices in %s: %v", ns.ID, err)
				}
			}
			for i, rec := range list {
				if i%(1+len(list)/most) > 0 {
					continue
				}
				if err := Recheck(t.Context(), w, spending{w, s}, rec); err != nil {
					t.Errorf("%v", err)
				}
				checked++
			}
		})
	}
	if checked < 100 {
		t.Errorf("%d records", checked)
	}
}
