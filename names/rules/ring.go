package rules

import (
	"fmt"

	"github.com/btcsuite/btcd/address/v2"

	"blockstack/names/importring"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// makeRing makes the set of keys that may import into a namespace: the revealer's key and its ring
// (package importring). Keys of the ring are compressed; the revealer's own key counts as it stands
// in its input.
func makeRing(space string, pubKey []byte, size int) (*state.RingRow, error) {
	key, own, ok := nameop.ParsePubKey(pubKey)
	if !ok {
		return nil, fmt.Errorf("%x is no public key", pubKey)
	}
	ring := &state.RingRow{Space: space, PubKey: pubKey, Hashes: make([][20]byte, 0, size+1)}
	for i := range size {
		child, err := importring.Key(key, uint32(i))
		if err != nil {
			return nil, err
		}
		ring.Hashes = append(ring.Hashes, [20]byte(address.Hash160(child.SerializeCompressed())))
	}
	ring.Hashes = append(ring.Hashes, own)
	return ring, nil
}
