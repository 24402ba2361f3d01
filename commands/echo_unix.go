//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package commands

import (
	"os"

	"golang.org/x/sys/unix"
)

// echoOff turns off the echo of a terminal, and nothing else of it.
func echoOff(tty *os.File) (undo func(), err error) {
	fd := int(tty.Fd())
	old, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	silent := *old
	silent.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, setTermios, &silent); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(fd, setTermios, old) }, nil // a terminal that is gone shows nothing
}
