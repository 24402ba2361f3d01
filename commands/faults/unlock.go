package faults

import (
	"fmt"

	"blockstack/commands/fault"
	"blockstack/home/unlock"
)

// unlockErrors are the rows for what does not open the keys. They stand first: what a file or a
// command has for a password is not told by its cause.
func unlockErrors() []rule {
	return []rule{
		onType("usage", func(e *unlock.BadSource, f *fault.Fault) {
			if e.Descriptor >= 0 {
				f.Message = fmt.Sprintf("--password-fd %d: %v", e.Descriptor, e.Err)
			}
		}),
		onType("locked", func(e *unlock.CommandFailed, f *fault.Fault) {
			if !e.Silent {
				f.Hint("run it by hand to see what is wrong")
			}
		}),
	}
}
