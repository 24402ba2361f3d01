package commands

import (
	"context"
	"errors"
	"fmt"

	"blockstack/names/resolver"
	"blockstack/profile/proof"
)

// proofChecker checks proofs over the network, within the bounds of the Fetcher. DNS is asked twice on different ways, the system's
// resolver and a public one over https, because answers are not signed for us; through a proxy only the second way.
func (e *Env) proofChecker() *proof.Checker {
	c := &proof.Checker{Get: func(ctx context.Context, url string, hosts []string) (*proof.Page, error) {
		f := *e.Fetcher()
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
	if !e.Config.ChainProxy().Used() { // the system's resolver would tell others which names are looked at
		c.TXT = append(c.TXT, proof.SystemTXT)
	}
	if e.Config.Offline {
		c.TXT = append(c.TXT[:0], func(context.Context, string) ([]string, error) { return nil, resolver.ErrOffline })
	}
	c.TXT = append(c.TXT, proof.PublicTXT(func(ctx context.Context, url string) ([]byte, error) {
		page, err := e.Fetcher().Fetch(ctx, url)
		if err != nil {
			return nil, err
		}
		return page.Body, nil
	}))
	return c
}
