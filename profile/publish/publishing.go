package publish

import (
	"bytes"
	"context"
	"errors"
	"time"

	"blockstack/names/resolver"
	"blockstack/profile"
	"blockstack/profile/edit"
	"blockstack/storage"
)

// HistoryName is what the history beside a profile is called.
const HistoryName = "profile-history.jsonl"

// Publishing publishes profiles of one identity in one place. It serves one request; what it keeps
// is in Memory.
type Publishing struct {
	Identity *edit.Identity
	// Open opens the place when it is needed first: a hub wants the identity's key for it.
	Open    func(ctx context.Context) (Place, error)
	Path    string // of the profile at the place
	URL     string // where others read it; empty: where the place says, if it does
	History bool   // it is added to the history beside it, too
	Merge   bool   // both sides' changes are put together when somebody else has published meanwhile
	Replace bool   // a signed profile is published over another one of the identity, which is kept
	Memory  Memory
	Keep    Keep
	Pages   Pages
	Tell    func(Notice)     // is told what happens before more is asked; nil: nobody is
	Clock   func() time.Time // nil: time.Now

	place Place
}

// Memory remembers what was published and seen of owners.
type Memory interface {
	// Base is the token that was published, or read to be edited, last; empty: none was.
	Base(ctx context.Context, owner string) (string, error)
	RememberBase(ctx context.Context, owner, token string) error
	Remember(ctx context.Context, owner string, at time.Time) error
	RememberHead(ctx context.Context, owner string, h profile.Head) error
}

// Keep keeps the file of one side of a conflict under a name, and says where.
type Keep func(ctx context.Context, name string, file []byte) (path string, err error)

// Pages reads what was published as anybody would.
type Pages interface {
	Fetch(ctx context.Context, url string) (*resolver.Page, error)
}

// Notice says what happened on the way: another profile that was at Path is kept in File.
type Notice struct{ Path, File string }

// Done says what publishing did.
type Done struct {
	*Published
	URL     string // where others read it; empty: not known
	Read    *bool  // whether they get it there; nil: not tried
	ReadErr error  // why they get nothing
	History *profile.Head
}

// NotByIdentityError says that a token is signed by somebody else than the identity that publishes
// it.
type NotByIdentityError struct {
	Address string // of the identity
	Err     error
}

// Error gives the cause.
func (e *NotByIdentityError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *NotByIdentityError) Unwrap() error { return e.Err }

// Token publishes a signed profile of the identity, over what this home has published or read last.
// When another one is there, it is replaced or merged if that is wanted; else the error is a
// *Conflict, and both are kept.
func (p *Publishing) Token(ctx context.Context, t *profile.Token) (*Done, error) {
	done, err := p.put(ctx, t, nil)
	var conflict *EditConflict
	if !errors.As(err, &conflict) {
		return done, err
	}
	if p.Replace {
		file, err := p.keepSide(ctx, "theirs", conflict.Theirs, conflict.File)
		if err != nil {
			return nil, err
		}
		if p.Tell != nil {
			p.Tell(Notice{Path: conflict.Path, File: file})
		}
		done, err := p.put(ctx, t, conflict.Theirs)
		if errors.As(err, &conflict) {
			return nil, p.keepBoth(ctx, t, conflict, nil)
		}
		return done, err
	}
	if !p.Merge {
		return nil, p.keepBoth(ctx, t, conflict, nil)
	}
	last, err := p.Memory.Base(ctx, p.verifier().SeenAs())
	if err != nil {
		return nil, err
	}
	base := &profile.Profile{} // nothing was read: what differs was changed by both
	if read, err := profile.ParseToken([]byte(last)); last != "" && err == nil {
		base = read.Unverified()
	}
	return p.merge(ctx, merging{base: base, mine: t.Unverified(), token: t, conflict: conflict})
}

// Edit signs an edited profile and publishes it over the one that was read. When another one has
// been published meanwhile, both changes are put together, agreed to and signed anew if that is
// wanted; else the error is a *Conflict, and both are kept.
func (p *Publishing) Edit(ctx context.Context, e *edit.Edit) (*Done, error) {
	return p.sign(ctx, edit.Signing{Old: e.Old, New: e.New}, e.Base, 0)
}

