package wallet_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet"
	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
)

// benchWallet is a wallet with 200 unconfirmed coins that was never connected.
func benchWallet(b *testing.B) wallet.Config {
	b.Helper()
	ctx := context.Background()
	dir := b.TempDir()
	cfg := wallet.Config{Keychain: filepath.Join(dir, "keychain"), Dir: filepath.Join(dir, "regtest"), Network: &chaincfg.RegressionNetParams}
	err := wallet.Create(ctx, cfg, wallet.CreateOptions{Mnemonic: text(phraseA), Password: text(password), Cost: keychain.TestCost()})
	if err != nil {
		b.Fatal(err)
	}
	w, err := wallet.Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 50 {
		tx := wire.NewMsgTx(2)
		tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: [32]byte{byte(i), 1}}, nil, nil))
		for j, kind := range scripts.Kinds() {
			k, err := w.PaymentKey(ctx, kind, scripts.Receive, uint32(i%20))
			if err != nil {
				b.Fatal(err)
			}
			tx.AddTxOut(wire.NewTxOut(int64(1000*(i+j+1)), k.Script))
		}
		if err := w.AddTx(ctx, tx); err != nil {
			b.Fatal(err)
		}
	}
	return cfg
}

// BenchmarkBalance opens a wallet with 200 coins and adds them up, as the command does without a
// sync.
func BenchmarkBalance(b *testing.B) {
	cfg := benchWallet(b)
	ctx := context.Background()
	for b.Loop() {
		w, err := wallet.Open(cfg)
		if err != nil {
			b.Fatal(err)
		}
		if s, err := w.Balance(ctx); err != nil || s.Total() == 0 {
			b.Fatal(s, err)
		}
	}
}

// BenchmarkCreate makes a wallet's files, without the cost of the password.
func BenchmarkCreate(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		cfg := wallet.Config{Keychain: filepath.Join(dir, "keychain"), Dir: filepath.Join(dir, "regtest"), Network: &chaincfg.RegressionNetParams}
		o := wallet.CreateOptions{Mnemonic: text(phraseA), Password: text(password), Cost: keychain.TestCost(), Birthday: time.Now()}
		if err := wallet.Create(context.Background(), cfg, o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSync connects a wallet that is up to date to a real node.
func BenchmarkSync(b *testing.B) {
	s := startNode(b)
	ctx := context.Background()
	dir := b.TempDir()
	cfg := wallet.Config{Keychain: filepath.Join(dir, "keychain"), Dir: filepath.Join(dir, "regtest"), Network: &chaincfg.RegressionNetParams}
	o := wallet.CreateOptions{Mnemonic: text(phraseA), Password: text(password), Cost: keychain.TestCost()}
	if err := wallet.Create(ctx, cfg, o); err != nil {
		b.Fatal(err)
	}
	w, err := wallet.Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := w.Sync(ctx, s.Backend(b)); err != nil {
			b.Fatal(err)
		}
	}
}
