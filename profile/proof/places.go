package proof

import (
	"context"
	"net"
	"strings"

	"blockstack/profile"
)

// checkDNS looks at the TXT records of blockchainid.DOMAIN (identity 5.4). DNS is not signed for
// us, so every resolver must agree.
func (c *Checker) checkDNS(ctx context.Context, s Subject, a profile.Account, r Result) Result {
	domain, ok := hostName(a.Identifier)
	if !ok {
		return r.is(False, "%.80q is not a domain", a.Identifier)
	}
	if len(c.TXT) == 0 {
		return r.is(Unchecked, "no resolver can be asked")
	}
	r.PageURL = "dns:blockchainid." + domain + "?type=TXT"
	for _, ask := range c.TXT {
		texts, err := ask(ctx, "blockchainid."+domain)
		if err != nil {
			return r.is(Unchecked, "dns: %v", err)
		}
		by := ""
		for _, text := range texts {
			if len(text) <= 4096 {
				if by = Says(text, s.Name, s.Owner); by != "" {
					break
				}
			}
		}
		if by == "" {
			return r.is(False, "no TXT record at blockchainid.%s says it", domain)
		}
		r.By = by
	}
	return r.is(True, "a TXT record says so to %d resolvers", len(c.TXT))
}

// wellKnown is the path of the file with the statement on a web site.
const wellKnown = "/.well-known/blockstack.txt"

// checkWeb reads a well-known file over https.
func (c *Checker) checkWeb(ctx context.Context, s Subject, a profile.Account, r Result) Result {
	host, ok := hostName(strings.TrimSuffix(strings.TrimPrefix(a.Identifier, "https://"), "/"))
	if !ok {
		return r.is(False, "%.80q is not the name of a web site", a.Identifier)
	}
	other := "www." + host // many sites send readers from one of the two to the other
	if rest, www := strings.CutPrefix(host, "www."); www {
		other = rest
	}
	got, ok := c.fetch(ctx, "https://"+host+wellKnown, &r, other)
	if !ok {
		return r
	}
	if !strings.EqualFold(got.URL, "https://"+host+wellKnown) && !strings.EqualFold(got.URL, "https://"+other+wellKnown) {
		return r.is(False, "the file has moved to %.200q", got.URL)
	}
	return r.judge(s, string(got.Body))
}

// checkMastodon reads the page of user@host and looks for a rel=me link to where the owner's
// verified profile is. A link to a page that the profile merely names would prove nothing: anybody
// can name it.
func (c *Checker) checkMastodon(ctx context.Context, s Subject, a profile.Account, r Result) Result {
	user, at, found := strings.Cut(strings.TrimPrefix(a.Identifier, "@"), "@")
	host, ok := hostName(at)
	if !found || !ok || user == "" || strings.Trim(lower(user), "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return r.is(False, "%.80q is not user@host", a.Identifier)
	}
	page := "https://" + host + "/@" + user
	got, ok := c.fetch(ctx, page, &r)
	if !ok {
		return r
	}
	if !strings.EqualFold(got.URL, page) {
		return r.is(False, "the page has moved to %.200q", got.URL)
	}
	for _, link := range meLinks(got.Body) {
		for _, mine := range s.Profiles {
			if link == mine {
				r.By = "link"
				return r.is(True, "the page links back with rel=me")
			}
		}
	}
	if len(s.Profiles) == 0 {
		return r.is(Unchecked, "where the profile is published is not known, so no link can lead there")
	}
	return r.is(False, "the page has no rel=me link to the profile")
}

// hostName lets through lower-case DNS names with a dot, without port.
func hostName(s string) (string, bool) {
	s = lower(strings.TrimSuffix(s, "."))
	if len(s) > 240 || !strings.Contains(s, ".") || net.ParseIP(s) != nil || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return "", false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "", false
		}
	}
	return s, true
}
