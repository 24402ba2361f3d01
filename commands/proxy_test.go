package commands

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/storage/dial"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/chain/peers"
	"blockstack/wallet/sandbox"
)

// socksServer is a SOCKS5 proxy (RFC 1928, no authentication, CONNECT) that knows where some hosts
// really are and notes what it is asked for. It connects to nothing else.
type socksServer struct {
	t     *testing.T
	hosts map[string]string // host:port as asked for → host:port on this machine

	mu    sync.Mutex
	asked []string
}

// serveSOCKS starts the proxy and gives its URL.
func serveSOCKS(t *testing.T, hosts map[string]string) (s *socksServer, url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s = &socksServer{t: t, hosts: hosts}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if err := s.serve(c); err != nil && !errors.Is(err, io.EOF) {
					t.Logf("socks: %v", err)
				}
			}()
		}
	}()
	return s, "socks5://" + l.Addr().String()
}

func (s *socksServer) serve(c net.Conn) error {
	read := func(n int) ([]byte, error) {
		b := make([]byte, n)
		_, err := io.ReadFull(c, b)
		return b, err
	}
	b, err := read(2)
	if err != nil || b[0] != 5 {
		return errors.Join(err, fmt.Errorf("version %v", b))
	}
	if _, err := read(int(b[1])); err != nil {
		return err
	}
	if _, err := c.Write([]byte{5, 0}); err != nil {
		return err
	}
	if b, err = read(4); err != nil || b[1] != 1 {
		return errors.Join(err, fmt.Errorf("command %v", b))
	}
	host := ""
	switch b[3] {
	case 1, 4:
		ip, err := read(map[byte]int{1: 4, 4: 16}[b[3]])
		if err != nil {
			return err
		}
		host = net.IP(ip).String()
	case 3:
		n, err := read(1)
		if err != nil {
			return err
		}
		name, err := read(int(n[0]))
		if err != nil {
			return err
		}
		host = string(name)
	}
	port, err := read(2)
	if err != nil {
		return err
	}
	target := net.JoinHostPort(host, fmt.Sprint(binary.BigEndian.Uint16(port)))
	s.mu.Lock()
	s.asked = append(s.asked, target)
	s.mu.Unlock()
	at, ok := s.hosts[target]
	if !ok {
		_, err := c.Write([]byte{5, 4, 0, 1, 0, 0, 0, 0, 0, 0}) // host unreachable
		return err
	}
	up, err := net.Dial("tcp", at)
	if err != nil {
		return err
	}
	defer up.Close()
	if _, err := c.Write([]byte{5, 0, 0, 1, 127, 0, 0, 1, 0, 0}); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(up, c)
		_ = up.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(c, up)
	c.Close()
	<-done
	return nil
}

// takeAsked returns what was asked for since the last call, each once.
func (s *socksServer) takeAsked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.asked
	s.asked = nil
	slices.Sort(list)
	return slices.Compact(list)
}

