package hdpath

import "errors"

// ErrBadPath is wrapped by refusals of derivation paths.
var ErrBadPath = errors.New("bad derivation path")
