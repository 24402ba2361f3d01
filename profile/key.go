package profile

import (
	"encoding/hex"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
)

// parseKey reads a public key as tokens carry it: SEC1 hex of 66 digits (02, 03) or 130 digits
// (04), upper or lower case. The hybrid forms (06, 07), points that are not on the curve and
// coordinates not below the field prime are refused (identity 0.3).
func parseKey(what, text string) (*btcec.PublicKey, error) {
	if len(text) != 2*btcec.PubKeyBytesLenCompressed && len(text) != 130 {
		return nil, malformed(what, "public key of %d hex digits; want 66 or 130", len(text))
	}
	var buf [65]byte
	raw := buf[:len(text)/2]
	if _, err := hex.Decode(raw, []byte(text)); err != nil {
		return nil, malformed(what, "public key is not hex")
	}
	if c := raw[0]; c != 2 && c != 3 && c != 4 {
		return nil, malformed(what, "public key begins with %02x; want 02, 03 or 04", c)
	}
	key, err := btcec.ParsePubKey(raw)
	if err != nil {
		return nil, malformed(what, "not a public key: %v", err)
	}
	return key, nil
}

// keyText is the form in which keys are written and reported: the compressed point in lower-case
// hex.
func keyText(key *btcec.PublicKey) string { return hex.EncodeToString(key.SerializeCompressed()) }

// keyHashes gives the hash160 of the compressed and of the uncompressed form; an owner address may
// be of either.
func keyHashes(key *btcec.PublicKey) (compressed, uncompressed [20]byte) {
	return [20]byte(address.Hash160(key.SerializeCompressed())), [20]byte(address.Hash160(key.SerializeUncompressed()))
}

// hasHash reports whether a hash160 is that of the key in one of its forms. Nearly always it is the
// compressed one.
func hasHash(key *btcec.PublicKey, hash [20]byte) bool {
	return hash == [20]byte(address.Hash160(key.SerializeCompressed())) || hash == [20]byte(address.Hash160(key.SerializeUncompressed()))
}
