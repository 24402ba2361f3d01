package chaintest

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// Relay is how a node's memory pool is set. Which node shows which rule:
//
//	rule                                                   btcd   Core
//	a floor, and an increment on top of what is replaced   yes    yes
//	a replacement pays for all that it evicts              yes    yes
//	its rate is higher than that of each it spends against yes    yes
//	its rate is higher than that of what hangs on those    yes    no
//	it evicts at most 100                                  yes    yes
//	the increment may differ from the floor                no     yes
//	25 ancestors, 25 descendants, 101 kvB of them          no     yes
//	a full pool evicts the cheapest, and its floor rises   no     yes
//	the floor falls again with blocks                      no     yes
//	a reorg returns transactions whatever they pay         no     yes
//	a reorg returns those that hang on each other          no     yes
//	an index that is being built cannot tell               no     yes
type Relay struct {
	// Floor and Increment are in satoshi per 1000 virtual bytes.
	Floor, Increment btcutil.Amount
	// Row bounds how many unconfirmed transactions may hang together, with all ancestors or all
	// descendants, and RowVSize their size; 0: nothing does.
	Row      int
	RowVSize int64
	// Room is what the pool holds in virtual bytes; 0: anything.
	Room int64
	// Direct says that what hangs on a replaced transaction may pay a higher rate than the
	// replacement, though not more.
	Direct bool
	// Returns says that a reorg brings everything back that is not impossible, whatever it pays.
	Returns bool
}

// BtcdRelay is how the btcd of the sandbox is set.
func BtcdRelay() Relay { return Relay{Floor: minRelayRate, Increment: minRelayRate} }

// CoreRelay is how a node of Bitcoin Core's is set, with a pool of a size.
func CoreRelay(room int64) Relay {
	return Relay{Floor: minRelayRate, Increment: minRelayRate, Row: 25, RowVSize: 101_000, Room: room, Direct: true, Returns: true}
}

// SetRelay changes the rules, as a restart of the node with other settings does. What is in the
// pool stays there.
func (b *Bitcoin) SetRelay(r Relay) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.relay = r
	b.trim()
}

// Relay is how the memory pool is set.
func (b *Bitcoin) Relay() Relay {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.relay
}

// Forget empties the memory pool, as a restart of a node that keeps none does.
func (b *Bitcoin) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.emptyPool()
	b.risen = 0
}

// SetIndexing makes the node's transaction index one that is still being built: of what is in
// blocks it cannot tell where, or ends that.
func (b *Bitcoin) SetIndexing(indexing bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.indexing = indexing
}

// RelayFees is chain.Node's.
func (b *Bitcoin) RelayFees(ctx context.Context) (chain.RelayFees, error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return chain.RelayFees{}, err
	}
	defer unlock()
	return chain.RelayFees{Floor: b.floor(), Increment: b.relay.Increment}, nil
}

// HangingFees is chain.Node's.
func (b *Bitcoin) HangingFees(ctx context.Context, txid chainhash.Hash) (sum btcutil.Amount, err error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	if b.pooled[txid] == nil {
		return 0, nil
	}
	hanging := map[chainhash.Hash]bool{txid: true}
	b.addDescendants(hanging)
	for id := range hanging {
		if id != txid {
			sum += b.feeOf(b.pooled[id])
		}
	}
	return sum, nil
}

// floor is the lowest rate that the pool takes now.
func (b *memPool) floor() btcutil.Amount { return max(b.relay.Floor, b.risen) }

// cool lets the floor of a pool that was full fall with a block.
func (b *memPool) cool() {
	if b.risen = b.risen * 3 / 4; b.risen < b.relay.Increment/2 {
		b.risen = 0
	}
}

// checkFloor holds a transaction to the floor.
func (b *memPool) checkFloor(fee btcutil.Amount, size int64, say func(chain.RefusalCode, string) *chain.Refused) *chain.Refused {
	switch need := rateFee(b.floor(), size); {
	case fee >= need:
		return nil
	case b.risen > b.relay.Floor:
		return say(chain.InsufficientFee, fmt.Sprintf("mempool min fee not met, %d < %d", fee, need))
	default:
		return say(chain.InsufficientFee, fmt.Sprintf("min relay fee not met, %d < %d", fee, need))
	}
}

// rateFee is what a size pays at a rate.
func rateFee(rate btcutil.Amount, size int64) btcutil.Amount {
	return btcutil.Amount(size) * rate / 1000
}

// checkRow refuses a transaction with which too many unconfirmed ones would hang together.
func (b *memPool) checkRow(tx *wire.MsgTx, size int64, replaced map[chainhash.Hash]bool, say func(chain.RefusalCode, string) *chain.Refused) *chain.Refused {
	if b.relay.Row == 0 {
		return nil
	}
	above := b.ancestors(tx)
	if n, bytes := b.measure(above, nil); n+1 > b.relay.Row || bytes+size > b.relay.RowVSize {
		return say(chain.NoRoom, fmt.Sprintf("too-long-mempool-chain, too many unconfirmed ancestors [limit: %d]", b.relay.Row))
	}
	for id := range above {
		below := map[chainhash.Hash]bool{id: true}
		b.addDescendants(below)
		if n, bytes := b.measure(below, replaced); n+1 > b.relay.Row || bytes+size > b.relay.RowVSize {
			return say(chain.NoRoom, fmt.Sprintf("too-long-mempool-chain, too many descendants for tx %s [limit: %d]", id, b.relay.Row))
		}
	}
	return nil
}

// ancestors are the unconfirmed ones.
func (b *memPool) ancestors(tx *wire.MsgTx) map[chainhash.Hash]bool {
	above := make(map[chainhash.Hash]bool)
	for next := []*wire.MsgTx{tx}; len(next) > 0; next = next[1:] {
		for _, in := range next[0].TxIn {
			if parent := b.pooled[in.PreviousOutPoint.Hash]; parent != nil && !above[in.PreviousOutPoint.Hash] {
				above[in.PreviousOutPoint.Hash] = true
				next = append(next, parent)
			}
		}
	}
	return above
}

// measure counts transactions of the pool, and their size, without some.
func (b *memPool) measure(ids, without map[chainhash.Hash]bool) (n int, size int64) {
	for id := range ids {
		if tx := b.pooled[id]; tx != nil && !without[id] {
			n, size = n+1, size+mempool.GetTxVirtualSize(btcutil.NewTx(tx))
		}
	}
	return n, size
}

// trim evicts what pays least, with what hangs on it, until the pool has room, and raises the floor
// above what that paid.
func (b *memPool) trim() {
	for b.relay.Room > 0 {
		var size int64
		for _, tx := range b.pool {
			size += mempool.GetTxVirtualSize(btcutil.NewTx(tx))
		}
		if size <= b.relay.Room {
			return
		}
		var worst map[chainhash.Hash]bool
		least := btcutil.Amount(-1)
		for _, tx := range b.pool {
			pack := map[chainhash.Hash]bool{tx.TxHash(): true}
			own := b.rateOf(pack)
			b.addDescendants(pack)
			if rate := max(own, b.rateOf(pack)); least < 0 || rate < least {
				worst, least = pack, rate
			}
		}
		b.remove(worst)
		b.risen = max(b.risen, least+b.relay.Increment)
	}
}

// rateOf is what some transactions of the pool pay together.
func (b *memPool) rateOf(ids map[chainhash.Hash]bool) btcutil.Amount {
	var fees btcutil.Amount
	for id := range ids {
		fees += b.feeOf(b.pooled[id])
	}
	_, size := b.measure(ids, nil)
	return fees * 1000 / btcutil.Amount(size)
}
