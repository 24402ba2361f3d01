package home

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"blockstack/home/config"
	"blockstack/names/resolver"
	"blockstack/profile/proof"
	"blockstack/storage/local"
)

// ProofMemory is where what was found out about proofs is kept.
func ProofMemory(c *config.Config) *proof.Memory {
	return &proof.Memory{In: local.Cache(filepath.Join(c.CacheDir(), "proofs"))}
}

// ProofChecker checks proofs over the network, within the bounds of a Fetcher. DNS is asked twice
// on different ways, the system's resolver and a public one over https, because answers are not
// signed for us; through a proxy only the second way.
func ProofChecker(c *config.Config, pages *resolver.Fetcher) *proof.Checker {
	checker := &proof.Checker{Get: func(ctx context.Context, url string, hosts []string) (*proof.Page, error) {
		f := *pages
		f.FollowTo = hosts
		page, err := f.Fetch(ctx, url)
		if errors.Is(err, resolver.ErrMissing) {
			return nil, fmt.Errorf("%w: %w", proof.ErrMissing, err)
		}
		if err != nil {
			return nil, err
		}
		return &proof.Page{URL: page.URL, Body: page.Body}, nil
	}}
	switch {
	case c.Offline:
		checker.TXT = append(checker.TXT, func(context.Context, string) ([]string, error) { return nil, resolver.ErrOffline })
	case !c.ChainProxy().Used(): // the system's resolver would tell others which names are looked at
		checker.TXT = append(checker.TXT, proof.SystemTXT)
	}
	checker.TXT = append(checker.TXT, proof.PublicTXT(func(ctx context.Context, url string) ([]byte, error) {
		page, err := pages.Fetch(ctx, url)
		if err != nil {
			return nil, err
		}
		return page.Body, nil
	}))
	return checker
}