// TestProxyForEverything: a node, peers, and what is fetched are reached through the proxy, by
// names that nobody else can resolve; and only this machine is reached without it.
func TestProxyForEverything(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	node, err := sandbox.Start(ctx, sandbox.Options{Dir: dir, Btcd: chaintest.Btcd(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		node.Close()
		if err := sandbox.Stop(context.Background(), dir); err != nil {
			t.Error(err)
		}
	}()
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	rpc := node.Config()
	const peer, onion, pages = "peer.invalid:18444", "nodeonionaddress.onion:18334", "pages.example.com:80"
	proxy, url := serveSOCKS(t, map[string]string{peer: node.P2PAddress(), onion: rpc.Host, pages: web.Listener.Addr().String()})

	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	password := file("pw", "correct horse\n")
	auth := file("auth", rpc.User+":"+rpc.Pass.Reveal()+"\n")
	run := func(want int, args ...string) map[string]any {
		t.Helper()
		args = append([]string{"--home", folder, "--network", "regtest", "--password-file", password, "--proxy", url}, args...)
		code, out, fault, said := blockstack(t, args...)
		if code != want {
			t.Fatalf("%v: exit %d, want %d: %v %s", args, code, want, fault, said)
		}
		return out
	}
	only := func(what string, want ...string) {
		t.Helper()
		if got := proxy.takeAsked(); !slices.Equal(got, want) {
			t.Errorf("%s: asked for %q, want %q", what, got, want)
		}
	}

	run(0, "--offline", "wallet", "create", "--words-file", filepath.Join(folder, "words"))
	only("offline")
	if out := run(0, "--peer", "peer.invalid", "balance"); fmt.Sprint(out["height"]) == "0" {
		t.Errorf("peers: %v", out)
	}
	only("peers", peer)
	for _, backend := range []string{"btcd", "bitcoind"} {
		run(0, "--backend", backend, "--node", "http://nodeonionaddress.onion:18334", "--node-auth-file", auth, "balance")
		only(backend, onion)
	}
	// A node on this machine is reached directly, by all its names.
	_, port, err := net.SplitHostPort(rpc.Host)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		run(0, "--node", "http://"+net.JoinHostPort(host, port), "--node-auth-file", auth, "balance")
		only(host)
	}
	run(0, "--peer", node.P2PAddress(), "balance")
	only("a peer on this machine")

	// What is fetched: a zone file by its hash. That it is missing there is an answer, too.
	cfg := &session.Session{Out: voice.New(io.Discard, io.Discard)}
	cfg.Use(&config.Config{Network: "regtest", Proxy: url})
	if _, err := cfg.Fetcher().Fetch(ctx, "http://pages.example.com/zonefiles/00"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("fetched: %v", err)
	}
	only("a page", pages)
	resp, err := cfg.WebClient().Get("http://pages.example.com/hub_info")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	only("a server of one's own", pages)
	if n := len(home.ProofChecker(cfg.Config, cfg.Fetcher()).TXT); n != 1 {
		t.Errorf("%d resolvers are asked for TXT records", n)
	}

	// A proxy that is not there, and one that does not reach the peer, are errors: nothing is tried
	// around them.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	code, _, fault, _ := blockstack(t, "--home", folder, "--network", "regtest", "--proxy", "socks5://"+l.Addr().String(),
		"--node", "http://nodeonionaddress.onion:18334", "--node-auth-file", auth, "balance")
	if code != 9 {
		t.Errorf("without the proxy: exit %d, %v", code, fault)
	}
	run(9, "--node", "http://another.onion:18334", "--node-auth-file", auth, "balance")
	only("a node that the proxy does not reach", "another.onion:18334")
}

// TestProxyRefused: what is no SOCKS5 proxy, and one with a password, are refused before anything
// is connected.
func TestProxyRefused(t *testing.T) {
	for _, bad := range []string{"http://127.0.0.1:8080", "127.0.0.1:9050", "socks5://127.0.0.1", "socks5://user:sesame@127.0.0.1:9050", "socks4://127.0.0.1:9050", "socks5://127.0.0.1:9050/path"} {
		if code, _, fault, said := blockstack(t, "--home", t.TempDir(), "--proxy", bad, "balance"); code != 2 || strings.Contains(said, "sesame") {
			t.Errorf("%s: exit %d, %v", bad, code, fault)
		}
	}
	for _, bad := range []string{"host:port", "http://host", "a b", ":8333", "host:0", "host:99999", "[::1"} {
		if code, _, fault, _ := blockstack(t, "--home", t.TempDir(), "--peer", bad, "balance"); code != 2 {
			t.Errorf("peer %s: exit %d, %v", bad, code, fault)
		}
	}
}

// TestProxySeeds: without named peers the seeds of the network are what the proxy is asked for, by
// name, and nothing else is asked for anything.
func TestProxySeeds(t *testing.T) {
	proxy, url := serveSOCKS(t, nil)
	p, err := dial.ParseProxy(url)
	if err != nil {
		t.Fatal(err)
	}
	_, err = peers.Open(t.Context(), peers.Config{Dir: t.TempDir(), Net: &chaincfg.MainNetParams, Proxy: p, Patience: 2 * time.Second})
	if !errors.Is(err, chain.ErrUnreachable) {
		t.Errorf("error %v", err)
	}
	var want []string
	for _, s := range chaincfg.MainNetParams.DNSSeeds {
		if s.HasFiltering {
			want = append(want, "x49."+s.Host+":8333") // 0x49: all blocks, witnesses, filters
		}
	}
	asked := proxy.takeAsked()
	if len(asked) == 0 {
		t.Error("the proxy was asked for nothing")
	}
	for _, target := range asked {
		if !slices.Contains(want, target) {
			t.Errorf("asked for %s", target)
		}
	}
}
