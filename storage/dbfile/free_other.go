//go:build !unix

package dbfile

// Free is not known here.
func Free(string) (free uint64, ok bool) { return 0, false }
