package commands

import (
	"context"

	"blockstack/commands/fault"
	"blockstack/names"
	"blockstack/profile"
	"blockstack/profile/bundle"
	"blockstack/profile/edit"
	"blockstack/profile/lookup"
	"blockstack/profile/proof"
	"blockstack/profile/publish"
	"blockstack/profile/seen"
)

// judges makes judges of profiles.
func (e *Env) judges() *lookup.Judges {
	return &lookup.Judges{Open: e.Lookup, Versions: e.addressVersions()}
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
	e.TellAnswer(a)
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
