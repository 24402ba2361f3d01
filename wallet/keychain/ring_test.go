package keychain

import (
	"testing"

	"blockstack/names/importring"
	"blockstack/wallet/keychain/hdpath"
)

// TestRing holds private to public derivation, and a ring to its size. What a ring is stands in
// package importring, with its vectors.
func TestRing(t *testing.T) {
	k := sealedKeychain(t, sealedPhrase)
	revealer, err := k.RevealerKey(3)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range []uint32{0, 1, hdpath.RingSize - 1} {
		priv, err := k.Key(hdpath.Ring(3, j))
		if err != nil {
			t.Fatal(err)
		}
		pub, err := RingPublicKey(revealer.PublicKey(), j)
		if err != nil || !pub.IsEqual(priv.PublicKey()) {
			t.Errorf("key %d: %v", j, err)
		}
		if want, err := importring.Key(revealer.PublicKey(), j); err != nil || !pub.IsEqual(want) {
			t.Errorf("key %d is not the ring's: %v", j, err)
		}
	}
	if _, err := k.Key(hdpath.Ring(3, hdpath.RingSize)); err == nil {
		t.Error("a key beyond the ring")
	}
	if _, err := RingPublicKey(revealer.PublicKey(), hdpath.RingSize); err == nil {
		t.Error("a public key beyond the ring")
	}
	// The last step is not BIP 32's.
	node, err := func() (string, error) {
		k.mu.Lock()
		defer k.mu.Unlock()
		n, err := k.derive(hdpath.Ring(3, 0))
		if err != nil {
			return "", err
		}
		pub, err := n.ECPubKey()
		return string(pub.SerializeCompressed()), err
	}()
	zero, err2 := k.Key(hdpath.Ring(3, 0))
	if err != nil || err2 != nil || node == string(zero.PublicKey().SerializeCompressed()) {
		t.Errorf("the ring is BIP 32's: %v, %v", err, err2)
	}
}
