package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"

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
	c.TXT = []func(context.Context, string) ([]string, error){e.systemTXT, e.publicTXT}
	if e.Config.ChainProxy().Used() { // the system's resolver would tell others which names are looked at
		c.TXT = c.TXT[1:]
	}
	return c
}

// systemTXT asks the system's resolver.
func (e *Env) systemTXT(ctx context.Context, name string) ([]string, error) {
	if e.Config.Offline {
		return nil, resolver.ErrOffline
	}
	texts, err := net.DefaultResolver.LookupTXT(ctx, name)
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return nil, nil
	}
	return texts, err
}

// publicTXT asks a public resolver over https (its JSON form), which checks DNSSEC where a domain has it.
func (e *Env) publicTXT(ctx context.Context, name string) ([]string, error) {
	page, err := e.Fetcher().Fetch(ctx, "https://dns.google/resolve?type=TXT&name="+url.QueryEscape(name))
	if err != nil {
		return nil, err
	}
	var answer struct {
		Status int
		Answer []struct {
			Type int    `json:"type"`
			Data string `json:"data"`
		}
	}
	if err := json.Unmarshal(page.Body, &answer); err != nil {
		return nil, fmt.Errorf("answer of dns.google: %w", err)
	}
	const noError, noName, txt = 0, 3, 16
	if answer.Status != noError && answer.Status != noName {
		return nil, fmt.Errorf("dns.google answers with status %d", answer.Status)
	}
	var texts []string
	for _, a := range answer.Answer {
		if a.Type != txt {
			continue
		}
		if text, err := strconv.Unquote(a.Data); err == nil {
			a.Data = text
		}
		texts = append(texts, a.Data)
	}
	return texts, nil
}
