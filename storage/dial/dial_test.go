package dial

import (
	"bufio"
	"errors"
	"net"
	"testing"
	"time"

	"blockstack/storage/dial/dialtest"
)

// TestProxyDown: a proxy that is not there, or is none, is what is named, within seconds, whoever
// asks.
func TestProxyDown(t *testing.T) {
	for name, address := range map[string]string{"nothing listens": dialtest.Nobody(t), "another program": dialtest.NoProxy(t)} {
		p := Proxy{Address: address}
		begun := time.Now()
		var down *ProxyDown
		if err := p.Alive(t.Context()); !errors.As(err, &down) || down.Address != address {
			t.Errorf("%s: %v", name, err)
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
		ascii, err := ASCIIHost(host)
		if err != nil || IsLoopback(ascii) != want.loopback || IsOnion(ascii) != want.onion {
			t.Errorf("%s: %s, %v", host, ascii, err)
		}
	}
	if _, err := ASCIIHost("\u202e.example"); err == nil {
		t.Error("a host with an invisible character is taken")
	}
}
