package record

import (
	"context"

	"blockstack/names/index"
)

// Certain is the last height at which what an index knows is certain, where that is not its tip's;
// nil: it is.
func Certain(tip index.Tip) *int32 {
	if tip.ExactUntil >= tip.Height {
		return nil
	}
	return &tip.ExactUntil
}

// ExactUntil is certain of the tip of an index.
func ExactUntil(ctx context.Context, x *index.Index) (*int32, error) {
	tip, err := x.Tip(ctx)
	return Certain(tip), err
}

// SetExact puts the last height at which an answer is certain into its document, where that is not
// the answer's own.
func SetExact(doc map[string]any, until *int32) {
	if until != nil {
		doc["exact_until_height"] = *until
	}
}
