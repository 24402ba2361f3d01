package commands

import (
	"context"
	"errors"
	"slices"

	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/profile/lookup"
)

// pointer says whether the zone file of a name leads to where its profile was published.
type pointer struct {
	Name   names.Name
	Points *bool  // nil: not known
	Next   string // the command that makes it so; empty: nothing is to be done
}

// pointerTo looks whether a name leads to a URL, and says what to do if it does not. owner is the address that signed. What cannot be
// found out is said and left open: the profile is published all the same.
func (e *Env) pointerTo(ctx context.Context, n names.Name, url, owner string) (*pointer, error) {
	p := &pointer{Name: n}
	if url == "" {
		e.Out.Note("where others read the folder is not known, so whether %s leads there is not, either: --public-url URL", n)
		return p, nil
	}
	res, err := e.resolvePointer(ctx, n)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, names.ErrNotFound):
		p.Points, p.Next = new(bool), e.Out.Here("blockstack name register "+n.String()+" --profile-url "+voice.ShellWord(url))
		return p, nil
	case err != nil:
		e.Out.Warn("whether %s leads there is not known: %v", n, err)
		return p, nil
	}
	if res.Record.OwnerAddress != owner {
		e.Out.Warn("%s belongs to %s, and the profile is signed by %s", n, res.Record.OwnerAddress, owner)
	}
	if len(res.DataKeys) > 0 {
		e.Out.Warn("the zone file of %s wants profiles signed with a data key, not with the owner's", n)
	}
	there := slices.Contains(res.URLs, url)
	p.Points = &there
	switch {
	case !there:
		p.Next = e.Out.Here("blockstack name update " + n.String() + " --profile-url " + voice.ShellWord(url))
	case res.URLs[0] != url:
		e.Out.Note("readers of %s try %s first", n, res.URLs[0])
	}
	return p, nil
}

// resolvePointer finds what a name leads to now. A name without zone file leads nowhere, which is no error.
func (e *Env) resolvePointer(ctx context.Context, n names.Name) (*lookup.Answer, error) {
	l, err := e.Lookup(ctx)
	if err != nil {
		return nil, err
	}
	a, err := l.Resolve(ctx, n)
	if err == nil && a.Outcome == lookup.BadZoneFile {
		return nil, a.Why
	}
	return a, err
}

// write says it in words.
func (p *pointer) write(t *voice.Text) {
	switch {
	case p.Points == nil:
		t.Field("name", "%s, not checked", p.Name)
	case *p.Points:
		t.Field("name", "%s leads there", p.Name)
	default:
		t.Field("name", "%s does not lead there yet", p.Name)
		t.Field("next", "%s", p.Next)
	}
}
