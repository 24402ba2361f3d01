package job

import (
	"encoding/json"
	"fmt"
)

// State is where a job stands. The numbers are stored: they are never renumbered, new ones are
// appended.
type State uint8

// The states. A namespace launch uses PreorderSigned to RegisterConfirmed for preorder and reveal,
// UpdateSigned and UpdateConfirmed for ready. A registration uses those two only where its
// zone-file hash needs an update of its own. The operations of an owner (renew, update, transfer,
// revoke) go from Planned to UpdateSigned at once. MoveSigned comes before the first transaction
// where the wallet's coins must be moved to a script that the name system reads. Running is of the
// jobs of a batch alone, whose names have states of their own.
const (
	Planned           State = 1
	PreorderSigned    State = 2
	PreorderConfirmed State = 3
	RegisterSigned    State = 4
	RegisterConfirmed State = 5
	UpdateSigned      State = 6
	UpdateConfirmed   State = 7
	Done              State = 8
	Cancelling        State = 9
	MoveSigned        State = 10
	Running           State = 11
	Expired           State = 20
	Rejected          State = 21
	Cancelled         State = 22
)

// stateNames are the names that programs see.
func stateName(s State) string {
	switch s {
	case Planned:
		return "planned"
	case PreorderSigned:
		return "preorder_signed"
	case PreorderConfirmed:
		return "preorder_confirmed"
	case RegisterSigned:
		return "register_signed"
	case RegisterConfirmed:
		return "register_confirmed"
	case UpdateSigned:
		return "update_signed"
	case UpdateConfirmed:
		return "update_confirmed"
	case Done:
		return "done"
	case Cancelling:
		return "cancelling"
	case MoveSigned:
		return "move_signed"
	case Running:
		return "running"
	case Expired:
		return "expired"
	case Rejected:
		return "rejected"
	case Cancelled:
		return "cancelled"
	}
	return ""
}

// String names the state in snake case.
func (s State) String() string {
	if n := stateName(s); n != "" {
		return n
	}
	return fmt.Sprintf("state_%d", uint8(s))
}

// Final says that nothing is left to do. A reorg can still open the job again.
func (s State) Final() bool {
	return s == Done || s == Expired || s == Rejected || s == Cancelled
}

// Undone says that a job goes back to a state in which it sends, because a reorg undid something:
// patience with what waits begins anew.
func (s State) Undone(to State) bool {
	switch to {
	case MoveSigned, PreorderSigned, RegisterSigned, UpdateSigned:
		return s > to || to == MoveSigned && s != Planned
	}
	return false
}

// MarshalJSON writes the number.
func (s State) MarshalJSON() ([]byte, error) { return json.Marshal(uint8(s)) }

// UnmarshalJSON reads a known number.
func (s *State) UnmarshalJSON(b []byte) error {
	var n uint8
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	if stateName(State(n)) == "" {
		return fmt.Errorf("%w: state %d", ErrBadJournal, n)
	}
	*s = State(n)
	return nil
}
