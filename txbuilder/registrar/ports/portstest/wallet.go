package portstest

import (
	"bytes"
	"context"
	"errors"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/txbuilder/registrar/ports"
)

// Wallet has coins and no keys: it signs nothing.
type Wallet struct {
	Locked bool
	Ours   [][]byte
	Coins  []wtxmgr.Credit
	Txs    map[chainhash.Hash]*wire.MsgTx // that made coins
	Change []byte
	Spent  map[wire.OutPoint]ports.Spender // in blocks
	Unsent []*wire.MsgTx                   // sent and in no block
}

// ErrNoKeys is what its signing gives.
var ErrNoKeys = errors.New("this wallet has no keys")

// Pay gives it a coin for a script, confirmed at a height.
func (w *Wallet) Pay(script []byte, amount btcutil.Amount, height int32) wire.OutPoint {
	tx := Tx(int64(amount), script, Coin(byte(100+len(w.Coins))))
	op := wire.OutPoint{Hash: tx.TxHash()}
	w.Txs[op.Hash] = tx
	c := wtxmgr.Credit{OutPoint: op, Amount: amount, PkScript: script}
	c.Height = height
	w.Coins = append(w.Coins, c)
	return op
}

// CanSign says whether it is unlocked.
func (w *Wallet) CanSign(context.Context) bool { return !w.Locked }

// Scripts are its own.
func (w *Wallet) Scripts(context.Context) ([][]byte, error) { return w.Ours, nil }

// Spendable are its coins.
func (w *Wallet) Spendable(context.Context, int32) ([]wtxmgr.Credit, error) { return w.Coins, nil }

// CoinsAt are those of a script.
func (w *Wallet) CoinsAt(_ context.Context, script []byte) (list []wtxmgr.Credit, _ error) {
	for _, c := range w.Coins {
		if bytes.Equal(c.PkScript, script) {
			list = append(list, c)
		}
	}
	return list, nil
}

// PrevTx is what made a coin.
func (w *Wallet) PrevTx(_ context.Context, op wire.OutPoint) (*wire.MsgTx, error) {
	if tx := w.Txs[op.Hash]; tx != nil {
		return tx, nil
	}
	return nil, errors.New("no such transaction")
}

// ChangeScript is what was put in.
func (w *Wallet) ChangeScript(context.Context) ([]byte, error) { return w.Change, nil }

// Sign gives ErrNoKeys.
func (w *Wallet) Sign(context.Context, *psbt.Packet) error { return ErrNoKeys }

// SpentBy is what was put in.
func (w *Wallet) SpentBy(_ context.Context, coins []wire.OutPoint) (map[wire.OutPoint]ports.Spender, error) {
	by := make(map[wire.OutPoint]ports.Spender)
	for _, op := range coins {
		if s, known := w.Spent[op]; known {
			by[op] = s
		}
	}
	return by, nil
}

// Unsettled is what was put in.
func (w *Wallet) Unsettled(context.Context) ([]*wire.MsgTx, error) { return w.Unsent, nil }
