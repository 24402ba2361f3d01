package chainsync_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/chain"

	node "blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/chainsync"
	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

// gap is that of the wallets here.
const gap = 4

// shown is a chain whose clients list its memory pool, as those of full nodes do.
type shown struct {
	*chaintest.Bitcoin
	half bool // the node is reading the pool that it kept
}

func (s *shown) WalletClient(ctx context.Context) (chain.Interface, error) {
	c, err := s.Bitcoin.WalletClient(ctx)
	return &showing{c, s}, err
}

type showing struct {
	chain.Interface
	s *shown
}

func (c *showing) PoolLoaded() (bool, error) { return !c.s.half, nil }

func (c *showing) GetRawMempool() (list []*chainhash.Hash, err error) {
	ids, err := c.s.MempoolTxs(context.Background())
	for i := range ids {
		list = append(list, &ids[i])
	}
	return list, err
}

func (c *showing) GetRawTransaction(id *chainhash.Hash) (*btcutil.Tx, error) {
	tx, err := c.s.Tx(context.Background(), *id)
	if err != nil {
		return nil, err
	}
	return btcutil.NewTx(tx), nil
}

// home is a wallet and its chain.
type home struct {
	*testing.T
	*coins.Coins
	chain *shown
}

func newHome(t *testing.T) *home {
	t.Helper()
	dir := t.TempDir()
	if err := coins.Create(dir, watchedtest.Net, watchedtest.Setup(t, gap)); err != nil {
		t.Fatal(err)
	}
	c, err := coins.Open(dir, watchedtest.Net)
	if err != nil {
		t.Fatal(err)
	}
	h := &home{t, c, &shown{Bitcoin: chaintest.New()}}
	h.chain.Mine(105) // so that the miner has coins to pay with
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *home) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *home) sync() {
	h.Helper()
	h.must(h.Sync.Once(h.Context(), h.chain))
}

// key is a key of the account of native segwit, whether it is watched or not.
func (h *home) key(branch, index uint32) scripts.Key {
	h.Helper()
	account, err := watchedtest.Setup(h, gap).Accounts[scripts.P2WPKH].Derive(branch)
	h.must(err)
	child, err := account.Derive(index)
	h.must(err)
	pub, err := child.ECPubKey()
	h.must(err)
	k, err := scripts.NewPaymentKey(watchedtest.Net, scripts.P2WPKH, branch, index, pub)
	h.must(err)
	return k
}

// pay sends something to a script; it waits in the memory pool.
func (h *home) pay(script []byte, sat btcutil.Amount) *wire.MsgTx {
	h.Helper()
	tx, err := h.chain.Pay(script, sat)
	h.must(err)
	return tx
}

// spend signs a transaction that spends a coin of one of our keys and gives the rest back to our
// change.
func (h *home) spend(k scripts.Key, from *wire.MsgTx, fee int64) *wire.MsgTx {
	h.Helper()
	at := slices.IndexFunc(from.TxOut, func(o *wire.TxOut) bool { return string(o.PkScript) == string(k.Script) })
	out := from.TxOut[at]
	tx := wire.NewMsgTx(2)
	in := wire.NewTxIn(&wire.OutPoint{Hash: from.TxHash(), Index: uint32(at)}, nil, nil)
	in.Sequence = wire.MaxTxInSequenceNum - 2 // may be replaced
	tx.AddTxIn(in)
	tx.AddTxOut(wire.NewTxOut(1000, append([]byte{txscript.OP_0, 20}, make([]byte, 20)...)))
	tx.AddTxOut(wire.NewTxOut(out.Value-1000-fee, h.key(scripts.Change, 0).Script))
	root, err := hdkeychain.NewMaster(make([]byte, 32), watchedtest.Net)
	for _, step := range []uint32{hdkeychain.HardenedKeyStart + scripts.P2WPKH.Purpose(), k.Branch, k.Index} {
		if err == nil {
			root, err = root.Derive(step)
		}
	}
	h.must(err)
	priv, err := root.ECPrivKey()
	h.must(err)
	hashes := txscript.NewTxSigHashes(tx, txscript.NewCannedPrevOutputFetcher(out.PkScript, out.Value))
	tx.TxIn[0].Witness, err = txscript.WitnessSignature(tx, hashes, 0, out.Value, out.PkScript, txscript.SigHashAll, priv, true)
	h.must(err)
	return tx
}

// has expects what the wallet has: the sum, and how deep its first coin is; none: no coin.
func (h *home) has(what string, sum btcutil.Amount, confirmations int32) {
	h.Helper()
	list, err := h.List(h.Context())
	h.must(err)
	total, depth := btcutil.Amount(0), int32(-1)
	for i, c := range list {
		if total += c.Amount; i == 0 {
			depth = c.Confirmations
		}
	}
	if sum == 0 {
		confirmations = -1
	}
	if total != sum || depth != confirmations {
		h.Errorf("%s: %d sat, %d confirmations; want %d, %d", what, total, depth, sum, confirmations)
	}
}

