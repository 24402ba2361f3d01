package faults

import (
	"fmt"
	"io/fs"

	"blockstack/commands/fault"
	"blockstack/home"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/index/scenario"
	"blockstack/names/resolver"
	"blockstack/names/snv"
	"blockstack/names/zonefile"
	"blockstack/profile"
	"blockstack/profile/bundle"
	"blockstack/profile/publish"
	"blockstack/txbuilder/registrar"
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

// ownerErrors are the rows for operations of a name's owner.
func ownerErrors() []rule {
	return []rule{
		onType("not_owner", func(e *registrar.NotOwner, f *fault.Fault) {
			f.Hint("look at it: blockstack name show %s", e.Name).Hint("your names: blockstack name list")
			f.Detail("name", e.Name.String()).Detail("status", string(e.Status)).Detail("owner_address", e.Owner)
		}),
		onType("in_grace", func(e *registrar.MustRenew, f *fault.Fault) {
			f.Hint("renew it first: blockstack name renew %s", e.Name)
			f.Detail("expires_at_height", e.Expires).Detail("grace_ends_at_height", e.GraceEnds)
		}),
		onType("unchanged", func(e *registrar.Unchanged, f *fault.Fault) { f.Detail("name", e.Name.String()) }),
		onType("never_expires", func(e *registrar.NeverExpires, f *fault.Fault) {
			f.Hint("to give it away: blockstack name transfer %s TO", e.Name).Hint("to change its zone file: blockstack name update %s", e.Name)
		}),
		onType("insufficient_funds", func(e *registrar.NoOwnerCoin, f *fault.Fault) {
			if e.Reserved > 0 {
				f.Hint("wait for the other job: blockstack job resume")
			} else {
				f.Hint("send it a little and let it be mined: blockstack pay %s 0.0001", e.Owner)
			}
			f.Detail("owner_address", e.Owner).Detail("need_sat", int64(e.Need))
		}),
	}
}

// indexErrors are the rows for the index.
func indexErrors() []rule {
	return []rule{
		on(index.ErrNoIndex, "not_found", "make it: blockstack index sync"),
		onBusy(index.ErrBusy, "another blockstack command is using this index; try again when it is done"),
		on(index.ErrNewerVersion, "newer_version", "use the newer program, or delete the index: it is built again from blocks"),
		on(index.ErrOlderVersion, "damaged", "let it be built again: blockstack index sync"),
		on(index.ErrOtherRegistry, "damaged", "let it be built again: blockstack index sync"),
		on(index.ErrCorrupt, "damaged", "let it be built again: blockstack index sync --rebuild"),
		on(index.ErrDiffers, "damaged", "delete the index file and run: blockstack index sync"),
		on(index.ErrNodeBehind, "unreachable", "wait until the node has caught up, or choose another one"),
		on(index.ErrNoSpentOutput, "unreachable", "use a source that can show it: btcd with --txindex, bitcoind 23.0 or later, or block files with their undo files"),
		on(scenario.ErrBad, "malformed"),
		on(index.ErrBadBlock, "malformed"),
		on(index.ErrOutOfRange, "not_found"),
		on(names.ErrNoPrice, "not_found"),
	}
}
