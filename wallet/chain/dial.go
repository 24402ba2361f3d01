package chain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// proxyTimeout is how long a connection through a proxy may take: a circuit of Tor
// is not made in a moment.
const proxyTimeout = 60 * time.Second

// Proxy is a SOCKS5 proxy (RFC 1928) that connections go through, such as Tor's.
// The zero value is none: connections are made directly.
//
// The proxy is given host names as they are and resolves them itself, so that
// nobody on the way learns them. This machine (localhost, 127.0.0.0/8, ::1) is
// always reached directly: a proxy elsewhere would reach another machine by that
// name, and Tor refuses it.
type Proxy struct{ Address string } // host:port; empty: none

// ParseProxy reads a URL of the form socks5://HOST:PORT. A user name or password
// in it is refused.
func ParseProxy(text string) (Proxy, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "socks5" && u.Scheme != "socks5h":
		return Proxy{}, errors.New("not a URL of the form socks5://HOST:PORT")
	case u.User != nil:
		return Proxy{}, errors.New("a proxy with a user name or password is not supported")
	case u.Port() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "":
		return Proxy{}, errors.New("not a URL of the form socks5://HOST:PORT")
	}
	return Proxy{Address: u.Host}, nil
}

// Used says whether there is a proxy.
func (p Proxy) Used() bool { return p.Address != "" }

// Dial connects to host:port.
func (p Proxy) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return p.dial(ctx, network, address, connectTimeout)
}

func (p Proxy) dial(ctx context.Context, network, address string, timeout time.Duration) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if !p.Used() || isLoopback(host) {
		return (&net.Dialer{Timeout: timeout}).DialContext(ctx, network, address)
	}
	ctx, cancel := context.WithTimeout(ctx, proxyTimeout)
	defer cancel()
	s, err := proxy.SOCKS5("tcp", p.Address, nil, &net.Dialer{Timeout: timeout})
	if err != nil {
		return nil, fmt.Errorf("proxy %s: %w", p.Address, err)
	}
	conn, err := s.(proxy.ContextDialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("through the proxy %s: %w", p.Address, err)
	}
	return conn, nil
}
