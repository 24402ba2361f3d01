package faults

import (
	"blockstack/storage"
	"blockstack/storage/gaia"
)

// storageErrors are the rows for places where objects are kept.
func storageErrors() []rule {
	return []rule{
		on(storage.ErrUnreachable, "unreachable"),
		on(gaia.ErrBadHub, "malformed", "check the address of the hub: --hub URL"),
		on(storage.ErrChanged, "edit_conflict", "run the same command again: it reads what is there now"),
		on(storage.ErrBadName, "usage"),
		on(storage.ErrNotFound, "not_found"),
		on(storage.ErrTooLarge, "malformed"),
		on(storage.ErrNoCondition, "unreachable", "choose another place"),
	}
}
