package labels

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// BadRef says that a text names no transaction, or no coin.
type BadRef struct {
	Text string
	Coin bool // a coin was to be named
}

// Error repeats the beginning of the text.
func (e *BadRef) Error() string {
	if e.Coin {
		return fmt.Sprintf("%.80q is not a coin, TXID:INDEX", e.Text)
	}
	return fmt.Sprintf("%.80q is not a transaction, 64 hex digits", e.Text)
}

// ParseTxid reads the 64 hex digits of a transaction. *BadRef.
func ParseTxid(text string) (chainhash.Hash, error) {
	if len(text) != 2*chainhash.HashSize {
		return chainhash.Hash{}, &BadRef{Text: text}
	}
	hash, err := chainhash.NewHashFromStr(text)
	if err != nil {
		return chainhash.Hash{}, &BadRef{Text: text}
	}
	return *hash, nil
}

// ParseOutPoint reads a coin. *BadRef.
//
//	coin  = txid ":" index
//	index = a decimal number below 2^32, without leading zeroes
func ParseOutPoint(text string) (wire.OutPoint, error) {
	id, index, ok := strings.Cut(text, ":")
	hash, err := ParseTxid(id)
	n, nerr := strconv.ParseUint(index, 10, 32)
	if !ok || err != nil || nerr != nil || len(index) > 1 && index[0] == '0' {
		return wire.OutPoint{}, &BadRef{Text: text, Coin: true}
	}
	return wire.OutPoint{Hash: hash, Index: uint32(n)}, nil
}

// OutPoints is a list of coins that somebody has named.
type OutPoints []wire.OutPoint

// ParseOutPoints reads a list of coins. *BadRef.
func ParseOutPoints(texts []string) (OutPoints, error) {
	var list OutPoints
	for _, text := range texts {
		op, err := ParseOutPoint(text)
		if err != nil {
			return nil, err
		}
		list = append(list, op)
	}
	return list, nil
}

// Texts are the coins as they are named.
func (l OutPoints) Texts() []string {
	texts := make([]string, len(l))
	for i, op := range l {
		texts[i] = op.String()
	}
	return texts
}
