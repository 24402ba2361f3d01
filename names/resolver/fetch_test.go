package resolver

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"blockstack/storage/dial"
)

func serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func local() *Fetcher { return &Fetcher{AllowLoopback: true, Timeout: 10 * time.Second} }

func TestFetch(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for _, private := range []string{"Cookie", "Authorization", "Referer", "Range"} {
			if r.Header.Get(private) != "" {
				t.Errorf("sent header %s", private)
			}
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		fmt.Fprint(w, r.URL.Path)
	})
	page, err := local().Fetch(context.Background(), s.URL+"/alice/profile.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(page.Body) != "/alice/profile.json" || !page.Insecure || page.ContentType != "application/octet-stream" {
		t.Errorf("page %+v", page)
	}
}

func TestFetchHTTPS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer s.Close()
	s.Config.ErrorLog = nil
	f := local()
	if _, err := f.Fetch(context.Background(), s.URL); !errors.Is(err, ErrUnreachable) {
		t.Fatalf("certificate of nobody: error %v", err)
	}
	f.Roots = x509.NewCertPool()
	f.Roots.AddCert(s.Certificate())
	page, err := f.Fetch(context.Background(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if page.Insecure || string(page.Body) != "ok" {
		t.Errorf("page %+v", page)
	}
}

func TestFetchRefusesThisMachine(t *testing.T) {
	var asked atomic.Bool
	s := serve(t, func(http.ResponseWriter, *http.Request) { asked.Store(true) })
	if _, err := (&Fetcher{}).Fetch(context.Background(), s.URL); !errors.Is(err, ErrRefused) {
		t.Errorf("error %v, want a refusal", err)
	}
	if asked.Load() {
		t.Error("the server was asked")
	}
}

// A host name of the public internet whose name server answers with an address of this machine.
func TestFetchChecksTheDialledAddress(t *testing.T) {
	var asked atomic.Bool
	s := serve(t, func(http.ResponseWriter, *http.Request) { asked.Store(true) })
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var resolved atomic.Bool
	server := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		resolved.Store(true)
		m := new(dns.Msg)
		m.SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			rr, _ := dns.NewRR(q.Question[0].Name + " 1 IN A 127.0.0.1")
			m.Answer = []dns.RR{rr}
		}
		_ = w.WriteMsg(m)
	})}
	go server.ActivateAndServe()
	defer server.Shutdown()
	f := &Fetcher{Timeout: 10 * time.Second, resolver: &net.Resolver{PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", packets.LocalAddr().String())
		}}}
	u, _ := url.Parse(s.URL)
	_, err = f.Fetch(context.Background(), "http://rebind.example.com:"+u.Port()+"/")
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("error %v, want a refusal of the address", err)
	}
	if !resolved.Load() {
		t.Error("the name server was not asked, so nothing was shown")
	}
	if asked.Load() {
		t.Error("the server was asked")
	}
	// The same name with this machine allowed reaches it.
	f.AllowLoopback = true
	if _, err := f.Fetch(context.Background(), "http://rebind.example.com:"+u.Port()+"/"); err != nil || !asked.Load() {
		t.Errorf("with loopback allowed: %v", err)
	}
}

