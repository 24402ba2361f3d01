package commands

import (
	"io/fs"
	"os"
	"path/filepath"

	"blockstack/commands/fault"
	"blockstack/names/resolver"
	"blockstack/names/zonefile"
	"blockstack/profile"
	"blockstack/profile/publish"
	"blockstack/storage/local"
)

// Fetcher reads URLs that somebody else has chosen. Only on the sandbox may they lead to this machine.
func (e *Env) Fetcher() *resolver.Fetcher {
	return &resolver.Fetcher{AllowLoopback: e.Config.Network == "sandbox", Offline: e.Config.Offline, Proxy: e.Config.ChainProxy()}
}

// ZoneFiles are the places where zone files are read from: one's own, the cache, and those of --zonefiles.
func (e *Env) ZoneFiles() (*resolver.Sources, error) {
	s := &resolver.Sources{
		Cache: &resolver.Cache{In: local.Cache(filepath.Join(e.Config.CacheDir(), "zonefiles"))},
		Warn:  func(err error) { e.Out.Warn("%v", err) },
	}
	places := e.Config.ZoneFiles
	if _, err := os.Stat(e.Config.OwnZoneFiles()); err == nil {
		places = append([]string{e.Config.OwnZoneFiles()}, places...)
	}
	for _, place := range places {
		from, err := resolver.OpenSource(place, e.Fetcher())
		if err != nil {
			return nil, fault.Usage("--zonefiles: %v", err)
		}
		s.From = append(s.From, from)
	}
	return s, nil
}

// resolverErrors are the rows for zone files, profiles and their storage.
func resolverErrors() []rule {
	return []rule{
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
