// Package proof checks that an account elsewhere and a name belong together: that a place which
// only the holder of the account can write says so (identity 5). Pages are hostile: they are read
// up to a bound, only the part that belongs to the account's holder counts, and what cannot be seen
// there is "could not check", never true and never false.
package proof

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"strings"
	"time"

	"blockstack/profile"
)

// State is what is known about a proof.
type State string

// The states.
const (
	True      State = "true"            // the statement is there, by the right account
	False     State = "false"           // the place was read and does not say it, or the claim can never be true
	Unchecked State = "could_not_check" // nothing is known now
)

// ErrMissing is to be wrapped by a Get when a server answered that the page does not exist.
var ErrMissing = errors.New("page does not exist")

// MaxPage bounds a page in bytes.
const MaxPage = 1 << 20

// Page is what a URL answered.
type Page struct {
	URL  string // after redirects
	Body []byte
}

// Subject is whom the proofs are for.
type Subject struct {
	Name     string   // alice.id; empty: only the owner's address counts
	Owner    string   // base58 address
	Profiles []string // URLs where the owner's verified profile is, for rel=me
}

// Checker checks proofs. Get reads a page of at most MaxPage bytes and follows redirects within its
// host and to the hosts given; each TXT gives the texts at a DNS name as one resolver sees them,
// and all of them must agree. Without them, what needs no network is checked: whether the claim can
// be true, and signatures.
type Checker struct {
	Get   func(ctx context.Context, url string, hosts []string) (*Page, error)
	TXT   []func(ctx context.Context, name string) ([]string, error)
	Clock func() time.Time // nil: time.Now
}

// Result is what became of one proof.
type Result struct {
	Service    string    `json:"service"`
	Identifier string    `json:"identifier"`
	ProofURL   string    `json:"proof_url,omitempty"`
	State      State     `json:"state"`
	Detail     string    `json:"detail"`
	By         string    `json:"by,omitempty"`          // "address" or "name": what the statement names, or "link" or "signature"
	CheckedAt  time.Time `json:"checked_at"`            // when
	PageURL    string    `json:"page_url,omitempty"`    // the evidence: where it was found
	PageSHA256 string    `json:"page_sha256,omitempty"` // and the hash of it
}

// Services gives the services that can be checked.
func Services() []string {
	return []string{"twitter", "facebook", "github", "instagram", "hackerNews", "linkedIn", "dns", "web", "mastodon", "nostr", "ssh", "bitcoin", "pgp"}
}

// Check checks one account of a profile.
func (c *Checker) Check(ctx context.Context, s Subject, a profile.Account) Result {
	now := time.Now
	if c.Clock != nil {
		now = c.Clock
	}
	r := Result{Service: a.Service, Identifier: a.Identifier, ProofURL: a.ProofURL, CheckedAt: now().UTC()}
	switch {
	case a.Identifier == "":
		return r.is(False, "the account has no identifier")
	case len(a.Identifier) > 4096:
		return r.is(False, "the identifier is too long")
	}
	if _, social := socialServices()[a.Service]; social {
		return c.checkSocial(ctx, s, a, r)
	}
	switch a.Service {
	case "dns":
		return c.checkDNS(ctx, s, a, r)
	case "web":
		return c.checkWeb(ctx, s, a, r)
	case "mastodon":
		return c.checkMastodon(ctx, s, a, r)
	case "nostr":
		return checkNostr(s, a, r)
	case "ssh":
		return checkSSH(s, a, r)
	case "bitcoin":
		return checkBitcoin(s, a, r)
	case "pgp":
		return c.checkPGP(ctx, s, a, r)
	}
	return r.is(Unchecked, "there is no way to check accounts of %.40q", a.Service)
}

func (r Result) is(s State, format string, args ...any) Result {
	r.State, r.Detail = s, fmt.Sprintf(format, args...)
	return r
}

// fetch reads a page; false when the result is decided by what happened.
func (c *Checker) fetch(ctx context.Context, url string, r *Result, hosts ...string) (*Page, bool) {
	if c.Get == nil {
		*r = r.is(Unchecked, "no page can be read")
		return nil, false
	}
	p, err := c.Get(ctx, url, hosts)
	switch {
	case errors.Is(err, ErrMissing):
		*r = r.is(False, "there is no page at %s", url)
		return nil, false
	case err != nil:
		*r = r.is(Unchecked, "%v", err)
		return nil, false
	case len(p.Body) > MaxPage:
		*r = r.is(Unchecked, "%s: page is larger than %d bytes", url, MaxPage)
		return nil, false
	}
	sum := sha256.Sum256(p.Body)
	r.PageURL, r.PageSHA256 = p.URL, hex.EncodeToString(sum[:])
	return p, true
}

// judge looks for a statement in what the account's holder wrote.
func (r Result) judge(s Subject, text string) Result {
	switch by := Says(text, s.Name, s.Owner); by {
	case "":
		return r.is(False, "the page does not say it")
	default:
		r.By = by
		return r.is(True, "it says so, by %s", by)
	}
}

// Statement is the text to put at the place of a service, or to sign.
func Statement(service string, s Subject) string {
	if service == "mastodon" && len(s.Profiles) > 0 {
		return `<a rel="me" href="` + html.EscapeString(s.Profiles[0]) + `">` + html.EscapeString(s.Name) + `</a>`
	}
	return "Verifying my Blockstack ID is secured with the address " + s.Owner
}

// Place says in words where the statement of an account goes, and how its proof is given.
func Place(service, identifier string) string {
	switch service {
	case "dns":
		return "put it into a TXT record of blockchainid." + identifier
	case "web":
		return "serve it at https://" + strings.TrimSuffix(strings.TrimPrefix(identifier, "https://"), "/") + wellKnown
	case "mastodon":
		return "link from the profile page of " + identifier + " to the profile; Mastodon makes the link when its address stands in a field there"
	case "nostr":
		return "publish it as a note, and give the event as JSON with --message"
	case "ssh":
		return "save it as statement.txt, run ssh-keygen -Y sign -n " + sshNamespace + " -f KEY statement.txt, and give --message and --signature"
	case "pgp":
		return "save it as statement.txt, run gpg --armor --detach-sign statement.txt, publish the key, and give --message, --signature and --url of the key"
	case "bitcoin":
		return "sign it as a message with the key of " + identifier + ", and give --message and --signature"
	}
	return "publish it as " + identifier + " on " + service + ", and give --url of the post"
}

// Evidence says what a proof of a service must have: the URL of the statement or the key, a signed
// message, a signature beside it.
func Evidence(service string) (url, message, signature bool) {
	switch service {
	case "dns", "web", "mastodon":
		return false, false, false
	case "nostr":
		return false, true, false
	case "pgp": // a clear-signed message needs no signature beside it
		return true, true, false
	case "ssh", "bitcoin":
		return false, true, true
	}
	return true, false, false
}

// lower compares services as people write them.
func lower(s string) string { return strings.ToLower(s) }
