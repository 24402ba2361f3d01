package commands

import (
	"context"
	"path/filepath"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/resolver"
	"blockstack/profile"
	"blockstack/profile/bundle"
	"blockstack/profile/edit"
	"blockstack/profile/lookup"
	"blockstack/profile/proof"
	"blockstack/profile/publish"
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

// indexNames are the records of an index with how far they are certain.
type indexNames struct {
	resolver.Records
	index *index.Index
}

// ExactUntil implements lookup.Names.
func (n indexNames) ExactUntil(ctx context.Context) (*int32, error) { return exactUntil(ctx, n.index) }

// Lookup finds the profiles of names.
func (e *Env) Lookup(ctx context.Context) (*lookup.Lookup, error) {
	x, err := e.Index(ctx)
	if err != nil {
		return nil, err
	}
	return e.lookupIn(indexNames{x, x})
}

// PayingLookup is Lookup for what money follows: records are backed by their transactions.
func (e *Env) PayingLookup(ctx context.Context) (*lookup.Lookup, error) {
	x, err := e.Index(ctx)
	if err != nil {
		return nil, err
	}
	return e.lookupIn(indexNames{e.Backed(x), x})
}

// lookupIn makes a Lookup of some names.
func (e *Env) lookupIn(n lookup.Names) (*lookup.Lookup, error) {
	zoneFiles, err := e.ZoneFiles()
	if err != nil {
		return nil, err
	}
	return &lookup.Lookup{Names: n, ZoneFiles: zoneFiles, Pages: e.Fetcher(), Memory: e.SeenProfiles(), Copies: e.profileCache()}, nil
}

// judges makes judges of profiles.
func (e *Env) judges() *lookup.Judges {
	return &lookup.Judges{Open: e.Lookup, Versions: e.addressVersions()}
}

// tell says what the user should know about how a profile was read.
func (e *Env) tell(a *lookup.Answer) {
	if a.Insecure && e.Config.Network != "sandbox" {
		e.Out.Warn("the profile came over plain http: anybody on the way could have held back a newer one")
	}
	if a.Unkept != nil {
		e.Out.Warn("%v", a.Unkept)
	}
	if a.Cached {
		e.Out.Warn("the profile is from the cache: %s could not be read now; it was last read at %s", a.URL, voice.Time(a.ReadAt))
	}
}

// findProfile looks up the profile of a name that must have one, and tells what there is to be told. It may be of anybody: its report
// says so.
func (e *Env) findProfile(ctx context.Context, n names.Name, o lookup.Options) (*lookup.Answer, error) {
	l, err := e.Lookup(ctx)
	if err != nil {
		return nil, err
	}
	a, err := l.Find(ctx, n, o)
	if err != nil {
		return nil, err
	}
	e.tell(a)
	return a, a.Why
}

// profileErrors are the rows for profiles, and for the memory of them.
func profileErrors() []rule {
	return []rule{
		on(seen.ErrNewer, "newer_version", "use the newer program; nothing is wrong with the file"),
		on(seen.ErrDamaged, "damaged", "move the file away; until a profile is seen again, an older one would not be noticed"),
		onBusy(seen.ErrBusy, "run the same command again"),
		on(profile.ErrBadPolicy, "bad_config", "its grammar: docs/formats.md, signers.toml"),
		on(profile.ErrBadHistory, "malformed"),
		on(lookup.ErrNone, "not_found"),
		on(lookup.ErrRolledBack, "rollback", "ask its owner to publish the profile again"),
		on(lookup.ErrNobody, "usage", "give one of --address ADDRESS, --key PUBLICKEY, --name NAME and --policy FILE"),
		on(lookup.ErrNoTrust, "usage", "give the consensus hash of the bundle's height, from an index that you trust: --trust CONSENSUS_HASH@HEIGHT",
			"such an index says it with: blockstack index consensus HEIGHT"),
		onType[*lookup.DataKeyError]("malformed", nil),
		onType[*edit.NotOwnerError]("not_owner", nil),
		onType("unreachable", func(_ *edit.UnreadError, f *fault.Fault) {
			f.Hint("if there is none yet: blockstack profile create, then sign and publish")
		}),
		onType("wrong_signer", func(_ *publish.NotByIdentityError, f *fault.Fault) {
			f.Hint("name the identity that signed it: --identity N")
		}),
		onType("edit_conflict", explainConflict),
		on(publish.ErrPicture, "malformed"),
		onType("genesis_unknown", func(e *bundle.InexactError, f *fault.Fault) {
			f.Hint("prove an earlier state: --height %d", e.ExactUntil)
		}),
		onType("usage", func(e *proof.ClaimError, f *fault.Fault) {
			if e.Place != "" {
				f.Hint("%s", e.Place)
			}
		}),
		onType("revoked", func(e *lookup.UnpaidError, f *fault.Fault) { f.Code = unpaidCode(e) }),
	}
}

// unpaidCode is the code of a name that must not be paid.
func unpaidCode(e *lookup.UnpaidError) string {
	switch {
	case e.Report != nil:
		return string(e.Report.Reason)
	case e.Status == names.Grace:
		return "in_grace"
	}
	return string(e.Status)
}
