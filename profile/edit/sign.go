package edit

import (
	"context"
	"time"

	"blockstack/profile"
)

// Identity is whom profiles are signed for.
type Identity struct {
	Address string
	Owner   profile.Owner // of the address
	Hand    Hand
}

// Hand signs for an identity, with the agreement of whoever it belongs to.
type Hand interface {
	// Agree asks whether this may be signed; an error is a no. It is asked each time, before the
	// key.
	Agree(ctx context.Context, s Signing) error
	// Key gives the key, which may have to be unlocked for it.
	Key(ctx context.Context) (profile.Signer, error)
}

// Signing is what is about to be signed.
type Signing struct {
	Old, New *profile.Profile // Old nil: all of it is new
	// Merged says that somebody else has changed the profile meanwhile, there: New has both
	// changes, and Old is theirs. Empty: nobody has.
	Merged string
	At     time.Time // of issue; zero: now
}

// Changes says what differs from what was there before.
func (s Signing) Changes() []profile.Change { return profile.Diff(s.Old, s.New) }

// Sign signs after asking.
func (id *Identity) Sign(ctx context.Context, s Signing) (*profile.Token, error) {
	if err := id.Hand.Agree(ctx, s); err != nil {
		return nil, err
	}
	key, err := id.Hand.Key(ctx)
	if err != nil {
		return nil, err
	}
	return profile.SignIssue(ctx, s.New, key, profile.Issue{IssuedAt: s.At})
}
