package chain

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/mining"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// ErrTooHard means that a block cannot be mined by trying for a moment: its proof of work is not
// that of a test network.
var ErrTooHard = errors.New("proof of work is too hard for this machine")

const (
	blockVersion = 0x20000000 // BIP 9, no bit set
	medianBlocks = 11         // whose median time a block must be later than
	easyWorkBits = 16         // most leading zero bits that Mine tries for
)

// Template is a block to be mined on a test network.
type Template struct {
	Prev   chainhash.Hash
	Height int32
	Time   time.Time
	Bits   uint32         // proof of work in compact form
	Payout []byte         // output script of the reward
	Reward btcutil.Amount // subsidy and fees
	Txs    []*wire.MsgTx  // without the coinbase, parents before children
}

// Mine makes the block: coinbase with the height in it (BIP 34) and something random, so that no
// two blocks are the same; witness commitment if needed (BIP 141); merkle root; proof of work.
func (t Template) Mine() (*wire.MsgBlock, error) {
	target := blockchain.CompactToBig(t.Bits)
	if target.Sign() <= 0 || target.BitLen() < 256-easyWorkBits {
		return nil, ErrTooHard
	}
	coinbase, err := t.coinbase()
	if err != nil {
		return nil, fmt.Errorf("coinbase of block %d: %w", t.Height, err)
	}
	txs := []*btcutil.Tx{btcutil.NewTx(coinbase)}
	witness := false
	for _, tx := range t.Txs {
		txs = append(txs, btcutil.NewTx(tx))
		witness = witness || tx.HasWitness()
	}
	if witness {
		mining.AddWitnessCommitment(txs[0], txs)
		txs[0] = btcutil.NewTx(coinbase) // forget the hash it had without the commitment
	}
	block := wire.NewMsgBlock(&wire.BlockHeader{
		Version:    blockVersion,
		PrevBlock:  t.Prev,
		MerkleRoot: blockchain.CalcMerkleRoot(txs, false),
		Timestamp:  t.Time.Truncate(time.Second),
		Bits:       t.Bits,
	})
	for _, tx := range txs {
		if err := block.AddTransaction(tx.MsgTx()); err != nil {
			return nil, err
		}
	}
	for nonce := uint32(0); nonce < math.MaxUint32; nonce++ {
		block.Header.Nonce = nonce
		hash := block.BlockHash()
		if blockchain.HashToBig(&hash).Cmp(target) <= 0 {
			return block, nil
		}
	}
	return nil, ErrTooHard
}

func (t Template) coinbase() (*wire.MsgTx, error) {
	var extra [8]byte
	if _, err := rand.Read(extra[:]); err != nil {
		return nil, err
	}
	script, err := txscript.NewScriptBuilder().AddInt64(int64(t.Height)).AddData(extra[:]).Script()
	if err != nil {
		return nil, err
	}
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&chainhash.Hash{}, math.MaxUint32), script, nil))
	tx.AddTxOut(wire.NewTxOut(int64(t.Reward), t.Payout))
	return tx, nil
}

// NextBlockTime returns a time that a block may carry after blocks with the given times (oldest
// first; at least the last eleven count): now, or when the chain's clock is ahead, one second after
// their median.
func NextBlockTime(now time.Time, last []time.Time) time.Time {
	now = now.Truncate(time.Second)
	if len(last) == 0 {
		return now
	}
	recent := slices.Clone(last[max(0, len(last)-medianBlocks):])
	slices.SortFunc(recent, time.Time.Compare)
	least := recent[len(recent)/2].Add(time.Second)
	if now.Before(least) {
		return least
	}
	return now
}
