package resolver

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"blockstack/storage/dial"
)

// The limits of a Fetcher when it does not say otherwise.
const (
	MaxPageSize  = 1 << 20          // bytes
	FetchTimeout = 20 * time.Second // for the whole fetch, redirects included
)

const (
	maxRedirects   = 3
	maxURLLength   = 4096
	maxHeaderBytes = 64 << 10
)

// Fetcher reads https URLs (and http ones, which it marks) that somebody else has chosen. It
// refuses URLs with a user part, other schemes, hosts that are not public, and redirects to another
// scheme or host. What counts is the address really dialled, so a host name that changes its mind
// between check and use gains nothing. It sends nothing about the user, takes no compressed
// answers, and ignores proxy settings of the environment. The zero value is ready, and a Fetcher
// may be copied and used from several goroutines.
type Fetcher struct {
	MaxBytes      int64          // 0: MaxPageSize
	Timeout       time.Duration  // 0: FetchTimeout
	AllowLoopback bool           // for the sandbox only: this machine counts as public
	Roots         *x509.CertPool // nil: those of the system
	Proxy         dial.Proxy     // resolves host names, too. This machine is reached without it
	Offline       bool           // refuse everything with ErrOffline
	FollowTo      []string       // other hosts to which a redirect over https may lead; the rules hold for them too

	trusted  bool          // the user himself has chosen the server, so it may be anywhere
	resolver *net.Resolver // nil: that of the system
}

// Page is what a URL answered.
type Page struct {
	URL         string // where it was found, after redirects
	Body        []byte
	ContentType string // as the server says; nothing is concluded from it
	Insecure    bool   // it came over plain http: anybody on the way may have changed it
}

// trusting gives a Fetcher for servers that the user himself has chosen.
func (f *Fetcher) trusting(maxBytes int64) *Fetcher {
	g := *f
	g.trusted, g.MaxBytes = true, maxBytes
	return &g
}

// Fetch reads a URL. Errors wrap ErrRefused when the rules do not let the URL or the answer
// through, ErrMissing when the server says that it is not there, ErrTooLarge, or ErrUnreachable
// when nothing is known.
func (f *Fetcher) Fetch(ctx context.Context, rawURL string) (*Page, error) {
	u, err := f.checkURL(rawURL)
	if err != nil {
		return nil, err
	}
	if f.Offline {
		return nil, fmt.Errorf("%s: %w: %w", quote(rawURL), ErrUnreachable, ErrOffline)
	}
	client := f.client()
	defer client.CloseIdleConnections()
	timeout := f.Timeout
	if timeout == 0 {
		timeout = FetchTimeout
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	page, err := f.get(limited, client, u)
	switch {
	case err == nil:
		return page, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fmt.Errorf("%s: %w: no full answer within %s", quote(rawURL), ErrUnreachable, timeout)
	}
	return nil, err
}

func (f *Fetcher) get(ctx context.Context, client *http.Client, u *url.URL) (*Page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &RefusedError{URL: u.String(), Reason: "not a URL that can be asked for"}
	}
	req.Header.Set("User-Agent", "blockstack")
	req.Header.Set("Accept", "*/*")
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := client.Do(req)
	if err != nil {
		if refused := (*RefusedError)(nil); errors.As(err, &refused) {
			return nil, refused
		}
		if down := (*dial.ProxyDown)(nil); errors.As(err, &down) {
			return nil, fmt.Errorf("%w: proxy %s: %w: %w", ErrUnreachable, down.Address, ErrProxy, down.Err)
		}
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer resp.Body.Close()
	final := resp.Request.URL
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		return nil, fmt.Errorf("%s: %w (http status %d)", quote(final.String()), ErrMissing, resp.StatusCode)
	default:
		return nil, &StatusError{URL: final.String(), Code: resp.StatusCode}
	}
	if enc := resp.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, &RefusedError{URL: final.String(), Reason: "answer is encoded as " + quote(enc) + ", which was not asked for"}
	}
	body, err := f.readBody(final, resp)
	if err != nil {
		return nil, err
	}
	return &Page{
		URL:         final.String(),
		Body:        body,
		ContentType: resp.Header.Get("Content-Type"),
		Insecure:    final.Scheme == "http",
	}, nil
}

func (f *Fetcher) readBody(u *url.URL, resp *http.Response) ([]byte, error) {
	limit := f.MaxBytes
	if limit == 0 {
		limit = MaxPageSize
	}
	tooLarge := fmt.Errorf("%s: %w: more than %d bytes", quote(u.String()), ErrTooLarge, limit)
	if resp.ContentLength > limit {
		return nil, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w: answer was cut off: %w", quote(u.String()), ErrUnreachable, err)
	case int64(len(body)) > limit:
		return nil, tooLarge
	}
	return body, nil
}

// checkRedirect lets a redirect through only to the same scheme, host and port, or over https to a
// host of FollowTo.
func (f *Fetcher) checkRedirect(req *http.Request, via []*http.Request) error {
	to, from := req.URL, via[len(via)-1].URL
	if host, err := dial.ASCIIURLHost(to.Host); err == nil { // else checkURL refuses it
		to.Host = host
	}
	switch {
	case len(via) > maxRedirects:
		return &RefusedError{URL: via[0].URL.String(), Reason: fmt.Sprintf("more than %d redirects", maxRedirects)}
	case to.Scheme == "https" && portOf(to) == "443" && slices.Contains(f.FollowTo, strings.ToLower(to.Hostname())):
	case to.Scheme != from.Scheme || !strings.EqualFold(to.Hostname(), from.Hostname()) || portOf(to) != portOf(from):
		return &RefusedError{URL: via[0].URL.String(), Reason: "redirects elsewhere, to " + quote(to.String())}
	}
	_, err := f.checkURL(to.String())
	return err
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// client makes a client for one fetch.
func (f *Fetcher) client() *http.Client {
	rules := dial.Rules{
		Proxy: f.Proxy, Allow: f.checkDial, Redirect: f.checkRedirect,
		Roots: f.Roots, Resolver: f.resolver, HeaderBytes: maxHeaderBytes,
	}
	return rules.Client()
}

// checkDial sees the address after the host name was resolved and just before the connection is
// made.
func (f *Fetcher) checkDial(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return &RefusedError{URL: address, Reason: "not an address"}
	}
	return f.checkAddress(address, host)
}
