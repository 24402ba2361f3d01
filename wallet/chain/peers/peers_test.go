package peers_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/peers"
	"blockstack/wallet/sandbox"
	"blockstack/wallet/sandboxtest"
)

func peersConfig(s *sandbox.Sandbox, dir string) peers.Config {
	return peers.Config{Dir: dir, Net: &chaincfg.RegressionNetParams, Named: []string{s.P2PAddress()}, Wait: time.Second}
}

func openPeers(t *testing.T, cfg peers.Config) *peers.Peers {
	t.Helper()
	p, err := peers.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// sameTip compares with what the node says itself.
func sameTip(t *testing.T, s *sandbox.Sandbox, p *peers.Peers) bool {
	t.Helper()
	height, hash, err := s.Chain().Tip(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h, got, err := p.Tip(t.Context())
	return err == nil && h == height && got == hash
}

// Headers and filters follow reorgs of every depth, with the connection open and with it closed
// meanwhile; what was stored is used again.
func TestPeersFollowReorgs(t *testing.T) {
	s := sandboxtest.Start(t)
	cfg := peersConfig(s, t.TempDir())
	for _, open := range []bool{false, true} {
		for _, depth := range []int32{1, 2, 6, 100} {
			p := openPeers(t, cfg)
			if !sameTip(t, s, p) {
				t.Fatal("opened and not at the tip")
			}
			if !open {
				p.Close()
			}
			if _, err := s.Reorg(t.Context(), depth, false); err != nil {
				t.Fatal(err)
			}
			if !open {
				p = openPeers(t, cfg)
				if !sameTip(t, s, p) {
					t.Errorf("closed: a reorg of %d blocks is not followed", depth)
				}
			}
			for deadline := time.Now().Add(time.Minute); !sameTip(t, s, p); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("open: a reorg of %d blocks is not followed", depth)
				}
			}
			p.Close()
		}
	}
}

// Peers have the blocks that the node has, and say what they do not know.
func TestPeersAnswer(t *testing.T) {
	s, ctx := sandboxtest.Start(t), t.Context()
	p := openPeers(t, peersConfig(s, t.TempDir()))
	for _, height := range []int32{0, 1, 100} {
		hash, err := p.HashAt(ctx, height)
		if err != nil {
			t.Fatal(err)
		}
		want, err := s.Chain().HashAt(ctx, height)
		if err != nil || hash != want {
			t.Fatalf("block %d is %s, want %s (%v)", height, hash, want, err)
		}
		header, err := p.Header(ctx, hash)
		if err != nil || header.BlockHash() != hash {
			t.Errorf("header %d: %v", height, err)
		}
		if height == 0 {
			continue // every node has it built in, and does not send it
		}
		raw, err := p.RawBlock(ctx, hash)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := s.Chain().RawBlock(ctx, hash)
		if err != nil || string(raw) != string(theirs) {
			t.Errorf("block %d differs: %v", height, err)
		}
	}
	if _, err := p.HashAt(ctx, 100_000); !errors.Is(err, chain.ErrBlockNotFound) {
		t.Errorf("above the tip: %v", err)
	}
	if _, known, err := p.EstimateFeeRate(ctx, 2); known || err != nil {
		t.Errorf("an estimate from peers: %v %v", known, err)
	}
}

// What peers refuse is a refusal by strangers; what they take is offered and arrives in the node's
// pool.
func TestPeersBroadcast(t *testing.T) {
	s, ctx := sandboxtest.Start(t), t.Context()
	p := openPeers(t, peersConfig(s, t.TempDir()))
	f, err := s.Faucet()
	if err != nil {
		t.Fatal(err)
	}
	good, err := f.Fund(ctx, f.Script(), 100_000) // the node has it, and says so
	if err != nil {
		t.Fatal(err)
	}
	if outcome, err := p.Broadcast(ctx, good); err != nil || outcome != chain.Offered && outcome != chain.AlreadyKnown {
		t.Errorf("%v %v", outcome, err)
	}
	bad := good.Copy()
	bad.TxOut[0].Value--
	var refused *chain.Refused
	if outcome, err := p.Broadcast(ctx, bad); !errors.As(err, &refused) || !refused.ByPeers || refused.Txid != bad.TxHash() {
		t.Errorf("with a broken signature: %v %v", outcome, err)
	}
	if in, err := s.Chain().InMempool(ctx, bad.TxHash()); in || err != nil {
		t.Errorf("in the pool: %v %v", in, err)
	}
}

