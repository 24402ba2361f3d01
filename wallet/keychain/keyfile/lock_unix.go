//go:build unix && !aix && !solaris

package keyfile

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// Lock keeps other processes from rewriting the keychain file at path until done is called. The
// file itself is replaced when it is written, so its folder is what is locked.
func Lock(path string) (done func() error, err error) {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(d.Fd()), syscall.LOCK_EX)
		if err == nil {
			return d.Close, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(err, d.Close())
		}
	}
}
