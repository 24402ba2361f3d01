package ports_test

import (
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// tips are what is answered, one after the other; the last one again and again.
type tips []int32

func (t *tips) Tip(context.Context) (int32, chainhash.Hash, error) {
	h := (*t)[0]
	if len(*t) > 1 {
		*t = (*t)[1:]
	}
	if h < 0 {
		return 0, chainhash.Hash{}, errors.ErrUnsupported
	}
	return h, chainhash.Hash{byte(h)}, nil
}

// TestAgreedTip: a block that comes between two questions is asked about again, an index that stays
// behind is told.
func TestAgreedTip(t *testing.T) {
	for _, c := range []struct {
		name        string
		node, index tips
		want        int32
		err         error
	}{
		{"at one", tips{7}, tips{7}, 7, nil},
		{"a block between", tips{7, 8}, tips{8}, 8, nil},
		{"two blocks between", tips{7, 8, 9}, tips{8, 9}, 9, nil},
		{"behind", tips{7}, tips{6}, 0, job.ErrIndexBehind},
		{"no node", tips{-1}, tips{6}, 0, errors.ErrUnsupported},
		{"no index", tips{7}, tips{-1}, 0, errors.ErrUnsupported},
	} {
		if got, err := ports.AgreedTip(t.Context(), &c.node, &c.index); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %d, %v", c.name, got, err)
		}
	}
}
