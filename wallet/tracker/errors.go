package tracker

import (
	"errors"
)

// ErrRebuild says that what the tracker has cannot be repaired in place, so that it must be built
// again from the birthday.
var ErrRebuild = errors.New("the wallet's view of the chain cannot be repaired in place")
