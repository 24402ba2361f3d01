package peers_test

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/sandboxtest"
)

// lossyPeer is a peer of the network that loses messages: a node, behind a connection that reads
// them and leaves some out.
type lossyPeer struct {
	address string
	lost    atomic.Int32

	mu    sync.Mutex
	loses func(msg wire.Message) bool // says which message goes astray
}

func (l *lossyPeer) lose(f func(msg wire.Message) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.loses = f
}

// newLossyPeer answers nobody until first is closed, so that another one can be the first; nil: at
// once.
func newLossyPeer(t *testing.T, node string, first <-chan struct{}) *lossyPeer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &lossyPeer{address: listener.Addr().String(), loses: func(wire.Message) bool { return false }}
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait() // the peers that were opened later are closed before
	})
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			if first != nil {
				select {
				case <-first:
				case <-t.Context().Done():
				}
			}
			server, err := net.Dial("tcp", node)
			if err != nil {
				_ = client.Close()
				continue
			}
			all.Go(func() { l.pass(client, server) })
			all.Go(func() { l.pass(server, client) })
		}
	})
	return l
}

// pass hands messages on, one way, until one end closes.
func (l *lossyPeer) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	for {
		_, msg, _, err := wire.ReadMessageWithEncodingN(from, wire.ProtocolVersion, chaincfg.RegressionNetParams.Net, wire.WitnessEncoding)
		if errors.Is(err, wire.ErrUnknownMessage) {
			continue
		}
		if err != nil {
			return
		}
		l.mu.Lock()
		lost := l.loses(msg)
		l.mu.Unlock()
		if lost {
			l.lost.Add(1)
			continue
		}
		if _, err := wire.WriteMessageWithEncodingN(to, msg, wire.ProtocolVersion, chaincfg.RegressionNetParams.Net, wire.WitnessEncoding); err != nil {
			return
		}
	}
}

// What a peer loses, an announcement, a question, an answer, is asked for again: nobody waits for
// the next block.
func TestPeersAskAgain(t *testing.T) {
	for name, loses := range map[string]func(msg wire.Message) bool{
		"the announcement": func(msg wire.Message) bool {
			_, is := msg.(*wire.MsgInv)
			return is
		},
		"the question": func(msg wire.Message) bool {
			m, is := msg.(*wire.MsgGetHeaders)
			return is && m.HashStop != chainhash.Hash{} // neutrino's, for what was announced
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sandboxtest.Start(t)
			l := newLossyPeer(t, s.P2PAddress(), nil)
			cfg := peersConfig(s, t.TempDir())
			cfg.Named = []string{l.address}
			p := openPeers(t, cfg)
			l.lose(loses)
			if _, err := s.Reorg(t.Context(), 3, false); err != nil {
				t.Fatal(err)
			}
			followed(t, func() bool { return sameTip(t, s, p) })
			if l.lost.Load() == 0 {
				t.Error("nothing was lost")
			}
		})
	}
}

// A peer that claims more than we have and does not send it is left for another one.
func TestPeersLeaveSilentPeer(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t)
	cfg := peersConfig(s, t.TempDir())
	openPeers(t, cfg).Close()
	if _, err := s.Reorg(t.Context(), 3, false); err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	first := sync.OnceFunc(func() { close(asked) })
	silent, other := newLossyPeer(t, s.P2PAddress(), nil), newLossyPeer(t, s.P2PAddress(), asked)
	silent.lose(func(msg wire.Message) bool {
		_, is := msg.(*wire.MsgGetHeaders)
		if is {
			first()
		}
		return is
	})
	cfg.Named, cfg.Patience = []string{silent.address, other.address}, 10*time.Second
	p := openPeers(t, cfg)
	if !sameTip(t, s, p) || silent.lost.Load() == 0 {
		t.Errorf("opened and not at the tip; %d questions were lost", silent.lost.Load())
	}
}

func followed(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not followed")
		}
	}
}
