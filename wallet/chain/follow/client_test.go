package follow

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	btcwallet "github.com/btcsuite/btcwallet/chain"

	"blockstack/wallet/chain"
)

// chainSource is a chain of made-up blocks that forgets what is no longer in it.
type chainSource struct {
	mu     sync.Mutex
	blocks []*wire.MsgBlock
	fail   error // of every block
	asked  int   // blocks that were fetched
	filter bool  // filters are right; else every block may have something
}

func (s *chainSource) add(n int, txs ...*wire.MsgTx) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		b := &wire.MsgBlock{Header: wire.BlockHeader{Timestamp: time.Unix(int64(len(s.blocks)), 0), Nonce: uint32(time.Now().UnixNano())}}
		if len(s.blocks) > 0 {
			b.Header.PrevBlock = s.blocks[len(s.blocks)-1].BlockHash()
		}
		b.Transactions = append(b.Transactions, txs...)
		s.blocks, txs = append(s.blocks, b), nil
	}
}

func (s *chainSource) find(hash chainhash.Hash) (int32, *wire.MsgBlock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, b := range s.blocks {
		if b.BlockHash() == hash {
			return int32(i), b, nil
		}
	}
	return 0, nil, chain.ErrBlockNotFound
}

func (s *chainSource) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int32(len(s.blocks) - 1), s.blocks[len(s.blocks)-1].BlockHash(), ctx.Err()
}

func (s *chainSource) HashAt(_ context.Context, height int32) (chainhash.Hash, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int(height) >= len(s.blocks) {
		return chainhash.Hash{}, chain.ErrBlockNotFound
	}
	return s.blocks[height].BlockHash(), nil
}

func (s *chainSource) Header(_ context.Context, hash chainhash.Hash) (*wire.BlockHeader, error) {
	_, b, err := s.find(hash)
	if err != nil {
		return nil, err
	}
	return &b.Header, nil
}

func (s *chainSource) HeightOf(_ context.Context, hash chainhash.Hash) (int32, error) {
	height, _, err := s.find(hash)
	return height, err
}

func (s *chainSource) Block(_ context.Context, hash chainhash.Hash) (*wire.MsgBlock, error) {
	_, b, err := s.find(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked++; s.fail != nil {
		return nil, s.fail
	}
	return b, err
}

func (s *chainSource) MayHave(_ context.Context, hash chainhash.Hash, scripts [][]byte) (bool, error) {
	_, b, err := s.find(hash)
	return err == nil && (!s.filter || len(b.Transactions) > 0), err
}

func (s *chainSource) Send(context.Context, *wire.MsgTx) error { return nil }
func (s *chainSource) Ahead() int                              { return 3 }
func (s *chainSource) KeepsStale() bool                        { return false }

// ours is an address and a payment to it.
func ours(t *testing.T, amount int64) (address.Address, *wire.MsgTx) {
	t.Helper()
	a, err := address.NewAddressPubKeyHash(make([]byte, 20), &chaincfg.RegressionNetParams)
	if err != nil {
		t.Fatal(err)
	}
	script, err := txscript.PayToAddrScript(a)
	if err != nil {
		t.Fatal(err)
	}
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: uint32(amount)}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(amount, script))
	return a, tx
}

// told renders notifications up to and including the first one that last accepts.
func told(t *testing.T, f *Client, last func(n any) bool) (list []string) {
	t.Helper()
	for deadline := time.After(time.Minute); ; {
		select {
		case n, ok := <-f.Notifications():
			switch n := n.(type) {
			case btcwallet.ClientConnected:
				list = append(list, "connected")
			case btcwallet.BlockConnected:
				list = append(list, fmt.Sprintf("+%d", n.Height))
			case btcwallet.BlockDisconnected:
				list = append(list, fmt.Sprintf("-%d", n.Height))
			case btcwallet.FilteredBlockConnected:
				list = append(list, fmt.Sprintf("%d txs in %d", len(n.RelevantTxs), n.Block.Height))
			case *btcwallet.RescanFinished:
				list = append(list, fmt.Sprintf("scanned to %d", n.Height))
			}
			if !ok || last(n) {
				return list
			}
		case <-deadline:
			t.Fatalf("nothing more was told after %q", list)
		}
	}
}

func following(t *testing.T, src Source) *Client {
	t.Helper()
	f := New(src, "test", time.Millisecond)
	if err := f.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Stop()
		f.WaitForShutdown()
	})
	told(t, f, func(any) bool { return true })
	return f
}

func scanned(n any) bool { _, ok := n.(*btcwallet.RescanFinished); return ok }

func at(height int32) func(any) bool {
	return func(n any) bool { b, ok := n.(btcwallet.BlockConnected); return ok && b.Height == height }
}

