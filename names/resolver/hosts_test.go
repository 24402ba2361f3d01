package resolver

import (
	"errors"
	"strings"
	"testing"

	"blockstack/storage/dial"
	"blockstack/storage/dial/dialtest"
)

func TestCheckURL(t *testing.T) {
	refused := []string{
		"", "profile.json", "//example.com/x", "ftp://example.com/x", "file:///etc/passwd", "gopher://example.com/", "javascript:alert(1)",
		"data:text/plain,x", "https:", "https:///x", "https:example.com", "https://user@example.com/", "https://user:pw@example.com/",
		"https://example.com:0/", "https://example.com:65536/", "https://example.com:x/", "https://exa mple.com/", "https://example.com/\x00",
		"https://localhost/", "https://LOCALHOST./", "https://a.localhost/", "https://intranet/", "https://printer.local/",
		"https://metadata.google.internal/", "https://nas.lan/", "https://box.home.arpa/", "https://abcdefgh.onion/",
		"https://127.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/",
		"https://10.1.2.3/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/", "https://169.254.169.254/latest/",
		"https://100.64.0.1/", "https://0.0.0.0/", "https://0.1.2.3/", "https://224.0.0.1/", "https://255.255.255.255/", "https://198.18.0.1/",
		"https://192.0.2.1/", "https://[::1]/", "https://[::]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fc00::1]/",
		"https://[fd12:3456::1]/", "https://[ff02::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:10.0.0.1]/",
		"https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a00:1]/", "https://[2002:7f00:1::]/", "https://[2002:c0a8:101::1]/",
		"https://[2001::1]/", "https://[2001:db8::1]/", "https://[::127.0.0.1]/", "https://[fec0::1]/", "https://[4000::1]/",
		"https://example.com/" + strings.Repeat("a", maxURLLength),
	}
	for _, u := range refused {
		var r *RefusedError
		if _, err := (&Fetcher{}).checkURL(u); !errors.As(err, &r) || !errors.Is(err, ErrRefused) {
			t.Errorf("%q: error %v, want a refusal", u, err)
		}
	}
	allowed := []string{
		"https://example.com/profile.json", "HTTPS://Example.Com", "http://example.com/x?y=1", "https://example.com:8443/", "https://8.8.8.8/",
		"https://[2606:4700::1111]/", "https://[64:ff9b::808:808]/", "https://[2002:808:808::1]/", "https://xn--bcher-kva.example/", "https://172.32.0.1/",
		"https://100.128.0.1/", "https://127.example.com/", "https://example.com./",
	}
	for _, u := range allowed {
		if _, err := (&Fetcher{}).checkURL(u); err != nil {
			t.Errorf("%q: %v", u, err)
		}
	}
}

// TestCheckURLMapped: names outside ASCII are judged as what they are mapped to before they are
// dialled, with a proxy and without.
func TestCheckURLMapped(t *testing.T) {
	proxied := &Fetcher{Proxy: dial.Proxy{Address: "127.0.0.1:9050"}}
	for _, host := range []string{
		"①②⑦.⓪.⓪.①", "①②⑦.⓪.⓪.①:8080", "１２７.0.0.1", "127。0。0。1", "127．0．0．1", "①⓪.0.0.1", "①⑥⑨.254.①⑥⑨.254", "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:80",
		"router.ⓛⓐⓝ", "０x7f.1", "②①③⓪⑦⓪⑥④③③", "%E2%91%A0%E2%91%A1%E2%91%A6.0.0.1", "\u202eexample.com",
	} {
		for _, f := range []*Fetcher{{}, proxied} {
			if u, err := f.checkURL("https://" + host + "/x"); !errors.Is(err, ErrRefused) {
				t.Errorf("%s: %v, %v", host, u, err)
			}
		}
	}
	for host, want := range map[string]string{"bücher.example": "xn--bcher-kva.example", "BÜCHER.example:8443": "xn--bcher-kva.example:8443", "ⓔxample.com": "example.com", "ex\u200bample.com": "example.com"} {
		if u, err := proxied.checkURL("https://" + host + "/x"); err != nil || u.Host != want {
			t.Errorf("%s: %v, %v", host, u, err)
		}
	}
	if u, err := (&Fetcher{trusted: true}).checkURL("http://①②⑦.⓪.⓪.①:8080/"); err != nil || !dial.IsLoopback(u.Hostname()) {
		t.Errorf("a server of the user's own on this machine: %v, %v", u, err)
	}
}

// TestFetchProxyDown: a proxy that is not there is named, and nothing is said about the server
// behind it.
func TestFetchProxyDown(t *testing.T) {
	address := dialtest.Nobody(t)
	f := &Fetcher{Proxy: dial.Proxy{Address: address}}
	if _, err := f.Fetch(t.Context(), "https://example.com/"); !errors.Is(err, ErrProxy) || !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), address) {
		t.Error(err)
	}
}

func TestCheckURLLoopbackAllowed(t *testing.T) {
	f := &Fetcher{AllowLoopback: true}
	for _, u := range []string{"http://127.0.0.1:8080/x", "http://localhost:8080/", "http://[::1]/", "http://127.9.9.9/"} {
		if _, err := f.checkURL(u); err != nil {
			t.Errorf("%q: %v", u, err)
		}
	}
	for _, u := range []string{"http://10.0.0.1/", "http://169.254.169.254/", "http://0.0.0.0/", "http://intranet/", "file:///etc/passwd"} {
		if _, err := f.checkURL(u); !errors.Is(err, ErrRefused) {
			t.Errorf("%q: error %v, want a refusal", u, err)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, u := range []string{"https://example.com/", "https://127.1/", "https://[::1]:80/", "http://a@b/", "https://1.2.3.4.5/"} {
		f.Add(u)
	}
	f.Fuzz(func(t *testing.T, rawURL string) {
		u, err := (&Fetcher{}).checkURL(rawURL)
		if err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatalf("error %v is no refusal", err)
			}
			return
		}
		if u.User != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
			t.Fatalf("let through %q", rawURL)
		}
		// What is asked for is what was judged.
		if _, err := (&Fetcher{}).checkURL(u.String()); err != nil && len(u.String()) <= maxURLLength {
			t.Fatalf("%q is let through, its own form %q is not: %v", rawURL, u.String(), err)
		}
	})
}
