package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"blockstack/profile"
	"blockstack/profile/edit"
)

// maxMerges bounds how often a profile that keeps changing is merged anew.
const maxMerges = 5

// Conflict says that another profile of the identity is at the place, which stays there, and where
// both are kept.
type Conflict struct {
	At           *EditConflict
	Mine, Theirs string   // files
	Clashes      []string // what both sides changed, so that it could not be merged; nil: that was not tried
}

// Error says where the profile is that was not published.
func (e *Conflict) Error() string {
	return fmt.Sprintf("%v; it stays, and yours is kept in %s", e.At, e.Mine)
}

// Unwrap gives what is at the place.
func (e *Conflict) Unwrap() error { return e.At }

// merging is a merge of what was made of base by us and by somebody else.
type merging struct {
	base, mine *profile.Profile
	token      *profile.Token // mine as it was signed
	conflict   *EditConflict
	merges     int // that were made before
}

// merge puts both sides' changes together, and publishes them over the other side's.
func (p *Publishing) merge(ctx context.Context, m merging) (*Done, error) {
	theirs := m.conflict.Theirs.Unverified() // Publish has verified it
	merged, clashes := profile.Merge(m.base, m.mine, theirs)
	if len(clashes) > 0 {
		return nil, p.keepBoth(ctx, m.token, m.conflict, clashes)
	}
	return p.sign(ctx, edit.Signing{Old: theirs, New: merged, Merged: m.conflict.Path}, m.conflict.Theirs, m.merges+1)
}

// keepBoth keeps both sides of a conflict, and is the error that says where.
func (p *Publishing) keepBoth(ctx context.Context, mine *profile.Token, at *EditConflict, clashes []string) error {
	e := &Conflict{At: at, Clashes: clashes}
	var err error
	if e.Mine, err = p.keepSide(ctx, "mine", mine, mine.File()); err != nil {
		return err
	}
	if e.Theirs, err = p.keepSide(ctx, "theirs", at.Theirs, at.File); err != nil {
		return err
	}
	return e
}

// keepSide keeps one side of a conflict.
func (p *Publishing) keepSide(ctx context.Context, side string, t *profile.Token, file []byte) (string, error) {
	sum := sha256.Sum256([]byte(t.String()))
	return p.Keep(ctx, p.Identity.Address+"-"+hex.EncodeToString(sum[:4])+"-"+side+".json", file)
}
