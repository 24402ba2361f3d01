//go:build unix

package process

import (
	"errors"
	"syscall"
)

// Running reports whether there is a process of a number.
func Running(pid int) bool {
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
