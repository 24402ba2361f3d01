package nameop

import (
	"bytes"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Lengths of the three forms of a public key that the name layer reads, and the first byte of the
// long one.
const (
	compressedLen   = btcec.PubKeyBytesLenCompressed // 02 or 03, X
	uncompressedLen = 65                             // 04, X, Y
	bareLen         = 64                             // X, Y
	uncompressed    = 0x04
)

// ParsePubKey reads a public key as it was pushed, and gives the hash that stands in its P2PKH
// script; ok is false for bytes that the name layer takes for no key. A key is 33 bytes that begin
// with 02 or 03, 65 that begin with 04, or the 64 of the latter without its first byte, which are
// hashed with it; and it is a point of the curve. The hybrid form (06, 07), which Bitcoin spends,
// is no key.
func ParsePubKey(pushed []byte) (key *btcec.PublicKey, hash [20]byte, ok bool) {
	full := pushed
	switch {
	case len(pushed) == compressedLen: // the curve's parser looks at the first byte
	case len(pushed) == uncompressedLen && pushed[0] == uncompressed:
	case len(pushed) == bareLen:
		full = append([]byte{uncompressed}, pushed...)
	default:
		return nil, hash, false
	}
	key, err := btcec.ParsePubKey(full)
	if err != nil {
		return nil, hash, false
	}
	return key, [20]byte(address.Hash160(full)), true
}

// findPubKey gives the first key with this hash that an input script of exactly two tokens has as
// its second one, as it was pushed.
func findPubKey(ins []*wire.TxIn, hash []byte) []byte {
	for _, in := range ins {
		rest := in.SignatureScript
		if len(rest) == 0 {
			continue
		}
		if _, rest = nextToken(rest); len(rest) == 0 {
			continue
		}
		key, rest := nextToken(rest)
		if len(rest) > 0 || !key.isPush() {
			continue
		}
		if _, h, isKey := ParsePubKey(key.data); isKey && bytes.Equal(h[:], hash) {
			return key.data
		}
	}
	return nil
}
