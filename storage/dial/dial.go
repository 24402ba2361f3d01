package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

const (
	// ConnectTimeout is how long a connection may take to be opened, where nothing else is said.
	ConnectTimeout = 5 * time.Second

	// CircuitTimeout is how long a connection through a proxy may take: a circuit of Tor is not
	// made in a moment.
	CircuitTimeout = 60 * time.Second
)

// Proxy is a SOCKS5 proxy (RFC 1928) that connections go through, such as Tor's. The zero value is
// none: connections are made directly.
//
// The proxy is given host names as they are and resolves them itself, so that nobody on the way
// learns them. This machine (localhost, 127.0.0.0/8, ::1) is always reached directly: a proxy
// elsewhere would reach another machine by that name, and Tor refuses it.
type Proxy struct{ Address string } // host:port; empty: none

// ParseProxy reads a URL of the form socks5://HOST:PORT. A user name or password in it is refused.
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
	_, address, err := ASCIIAddress(u.Host)
	if err != nil {
		return Proxy{}, fmt.Errorf("proxy: %w", err)
	}
	return Proxy{Address: address}, nil
}

// Used says whether there is a proxy.
func (p Proxy) Used() bool { return p.Address != "" }

// Dial connects to host:port.
func (p Proxy) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return p.DialWithin(ctx, network, address, ConnectTimeout)
}

// DialWithin is Dial with another time for the connection to the host, or to the proxy.
func (p Proxy) DialWithin(ctx context.Context, network, address string, timeout time.Duration) (net.Conn, error) {
	host, address, err := ASCIIAddress(address)
	if err != nil {
		return nil, err
	}
	if !p.Used() || IsLoopback(host) {
		return (&net.Dialer{Timeout: timeout}).DialContext(ctx, network, address)
	}
	return p.through(ctx, network, address, timeout)
}

// through connects by way of the proxy, which may take timeout to be reached.
func (p Proxy) through(ctx context.Context, network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, CircuitTimeout)
	defer cancel()
	s, err := proxy.SOCKS5("tcp", p.Address, nil, toProxy{p.Address, timeout})
	if err != nil {
		return nil, fmt.Errorf("proxy %s: %w", p.Address, err)
	}
	conn, err := s.(proxy.ContextDialer).DialContext(ctx, network, address)
	var down *ProxyDown
	switch {
	case errors.As(err, &down):
		return nil, down
	case err != nil:
		return nil, fmt.Errorf("through the proxy %s: %w", p.Address, err)
	}
	return conn, nil
}

// ProxyDown means that the proxy itself does not answer, so that nothing behind it was reached.
type ProxyDown struct {
	Address string
	Err     error
}

// Error names the proxy.
func (e *ProxyDown) Error() string {
	return fmt.Sprintf("the proxy at %s does not answer: %v", e.Address, e.Err)
}

// Unwrap gives the cause.
func (e *ProxyDown) Unwrap() error { return e.Err }

// greetTimeout is how long a proxy may take to say that it is one; what it has to do for that is
// nothing.
const greetTimeout = 5 * time.Second

// Alive connects to the proxy and nowhere else. Its error is a *ProxyDown.
func (p Proxy) Alive(ctx context.Context) error {
	if !p.Used() {
		return nil
	}
	conn, err := toProxy{p.Address, ConnectTimeout}.DialContext(ctx, "tcp", p.Address)
	if err != nil {
		return err
	}
	defer conn.Close()
	const version, methods, none = 5, 1, 0 // RFC 1928: the greeting, and its answer
	answer := make([]byte, 2)
	if _, err = conn.Write([]byte{version, methods, none}); err == nil {
		_, err = io.ReadFull(conn, answer)
	}
	var down *ProxyDown
	switch {
	case errors.As(err, &down):
		return down
	case err != nil:
		return &ProxyDown{p.Address, err}
	case answer[0] != version:
		return &ProxyDown{p.Address, errors.New("it is no SOCKS5 proxy")}
	}
	return nil
}

// toProxy connects to the proxy itself.
type toProxy struct {
	address string
	timeout time.Duration
}

// Dial is DialContext without one.
func (d toProxy) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialContext connects; that it cannot is a *ProxyDown.
func (d toProxy) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: d.timeout}).DialContext(ctx, network, address)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, &ProxyDown{d.address, err}
	}
	return &greeted{Conn: conn, address: d.address}, nil
}

// greeted is a connection to a proxy, which has to say something soon: its greeting.
type greeted struct {
	net.Conn
	address string
	heard   bool
}

// Read waits for the first byte for a short time only.
func (c *greeted) Read(b []byte) (int, error) {
	if c.heard {
		return c.Conn.Read(b)
	}
	timer := time.AfterFunc(greetTimeout, func() { _ = c.Conn.Close() })
	n, err := c.Conn.Read(b)
	if !timer.Stop() && err != nil {
		return n, &ProxyDown{c.address, fmt.Errorf("it was connected to and said nothing for %s", greetTimeout)}
	}
	c.heard = n > 0
	return n, err
}