func TestFetchHostileAnswers(t *testing.T) {
	stop := make(chan struct{})
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "elsewhere") })
	otherURL, _ := url.Parse(other.URL)
	mux := http.NewServeMux()
	redirect := func(path, to string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		})
	}
	redirect("/to-other-port", other.URL+"/")
	redirect("/to-other-host", "http://localhost:"+otherURL.Port()+"/")
	redirect("/to-file", "file:///etc/passwd")
	redirect("/to-https", "https://127.0.0.1/")
	redirect("/to-user", "//user@127.0.0.1/")
	redirect("/to-private", "http://10.0.0.1/")
	redirect("/loop", "/loop")
	redirect("/bad-location", "http://[::1")
	redirect("/same-host", "/fine")
	mux.HandleFunc("/fine", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "fine") })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		junk := bytes.Repeat([]byte{'x'}, 64<<10)
		for {
			if _, err := w.Write(junk); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/claims-much", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000000000000")
	})
	mux.HandleFunc("/exactly", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1000)) })
	mux.HandleFunc("/one-more", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1001)) })
	mux.HandleFunc("/truncated", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "only this")
	})
	mux.HandleFunc("/gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write([]byte{0x1f, 0x8b})
	})
	mux.HandleFunc("/silent", func(w http.ResponseWriter, r *http.Request) { <-stop })
	mux.HandleFunc("/drip", func(w http.ResponseWriter, r *http.Request) {
		for {
			select {
			case <-stop:
				return
			case <-r.Context().Done():
				return
			case <-time.After(time.Millisecond):
				fmt.Fprint(w, "x")
				w.(http.Flusher).Flush()
			}
		}
	})
	mux.HandleFunc("/headers", func(w http.ResponseWriter, _ *http.Request) {
		for i := range 1000 {
			w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("y", 1000))
		}
	})
	for _, code := range []int{204, 206, 304, 401, 403, 404, 410, 418, 500, 503} {
		mux.HandleFunc(fmt.Sprintf("/status-%d", code), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
	s := serve(t, mux.ServeHTTP)
	t.Cleanup(func() { close(stop) }) // before the server is closed, which waits for its handlers

	cases := []struct {
		path    string
		want    error
		timeout time.Duration
	}{
		{"/to-other-port", ErrRefused, 0}, {"/to-other-host", ErrRefused, 0}, {"/to-file", ErrRefused, 0}, {"/to-https", ErrRefused, 0},
		{"/to-user", ErrRefused, 0}, {"/to-private", ErrRefused, 0}, {"/loop", ErrRefused, 0}, {"/bad-location", ErrUnreachable, 0},
		{"/same-host", nil, 0}, {"/exactly", nil, 0}, {"/one-more", ErrTooLarge, 0}, {"/endless", ErrTooLarge, 0},
		{"/claims-much", ErrTooLarge, 0}, {"/truncated", ErrUnreachable, 0}, {"/gzip", ErrRefused, 0},
		{"/silent", ErrUnreachable, 50 * time.Millisecond}, {"/drip", ErrUnreachable, 50 * time.Millisecond}, {"/headers", ErrUnreachable, 0},
		{"/status-204", ErrUnreachable, 0}, {"/status-206", ErrUnreachable, 0}, {"/status-304", ErrUnreachable, 0},
		{"/status-401", ErrUnreachable, 0}, {"/status-403", ErrUnreachable, 0}, {"/status-404", ErrMissing, 0}, {"/status-410", ErrMissing, 0},
		{"/status-418", ErrUnreachable, 0}, {"/status-500", ErrUnreachable, 0}, {"/status-503", ErrUnreachable, 0},
	}
	for _, c := range cases {
		t.Run(c.path[1:], func(t *testing.T) {
			f := local()
			f.MaxBytes = 1000
			if c.timeout != 0 {
				f.Timeout = c.timeout
			}
			page, err := f.Fetch(context.Background(), s.URL+c.path)
			switch {
			case c.want == nil && err != nil:
				t.Fatal(err)
			case c.want != nil && !errors.Is(err, c.want):
				t.Fatalf("error %v, want %v (page %v)", err, c.want, page)
			case c.want != ErrMissing && errors.Is(err, ErrMissing):
				t.Fatalf("error %v says that nothing is there", err)
			}
		})
	}
}

// A server that does not speak HTTP.
func TestFetchGarbage(t *testing.T) {
	for _, garbage := range []string{"", "\x00\xff", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 999999999999 x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, garbage)
		}()
		if _, err := local().Fetch(context.Background(), "http://"+l.Addr().String()+"/"); !errors.Is(err, ErrUnreachable) {
			t.Errorf("%q: error %v, want ErrUnreachable", garbage, err)
		}
		l.Close()
	}
}

func TestFetchCancelled(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := local().Fetch(ctx, s.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestFetchOffline(t *testing.T) {
	f := local()
	f.Offline = true
	if _, err := f.Fetch(context.Background(), "https://example.com/"); !errors.Is(err, ErrOffline) || !errors.Is(err, ErrUnreachable) {
		t.Errorf("error %v", err)
	}
}

// A SOCKS5 proxy (RFC 1928) that is asked for a host name and not for an address, so that looking
// it up leaks nothing.
func TestFetchThroughProxy(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "by way of proxy: "+r.Host) })
	target, _ := url.Parse(s.URL)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	asked := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		b := make([]byte, 512)
		_, _ = conn.Read(b)             // greeting
		_, _ = conn.Write([]byte{5, 0}) // no authentication
		n, _ := conn.Read(b)            // 5 1 0 3 len host port
		if n < 7 || b[3] != 3 {
			asked <- fmt.Sprintf("address of type %d", b[3])
			return
		}
		asked <- string(b[5 : 5+int(b[4])])
		_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		up, err := net.Dial("tcp", target.Host)
		if err != nil {
			return
		}
		defer up.Close()
		go io.Copy(up, conn)
		_, _ = io.Copy(conn, up)
	}()
	f := &Fetcher{Proxy: dial.Proxy{Address: l.Addr().String()}, Timeout: 10 * time.Second}
	page, err := f.Fetch(context.Background(), "http://somebody.onion/profile.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := <-asked; got != "somebody.onion" {
		t.Errorf("proxy was asked for %q", got)
	}
	if string(page.Body) != "by way of proxy: somebody.onion" {
		t.Errorf("body %q", page.Body)
	}
	for _, private := range []string{"http://127.0.0.1/", "http://localhost/", "http://10.0.0.1/", "http://127.1/"} {
		if _, err := f.Fetch(context.Background(), private); !errors.Is(err, ErrRefused) {
			t.Errorf("%s through the proxy: error %v, want a refusal", private, err)
		}
	}
}

// What a server sends after the status line, in any bytes: never a panic, never more than the
// limit, always one of the known errors.
func FuzzFetch(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	f.Add([]byte("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	var answer atomic.Pointer[[]byte]
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			if b := answer.Load(); b != nil {
				_, _ = conn.Write(*b)
			}
			conn.Close()
		}
	}()
	f.Fuzz(func(t *testing.T, b []byte) {
		answer.Store(&b)
		fetcher := &Fetcher{AllowLoopback: true, MaxBytes: 100, Timeout: 2 * time.Second}
		page, err := fetcher.Fetch(context.Background(), "http://"+l.Addr().String()+"/")
		switch {
		case err == nil && len(page.Body) > 100:
			t.Fatalf("%d bytes", len(page.Body))
		case err != nil && !errors.Is(err, ErrRefused) && !errors.Is(err, ErrMissing) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrUnreachable):
			t.Fatalf("unknown error %v", err)
		}
	})
}
