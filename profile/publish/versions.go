package publish

import (
	"bytes"
	"context"

	"blockstack/profile"
)

// Heads remembers where histories of owners ended when they were last seen.
type Heads interface {
	Head(ctx context.Context, owner string) (profile.Head, error)
	RememberHead(ctx context.Context, owner string, h profile.Head) error
}

// Change is a version of a history, and what it changed.
type Change struct {
	*profile.Version
	Changes []profile.Change
}

// Versions are a history that holds together and has not been cut off since it was last seen.
type Versions struct {
	List []Change
	Head profile.Head
}

// ReadVersions checks a history against the owner that v knows and against where it ended when it
// was last seen, and remembers where it ends now. One that does not hold together, or lacks what
// was seen before, changes nothing of that.
func ReadVersions(ctx context.Context, raw []byte, v *profile.Verifier, heads Heads) (*Versions, error) {
	since, err := heads.Head(ctx, v.SeenAs())
	if err != nil {
		return nil, err
	}
	h := &Versions{}
	if h.Head, err = profile.CheckHistory(ctx, bytes.NewReader(raw), v, since); err != nil {
		return nil, err
	}
	old := &profile.Profile{}
	for version, err := range profile.ReadHistory(ctx, bytes.NewReader(raw), v) {
		if err != nil {
			return nil, err
		}
		p := version.Token.Unverified() // ReadHistory has checked its signer
		h.List = append(h.List, Change{Version: version, Changes: profile.Diff(old, p)})
		old = p
	}
	if h.Head.Seq == 0 {
		return h, nil
	}
	return h, heads.RememberHead(ctx, v.SeenAs(), h.Head)
}
