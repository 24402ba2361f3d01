package advance

import (
	"errors"
	"fmt"
)

// Sentinels. Errors that carry data are the structs below.
var (
	// ErrNotCancellable says that a job is past the point where it could be undone.
	ErrNotCancellable = errors.New("job cannot be cancelled any more")
	// ErrNeedsKey says that a step has to be signed and the wallet is locked.
	ErrNeedsKey = errors.New("the next step must be signed, and the wallet is locked")
	// ErrRestless says that node and index gave ever changing answers.
	ErrRestless = errors.New("the chain does not come to rest")
)

// NeedsKey is ErrNeedsKey where the step has a deadline.
type NeedsKey struct {
	Deadline int32 // last block that is good enough
	Blocks   int32 // how many are left
}

// Error names the deadline.
func (e *NeedsKey) Error() string {
	return fmt.Sprintf("%s; it must be in block %d at the latest, %d blocks are left", ErrNeedsKey, e.Deadline, e.Blocks)
}

// Unwrap is ErrNeedsKey.
func (e *NeedsKey) Unwrap() error { return ErrNeedsKey }
