package bundle

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/snv"
	"blockstack/profile"
)

// Heights are what the height of a bundle is chosen by.
type Heights struct {
	First         int32 // that the registry has
	Tip           int32 // of the index
	ExactUntil    int32 // up to which the index is certain
	LastOp        int32 // of the last operation on the name; 0: there is none
	Confirmations int32 // with which a block is taken for final
}

// InexactError says that a bundle is wanted for a height at which the index is not certain.
type InexactError struct{ ExactUntil, Wanted int32 }

// Error says both heights.
func (e *InexactError) Error() string {
	return fmt.Sprintf("names are certain up to block %d only, and the proof is wanted for %d", e.ExactUntil, e.Wanted)
}

// Choose gives the height of a bundle: the wanted one, or where that is 0 the last one that has
// enough confirmations, but not before the last operation on the name, and not after what the index
// is certain of. young is how many confirmations that operation has where they are not enough, else
// 0: a reorg would make the bundle worthless.
func (h Heights) Choose(wanted int32) (height, young int32, err error) {
	if wanted == 0 {
		if height = max(h.Tip-h.Confirmations+1, h.First); h.LastOp > height {
			height, young = h.Tip, h.Tip-h.LastOp+1
		}
		return min(height, h.ExactUntil), young, nil
	}
	if wanted > h.ExactUntil {
		return 0, 0, &InexactError{h.ExactUntil, wanted}
	}
	return wanted, 0, nil
}

// Made is a new bundle, as its receiver will judge it.
type Made struct {
	Raw       []byte
	Anchor    snv.Anchor // what its receivers have to trust
	Statement *snv.Statement
	Report    *profile.Report
}

// Parts are what a bundle is made of, beside the proof.
type Parts struct {
	Name     names.Name
	Token    *profile.Token
	ZoneFile []byte       // nil: none
	Seen     profile.Seen // the newest profiles seen; nil: rollback is not looked for
}

// Make makes a bundle with a proof, and judges it. What is not valid nobody will take: the report
// says why.
func Make(ctx context.Context, x snv.Index, c snv.Chain, p Parts, o snv.Options) (*Made, error) {
	proven, err := snv.Prove(ctx, x, c, p.Name, o)
	if err != nil {
		return nil, err
	}
	raw, err := (&Bundle{Token: p.Token, ZoneFile: p.ZoneFile, Proof: proven.Raw}).Bytes()
	if err != nil {
		return nil, err
	}
	s := proven.Statement
	m := &Made{Raw: raw, Anchor: snv.Anchor{Height: s.Height, Consensus: s.Consensus}, Statement: s}
	v := &Verifier{
		Params: x.Params(), Trust: snv.Trust{Anchors: []snv.Anchor{m.Anchor}, Blocks: []chainhash.Hash{s.Block}},
		Base: profile.Verifier{Seen: p.Seen},
	}
	m.Report, err = v.Verify(ctx, raw)
	return m, err
}
