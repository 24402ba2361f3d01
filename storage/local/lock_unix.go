//go:build unix

package local

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"blockstack/storage"
)

// lockPatience is how long another program of ours may hold a folder.
const lockPatience = 10 * time.Second

// lockFolder waits for the lock of a folder. The error wraps errors.ErrUnsupported where the file
// system has none.
func lockFolder(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(lockPatience); ; time.Sleep(20 * time.Millisecond) {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return func() { _ = f.Close() }, nil // closing gives the lock back
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK) && time.Now().Before(deadline):
		case errors.Is(err, syscall.EWOULDBLOCK):
			_ = f.Close()
			return nil, fmt.Errorf("%s: %w", dir, storage.ErrLocked)
		default:
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w: %w", dir, errors.ErrUnsupported, err)
		}
	}
}
