package chainsync

import (
	"errors"
)

var (
	// ErrDisconnected is returned when the connection to the chain ends during a sync.
	ErrDisconnected = errors.New("the connection to the chain ended")
	// ErrUnstable is returned when the chain keeps changing under a sync.
	ErrUnstable = errors.New("the chain did not hold still")
)
