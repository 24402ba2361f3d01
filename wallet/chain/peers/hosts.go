package peers

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/lightninglabs/neutrino"

	"blockstack/storage/dial"
	"blockstack/wallet/chain"
)

// hostNames stand for hosts that only the proxy may resolve. neutrino wants an IP address for each,
// so every host gets one from a range that nobody uses (240.0.0.0/4), and dialling it means
// dialling the host by its name.
type hostNames struct {
	mu    sync.Mutex
	names []string
}

const unusedRange = 240 << 24

func newHostNames() *hostNames { return &hostNames{} }

// address gives a host its address.
func (h *hostNames) address(host string) net.IP {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.Index(h.names, host)
	if i < 0 {
		i = len(h.names)
		h.names = append(h.names, host)
	}
	return binary.BigEndian.AppendUint32(nil, unusedRange+uint32(i))
}

// host is what an address stands for; empty: itself.
func (h *hostNames) host(ip net.IP) string {
	v4 := ip.To4()
	if v4 == nil {
		return ""
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	i := int64(binary.BigEndian.Uint32(v4)) - unusedRange
	if i < 0 || i >= int64(len(h.names)) {
		return ""
	}
	return h.names[i]
}

// resolve finds a host's addresses: by the system, or left to the proxy.
func (p *Peers) resolve(ctx context.Context, host string) ([]net.IP, error) {
	host, err := dial.ASCIIHost(host)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip != nil {
		return []net.IP{ip}, nil
	}
	if p.cfg.Proxy.Used() && !dial.IsLoopback(host) {
		return []net.IP{p.names.address(host)}, nil
	}
	return net.DefaultResolver.LookupIP(ctx, "ip", host)
}

// dial connects to a peer.
func (p *Peers) dial(ctx context.Context, a net.Addr) (net.Conn, error) {
	address := a.String()
	if tcp, ok := a.(*net.TCPAddr); ok {
		if name := p.names.host(tcp.IP); name != "" {
			address = net.JoinHostPort(name, fmt.Sprint(tcp.Port))
		}
	}
	p.dialled.Store(a.String(), nil)
	conn, err := p.cfg.Proxy.DialWithin(context.WithoutCancel(ctx), "tcp", address, peerConnect)
	var down *dial.ProxyDown
	if errors.As(err, &down) || err == nil {
		p.down.Store(down)
	}
	return conn, err
}

// unreached is the ErrUnreachable of a proxy that does not answer, in its words.
type unreached struct{ *dial.ProxyDown }

// Unwrap gives ErrUnreachable and the proxy.
func (e unreached) Unwrap() []error { return []error{chain.ErrUnreachable, e.ProxyDown} }

// noPeer says of a proxy that does not answer that no peer was reached.
func noPeer(err error) error {
	var down *dial.ProxyDown
	if errors.As(err, &down) {
		return unreached{down}
	}
	return err
}

// seedHosts are the DNS seeds of a network, in the form that asks for peers that serve filters.
func seedHosts(net *chaincfg.Params) (hosts []string) {
	for _, s := range net.DNSSeeds {
		if s.HasFiltering {
			hosts = append(hosts, fmt.Sprintf("x%x.%s", uint64(neutrino.RequiredServices), s.Host))
		}
	}
	return hosts
}

// middle is the median, the lower one of two; 0 of none.
func middle(v []int32) int32 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[(len(v)-1)/2]
}
