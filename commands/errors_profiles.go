package commands

import (
	"fmt"
	"io/fs"
	"strings"

	"blockstack/commands/fault"
	"blockstack/home"
	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/names/snv"
	"blockstack/names/zonefile"
	"blockstack/profile"
	"blockstack/profile/bundle"
	"blockstack/profile/edit"
	"blockstack/profile/lookup"
	"blockstack/profile/proof"
	"blockstack/profile/publish"
	"blockstack/profile/seen"
)

// snvErrors are the rows for proofs.
func snvErrors() []rule {
	return []rule{
		on(snv.ErrBadTrust, "usage", "--trust takes CONSENSUS_HASH@HEIGHT or the hash of a block"),
		on(snv.ErrNoTrust, "usage", "say what you trust: --trust CONSENSUS_HASH@HEIGHT"),
		on(snv.ErrOtherRules, "wrong_network", "name the network or the name rules that it was made for: --network N or --registry FILE"),
		on(snv.ErrMalformed, "malformed"),
		on(bundle.ErrMalformed, "malformed"),
	}
}

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

// resolverErrors are the rows for zone files, profiles and their storage.
func resolverErrors() []rule {
	return []rule{
		onType("usage", func(e *home.BadPlace, f *fault.Fault) { f.Message = fmt.Sprintf("--zonefiles: %v", e.Err) }),
		on(resolver.ErrNoZoneFile, "unreachable",
			"name a folder or web server that has it: --zonefiles DIR|URL", "its owner can give it out with: blockstack zonefile publish NAME --to DIR"),
		on(resolver.ErrMismatch, "malformed"),
		on(resolver.ErrOffline, "unreachable", "leave out --offline"),
		on(resolver.ErrRefused, "unreachable"),
		on(resolver.ErrTooLarge, "malformed"),
		on(resolver.ErrMissing, "unreachable", "the owner must publish it there again; try later"),
		on(resolver.ErrUnreachable, "unreachable", "check the network and the address, and try again"),
		on(zonefile.ErrBadURL, "usage", "a profile URL begins with https:// and is written without spaces"),
		on(zonefile.ErrBadKey, "usage", "a data key is a public key in hex, 66 or 130 digits"),
		on(zonefile.ErrNotZoneFile, "malformed"),
		on(zonefile.ErrNoURL, "malformed"),
		on(zonefile.ErrOrigin, "malformed"),
		on(zonefile.ErrTooLarge, "malformed"),

		onType("malformed", func(e *profile.InvalidError, f *fault.Fault) { f.Code = string(e.Reason) }),
		on(profile.ErrBadOwner, "bad_address"),
		on(profile.ErrBadEdit, "usage", "say what is set as FIELD=VALUE, such as name=Alice or payment.bitcoin=ADDRESS"),
		on(profile.ErrNoPayee, "not_found"),
		on(profile.ErrMalformed, "malformed"),
		on(publish.ErrNewer, "conflict", "publish a newer token: sign the profile again"),
		on(publish.ErrReadBack, "unreachable"),
		on(fs.ErrExist, "conflict", "choose another file, or move this one away"),
	}
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
