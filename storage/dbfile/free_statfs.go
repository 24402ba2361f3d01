//go:build linux || darwin || freebsd || dragonfly

package dbfile

import (
	"errors"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Free is the room that is left where a folder is, or will be.
func Free(dir string) (free uint64, ok bool) {
	var st unix.Statfs_t
	err := unix.Statfs(dir, &st)
	for errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		err = unix.Statfs(dir, &st)
	}
	return uint64(st.Bavail) * uint64(st.Bsize), err == nil
}
