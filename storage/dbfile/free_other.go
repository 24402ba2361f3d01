//go:build !(linux || darwin || freebsd || dragonfly)

package dbfile

// Free is not known here.
func Free(string) (free uint64, ok bool) { return 0, false }
