package rules

import (
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"

	"blockstack/names/nameop"
	"blockstack/names/state"
)

// makeRing makes the set of keys that may import into a namespace: the revealer's key and the first children of a BIP 32 extended
// public key made of it, with depth 0, parent fingerprint 0, child number 0 and a chain code of 32 zero bytes (protocol 8.6).
// Children are compressed; the revealer's own key counts as it stands in its input.
func makeRing(space string, pubKey []byte, size int) (*state.RingRow, error) {
	key, own, ok := nameop.ParsePubKey(pubKey)
	if !ok {
		return nil, fmt.Errorf("%x is no public key", pubKey)
	}
	// The version bytes only show in a text form that is never made.
	parent := hdkeychain.NewExtendedKey([]byte{0x04, 0x88, 0xb2, 0x1e}, key.SerializeCompressed(), make([]byte, 32),
		make([]byte, 4), 0, 0, false)
	ring := &state.RingRow{Space: space, PubKey: pubKey, Hashes: make([][20]byte, 0, size+1)}
	for i := range size {
		child, err := parent.Derive(uint32(i))
		if err != nil {
			return nil, fmt.Errorf("import key %d: %w", i, err)
		}
		childKey, err := child.ECPubKey()
		if err != nil {
			return nil, fmt.Errorf("import key %d: %w", i, err)
		}
		ring.Hashes = append(ring.Hashes, [20]byte(address.Hash160(childKey.SerializeCompressed())))
	}
	ring.Hashes = append(ring.Hashes, own)
	return ring, nil
}
