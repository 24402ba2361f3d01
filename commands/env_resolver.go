package commands

import (
	"fmt"
	"io/fs"

	"blockstack/commands/fault"
	"blockstack/home"
	"blockstack/names/resolver"
	"blockstack/names/zonefile"
	"blockstack/profile"
	"blockstack/profile/publish"
)

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
