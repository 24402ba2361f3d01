package wallet_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
	"blockstack/wallet/secret"
)

func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

const (
	phraseA  = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	password = "a password for tests"
)

func text(s string) *secret.Bytes { return secret.New([]byte(s)) }

// home is a wallet's place on disk.
func home(t *testing.T) wallet.Config {
	t.Helper()
	dir := t.TempDir()
	return wallet.Config{
		Keychain: filepath.Join(dir, "keychain"), Dir: filepath.Join(dir, "regtest"), Network: &chaincfg.RegressionNetParams,
	}
}

func create(t *testing.T, cfg wallet.Config, phrase string) *wallet.Wallet {
	t.Helper()
	err := wallet.Create(testContext(t), cfg, wallet.CreateOptions{Mnemonic: text(phrase), Password: text(password), Cost: keychain.TestCost()})
	if err != nil {
		t.Fatal(err)
	}
	return open(t, cfg)
}

func open(t *testing.T, cfg wallet.Config) *wallet.Wallet {
	t.Helper()
	w, err := wallet.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close the wallet: %v", err)
		}
	})
	return w
}

func unlock(t *testing.T, w *wallet.Wallet) {
	t.Helper()
	if err := w.Unlock(testContext(t), text(password)); err != nil {
		t.Fatal(err)
	}
}

func newWallet(t *testing.T) *wallet.Wallet {
	t.Helper()
	m, err := keychain.NewMnemonic(12)
	if err != nil {
		t.Fatal(err)
	}
	cfg := home(t)
	// A small gap: fewer keys to derive, which is slow under the race detector.
	err = wallet.Create(testContext(t), cfg, wallet.CreateOptions{Mnemonic: m, Password: text(password), Cost: keychain.TestCost(), Gap: 5})
	if err != nil {
		t.Fatal(err)
	}
	return open(t, cfg)
}

// syncWallet is what a command does: connect, sync, and go away.
func syncWallet(t *testing.T, w *wallet.Wallet, s *realNode) {
	t.Helper()
	b, release := s.connect(t)
	defer release()
	if err := w.Sync(testContext(t), b); err != nil {
		t.Fatal(err)
	}
}

// rescanWallet is syncWallet from the birthday.
func rescanWallet(t *testing.T, w *wallet.Wallet, s *realNode) {
	t.Helper()
	b, release := s.connect(t)
	defer release()
	if err := w.Rescan(testContext(t), b); err != nil {
		t.Fatal(err)
	}
}

func mine(t *testing.T, s *realNode, n int) {
	t.Helper()
	if _, err := s.Mine(testContext(t), n); err != nil {
		t.Fatal(err)
	}
}

func fund(t *testing.T, s *realNode, script []byte, amount btcutil.Amount) *wire.MsgTx {
	t.Helper()
	f, err := s.Faucet()
	if err != nil {
		t.Fatal(err)
	}
	tx, err := f.Fund(testContext(t), script, amount)
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func receive(t *testing.T, w *wallet.Wallet, kind scripts.Kind) wallet.Address {
	t.Helper()
	a, err := w.NewReceiveAddress(testContext(t), kind)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func balance(t *testing.T, w *wallet.Wallet) coins.Balance {
	t.Helper()
	b, err := w.Balance(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func listCoins(t *testing.T, w *wallet.Wallet) []coins.Coin {
	t.Helper()
	list, err := w.Coins(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// packet makes a PSBT that spends coins to outputs.
func packet(t *testing.T, w *wallet.Wallet, spend []wire.OutPoint, outs []*wire.TxOut) *psbt.Packet {
	t.Helper()
	ctx := testContext(t)
	ins, sequences := make([]*wire.OutPoint, len(spend)), make([]uint32, len(spend))
	for i := range spend {
		ins[i], sequences[i] = &spend[i], 0xfffffffd
	}
	p, err := psbt.New(ins, outs, 2, 0, sequences)
	if err != nil {
		t.Fatal(err)
	}
	for i, op := range spend {
		if p.Inputs[i].NonWitnessUtxo, err = w.PrevTx(ctx, op); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// finish turns a signed PSBT into a transaction and runs every script.
func finish(t *testing.T, p *psbt.Packet) *wire.MsgTx {
	t.Helper()
	fetcher := txscript.NewMultiPrevOutFetcher(nil)
	prev := make([]*wire.TxOut, len(p.Inputs))
	for i, in := range p.UnsignedTx.TxIn {
		prev[i] = p.Inputs[i].NonWitnessUtxo.TxOut[in.PreviousOutPoint.Index]
		fetcher.AddPrevOut(in.PreviousOutPoint, prev[i])
	}
	if err := psbt.MaybeFinalizeAll(p); err != nil {
		t.Fatal(err)
	}
	tx, err := psbt.Extract(p)
	if err != nil {
		t.Fatal(err)
	}
	hashes := txscript.NewTxSigHashes(tx, fetcher)
	for i, o := range prev {
		vm, err := txscript.NewEngine(o.PkScript, tx, i, txscript.StandardVerifyFlags, nil, hashes, o.Value, fetcher)
		if err == nil {
			err = vm.Execute()
		}
		if err != nil {
			t.Fatalf("input %d: %v", i, err)
		}
	}
	return tx
}

// spend signs and finishes a transaction.
func spend(t *testing.T, w *wallet.Wallet, from []wire.OutPoint, outs ...*wire.TxOut) *wire.MsgTx {
	t.Helper()
	p := packet(t, w, from, outs)
	if err := w.Sign(testContext(t), p); err != nil {
		t.Fatal(err)
	}
	return finish(t, p)
}

// broadcast sends a transaction and tells the wallet.
func broadcast(t *testing.T, w *wallet.Wallet, s *realNode, tx *wire.MsgTx) {
	t.Helper()
	ctx := testContext(t)
	if _, err := s.Chain().Broadcast(ctx, tx); err != nil {
		t.Fatal(err)
	}
	if err := w.AddTx(ctx, tx); err != nil {
		t.Fatal(err)
	}
}

func outPoint(tx *wire.MsgTx, script []byte) wire.OutPoint {
	for i, o := range tx.TxOut {
		if string(o.PkScript) == string(script) {
			return wire.OutPoint{Hash: tx.TxHash(), Index: uint32(i)}
		}
	}
	return wire.OutPoint{}
}
