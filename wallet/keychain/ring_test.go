package keychain

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/testdata"
	"blockstack/wallet/keychain/hdpath"
)

// TestVectorsRing derives the import keys of the reference program.
func TestVectorsRing(t *testing.T) {
	var doc struct {
		Keychains []struct {
			Children  map[string]string `json:"children"`
			PublicKey string            `json:"public_key"`
		} `json:"keychains"`
	}
	const file = "protocol/import_keychain.json"
	if err := json.Unmarshal(testdata.Vectors(t, file), &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, k := range doc.Keychains {
		raw, err := hex.DecodeString(k.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		pub, err := btcec.ParsePubKey(raw)
		if err != nil {
			t.Fatal(err)
		}
		for child, want := range k.Children {
			j, err := strconv.ParseUint(child, 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			key, err := RingPublicKey(pub, uint32(j))
			if err != nil {
				t.Fatal(err)
			}
			addr, err := address.NewAddressPubKeyHash(address.Hash160(key.SerializeCompressed()), &chaincfg.MainNetParams)
			if err != nil || addr.EncodeAddress() != want {
				t.Errorf("child %s of %s: %v, want %s", child, k.PublicKey, addr, want)
			}
			n++
		}
	}
	testdata.Cases(t, file, n)
}

// TestRing holds private to public derivation, and a ring to its size.
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
