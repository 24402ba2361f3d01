package home

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"blockstack/names/index"
	"blockstack/names/resolver"
	"blockstack/profile/lookup"
	"blockstack/profile/seen"
	"blockstack/storage/dial"
	"blockstack/storage/local"
)

// Fetcher reads URLs that somebody else has chosen. Only on the sandbox may they lead to this
// machine.
func (h *Home) Fetcher() *resolver.Fetcher {
	return &resolver.Fetcher{AllowLoopback: h.Config.Network == "sandbox", Offline: h.Config.Offline, Proxy: h.Config.ChainProxy()}
}

// WebClient speaks to servers that the user has chosen, through the proxy if there is one. It takes
// no proxy from the environment: what one of those sees is not for us to give away.
func (h *Home) WebClient() *http.Client {
	const handshake = 15 * time.Second
	return dial.Rules{Proxy: h.Config.ChainProxy(), Connect: dial.ConnectTimeout, Handshake: handshake, Keep: 2, HTTP2: true}.Client()
}

// ZoneFiles are the places where zone files are read from: one's own, the cache, and those that the
// configuration names.
func (h *Home) ZoneFiles() (*resolver.Sources, error) {
	s := &resolver.Sources{
		Cache: &resolver.Cache{In: local.Cache(filepath.Join(h.Config.CacheDir(), "zonefiles"))},
		Warn:  func(err error) { h.tell.Warn("%v", err) },
	}
	places := h.Config.ZoneFiles
	if _, err := os.Stat(h.Config.OwnZoneFiles()); err == nil {
		places = append([]string{h.Config.OwnZoneFiles()}, places...)
	}
	for _, place := range places {
		from, err := resolver.OpenSource(place, h.Fetcher())
		if err != nil {
			return nil, &BadPlace{Err: err}
		}
		s.From = append(s.From, from)
	}
	return s, nil
}

// BadPlace says that zone files cannot be read from where the configuration says.
type BadPlace struct{ Err error }

// Error gives the reason.
func (e *BadPlace) Error() string { return fmt.Sprintf("zone files: %v", e.Err) }

// Unwrap is the reason.
func (e *BadPlace) Unwrap() error { return e.Err }

// SeenProfiles is the memory of the newest profile of each owner.
func (h *Home) SeenProfiles() *seen.File { return &seen.File{Path: h.Config.ProfilesFile()} }

// indexNames are the records of an index with how far they are certain.
type indexNames struct {
	resolver.Records
	index *index.Index
}

// ExactUntil implements lookup.Names.
func (n indexNames) ExactUntil(ctx context.Context) (*int32, error) {
	tip, err := n.index.Tip(ctx)
	if err != nil || tip.ExactUntil >= tip.Height {
		return nil, err
	}
	return &tip.ExactUntil, nil
}

// Lookup finds the profiles of names in an index, which must be open as long as it is used. For
// what money follows (paying), records are backed by their transactions.
func (h *Home) Lookup(x *index.Index, paying bool) (*lookup.Lookup, error) {
	zoneFiles, err := h.ZoneFiles()
	if err != nil {
		return nil, err
	}
	n := indexNames{x, x}
	if paying {
		n.Records = h.Backed(x)
	}
	return &lookup.Lookup{
		Names: n, ZoneFiles: zoneFiles, Pages: h.Fetcher(), Memory: h.SeenProfiles(),
		Copies: &seen.Cache{In: local.Cache(filepath.Join(h.Config.CacheDir(), "profiles"))},
	}, nil
}

// WithLookup lets f look names up.
func (h *Home) WithLookup(ctx context.Context, f func(l *lookup.Lookup) error) error {
	return h.WithIndex(ctx, func(x *index.Index) error {
		l, err := h.Lookup(x, false)
		if err != nil {
			return err
		}
		return f(l)
	})
}

// TellAnswer says what the user should know about how a profile was read.
func (h *Home) TellAnswer(a *lookup.Answer) {
	if a.Insecure && h.Config.Network != "sandbox" {
		h.tell.Warn("the profile came over plain http: anybody on the way could have held back a newer one")
	}
	if a.Unkept != nil {
		h.tell.Warn("%v", a.Unkept)
	}
	if a.Cached {
		h.tell.Warn("the profile is from the cache: %s could not be read now; it was last read at %s", a.URL, a.ReadAt.UTC().Format(time.RFC3339))
	}
}
