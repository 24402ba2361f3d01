package chain

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
)

// TestProxyDown: a proxy that is not there, or is none, is what is named, within seconds, whoever asks.
func TestProxyDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	off := l.Addr().String()
	_ = l.Close()
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	go func() {
		for {
			c, err := other.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("220 mail.example ESMTP\r\n"))
			_, _ = c.Read(make([]byte, 8))
			_ = c.Close()
		}
	}()
	for name, address := range map[string]string{"nothing listens": off, "another program": other.Addr().String()} {
		p := Proxy{Address: address}
		begun := time.Now()
		var down *ProxyDown
		if err := p.Alive(t.Context()); !errors.As(err, &down) || down.Address != address || !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: %v", name, err)
		}
		_, err := OpenPeers(t.Context(), PeersConfig{Dir: t.TempDir(), Net: &chaincfg.MainNetParams, Proxy: p})
		if !errors.As(err, &down) {
			t.Errorf("%s: peers: %v", name, err)
		}
		if address == off {
			_, err = Dial(t.Context(), Config{Host: "node.onion:8332", Proxy: p, Net: &chaincfg.MainNetParams})
			if !errors.As(err, &down) || !strings.Contains(err.Error(), address) {
				t.Errorf("%s: node: %v", name, err)
			}
		}
		if time.Since(begun) > 8*time.Second {
			t.Errorf("%s: it took %s", name, time.Since(begun))
		}
	}
	if err := (Proxy{}).Alive(t.Context()); err != nil {
		t.Errorf("no proxy: %v", err)
	}
}

// TestProxyAlive: one that greets is one.
func TestProxyAlive(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = bufio.NewReader(c).Peek(3)
		_, _ = c.Write([]byte{5, 0})
	}()
	if err := (Proxy{Address: l.Addr().String()}).Alive(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestHostForms: a host is judged in the form in which it is dialled.
func TestHostForms(t *testing.T) {
	for host, want := range map[string]struct{ loopback, onion bool }{
		"127.0.0.1": {true, false}, "::1": {true, false}, "localhost": {true, false}, "LocalHost.": {true, false},
		"①②⑦.⓪.⓪.①": {true, false}, "１２７。０。０。１": {true, false}, "ｌｏｃａｌｈｏｓｔ": {true, false}, "ⓛocalhost": {true, false},
		"example.org": {}, "128.0.0.1": {}, "nodeaddress.onion": {false, true}, "nodeaddress.ONION.": {false, true}, "localhost.example.org": {},
	} {
		ascii, err := asciiHost(host)
		if err != nil || isLoopback(ascii) != want.loopback || isOnion(ascii) != want.onion {
			t.Errorf("%s: %s, %v", host, ascii, err)
		}
		cfg := Config{Host: net.JoinHostPort(host, "8332"), Net: &chaincfg.MainNetParams, Proxy: Proxy{Address: "127.0.0.1:9050"}}
		if err := cfg.check(); errors.Is(err, ErrPlaintext) != (!want.loopback && !want.onion) {
			t.Errorf("%s: %v", host, err)
		}
		if cfg.Host != net.JoinHostPort(ascii, "8332") {
			t.Errorf("%s is dialled as %s", host, cfg.Host)
		}
	}
	if _, err := asciiHost("\u202e.example"); err == nil {
		t.Error("a host with an invisible character is taken")
	}
	cfg := Config{Host: "example.org:8332", Net: &chaincfg.MainNetParams, AllowPlaintext: true}
	if err := cfg.check(); err != nil || !cfg.Plaintext() {
		t.Errorf("a node without TLS that was asked for: %v", err)
	}
}
