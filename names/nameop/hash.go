package nameop

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/btcsuite/btcd/address/v2"

	"blockstack/names"
)

// Hash128 is the first 16 bytes of a SHA-256, as transfers and updates carry it (protocol 4.2).
type Hash128 [16]byte

// String gives lower-case hex.
func (h Hash128) String() string { return hex.EncodeToString(h[:]) }

// HashPreorder is the hash that a preorder carries: hash160 of Base40(x), the payer's output script
// (that of input 0 of the preorder) and the text of the address that will own the name (protocol
// 4.1). x is a fully qualified name, or a namespace id with the revealer's address. Text that is
// not in base 40 gives ErrEncode: no preorder can match it.
func HashPreorder(x string, payerScript []byte, ownerAddress string) (names.PreorderHash, error) {
	b, err := Base40(x)
	if err != nil {
		return names.PreorderHash{}, err
	}
	b = append(b, payerScript...)
	b = append(b, ownerAddress...)
	return names.PreorderHash(address.Hash160(b)), nil
}

// NameHash is the hash of a name that a transfer carries.
func NameHash(name string) Hash128 { return hash128([]byte(name)) }

// UpdateHash is the hash of a name and a recent consensus hash that an update carries. The
// consensus hash goes in as the 32 characters of its hex text.
func UpdateHash(name string, consensus names.ConsensusHash) Hash128 {
	b := make([]byte, len(name), len(name)+2*len(consensus))
	copy(b, name)
	return hash128(hex.AppendEncode(b, consensus[:]))
}

func hash128(b []byte) Hash128 {
	sum := sha256.Sum256(b)
	return Hash128(sum[:16])
}
