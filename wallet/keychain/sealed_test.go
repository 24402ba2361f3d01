package keychain

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"path/filepath"
	"testing"

	"blockstack/wallet/keychain/hdpath"
	"blockstack/wallet/keychain/keyfile"
	"blockstack/wallet/secret"
)

// sealedKeychain is an unlocked keychain of a well-known phrase.
func sealedKeychain(t testing.TB, phrase string) *Keychain {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keychain")
	if err := Create(path, secret.New([]byte(phrase)), secret.New([]byte("pw")), keyfile.TestCost()); err != nil {
		t.Fatal(err)
	}
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Unlock(context.Background(), secret.New([]byte("pw"))); err != nil {
		t.Fatal(err)
	}
	return k
}

const (
	sealedPhrase = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	otherPhrase  = "legal winner thank year wave sausage worth useful legal winner thank yellow"
)

// TestSealed seals with the public half, also while the keychain is locked, and opens with the seed
// alone.
func TestSealed(t *testing.T) {
	k, other := sealedKeychain(t, sealedPhrase), sealedKeychain(t, otherPhrase)
	pub, err := k.SealedKey()
	if err != nil {
		t.Fatal(err)
	}
	// The derivation is fixed for good: copies made years ago must open.
	if got := hex.EncodeToString(pub[:]); got != "651d34fbd6124b2bba09348c3f0454a16c4b7e01c52b5f4a8e5e7b63c3270a08" {
		t.Errorf("public half %s", got)
	}
	sealed, err := pub.Seal([]byte("a job"))
	if err != nil || len(sealed) != len("a job")+SealedOverhead || bytes.Contains(sealed, []byte("job")) || bytes.Contains(sealed, pub[:8]) {
		t.Fatalf("%x, %v", sealed, err)
	}
	if plain, err := k.OpenSealed(sealed); err != nil || string(plain) != "a job" {
		t.Errorf("%q, %v", plain, err)
	}
	if _, err := other.OpenSealed(sealed); !errors.Is(err, ErrNotForUs) {
		t.Errorf("another seed: %v", err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := k.OpenSealed(bad); !errors.Is(err, ErrNotForUs) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	k.Lock()
	if _, err := k.OpenSealed(sealed); !errors.Is(err, ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	if _, err := pub.Seal(nil); err != nil {
		t.Errorf("seal while locked: %v", err)
	}
	if _, err := (SealedKey{}).Seal(nil); err == nil {
		t.Error("sealed for nobody")
	}
	// A box that was sealed once opens for ever.
	old, err := hex.DecodeString("bc56527158dbe847505f2619aa10cf7ee8e69d96caf933ecdf1ba69869816f1965ee5f7af5e8cbf27878798356ea8cc8abd964d9ebae02d5038f708fc0")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := sealedKeychain(t, sealedPhrase).OpenSealed(old); err != nil || string(plain) != "a job of 2026" {
		t.Errorf("%q, %v", plain, err)
	}
	// No signature is made with the key of the path.
	if hdpath.Sealed().Signable() {
		t.Error("the key of sealed boxes may sign")
	}
}

// FuzzOpenSealed opens anything without a panic.
func FuzzOpenSealed(f *testing.F) {
	k := sealedKeychain(f, sealedPhrase)
	pub, err := k.SealedKey()
	if err != nil {
		f.Fatal(err)
	}
	good, err := pub.Seal([]byte("good"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if plain, err := k.OpenSealed(b); err == nil && len(plain) != len(b)-SealedOverhead {
			t.Errorf("%d bytes of %d", len(plain), len(b))
		}
	})
}
