//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly || windows)

package commands

import (
	"context"
	"os"

	"golang.org/x/term"
)

// echo cannot be kept off here: what is typed before it is asked for may be shown.
type echo struct{}

// off does nothing.
func (*echo) off(context.Context) {}

// restore does nothing.
func (*echo) restore() {}

// dropTyped cannot be done here: what is typed before a question may answer it.
func dropTyped(*os.File) error { return nil }

// readHidden reads a line without showing it.
func readHidden(tty *os.File) ([]byte, error) { return term.ReadPassword(int(tty.Fd())) }
