package wallet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// TestRegainKeychain: a home with wallets of two networks gets its keychain again from its words,
// from no others, and not from the id of a stranger.
func TestRegainKeychain(t *testing.T) {
	ctx := context.Background()
	text := func(s string) *secret.Bytes { return secret.New([]byte(s)) }
	words, err := keychain.NewMnemonic(12)
	if err != nil {
		t.Fatal(err)
	}
	others, err := keychain.NewMnemonic(12)
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	at := func(name string, net *chaincfg.Params) Config {
		return Config{Keychain: filepath.Join(home, "keychain"), Dir: filepath.Join(home, name), Network: net}
	}
	wallets := []Config{at("mainnet", &chaincfg.MainNetParams), at("regtest", &chaincfg.RegressionNetParams)}
	cost := keychain.TestCost()
	if err := Create(ctx, wallets[0], CreateOptions{Mnemonic: words, Password: text("pw"), Cost: cost}); err != nil {
		t.Fatal(err)
	}
	if err := Create(ctx, wallets[1], CreateOptions{Password: text("pw")}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(wallets[0].Keychain); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(wallets[0]); !errors.Is(err, ErrKeychainLost) {
		t.Errorf("without its keychain: %v", err)
	}
	if _, err := RegainKeychain(ctx, wallets[0].Keychain, wallets, others, text("new"), cost); !errors.Is(err, ErrOtherWords) {
		t.Errorf("other words: %v", err)
	}
	if _, err := RegainKeychain(ctx, wallets[0].Keychain, nil, words, text("new"), cost); !errors.Is(err, ErrNoKeychain) {
		t.Errorf("no wallet: %v", err)
	}
	if _, err := os.Lstat(wallets[0].Keychain); err == nil {
		t.Fatal("a refusal wrote a keychain")
	}
	if moved, err := RegainKeychain(ctx, wallets[0].Keychain, wallets, words, text("new"), cost); err != nil || moved != "" {
		t.Fatal(moved, err)
	}
	for _, cfg := range wallets {
		w, err := Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Unlock(ctx, text("new")); err != nil {
			t.Errorf("%s: %v", cfg.Dir, err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}

	// The wallet of another seed in the same home, as somebody might put it there.
	elsewhere := t.TempDir()
	strange := Config{Keychain: filepath.Join(elsewhere, "keychain"), Dir: filepath.Join(home, "signet"), Network: &chaincfg.SigNetParams}
	if err := Create(ctx, strange, CreateOptions{Mnemonic: others, Password: text("pw"), Cost: cost}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(wallets[0].Keychain)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := RegainKeychain(ctx, wallets[0].Keychain, append(wallets, strange), words, text("third"), cost); !errors.Is(err, ErrOtherWords) {
		t.Errorf("a strange wallet: %v", err)
	}
	if after, err := os.ReadFile(wallets[0].Keychain); err != nil || string(after) != string(before) {
		t.Errorf("a refusal changed the keychain: %v", err)
	}

	// Half a restore: the keychain is there, its wallet is not.
	half := Config{Keychain: wallets[0].Keychain, Dir: filepath.Join(home, "testnet"), Network: &chaincfg.TestNet3Params}
	for name, c := range map[string]struct {
		words, password *secret.Bytes
		want            error
	}{"other words": {others, text("new"), ErrOtherWords}, "another password": {words, text("pw"), ErrWrongPassword}, "the same": {words, text("new"), nil}} {
		err := FinishCreate(ctx, half, CreateOptions{Mnemonic: c.words, Password: c.password})
		if !errors.Is(err, c.want) {
			t.Errorf("half a restore, %s: %v", name, err)
		}
	}
}
