package registrar

import (
	"math/rand/v2"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
)

// miner mines what pays the rate of the market, which walks up and down, and now and then a version
// that was replaced long ago.
type miner struct {
	v       *world
	rng     *rand.Rand
	market  txbuilder.FeeRate
	ceiling txbuilder.FeeRate
	oldOnes int  // per cent of blocks with an old version
	patient bool // the user looks after every block
}

// walk moves the market.
func (m *miner) walk() {
	switch m.rng.IntN(6) {
	case 0:
		m.market = min(m.market*3/2+1000, m.ceiling)
	case 1:
		m.market = max(m.market*2/3, 1000)
	case 2:
		m.market = 1000
	}
}

// block mines one block.
func (m *miner) block() {
	m.walk()
	ctx := m.v.t.Context()
	ids, err := m.v.btc.MempoolTxs(ctx)
	if err != nil {
		m.v.t.Fatal(err)
	}
	var txs []*wire.MsgTx
	left := map[chainhash.Hash]bool{}
	for _, id := range ids { // parents stand before children
		tx, err := m.v.btc.Tx(ctx, id)
		if err != nil {
			m.v.t.Fatal(err)
		}
		if m.rate(tx) < m.market || spendsAny(tx, left) {
			left[id] = true
			continue
		}
		txs = append(txs, tx)
	}
	if m.rng.IntN(100) < m.oldOnes {
		if sent := m.v.btc.Sent(); len(sent) > 0 {
			old := sent[len(sent)-1-m.rng.IntN(min(len(sent), 25))]
			if _, err := m.v.btc.MineTxs(append([]*wire.MsgTx{old}, without(txs, old)...)...); err == nil {
				return
			}
		}
	}
	if _, err := m.v.btc.MineTxs(txs...); err != nil {
		m.v.t.Fatalf("the memory pool does not make a block: %v", err)
	}
}

// rate is what a transaction pays.
func (m *miner) rate(tx *wire.MsgTx) txbuilder.FeeRate {
	var fee btcutil.Amount
	for _, in := range tx.TxIn {
		out, err := m.v.btc.PrevOut(m.v.t.Context(), in.PreviousOutPoint)
		if err != nil {
			return 0
		}
		fee += btcutil.Amount(out.Value)
	}
	for _, out := range tx.TxOut {
		fee -= btcutil.Amount(out.Value)
	}
	return txbuilder.RateOf(fee, mempool.GetTxVirtualSize(btcutil.NewTx(tx)))
}

func spendsAny(tx *wire.MsgTx, of map[chainhash.Hash]bool) bool {
	for _, in := range tx.TxIn {
		if of[in.PreviousOutPoint.Hash] {
			return true
		}
	}
	return false
}

// without leaves out what conflicts with a transaction, and what descends from it.
func without(txs []*wire.MsgTx, old *wire.MsgTx) (rest []*wire.MsgTx) {
	taken, gone := map[wire.OutPoint]bool{}, map[chainhash.Hash]bool{}
	for _, in := range old.TxIn {
		taken[in.PreviousOutPoint] = true
	}
	for _, tx := range txs {
		out := spendsAny(tx, gone)
		for _, in := range tx.TxIn {
			out = out || taken[in.PreviousOutPoint]
		}
		if out {
			gone[tx.TxHash()] = true
			continue
		}
		rest = append(rest, tx)
	}
	return rest
}