// sign signs and publishes what replaces base.
func (p *Publishing) sign(ctx context.Context, s edit.Signing, base *profile.Token, merges int) (*Done, error) {
	s.At = p.now()
	t, err := p.Identity.Sign(ctx, s)
	if err != nil {
		return nil, err
	}
	done, err := p.put(ctx, t, base)
	var conflict *EditConflict
	if !errors.As(err, &conflict) {
		return done, err
	}
	if !p.Merge || merges == maxMerges {
		return nil, p.keepBoth(ctx, t, conflict, nil)
	}
	return p.merge(ctx, merging{base: s.Old, mine: s.New, token: t, conflict: conflict, merges: merges})
}

// put publishes a token that was made from base (nil: from what this home has published or read
// last), and its history when that is wanted. What was done is said also when not all of it was.
func (p *Publishing) put(ctx context.Context, t, base *profile.Token) (*Done, error) {
	place, err := p.at(ctx)
	if err != nil {
		return nil, err
	}
	v := p.verifier()
	last, err := p.Memory.Base(ctx, v.SeenAs())
	if err != nil {
		return nil, err
	}
	from := func(there *profile.Token) bool {
		if base != nil { // an edit replaces what it was made from, not what this home has published since
			return there.String() == base.String()
		}
		return last != "" && there.String() == last
	}
	published, err := Publish(ctx, place, p.Path, t, v, from)
	if invalid := (*profile.InvalidError)(nil); errors.As(err, &invalid) && invalid.Reason == profile.WrongSigner {
		err = &NotByIdentityError{p.Identity.Address, err}
	}
	if err != nil {
		return nil, err
	}
	done := &Done{Published: published}
	if done.URL, err = p.publicURL(ctx, place); err != nil {
		return nil, err
	}
	if err := p.Memory.RememberBase(ctx, v.SeenAs(), t.String()); err != nil {
		return done, err
	}
	p.readAsOthers(ctx, done, t.File())
	if at, ok := t.IssuedAt(); ok {
		if err := p.Memory.Remember(ctx, v.SeenAs(), at); err != nil {
			return done, err
		}
	}
	if !p.History {
		return done, nil
	}
	key, err := p.Identity.Hand.Key(ctx)
	if err != nil {
		return done, err
	}
	head, _, err := AddVersion(ctx, place, Beside(p.Path, HistoryName), v, t, key, p.now())
	if err != nil {
		return done, err
	}
	done.History = &head
	return done, p.Memory.RememberHead(ctx, v.SeenAs(), head)
}

// File puts a file in place that goes with the profile, such as a picture that it names. It goes
// before the profile.
func (p *Publishing) File(ctx context.Context, path string, data []byte) error {
	place, err := p.at(ctx)
	if err != nil {
		return err
	}
	return PutFile(ctx, place, path, data)
}

// at is the place, opened once.
func (p *Publishing) at(ctx context.Context) (Place, error) {
	if p.place != nil {
		return p.place, nil
	}
	place, err := p.Open(ctx)
	p.place = place
	return place, err
}

func (p *Publishing) verifier() *profile.Verifier {
	return &profile.Verifier{Owner: p.Identity.Owner, Clock: p.Clock}
}

func (p *Publishing) now() time.Time {
	if p.Clock != nil {
		return p.Clock()
	}
	return time.Now()
}

// publicURL is where others read what is published; empty: that is not known.
func (p *Publishing) publicURL(ctx context.Context, place Place) (string, error) {
	if p.URL != "" {
		return p.URL, nil
	}
	if says, ok := place.(storage.Publisher); ok {
		return says.PublicURL(ctx, p.Path)
	}
	return "", nil
}

// readAsOthers reads what was published as anybody would. That others cannot read it is no error of
// publishing, but useless.
func (p *Publishing) readAsOthers(ctx context.Context, done *Done, file []byte) {
	if done.URL == "" {
		return
	}
	page, err := p.Pages.Fetch(ctx, done.URL)
	same := err == nil && bytes.Equal(page.Body, file)
	done.Read, done.ReadErr = &same, err
}

// Beside is a file beside another one, in a path or a URL.
func Beside(path, name string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[:i+1] + name
		}
	}
	return name
}