// Nobody answers: an error, and not before the time that a peer may take.
func TestPeersUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there now
	cfg := peers.Config{Dir: t.TempDir(), Net: &chaincfg.RegressionNetParams, Named: []string{l.Addr().String()}, Patience: time.Second}
	if _, err := peers.Open(t.Context(), cfg); !errors.Is(err, chain.ErrUnreachable) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := peers.Open(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// One process at a time has the store; headers of another chain and damage are had again instead of
// believed.
func TestPeersStore(t *testing.T) {
	s := sandboxtest.Start(t)
	dir := t.TempDir()
	cfg := peersConfig(s, dir)
	p := openPeers(t, cfg)
	if _, err := peers.Open(t.Context(), cfg); !errors.Is(err, chain.ErrBusy) {
		t.Errorf("opened twice: %v", err)
	}
	p.Close()
	p.Close() // again: nothing
	for _, file := range []string{"block_headers.bin", "reg_filter_headers.bin", "neutrino.db"} {
		t.Run(file, func(t *testing.T) {
			if err := os.Truncate(filepath.Join(dir, file), 1000); err != nil {
				t.Fatal(err)
			}
			p := openPeers(t, cfg)
			defer p.Close()
			if !sameTip(t, s, p) {
				t.Error("not at the tip")
			}
		})
	}
	other := sandboxtest.Start(t) // a chain begun anew, and shorter
	if _, err := s.Mine(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	openPeers(t, cfg).Close()
	p = openPeers(t, peersConfig(other, dir))
	if !sameTip(t, other, p) {
		t.Error("not at the tip of the other chain")
	}
}

// A transaction that is not in the store of any peer is no reason to wait: what is asked of peers
// ends with the context.
func TestPeersContext(t *testing.T) {
	s := sandboxtest.Start(t)
	p := openPeers(t, peersConfig(s, t.TempDir()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Broadcast(ctx, wire.NewMsgTx(2)); !errors.Is(err, context.Canceled) {
		t.Errorf("broadcast: %v", err)
	}
	hash, err := p.HashAt(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.RawBlock(ctx, hash); !errors.Is(err, context.Canceled) {
		t.Errorf("block: %v", err)
	}
}

// Headers that have changed on the disk, and what a write that was cut short leaves behind them,
// are not believed.
func TestPeersChangedFiles(t *testing.T) {
	s := sandboxtest.Start(t)
	cfg := peersConfig(s, t.TempDir())
	openPeers(t, cfg).Close()
	for name, change := range map[string]struct {
		file string
		f    func(b []byte) []byte
	}{
		"a bit of a header":             {"block_headers.bin", func(b []byte) []byte { b[50*80+40] ^= 4; return b }},
		"a bit of the first header":     {"block_headers.bin", func(b []byte) []byte { b[70] ^= 4; return b }},
		"a bit of the last header":      {"block_headers.bin", func(b []byte) []byte { b[len(b)-40] ^= 4; return b }},
		"half a header more":            {"block_headers.bin", func(b []byte) []byte { return append(b, b[:37]...) }},
		"a header more":                 {"block_headers.bin", func(b []byte) []byte { return append(b, b[:80]...) }},
		"half a header of a filter":     {"reg_filter_headers.bin", func(b []byte) []byte { return append(b, b[:17]...) }},
		"a bit of the last filter's":    {"reg_filter_headers.bin", func(b []byte) []byte { b[len(b)-5] ^= 4; return b }},
		"a header of a filter less":     {"reg_filter_headers.bin", func(b []byte) []byte { return b[:len(b)-32] }},
		"nothing is left":               {"block_headers.bin", func([]byte) []byte { return nil }},
		"nothing is left of the filter": {"reg_filter_headers.bin", func([]byte) []byte { return nil }},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(cfg.Dir, change.file)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, change.f(b), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Mine(t.Context(), 2); err != nil {
				t.Fatal(err)
			}
			p := openPeers(t, cfg)
			defer p.Close()
			if !sameTip(t, s, p) {
				t.Error("not at the tip")
			}
		})
	}
}
