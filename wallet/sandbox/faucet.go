package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wallet/txauthor"
	"github.com/btcsuite/btcwallet/wtxmgr"
)

// faucetFeeRate is what the faucet pays, in satoshi per 1000 virtual bytes.
const faucetFeeRate = btcutil.Amount(2000)

// Faucet holds the coins that the sandbox mines, all of one P2PKH key. It can be the source of
// coins and signatures for transactions built elsewhere.
type Faucet struct {
	sandbox *Sandbox
	key     func() *btcec.PrivateKey // a function: see hidden
	address *address.AddressPubKeyHash
	script  []byte
}

// Faucet returns the sandbox's faucet.
func (s *Sandbox) Faucet() (*Faucet, error) {
	f, err := newFaucet(s.state())
	if err != nil {
		return nil, err
	}
	f.sandbox = s
	return f, nil
}

func newFaucet(st *nodeState) (*Faucet, error) {
	key, err := st.faucetKey()
	if err != nil {
		return nil, err
	}
	addr, err := st.faucetAddress()
	if err != nil {
		return nil, err
	}
	script, err := txscript.PayToAddrScript(addr)
	if err != nil {
		return nil, err
	}
	return &Faucet{key: func() *btcec.PrivateKey { return key }, address: addr, script: script}, nil
}

// Format keeps the key out of everything that prints a faucet.
func (f *Faucet) Format(w fmt.State, _ rune) {
	_, _ = fmt.Fprintf(w, "[faucet %s]", f.address.EncodeAddress())
}

// Address returns the faucet's address, P2PKH in base58.
func (f *Faucet) Address() string { return f.address.EncodeAddress() }

// Script returns the faucet's output script.
func (f *Faucet) Script() []byte { return slices.Clone(f.script) }

// PublicKey returns the faucet's public key.
func (f *Faucet) PublicKey() *btcec.PublicKey { return f.key().PubKey() }

// Spendable returns the coins that a transaction may spend now, with at least minConf confirmations
// (0: unconfirmed ones too), in the order in which they should be used: the early coins of 50 BTC,
// which regtest soon stops making, come last.
func (f *Faucet) Spendable(ctx context.Context, minConf int32) ([]wtxmgr.Credit, error) {
	var out []wtxmgr.Credit
	err := f.sandbox.change(ctx, func(log *blockLog) (err error) {
		out, err = f.spendable(ctx, log, minConf)
		return err
	})
	return out, err
}

func (f *Faucet) spendable(ctx context.Context, log *blockLog, minConf int32) ([]wtxmgr.Credit, error) {
	unconfirmed, err := mempoolTxs(ctx, f.sandbox.Chain())
	if err != nil {
		return nil, err
	}
	all, err := f.coins(log, unconfirmed)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(all, func(c wtxmgr.Credit) bool { return !spendable(c, log.tipHeight(), minConf) })
	slices.SortFunc(out, func(a, b wtxmgr.Credit) int {
		return cmp.Or(cmp.Compare(a.Amount, b.Amount), cmp.Compare(b.Height, a.Height),
			slices.Compare(a.Hash[:], b.Hash[:]), cmp.Compare(a.Index, b.Index))
	})
	return out, nil
}

// coins computes the faucet's unspent outputs from the stored chain and the unconfirmed
// transactions; immature ones are among them.
func (f *Faucet) coins(log *blockLog, unconfirmed []*wire.MsgTx) ([]wtxmgr.Credit, error) {
	unspent := make(map[wire.OutPoint]wtxmgr.Credit)
	add := func(tx *wire.MsgTx, meta wtxmgr.BlockMeta, coinbase bool) {
		var id chainhash.Hash
		known := false
		for i, out := range tx.TxOut {
			if string(out.PkScript) != string(f.script) {
				continue
			}
			if !known {
				id, known = tx.TxHash(), true
			}
			op := wire.OutPoint{Hash: id, Index: uint32(i)}
			unspent[op] = wtxmgr.Credit{
				OutPoint: op, BlockMeta: meta, Amount: btcutil.Amount(out.Value),
				PkScript: f.Script(), Received: meta.Time, FromCoinBase: coinbase,
			}
		}
	}
	for i := range log.blocks {
		b := &log.blocks[i]
		block, err := b.decode()
		if err != nil {
			return nil, err
		}
		meta := wtxmgr.BlockMeta{Block: wtxmgr.Block{Hash: b.hash, Height: int32(i) + 1}, Time: b.header.Timestamp}
		for n, tx := range block.Transactions {
			for _, in := range tx.TxIn {
				delete(unspent, in.PreviousOutPoint)
			}
			add(tx, meta, n == 0)
		}
	}
	for _, tx := range unconfirmed {
		add(tx, wtxmgr.BlockMeta{Block: wtxmgr.Block{Height: -1}}, false)
	}
	for _, tx := range unconfirmed {
		for _, in := range tx.TxIn {
			delete(unspent, in.PreviousOutPoint)
		}
	}
	out := make([]wtxmgr.Credit, 0, len(unspent))
	for _, c := range unspent {
		out = append(out, c)
	}
	return out, nil
}

// spendable applies the rules of confirmations and of a coinbase's maturity to a transaction in the
// block after tip.
func spendable(c wtxmgr.Credit, tip, minConf int32) bool {
	var conf int32
	if c.Height > 0 {
		conf = tip - c.Height + 1
	}
	if c.FromCoinBase && conf < int32(netParams().CoinbaseMaturity) {
		return false
	}
	return conf >= minConf
}

