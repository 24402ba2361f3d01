package scan

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
)

var (
	// ErrBadBlock is wrapped by every error about a block whose bytes are not those of a block, or
	// not of the block asked for.
	ErrBadBlock = errors.New("not a valid block")
	// ErrNoSpentOutput means that a source cannot show an output that an operation spends.
	ErrNoSpentOutput = errors.New("source cannot show a spent output")
)

// NoSpentOutputError names the transaction that could not be judged, because the source did not
// show what one of its inputs spends. The index stops in front of it instead of guessing. It wraps
// ErrNoSpentOutput and the source's own error.
type NoSpentOutputError struct {
	Txid   chainhash.Hash
	Height int32
	Input  int
	Err    error
}

// Error names transaction and input.
func (e *NoSpentOutputError) Error() string {
	return fmt.Sprintf("transaction %s at height %d: input %d: %s: %s", e.Txid, e.Height, e.Input, ErrNoSpentOutput, e.Err)
}

// Unwrap gives ErrNoSpentOutput and the cause.
func (e *NoSpentOutputError) Unwrap() []error { return []error{ErrNoSpentOutput, e.Err} }
