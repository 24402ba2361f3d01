package index

import (
	"errors"

	"blockstack/names/index/scan"
	"blockstack/names/index/store"
)

// What is wrong with the file.
var (
	// ErrOtherRegistry means that the file was built with other rules or another network: it has to
	// be built anew.
	ErrOtherRegistry = store.ErrOtherRegistry
	// ErrNewerVersion means that a newer program wrote the file.
	ErrNewerVersion = store.ErrNewerVersion
	// ErrOlderVersion means that an older program wrote the file: it has to be built anew.
	ErrOlderVersion = store.ErrOlderVersion
	// ErrCorrupt is wrapped by every error about stored bytes that cannot be read: the file has to
	// be built anew.
	ErrCorrupt = store.ErrCorrupt
	// ErrDiffers is wrapped by the error of Verify.
	ErrDiffers = store.ErrDiffers
	// ErrNoIndex means that there is no file to open for reading.
	ErrNoIndex = errors.New("there is no index yet")
	// ErrBusy means that another process has the file open.
	ErrBusy = errors.New("index is in use by another process")
	// ErrReadOnly means that an index opened for queries was asked to change.
	ErrReadOnly = errors.New("index is open for reading only")
	// ErrOutOfRange means that a height is not one that the index knows.
	ErrOutOfRange = errors.New("height is not indexed")
)

// What is wrong with the source of blocks.
var (
	// ErrBadBlock is wrapped by every error about a block whose bytes are not those of a block, or
	// not of the block asked for.
	ErrBadBlock = scan.ErrBadBlock
	// ErrNoSpentOutput means that a source cannot show an output that an operation spends.
	ErrNoSpentOutput = scan.ErrNoSpentOutput
	// ErrNodeBehind means that the source's chain ends so far below the index that its blocks
	// cannot be undone.
	ErrNodeBehind = errors.New("source of blocks is behind the index")
)
