package home

import (
	"context"
	"errors"
	"testing"
	"time"

	"blockstack/home/config"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
	"blockstack/wallet/secret"
)

// TestOwnsNames: the coins of a script that is there to own names never pay; those of payment
// addresses and of strangers are no matter of it, and where the files cannot be asked nothing pays.
func TestOwnsNames(t *testing.T) {
	at := WalletConfig(&config.Config{Home: t.TempDir(), Network: "regtest"})
	err := wallet.Create(t.Context(), at, wallet.CreateOptions{
		Mnemonic: secret.New([]byte("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about")),
		Password: secret.New([]byte("word")), Cost: keychain.TestCost(), Birthday: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w, err := wallet.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := w.OwnerScript(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	paid, err := w.ReceiveAddress(t.Context(), scripts.Kind(""))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		script []byte
		want   bool
	}{"an identity's": {owner, true}, "a payment address": {paid.Script, false}, "a stranger's": {[]byte{0x51}, false}} {
		if got := ownsNames(t.Context(), w, c.script); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !ownsNames(t.Context(), torn{}, paid.Script) {
		t.Error("a wallet that cannot be asked says which coins may pay")
	}
}

// torn is a wallet whose files cannot be read.
type torn struct{}

func (torn) ScriptAddress(context.Context, []byte) (wallet.Address, bool, error) {
	return wallet.Address{}, false, errors.New("unreadable")
}
