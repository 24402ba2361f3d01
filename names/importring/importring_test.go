package importring

import (
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/testdata"
)

// TestVectors derives the import keys of the reference program.
func TestVectors(t *testing.T) {
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
			key, err := Key(pub, uint32(j))
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

// TestBIP32 holds offset and key to a BIP 32 by others, private and public, of random revealers.
func TestBIP32(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 6))
	version := chaincfg.MainNetParams.HDPrivateKeyID
	for range 10 {
		var secret [32]byte
		for i := range secret {
			secret[i] = byte(random.Uint32())
		}
		priv, pub := btcec.PrivKeyFromBytes(secret[:])
		root := hdkeychain.NewExtendedKey(version[:], secret[:], make([]byte, 32), make([]byte, 4), 0, 0, true)
		for _, j := range []uint32{0, 1, 299, hdkeychain.HardenedKeyStart - 1} {
			child, err := root.Derive(j)
			if err != nil {
				t.Fatal(err)
			}
			want, err := child.ECPrivKey()
			if err != nil {
				t.Fatal(err)
			}
			key, err := Key(pub, j)
			if err != nil || !key.IsEqual(want.PubKey()) {
				t.Errorf("key %d: %v", j, err)
			}
			offset, err := Offset(pub, j)
			if err != nil {
				t.Fatal(err)
			}
			if offset.Add(&priv.Key); !offset.Equals(&want.Key) {
				t.Errorf("private key %d is not the revealer's and the offset", j)
			}
		}
		if _, err := Key(pub, hdkeychain.HardenedKeyStart); err == nil {
			t.Error("a hardened key of a public one")
		}
	}
}
