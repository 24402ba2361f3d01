package keychain

import (
	"bytes"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// messageMagic stands in front of what the legacy form signs, so that no signature of a message is
// one of a transaction.
const messageMagic = "Bitcoin Signed Message:\n"

// MessageHash is what the legacy form of signed messages signs: the double SHA-256 of magic and
// message, each behind its length (CompactSize).
func MessageHash(message string) [32]byte {
	var b bytes.Buffer
	_ = wire.WriteVarString(&b, 0, messageMagic) // a buffer takes everything
	_ = wire.WriteVarString(&b, 0, message)
	return chainhash.DoubleHashH(b.Bytes())
}
