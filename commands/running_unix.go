//go:build unix

package commands

import (
	"errors"
	"syscall"
)

// running reports whether there is a process of a number.
func running(pid int) bool {
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
