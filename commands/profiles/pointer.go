package profiles

import (
	"context"
	"errors"

	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/profile/lookup"
	"blockstack/profile/publish"
)

// pointer says whether the zone file of a name leads to where its profile was published.
type pointer struct {
	Name   names.Name
	Points *bool  // nil: not known
	Next   string // the command that makes it so; empty: nothing is to be done
}

// pointerTo looks whether a name leads to a URL, and says what to do if it does not. owner is the
// address that signed. What cannot be found out is said and left open: the profile is published all
// the same.
func pointerTo(ctx context.Context, e *Env, n names.Name, url, owner string) (*pointer, error) {
	found, err := publish.PointerTo(ctx, n, url, func(ctx context.Context, n names.Name) (*lookup.Answer, error) { return resolve(ctx, e, n) })
	if err != nil {
		return nil, err
	}
	p := &pointer{Name: n, Points: found.Points}
	switch {
	case errors.Is(found.Err, publish.ErrNowhere):
		e.Out.Note("where others read the folder is not known, so whether %s leads there is not, either: --public-url URL", n)
		return p, nil
	case found.Err != nil:
		e.Out.Warn("whether %s leads there is not known: %v", n, found.Err)
		return p, nil
	case found.Free:
		p.Next = e.Out.Here("blockstack name register " + n.String() + " --profile-url " + voice.ShellWord(url))
		return p, nil
	}
	if other := found.OtherOwner(owner); other != "" {
		e.Out.Warn("%s belongs to %s, and the profile is signed by %s", n, other, owner)
	}
	if len(found.Answer.DataKeys) > 0 {
		e.Out.Warn("the zone file of %s wants profiles signed with a data key, not with the owner's", n)
	}
	if !*found.Points {
		p.Next = e.Out.Here("blockstack name update " + n.String() + " --profile-url " + voice.ShellWord(url))
	}
	if found.First != "" {
		e.Out.Note("readers of %s try %s first", n, found.First)
	}
	return p, nil
}

// resolve finds where a name leads to now.
func resolve(ctx context.Context, e *Env, n names.Name) (*lookup.Answer, error) {
	l, err := e.Lookup(ctx)
	if err != nil {
		return nil, err
	}
	return l.Resolve(ctx, n)
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
