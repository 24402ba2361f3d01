package line

import (
	"strconv"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/fault"
)

// ParseOutPoint reads TXID:VOUT.
func ParseOutPoint(text string) (wire.OutPoint, error) {
	id, index, ok := strings.Cut(text, ":")
	hash, err := ParseTxid(id)
	n, nerr := strconv.ParseUint(index, 10, 32)
	if !ok || err != nil || nerr != nil || len(index) > 1 && index[0] == '0' {
		return wire.OutPoint{}, fault.Usage("%.80q is not a coin, TXID:INDEX", text).Hint("list your coins: blockstack wallet coins")
	}
	return wire.OutPoint{Hash: hash, Index: uint32(n)}, nil
}

// ParseTxid reads the 64 hex digits of a transaction.
func ParseTxid(text string) (chainhash.Hash, error) {
	if len(text) != 2*chainhash.HashSize {
		return chainhash.Hash{}, fault.Usage("%.80q is not a transaction, 64 hex digits", text)
	}
	hash, err := chainhash.NewHashFromStr(text)
	if err != nil {
		return chainhash.Hash{}, fault.Usage("%.80q is not a transaction, 64 hex digits", text)
	}
	return *hash, nil
}