// PrevTx returns the transaction that made a coin.
func (f *Faucet) PrevTx(ctx context.Context, op wire.OutPoint) (*wire.MsgTx, error) {
	return f.sandbox.Chain().Tx(ctx, op.Hash)
}

// ChangeScript returns the script that change goes to: the faucet's own.
func (f *Faucet) ChangeScript(context.Context) ([]byte, error) { return f.Script(), nil }

// Sign adds a signature to every input of a PSBT that spends a coin of the faucet; other inputs are
// left as they are.
func (f *Faucet) Sign(ctx context.Context, p *psbt.Packet) error {
	u, err := psbt.NewUpdater(p)
	if err != nil {
		return fmt.Errorf("sign as faucet: %w", err)
	}
	for i, in := range p.UnsignedTx.TxIn {
		if err := ctx.Err(); err != nil {
			return err
		}
		prev := p.Inputs[i].NonWitnessUtxo
		op := in.PreviousOutPoint
		if prev == nil || prev.TxHash() != op.Hash || uint64(op.Index) >= uint64(len(prev.TxOut)) ||
			string(prev.TxOut[op.Index].PkScript) != string(f.script) {
			continue
		}
		sig, err := txscript.RawTxInSignature(p.UnsignedTx, i, f.script, txscript.SigHashAll, f.key())
		if err != nil {
			return fmt.Errorf("sign input %d as faucet: %w", i, err)
		}
		if _, err := u.Sign(i, sig, f.key().PubKey().SerializeCompressed(), nil, nil); err != nil {
			return fmt.Errorf("sign input %d as faucet: %w", i, err)
		}
	}
	return nil
}

// Fund pays an amount to an output script and broadcasts the payment; it is in a block when one is
// mined. With too few spendable coins the error is an *InsufficientFunds.
func (f *Faucet) Fund(ctx context.Context, script []byte, amount btcutil.Amount) (*wire.MsgTx, error) {
	if amount <= 0 || amount > btcutil.MaxSatoshi {
		return nil, fmt.Errorf("fund: %s cannot be paid", amount)
	}
	var sent *wire.MsgTx
	err := f.sandbox.change(ctx, func(log *blockLog) error {
		coins, err := f.spendable(ctx, log, 0)
		if err != nil {
			return err
		}
		tx, err := f.payment(coins, wire.NewTxOut(int64(amount), slices.Clone(script)))
		if err != nil {
			return err
		}
		if _, err := f.sandbox.Chain().Broadcast(ctx, tx); err != nil {
			return err
		}
		sent = tx
		return keepMempool(ctx, f.sandbox.dir, f.sandbox.Chain())
	})
	if err != nil {
		return sent, fmt.Errorf("fund: %w", err)
	}
	return sent, nil
}

// FundAddress is Fund for an address of regtest.
func (f *Faucet) FundAddress(ctx context.Context, to string, amount btcutil.Amount) (*wire.MsgTx, error) {
	addr, err := address.DecodeAddress(to, netParams())
	if err != nil {
		return nil, fmt.Errorf("fund %s: %w", to, err)
	}
	if !addr.IsForNet(netParams()) {
		return nil, fmt.Errorf("fund %s: %w", to, ErrWrongNetwork)
	}
	script, err := txscript.PayToAddrScript(addr)
	if err != nil {
		return nil, fmt.Errorf("fund %s: %w", to, err)
	}
	return f.Fund(ctx, script, amount)
}

// payment builds and signs a payment. The coins are in the order of Spendable.
func (f *Faucet) payment(coins []wtxmgr.Credit, out *wire.TxOut) (*wire.MsgTx, error) {
	pick := func(need btcutil.Amount) (btcutil.Amount, []*wire.TxIn, []btcutil.Amount, [][]byte, error) {
		picked, total := pickCoins(coins, need)
		if total < need {
			return 0, nil, nil, nil, &InsufficientFunds{Need: need, Have: total}
		}
		var ins []*wire.TxIn
		var values []btcutil.Amount
		var scripts [][]byte
		for _, c := range picked {
			ins = append(ins, wire.NewTxIn(&c.OutPoint, nil, nil))
			values = append(values, c.Amount)
			scripts = append(scripts, c.PkScript)
		}
		return total, ins, values, scripts, nil
	}
	change := &txauthor.ChangeSource{
		NewScript:  func() ([]byte, error) { return f.Script(), nil },
		ScriptSize: len(f.script),
	}
	authored, err := txauthor.NewUnsignedTransaction([]*wire.TxOut{out}, faucetFeeRate, pick, change)
	if err != nil {
		return nil, err
	}
	tx := authored.Tx
	for i, in := range tx.TxIn {
		in.SignatureScript, err = txscript.SignatureScript(tx, i, f.script, txscript.SigHashAll, f.key(), true)
		if err != nil {
			return nil, err
		}
	}
	return tx, nil
}

// pickCoins takes the first coin that is enough alone, so that the early large ones stay; if none
// is, the largest ones until they are enough together.
func pickCoins(coins []wtxmgr.Credit, need btcutil.Amount) (picked []wtxmgr.Credit, total btcutil.Amount) {
	for _, c := range coins {
		if c.Amount >= need {
			return []wtxmgr.Credit{c}, c.Amount
		}
	}
	for _, c := range slices.Backward(coins) {
		if total >= need {
			break
		}
		picked, total = append(picked, c), total+c.Amount
	}
	return picked, total
}
