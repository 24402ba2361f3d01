package lookup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/profile"
)

// Lookup finds and judges profiles of names. Its fields are not changed after it is made, so it may
// be used by several goroutines at a time when its parts may.
type Lookup struct {
	Names     Names
	ZoneFiles resolver.ZoneFiles
	Pages     Pages
	Memory    Memory
	Copies    Copies
	Clock     func() time.Time // nil: time.Now
}

// Options say how a profile is looked for.
type Options struct {
	// Copies lets what the places gave last time stand in for those that cannot be read: good
	// enough to be shown, not to pay by.
	Copies bool
	// At is the time to judge by; zero: now.
	At time.Time
}

// Resolve finds out where the profile of a name is, without asking there. A name that nobody has
// gives an error that wraps names.ErrNotFound. A zone file that cannot be read gives one that wraps
// resolver.ErrNoZoneFile, together with the answer as far as it is known.
func (l *Lookup) Resolve(ctx context.Context, n names.Name) (*Answer, error) {
	a, err := l.resolve(ctx, l.Names, n)
	if a == nil {
		return nil, err
	}
	var exact error
	if a.ExactUntil, exact = l.Names.ExactUntil(ctx); exact != nil {
		return nil, exact
	}
	if a.ExactUntil != nil && *a.ExactUntil >= a.Height {
		a.ExactUntil = nil
	}
	return a, err
}

// ResolveRecord is Resolve for a record of the past. How far it is certain is for whoever gives it
// to say.
func (l *Lookup) ResolveRecord(ctx context.Context, rec names.Record) (*Answer, error) {
	return l.resolve(ctx, given{rec}, rec.Name)
}

// given is a record that is known already.
type given struct{ rec names.Record }

// Record implements resolver.Records.
func (g given) Record(context.Context, names.Name) (names.Record, error) { return g.rec, nil }

func (l *Lookup) resolve(ctx context.Context, records resolver.Records, n names.Name) (*Answer, error) {
	res, err := (&resolver.Resolver{Records: records, ZoneFiles: l.ZoneFiles}).Resolve(ctx, n)
	if res == nil {
		return nil, err
	}
	a := &Answer{Resolution: *res, Outcome: Resolved}
	switch {
	case err != nil:
		a.Outcome, a.Why = unread(err), err
	case res.Problem != nil:
		a.Outcome, a.Why = BadZoneFile, res.Problem
	case len(res.URLs) == 0:
		a.Outcome, a.Why = NoProfile, &NoneError{n}
	}
	return a, err
}

// Find resolves a name and reads and judges its profile. Names that nobody has, and stores of this
// machine that cannot be read, are errors; all else is an outcome.
func (l *Lookup) Find(ctx context.Context, n names.Name, o Options) (*Answer, error) {
	a, err := l.Resolve(ctx, n)
	if err != nil && (a == nil || !errors.Is(err, resolver.ErrNoZoneFile) || ctx.Err() != nil) {
		return nil, err
	}
	return a, l.Read(ctx, a, o)
}

// Read reads and judges the profile of a resolved name, and completes the answer. Where a name
// leads to no profile it changes nothing.
func (l *Lookup) Read(ctx context.Context, a *Answer, o Options) error {
	if a.Why != nil {
		return nil
	}
	owner, err := a.Owner()
	if err != nil {
		return err
	}
	v := &profile.Verifier{Owner: owner, Clock: l.judgeAt(o), Seen: l.Memory}
	found, err := v.Find(ctx, a.URLs, func(ctx context.Context, url string) ([]byte, error) {
		page, err := l.Pages.Fetch(ctx, url)
		if err != nil {
			return nil, err
		}
		a.Insecure = a.Insecure || page.Insecure
		return page.Body, nil
	})
	switch {
	case err == nil:
		a.take(found, l.now(), false)
		return l.remember(ctx, v, a)
	case !errors.Is(err, profile.ErrNoProfile):
		return fmt.Errorf("profile of %s: %w", a.Name, err)
	}
	if o.Copies && errors.Is(err, resolver.ErrUnreachable) && l.readCopy(ctx, v, a) {
		return nil
	}
	a.Outcome, a.Why = unread(err), fmt.Errorf("profile of %s: %w", a.Name, err)
	return nil
}

// take completes the answer with what was found.
func (a *Answer) take(found *profile.Found, at time.Time, cached bool) {
	a.Report, a.URL, a.Raw, a.ReadAt, a.Cached = found.Report, found.URL, found.Raw, at, cached
	a.Outcome, a.Why = a.judged(), nil
}

// readCopy judges what the places gave last time, and reports whether there was anything.
func (l *Lookup) readCopy(ctx context.Context, v *profile.Verifier, a *Answer) bool {
	readAt := map[string]time.Time{}
	found, err := v.Find(ctx, a.URLs, func(ctx context.Context, url string) ([]byte, error) {
		c, ok := l.Copies.Get(ctx, url)
		if !ok {
			return nil, resolver.ErrMissing
		}
		readAt[url] = c.FetchedAt
		return c.Raw, nil
	})
	if err != nil {
		return false
	}
	a.take(found, readAt[found.URL], true)
	return true
}

// remember keeps a profile that is its owner's: its time, so that an older one is noticed later,
// and its bytes.
func (l *Lookup) remember(ctx context.Context, v *profile.Verifier, a *Answer) error {
	r := a.Report
	if !r.Valid && r.Reason != profile.Expired || r.Has(profile.WarnRollback) {
		return nil
	}
	a.Unkept = l.Copies.Put(ctx, a.URL, a.Raw, a.ReadAt)
	if r.IssuedAt == nil {
		return nil
	}
	return l.Memory.Remember(ctx, v.SeenAs(), *r.IssuedAt)
}

func (l *Lookup) now() time.Time {
	if l.Clock != nil {
		return l.Clock()
	}
	return time.Now()
}

// judgeAt is the clock to judge by.
func (l *Lookup) judgeAt(o Options) func() time.Time {
	if o.At.IsZero() {
		return l.now
	}
	return func() time.Time { return o.At }
}
