package scripts

import (
	"errors"
)

var (
	// ErrBadScript is returned for a redeem script that is not m of n keys.
	ErrBadScript = errors.New("bad script")
	// ErrGap is returned when too many addresses are handed out and unused.
	ErrGap = errors.New("too many unused addresses")
	// ErrNeedKeys is returned when a key is needed that was not derived ahead.
	ErrNeedKeys = errors.New("more keys must be derived, which needs the password")
)
