package peers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

const (
	probeAfter = 3 * time.Second // without a peer that serves us
	probeWait  = 5 * time.Second // for a peer's greeting
)

// Unfit means that a named peer answers and does not have what is needed. It is an ErrUnreachable,
// and ErrPruned where that is the reason.
type Unfit struct {
	Host   string
	Pruned bool
}

// Error says what is missing.
func (e *Unfit) Error() string {
	if e.Pruned {
		return fmt.Sprintf("the peer %s is pruned: it has no blocks but the last ones", e.Host)
	}
	return fmt.Sprintf("the peer %s serves no compact filters (a bitcoind does with -blockfilterindex=1 -peerblockfilters=1)", e.Host)
}

// Is makes it the sentinels that it stands for.
func (e *Unfit) Is(target error) bool {
	return target == chain.ErrUnreachable || target == chain.ErrPruned && e.Pruned
}

// unfit asks the named peers what they serve: an error when all of them answer and none is fit.
// neutrino drops such peers without a word, and goes on trying.
func (p *Peers) unfit(ctx context.Context) error {
	answers := make([]error, len(p.cfg.Named))
	var all sync.WaitGroup
	for i, host := range p.cfg.Named {
		all.Go(func() { answers[i] = p.greet(ctx, host) })
	}
	all.Wait()
	for _, err := range answers {
		var unfit *Unfit
		if !errors.As(err, &unfit) {
			return nil
		}
	}
	return errors.Join(answers...)
}

// greet exchanges versions with a peer: nil when it is fit, an *Unfit when it is not.
func (p *Peers) greet(ctx context.Context, host string) error {
	conn, err := p.cfg.Proxy.DialWithin(ctx, "tcp", host, probeWait)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(probeWait)); err != nil {
		return err
	}
	none := wire.NewNetAddressIPPort(net.IPv4zero, 0, 0)
	hello := wire.NewMsgVersion(none, none, rand.Uint64(), 0)
	if err := wire.WriteMessage(conn, hello, wire.ProtocolVersion, p.cfg.Net.Net); err != nil {
		return err
	}
	for range 10 { // what may come before it is little
		msg, _, err := wire.ReadMessage(conn, wire.ProtocolVersion, p.cfg.Net.Net)
		if err != nil && !errors.Is(err, wire.ErrUnknownMessage) {
			return err
		}
		if v, ok := msg.(*wire.MsgVersion); ok {
			return fitness(host, v.Services)
		}
	}
	return fmt.Errorf("peer %s: %w: no greeting", host, chain.ErrBadAnswer)
}

// fitness judges the services of a peer: nil when it has old blocks and their filters.
func fitness(host string, has wire.ServiceFlag) error {
	switch {
	case has&wire.SFNodeNetwork == 0:
		return &Unfit{Host: host, Pruned: true}
	case has&wire.SFNodeCF == 0:
		return &Unfit{Host: host}
	}
	return nil
}
