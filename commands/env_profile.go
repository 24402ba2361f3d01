package commands

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"blockstack/commands/fault"
	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/profile"
	"blockstack/profile/seen"
	"blockstack/storage/local"
)

// SeenProfiles is the memory of the newest profile of each owner.
func (e *Env) SeenProfiles() *seen.File {
	return &seen.File{Path: e.Config.ProfilesFile()}
}

// profileCache is where the profiles of others are kept by hash, for --offline.
func (e *Env) profileCache() *seen.Cache {
	return &seen.Cache{In: local.Cache(filepath.Join(e.Config.CacheDir(), "profiles"))}
}

// fetchedProfile is the profile of a name and how it was had.
type fetchedProfile struct {
	*profile.Found
	CachedAt time.Time // when it was fetched, if it comes from the cache
}

// fetchProfile reads and judges the profile of a resolved name, from where it is published. clock nil is the system's.
func (e *Env) fetchProfile(ctx context.Context, res *resolver.Resolution, clock func() time.Time) (*profile.Found, error) {
	f, err := e.readNameProfile(ctx, res, clock, false)
	if err != nil {
		return nil, err
	}
	return f.Found, nil
}

// readNameProfile is fetchProfile which may fall back to what the places gave last time: good enough to be shown, not to pay by.
func (e *Env) readNameProfile(ctx context.Context, res *resolver.Resolution, clock func() time.Time, cached bool) (*fetchedProfile, error) {
	if res.Problem != nil {
		return nil, res.Problem
	}
	if len(res.URLs) == 0 {
		return nil, fault.New("not_found", "%s has no zone file, so no profile", res.Name)
	}
	owner, err := profile.OwnerRecord(res.Record, res.DataKeys...)
	if err != nil {
		return nil, err
	}
	v := &profile.Verifier{Owner: owner, Clock: clock, Seen: e.SeenProfiles()}
	found, err := v.Find(ctx, res.URLs, e.fetchToken)
	f := &fetchedProfile{Found: found}
	if errors.Is(err, profile.ErrNoProfile) && errors.Is(err, resolver.ErrUnreachable) && cached {
		if f.Found, f.CachedAt = e.cachedProfile(ctx, v, res.URLs); f.Found != nil {
			return f, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("profile of %s: %w", res.Name, err)
	}
	return f, e.remember(ctx, v, found)
}

// fetchToken reads a URL of a zone file.
func (e *Env) fetchToken(ctx context.Context, url string) ([]byte, error) {
	page, err := e.Fetcher().Fetch(ctx, url)
	if err != nil {
		return nil, err
	}
	if page.Insecure && e.Config.Network != "sandbox" {
		e.Out.Warn("the profile came over plain http: anybody on the way could have held back a newer one")
	}
	return page.Body, nil
}

// cachedProfile judges what the places gave last time.
func (e *Env) cachedProfile(ctx context.Context, v *profile.Verifier, urls []string) (*profile.Found, time.Time) {
	fetchedAt := map[string]time.Time{}
	found, err := v.Find(ctx, urls, func(ctx context.Context, url string) ([]byte, error) {
		c, ok := e.profileCache().Get(ctx, url)
		if !ok {
			return nil, resolver.ErrMissing
		}
		fetchedAt[url] = c.FetchedAt
		return c.Raw, nil
	})
	if err != nil {
		return nil, time.Time{}
	}
	return found, fetchedAt[found.URL]
}

// remember keeps a profile that is its owner's: its time, so that an older one is noticed later, and its bytes.
func (e *Env) remember(ctx context.Context, v *profile.Verifier, found *profile.Found) error {
	r := found.Report
	if !r.Valid && r.Reason != profile.Expired || r.Has(profile.WarnRollback) {
		return nil
	}
	if err := e.profileCache().Put(ctx, found.URL, found.Raw, time.Now()); err != nil {
		e.Out.Warn("%v", err)
	}
	if r.IssuedAt == nil {
		return nil
	}
	return e.SeenProfiles().Remember(ctx, v.SeenAs(), *r.IssuedAt)
}

// refuseRollback stops what must not be decided by an old profile.
func refuseRollback(n names.Name, r *profile.Report) error {
	if !r.Has(profile.WarnRollback) {
		return nil
	}
	return fault.New("rollback", "the profile of %s is older than one seen before: its storage may have put back an old one", n).
		Hint("ask its owner to publish the profile again")
}

// profileErrors are the rows for the memory of profiles.
func profileErrors() []rule {
	return []rule{
		on(seen.ErrNewer, "newer_version", "use the newer program; nothing is wrong with the file"),
		on(seen.ErrDamaged, "damaged", "move the file away; until a profile is seen again, an older one would not be noticed"),
		onBusy(seen.ErrBusy, "run the same command again"),
		on(profile.ErrBadPolicy, "bad_config", "its grammar: docs/formats.md, signers.toml"),
		on(profile.ErrBadHistory, "malformed"),
	}
}
