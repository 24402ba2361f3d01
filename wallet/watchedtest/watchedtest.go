// Package watchedtest makes wallets of public keys for tests: of a made-up seed, on the regression
// test chain.
package watchedtest

import (
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// Net is the chain that the wallets are on.
var Net = &chaincfg.RegressionNetParams

// Setup has all kinds of accounts and some owner keys.
func Setup(t testing.TB, gap uint32) watched.Setup {
	t.Helper()
	root, err := hdkeychain.NewMaster(make([]byte, 32), Net)
	if err != nil {
		t.Fatal(err)
	}
	s := watched.Setup{Keychain: "k", Fingerprint: 7, Birthday: time.Unix(1e9, 0), Gap: gap, Accounts: make(map[scripts.Kind]*hdkeychain.ExtendedKey)}
	for _, kind := range scripts.Kinds() {
		account, err := root.Derive(hdkeychain.HardenedKeyStart + kind.Purpose())
		if err != nil {
			t.Fatal(err)
		}
		if s.Accounts[kind], err = account.Neuter(); err != nil {
			t.Fatal(err)
		}
	}
	s.Owners = OwnerKeys(0, 2*gap)
	return s
}

// OwnerKeys are the owner keys from an index up to another.
func OwnerKeys(from, to uint32) []*btcec.PublicKey {
	var out []*btcec.PublicKey
	for i := from; i < to; i++ {
		var b [32]byte
		b[30], b[31] = byte(i+1), 1
		_, pub := btcec.PrivKeyFromBytes(b[:])
		out = append(out, pub)
	}
	return out
}

// New makes the book of a wallet in a folder of its own, and opens its keys.
func New(t testing.TB, gap uint32) (*labels.Book, *watched.Keys) {
	t.Helper()
	book := labels.In(t.TempDir(), Net)
	book.Wait = 50 * time.Millisecond
	if err := watched.Create(book, Setup(t, gap)); err != nil {
		t.Fatal(err)
	}
	keys, err := watched.Open(book)
	if err != nil {
		t.Fatal(err)
	}
	return book, keys
}
