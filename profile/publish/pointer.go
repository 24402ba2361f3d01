package publish

import (
	"context"
	"errors"
	"slices"

	"blockstack/names"
	"blockstack/profile/lookup"
)

// Pointer says whether a name leads to where its profile was published, and what there is to know
// about it.
type Pointer struct {
	Name names.Name
	// Points is whether the zone file of the name leads there; nil: that is not known, and Err says
	// why.
	Points *bool
	Err    error
	Free   bool           // nobody has the name
	First  string         // the URL that readers try before; empty: none
	Answer *lookup.Answer // about the name; nil: nobody has it, or nothing is known
}

// ErrNowhere means that nobody knows where others read what was published.
var ErrNowhere = errors.New("where others read it is not known")

// OtherOwner is the owner of the name, when that is not the address that signed; else empty.
func (p *Pointer) OtherOwner(signed string) string {
	if p.Answer == nil || p.Answer.Record.OwnerAddress == signed {
		return ""
	}
	return p.Answer.Record.OwnerAddress
}

// PointerTo looks whether a name leads to a URL. resolve is what Lookup.Resolve is; it is asked
// only where that helps. What cannot be found out is left open: the profile is published all the
// same.
func PointerTo(ctx context.Context, n names.Name, url string, resolve func(context.Context, names.Name) (*lookup.Answer, error)) (*Pointer, error) {
	p := &Pointer{Name: n}
	if url == "" {
		p.Err = ErrNowhere
		return p, nil
	}
	a, err := resolve(ctx, n)
	if err == nil && a.Outcome == lookup.BadZoneFile {
		err = a.Why
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, names.ErrNotFound):
		p.Points, p.Free = new(bool), true
		return p, nil
	case err != nil:
		p.Err = err
		return p, nil
	}
	there := slices.Contains(a.URLs, url)
	p.Points, p.Answer = &there, a
	if there && a.URLs[0] != url {
		p.First = a.URLs[0]
	}
	return p, nil
}
