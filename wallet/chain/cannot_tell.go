package chain

import "fmt"

// Ignorance is why a node cannot tell whether something is there.
type Ignorance string

// The reasons.
const (
	NoIndex       Ignorance = "the node has no transaction index"
	IndexBuilding Ignorance = "the node is still building its transaction index"
	CatchingUp    Ignorance = "the node is still downloading blocks"
	PoolLoading   Ignorance = "the node is still loading its memory pool"
	Unclear       Ignorance = "the node's answer says neither yes nor no"
)

// CannotTell means that a node does not have what it was asked for and may not know of it. It is an
// ErrCannotTell; where only the transaction index is missing, so that the memory pool was looked
// through, it is an ErrNoTxIndex, too.
type CannotTell struct {
	Why  Ignorance
	Said string // the node's words; empty when it has said that there is none
}

// Error gives the reason, and the node's words where they are all there is.
func (e *CannotTell) Error() string {
	if e.Why == Unclear {
		return fmt.Sprintf("%s: %s: %s", ErrCannotTell, e.Why, e.Said)
	}
	return fmt.Sprintf("%s: %s", ErrCannotTell, e.Why)
}

// Is makes it the sentinels that it stands for.
func (e *CannotTell) Is(target error) bool {
	return target == ErrCannotTell || target == ErrNoTxIndex && (e.Why == NoIndex || e.Why == IndexBuilding)
}
