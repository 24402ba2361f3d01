//go:build unix && !aix && !solaris

package dbfile

import (
	"os"
	"syscall"
)

// unlock gives up the lock that the store has on its file. Closing the file is not enough while it
// is mapped into memory.
func unlock(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
