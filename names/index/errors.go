package index

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
)

var (
	// ErrOtherRegistry means that the file was built with other rules or another network: it has to be built anew.
	ErrOtherRegistry = errors.New("index was built for another registry")
	// ErrNewerVersion means that a newer program wrote the file.
	ErrNewerVersion = errors.New("index was written by a newer version")
	// ErrOlderVersion means that an older program wrote the file: it has to be built anew.
	ErrOlderVersion = errors.New("index was written by an older version")
	// ErrNoIndex means that there is no file to open for reading.
	ErrNoIndex = errors.New("there is no index yet")
	// ErrBusy means that another process has the file open.
	ErrBusy = errors.New("index is in use by another process")
	// ErrCorrupt is wrapped by every error about stored bytes that cannot be read: the file has to be built anew.
	ErrCorrupt = errors.New("index is damaged")
	// ErrReadOnly means that an index opened for queries was asked to change.
	ErrReadOnly = errors.New("index is open for reading only")
	// ErrBadBlock is wrapped by every error about a block whose bytes are not those of a block, or not of the block asked for.
	ErrBadBlock = errors.New("not a valid block")
	// ErrNodeBehind means that the source's chain ends so far below the index that its blocks cannot be undone.
	ErrNodeBehind = errors.New("source of blocks is behind the index")
	// ErrNoSpentOutput means that a source cannot show an output that an operation spends.
	ErrNoSpentOutput = errors.New("source cannot show a spent output")
	// ErrBadScenario is wrapped by every error about the content of a scenario file.
	ErrBadScenario = errors.New("not a valid scenario file")
	// ErrDiffers is wrapped by the error of Verify.
	ErrDiffers = errors.New("index does not agree with its own operations")
	// ErrOutOfRange means that a height is not one that the index knows.
	ErrOutOfRange = errors.New("height is not indexed")
)

// NoSpentOutputError names the transaction that could not be judged, because the source did not show what one of its inputs
// spends. The index stops in front of it instead of guessing. It wraps ErrNoSpentOutput and the source's own error.
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