// TestReorgs: however many blocks go, with the connection open or not, with what comes in their
// place or nothing, the wallet knows what is left when it has synced.
func TestReorgs(t *testing.T) {
	for _, open := range []bool{false, true} {
		for _, depth := range []int32{1, 3} {
			h := newHome(t)
			h.pay(h.key(scripts.Receive, 0).Script, 50_000)
			h.chain.Mine(3)
			if open {
				h.must(h.Sync.Follow(t.Context(), h.chain))
			} else {
				h.sync()
			}
			h.has("at first", 50_000, 3)
			h.must(h.chain.Reorg(depth, false))
			h.sync()
			want := int32(4) // the block of the payment is still there, and one more than before
			if depth >= 3 {
				want = 0 // it is back in the pool
			}
			h.has("after a reorg", 50_000, want)
			h.chain.Mine(1)
			h.sync()
			h.has("and a block", 50_000, want+1)
			h.must(h.chain.Rewind(2))
			h.sync()
			h.has("when the chain is shorter", 50_000, max(0, want-1))
			h.chain.Mine(3)
			h.sync()
			h.has("when it has grown again", 50_000, max(3, want+2))
		}
	}
}

// TestPool: a payment that waits is seen, one that the node has lost is forgotten, and while a node
// has not read its whole pool nothing is.
func TestPool(t *testing.T) {
	h := newHome(t)
	h.sync()
	h.pay(h.key(scripts.Receive, 0).Script, 20_000)
	h.sync()
	h.has("in the pool", 20_000, 0)
	h.chain.half = true
	h.chain.Forget()
	h.sync()
	h.has("while the pool is read", 20_000, 0)
	h.chain.half = false
	h.sync()
	h.has("lost by the node", 0, 0)
	h.pay(h.key(scripts.Receive, 1).Script, 30_000)
	h.chain.Mine(1)
	h.sync()
	h.has("mined", 30_000, 1)
}

// TestOwn: a transaction of ours is sent again when the node has lost it, stays ours while it
// waits, and is not kept for ever once it is deep in the chain.
func TestOwn(t *testing.T) {
	h := newHome(t)
	k := h.key(scripts.Receive, 0)
	from := h.pay(k.Script, 50_000)
	h.chain.Mine(1)
	h.sync()
	tx := h.spend(k, from, 500)
	h.must(h.AddTx(t.Context(), tx))
	h.has("recorded", 48_500, 0)
	for range 2 {
		h.sync()
		pool, err := h.chain.MempoolTxs(t.Context())
		if err != nil || !slices.Contains(pool, tx.TxHash()) {
			t.Errorf("it was not sent: %v, %v", pool, err)
		}
		h.has("sent", 48_500, 0)
		h.chain.Forget()
	}
	dearer := h.spend(k, from, 5000)
	h.must(h.AddTx(t.Context(), dearer))
	h.sync()
	h.has("replaced", 44_000, 0)
	h.chain.Mine(99)
	h.sync()
	if kept, err := h.KeptTxs(t.Context()); err != nil || len(kept) != 1 {
		t.Errorf("%d are kept, %v", len(kept), err)
	}
	h.chain.Mine(1)
	h.sync()
	if kept, err := h.KeptTxs(t.Context()); err != nil || len(kept) != 0 {
		t.Errorf("%d are kept when it is deep, %v", len(kept), err)
	}
	h.has("deep", 44_000, 100)
}

// TestVoid: when a reorg takes a receipt away for good, what was made of it counts for nothing
// until the receipt is back.
func TestVoid(t *testing.T) {
	h := newHome(t)
	k := h.key(scripts.Receive, 0)
	from := h.pay(k.Script, 50_000)
	h.chain.Mine(1)
	h.sync()
	tx := h.spend(k, from, 500)
	h.must(h.AddTx(t.Context(), tx))
	h.sync()
	h.has("at first", 48_500, 0)
	h.must(h.chain.Reorg(1, true))
	h.chain.Forget()
	h.sync()
	h.has("the receipt is gone", 0, 0)
	history, err := h.History(t.Context())
	if err != nil || len(history) != 1 || !history[0].Void || history[0].Txid != tx.TxHash() || history[0].Spent != 0 {
		t.Errorf("history %+v, %v", history, err)
	}
	if _, err := h.chain.MineTxs(from); err != nil {
		t.Fatal(err)
	}
	h.sync()
	h.has("the receipt is back", 48_500, 0)
	if history, err = h.History(t.Context()); err != nil || len(history) != 2 || history[0].Void {
		t.Errorf("history %+v, %v", history, err)
	}
}

