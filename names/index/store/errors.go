package store

import "errors"

var (
	// ErrOtherRegistry means that the file was built with other rules or another network: it has to
	// be built anew.
	ErrOtherRegistry = errors.New("index was built for another registry")
	// ErrNewerVersion means that a newer program wrote the file.
	ErrNewerVersion = errors.New("index was written by a newer version")
	// ErrOlderVersion means that an older program wrote the file: it has to be built anew.
	ErrOlderVersion = errors.New("index was written by an older version")
	// ErrCorrupt is wrapped by every error about stored bytes that cannot be read: the file has to
	// be built anew.
	ErrCorrupt = errors.New("index is damaged")
	// ErrDiffers is wrapped by the error of Verify.
	ErrDiffers = errors.New("index does not agree with its own operations")
)
