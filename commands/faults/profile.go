package faults

import (
	"strings"

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

// explainConflict names both sides of a conflict, and what to do about it.
func explainConflict(c *publish.Conflict, f *fault.Fault) {
	f.Details = map[string]any{"mine": c.Mine, "theirs": c.Theirs, "place": c.At.Place, "path": c.At.Path}
	if len(c.Clashes) > 0 {
		f.Details["clashes"] = c.Clashes
		f.Hint("both sides changed %s: take over what you want of yours, then edit what is there now", strings.Join(c.Clashes, ", ")).
			Hint("blockstack profile diff %s %s", c.Theirs, c.Mine)
		return
	}
	f.Hint("see what differs: blockstack profile diff %s %s", c.Theirs, c.Mine).
		Hint("the same command with --merge puts both changes together; profile publish has --replace, too")
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
