package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Rules are what an HTTP client is bound to. The zero value connects directly, to whoever it is
// asked for, follows no redirect, asks for no compressed answer, and has no limits but its
// context's.
//
// No client takes a proxy from the environment: what one of those sees is not for us to give away.
type Rules struct {
	Proxy Proxy
	// Allow judges the address that is really dialled, after a name was resolved, as host:port;
	// nil: all may be. Behind the proxy, which resolves names itself, and of the proxy, it is not
	// asked.
	Allow func(address string) error
	// Redirect lets a redirect through, as http.Client's CheckRedirect does; nil: a redirect is an
	// answer like any other.
	Redirect func(to *http.Request, via []*http.Request) error
	// Roots are whose certificates are believed; nil: those of the system.
	Roots *x509.CertPool
	// Resolver finds the addresses of a name where there is no proxy; nil: the system's.
	Resolver *net.Resolver

	Connect   time.Duration // to open a connection; 0: as long as the request may take
	Handshake time.Duration // of TLS; 0: the same
	Request   time.Duration // of a whole request, its answer included; 0: as its context says

	HeaderBytes int64         // of an answer's headers; 0: net/http's limit
	Keep        int           // connections to one server that are kept for the next request; 0: each has its own
	KeepFor     time.Duration // how long they are; 0: until they are closed
	HTTP2       bool          // it is spoken where the server does
}

// Client makes a client.
func (r Rules) Client() *http.Client {
	redirect := r.Redirect
	if redirect == nil {
		redirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return &http.Client{
		Timeout:       r.Request,
		CheckRedirect: redirect,
		Transport: &http.Transport{
			DialContext:            r.dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: r.Roots},
			TLSHandshakeTimeout:    r.Handshake,
			DisableCompression:     true,
			DisableKeepAlives:      r.Keep == 0,
			MaxIdleConnsPerHost:    r.Keep,
			IdleConnTimeout:        r.KeepFor,
			MaxResponseHeaderBytes: r.HeaderBytes,
			ForceAttemptHTTP2:      r.HTTP2,
		},
	}
}

// dial connects to host:port.
func (r Rules) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, address, err := ASCIIAddress(address)
	if err != nil {
		return nil, err
	}
	if r.Proxy.Used() && !IsLoopback(host) {
		connect := r.Connect
		if connect == 0 {
			connect = ConnectTimeout // the proxy answers at once, or it is down
		}
		return r.Proxy.through(ctx, network, address, connect)
	}
	direct := net.Dialer{Timeout: r.Connect, Resolver: r.Resolver}
	if r.Allow != nil {
		direct.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error { return r.Allow(address) }
	}
	return direct.DialContext(ctx, network, address)
}
