package dial

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// answering is a server that redirects from /there to /here, and its address.
func answering(t *testing.T) (base, address string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/there" {
			http.Redirect(w, r, "/here", http.StatusFound)
		}
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return "http://localhost:" + u.Port(), u.Host
}

// get asks for a URL and says where it ended.
func get(t *testing.T, r Rules, at string) (path string, code int, err error) {
	t.Helper()
	resp, err := r.Client().Get(at)
	if err != nil {
		return "", 0, err
	}
	_ = resp.Body.Close()
	return resp.Request.URL.Path, resp.StatusCode, nil
}

// TestRulesAllow: what is judged is the address that a name led to, and nothing is sent to one that
// may not be.
func TestRulesAllow(t *testing.T) {
	base, address := answering(t)
	no, asked := errors.New("not there"), ""
	rules := Rules{Allow: func(address string) error { asked = address; return no }}
	if _, _, err := get(t, rules, base+"/here"); !errors.Is(err, no) {
		t.Errorf("an address that may not be: %v", err)
	}
	if host, port, _ := net.SplitHostPort(asked); !IsLoopback(host) || port != address[len("127.0.0.1:"):] || net.ParseIP(host) == nil {
		t.Errorf("asked about %q", asked)
	}
	rules.Allow = func(string) error { return nil }
	if _, code, err := get(t, rules, base+"/here"); err != nil || code != http.StatusOK {
		t.Errorf("%d %v", code, err)
	}
}

// TestRulesRedirect: a redirect is an answer, unless the rules let it through.
func TestRulesRedirect(t *testing.T) {
	base, _ := answering(t)
	if path, code, err := get(t, Rules{}, base+"/there"); err != nil || code != http.StatusFound || path != "/there" {
		t.Errorf("%s %d %v", path, code, err)
	}
	let := Rules{Redirect: func(*http.Request, []*http.Request) error { return nil }}
	if path, code, err := get(t, let, base+"/there"); err != nil || code != http.StatusOK || path != "/here" {
		t.Errorf("let through: %s %d %v", path, code, err)
	}
}

// TestRulesProxy: this machine is reached without the proxy, everything else through it or not at
// all.
func TestRulesProxy(t *testing.T) {
	base, _ := answering(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	off := l.Addr().String()
	_ = l.Close()
	rules := Rules{Proxy: Proxy{Address: off}}
	if _, code, err := get(t, rules, base+"/here"); err != nil || code != http.StatusOK {
		t.Errorf("this machine: %d %v", code, err)
	}
	var down *ProxyDown
	if _, _, err := get(t, rules, "http://192.0.2.1/"); !errors.As(err, &down) || down.Address != off {
		t.Errorf("another machine: %v", err)
	}
}

// TestRulesEnvironment: no client has a proxy of its own beside ours, and none speaks an old TLS.
func TestRulesEnvironment(t *testing.T) {
	tr, ok := Rules{}.Client().Transport.(*http.Transport)
	if !ok || tr.Proxy != nil || tr.TLSClientConfig.MinVersion != tls.VersionTLS12 || !tr.DisableCompression {
		t.Errorf("%+v", tr)
	}
}

// TestASCIIURLHost maps the host of a URL and leaves its port.
func TestASCIIURLHost(t *testing.T) {
	for host, want := range map[string]string{
		"example.org": "example.org", "example.org:81": "example.org:81", "[::1]:81": "[::1]:81",
		"①②⑦.⓪.⓪.①": "127.0.0.1", "①②⑦.⓪.⓪.①:81": "127.0.0.1:81", "müller.example:81": "xn--mller-kva.example:81",
		"\u202e.example": "", "example.org:８１": "", "[fe80::1%é]:81": "",
	} {
		if got, err := ASCIIURLHost(host); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", host, got, err)
		}
	}
}
