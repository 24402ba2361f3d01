//go:build !unix || aix || solaris

package dbfile

import "os"

// unlock gives up the lock that the store has on its file; here closing it does.
func unlock(*os.File) {}