// A scan tells of what is ours and of nothing else; then blocks come as they do, each after its
// transactions; a reorg goes down block by block with the right hashes, also below where the scan
// began.
func TestFollower(t *testing.T) {
	a, tx := ours(t, 1)
	src := &chainSource{filter: true}
	src.add(5)
	src.add(1, tx)
	src.add(14)
	f := following(t, src)
	start := src.blocks[15].BlockHash()
	if err := f.Rescan(&start, []address.Address{a}, nil); err != nil {
		t.Fatal(err)
	}
	if got := told(t, f, scanned); fmt.Sprint(got) != "[scanned to 19]" {
		t.Errorf("scan: %q", got)
	}
	_, second := ours(t, 2)
	src.add(1, second)
	if got := told(t, f, at(20)); fmt.Sprint(got) != "[1 txs in 20 +20]" {
		t.Errorf("a block: %q", got)
	}
	if src.asked != 1 {
		t.Errorf("%d blocks were fetched", src.asked)
	}
	var gone []chainhash.Hash
	for h := 20; h > 2; h-- {
		gone = append(gone, src.blocks[h].BlockHash())
	}
	src.mu.Lock() // at once, as a source sees it
	src.blocks = src.blocks[:3]
	src.mu.Unlock()
	src.add(1, second)
	src.add(19)
	for _, want := range gone {
		n := <-f.Notifications()
		if d, ok := n.(btcwallet.BlockDisconnected); !ok || d.Hash != want {
			t.Fatalf("told %+v, want the end of %s", n, want)
		}
	}
	if got := told(t, f, at(22)); got[0] != "1 txs in 3" || got[1] != "+3" || len(got) != 21 {
		t.Errorf("the new branch: %q", got)
	}
	stamp, err := f.BlockStamp()
	if err != nil || stamp.Height != 22 {
		t.Errorf("%+v %v", stamp, err)
	}
}

// A coin that is watched, and one found on the way, are seen when they are spent.
func TestFollowerSpends(t *testing.T) {
	a, paid := ours(t, 1)
	spend := wire.NewMsgTx(2)
	spend.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: paid.TxHash()}, nil, nil))
	other := wire.OutPoint{Hash: chainhash.Hash{9}, Index: 3}
	spendOther := wire.NewMsgTx(2)
	spendOther.AddTxIn(wire.NewTxIn(&other, nil, nil))
	src := &chainSource{}
	src.add(1)
	src.add(1, paid, wire.NewMsgTx(2))
	src.add(1, spend)
	src.add(1, spendOther)
	f := following(t, src)
	start := src.blocks[0].BlockHash()
	if err := f.Rescan(&start, []address.Address{a}, map[wire.OutPoint]address.Address{other: a}); err != nil {
		t.Fatal(err)
	}
	if got := told(t, f, scanned); fmt.Sprint(got) != "[1 txs in 1 1 txs in 2 1 txs in 3 scanned to 3]" {
		t.Errorf("scan: %q", got)
	}
}

// liar gives blocks that do not follow one another.
type liar struct{ *chainSource }

func (l liar) Block(context.Context, chainhash.Hash) (*wire.MsgBlock, error) {
	return &wire.MsgBlock{Header: wire.BlockHeader{PrevBlock: chainhash.Hash{7}}}, nil
}

// A source that fails, and one whose blocks contradict its chain, end the client, which says why.
func TestFollowerEnds(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		src  Source
		want error
	}{
		"fails": {&chainSource{fail: broken}, broken},
		"lies":  {liar{&chainSource{}}, chain.ErrBadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			switch s := c.src.(type) {
			case *chainSource:
				s.add(4)
			case liar:
				s.add(4)
			}
			f := following(t, c.src)
			start, err := c.src.HashAt(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Rescan(&start, nil, nil); err != nil {
				t.Fatal(err)
			}
			told(t, f, func(any) bool { return false })
			f.WaitForShutdown()
			if !errors.Is(f.Err(), c.want) || f.Lost() {
				t.Errorf("error %v, want %v", f.Err(), c.want)
			}
			if err := f.Rescan(&start, nil, nil); !errors.Is(err, c.want) {
				t.Errorf("rescan after the end: %v", err)
			}
		})
	}
	// A block that is in no chain.
	src := &chainSource{}
	src.add(2)
	f := following(t, src)
	if err := f.Rescan(&chainhash.Hash{5}, nil, nil); err != nil {
		t.Fatal(err)
	}
	f.WaitForShutdown()
	if !errors.Is(f.Err(), chain.ErrBlockNotFound) || !f.Lost() {
		t.Errorf("error %v", f.Err())
	}
}

// Stopped at any time, also before its start and while nobody listens, it ends.
func TestFollowerStops(t *testing.T) {
	src := &chainSource{}
	src.add(3)
	never := New(src, "test", time.Millisecond)
	never.Stop()
	never.WaitForShutdown()
	f := New(src, "test", time.Millisecond)
	if err := f.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Stop() // it wants to tell that it is connected
	f.Stop()
	f.WaitForShutdown()
	if f.Err() != nil {
		t.Errorf("error %v", f.Err())
	}
	if err := f.Rescan(&chainhash.Hash{}, nil, nil); !errors.Is(err, chain.ErrUnreachable) {
		t.Errorf("rescan: %v", err)
	}
}