// TestForged: a transaction that stands in labels.db as ours and is not signed hides no coin, and
// its removal is told.
func TestForged(t *testing.T) {
	h := newHome(t)
	k := h.key(scripts.Receive, 0)
	from := h.pay(k.Script, 50_000)
	h.chain.Mine(1)
	h.sync()
	var told []error
	h.OnRebuild(func(why error) { told = append(told, why) })
	good := h.spend(k, from, 500)
	bad := good.Copy()
	bad.TxOut[0].Value++ // the signature is of another amount
	h.must(h.KeepTx(t.Context(), bad))
	h.sync()
	h.has("after the sync", 50_000, 1)
	if kept, err := h.KeptTxs(t.Context()); err != nil || len(kept) != 0 || len(told) != 1 || !errors.Is(told[0], tracker.ErrRebuild) {
		t.Errorf("%d are kept, told %v, %v", len(kept), told, err)
	}
	h.must(h.KeepTx(t.Context(), good))
	h.sync()
	h.has("one that is signed", 48_500, 0)
}

// TestFarKeys: payments to keys beyond those that were looked for are found by further scans,
// without a hole.
func TestFarKeys(t *testing.T) {
	h := newHome(t)
	far := []uint32{2*gap - 1, 3*gap - 2, 3*gap + 2}
	for _, i := range far {
		h.pay(h.key(scripts.Receive, i).Script, 10_000)
		h.chain.Mine(1)
	}
	h.sync()
	h.has("all of them", 30_000, 3)
	n, err := h.Keys.PaymentKeys(t.Context(), scripts.P2WPKH, scripts.Receive)
	if err != nil || n < far[2]+1+gap {
		t.Errorf("%d keys are watched, %v", n, err)
	}
}

// TestKeysWhileFollowing: keys that are added while a connection is open are watched on it.
func TestKeysWhileFollowing(t *testing.T) {
	h := newHome(t)
	h.must(h.Sync.Follow(t.Context(), h.chain))
	changes := watched.NewChanges(h.Keys)
	h.must(changes.AddKeys(t.Context(), scripts.Owner, 2*gap, watchedtest.OwnerKeys(2*gap, 4*gap)))
	owner, err := h.Keys.RoleKey(t.Context(), scripts.Owner, 3*gap)
	h.must(err)
	h.pay(owner.Script, 7000)
	h.chain.Mine(1)
	h.sync()
	h.has("a new owner key", 7000, 1)
}

// TestSharedScript: what a script of several keys receives is seen, though btcwallet knows no such
// scripts.
func TestSharedScript(t *testing.T) {
	h := newHome(t)
	b := txscript.NewScriptBuilder().AddInt64(1)
	for _, pub := range watchedtest.OwnerKeys(0, 2) {
		b.AddData(pub.SerializeCompressed())
	}
	redeem, err := b.AddInt64(2).AddOp(txscript.OP_CHECKMULTISIG).Script()
	h.must(err)
	h.sync()
	set, err := watched.NewChanges(h.Keys).AddShared(t.Context(), redeem, "ours")
	h.must(err)
	h.pay(set.Script, 9000)
	h.sync()
	h.has("in the pool", 9000, 0)
	h.chain.Mine(2)
	h.sync()
	h.has("mined", 9000, 2)
	h.must(h.chain.Reorg(2, false))
	h.sync()
	h.has("after a reorg", 9000, 0)
}

// TestRescan: what was lost comes back when the chain is looked at again, from the start or from a
// block on; what we sent stays.
func TestRescan(t *testing.T) {
	h := newHome(t)
	k := h.key(scripts.Receive, 0)
	from := h.pay(k.Script, 50_000)
	h.chain.Mine(2)
	h.sync()
	h.must(h.AddTx(t.Context(), h.spend(k, from, 500)))
	h.must(h.Sync.Rescan(t.Context(), h.chain))
	h.has("from the start", 48_500, 0)
	height, _, err := h.chain.Tip(t.Context())
	h.must(err)
	hash, err := h.chain.HashAt(t.Context(), height)
	h.must(err)
	header, err := h.chain.Header(t.Context(), hash)
	h.must(err)
	for _, at := range []int32{height + 10, height, height - 1, 2, -1} {
		h.must(h.Sync.RescanSince(t.Context(), h.chain, at, header.Timestamp))
		h.has("from a block on", 48_500, 0)
	}
}

// TestAway: a node that is not there is said so, what is known stays, and the next sync is as if
// nothing was.
func TestAway(t *testing.T) {
	h := newHome(t)
	h.pay(h.key(scripts.Receive, 0).Script, 50_000)
	h.chain.Mine(1)
	h.sync()
	h.chain.SetDown(true)
	err := h.Sync.Once(t.Context(), h.chain)
	if !errors.Is(err, chainsync.ErrDisconnected) && !errors.Is(err, node.ErrUnreachable) {
		t.Errorf("away: %v", err)
	}
	h.has("away", 50_000, 1)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Sync.Once(ended, h.chain); !errors.Is(err, context.Canceled) && !errors.Is(err, chainsync.ErrDisconnected) && !errors.Is(err, node.ErrUnreachable) {
		t.Errorf("after its end: %v", err)
	}
	h.chain.SetDown(false)
	h.chain.Mine(1)
	h.sync()
	h.has("back", 50_000, 2)
}
