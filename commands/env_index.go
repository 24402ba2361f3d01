package commands

import (
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/index/scenario"
)

// indexErrors are the rows for the index.
func indexErrors() []rule {
	return []rule{
		on(index.ErrNoIndex, "not_found", "make it: blockstack index sync"),
		onBusy(index.ErrBusy, "another blockstack command is using this index; try again when it is done"),
		on(index.ErrNewerVersion, "newer_version", "use the newer program, or delete the index: it is built again from blocks"),
		on(index.ErrOlderVersion, "damaged", "let it be built again: blockstack index sync"),
		on(index.ErrOtherRegistry, "damaged", "let it be built again: blockstack index sync"),
		on(index.ErrCorrupt, "damaged", "let it be built again: blockstack index sync --rebuild"),
		on(index.ErrDiffers, "damaged", "delete the index file and run: blockstack index sync"),
		on(index.ErrNodeBehind, "unreachable", "wait until the node has caught up, or choose another one"),
		on(index.ErrNoSpentOutput, "unreachable", "use a source that can show it: btcd with --txindex, bitcoind 23.0 or later, or block files with their undo files"),
		on(scenario.ErrBad, "malformed"),
		on(index.ErrBadBlock, "malformed"),
		on(index.ErrOutOfRange, "not_found"),
		on(names.ErrNoPrice, "not_found"),
	}
}
