// Package dialtest has addresses that are no proxies, for tests of whoever connects through one.
package dialtest

import (
	"net"
	"testing"
)

// Nobody is an address at which nothing listens.
func Nobody(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// NoProxy is the address of a program that greets as a mail server does, until the test ends.
func NoProxy(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("220 mail.example ESMTP\r\n"))
			_, _ = c.Read(make([]byte, 8))
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}
