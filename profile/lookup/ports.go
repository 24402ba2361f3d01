package lookup

import (
	"context"
	"time"

	"blockstack/names/resolver"
	"blockstack/profile"
	"blockstack/profile/seen"
)

// Names knows the records of names. Whoever spends money by an answer gives one that checks each
// record against the transactions that made it.
type Names interface {
	resolver.Records
	// ExactUntil is the last height at which the records are certain, where that is not their own;
	// nil: it is.
	ExactUntil(ctx context.Context) (*int32, error)
}

// Pages reads what the URLs of zone files point to. Strangers have chosen those, so it bounds what
// comes, and does not reach into the reader's own network. Errors are those of package resolver.
type Pages interface {
	Fetch(ctx context.Context, url string) (*resolver.Page, error)
}

// Memory remembers the newest profile of each owner. Nothing else knows it, so an error of it ends
// a lookup.
type Memory interface {
	profile.Seen
	// Remember keeps a time of issue, unless a later one is known.
	Remember(ctx context.Context, owner string, at time.Time) error
}

// Copies keeps what URLs gave, to be shown while they cannot be read.
type Copies interface {
	Get(ctx context.Context, url string) (seen.Copy, bool)
	Put(ctx context.Context, url string, raw []byte, at time.Time) error
}
