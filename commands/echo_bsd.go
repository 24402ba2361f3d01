//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package commands

import "golang.org/x/sys/unix"

const getTermios, setTermios, setTermiosDropping = unix.TIOCGETA, unix.TIOCSETA, unix.TIOCSETAF
