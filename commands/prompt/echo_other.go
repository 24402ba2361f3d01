//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly || windows)

package prompt

import (
	"context"
	"os"

	"golang.org/x/term"
)

// Echo cannot be kept off here: what is typed before it is asked for may be shown.
type Echo struct{}

// off does nothing.
func (*Echo) off(context.Context) {}

// Restore does nothing.
func (*Echo) Restore() {}

// dropTyped cannot be done here: what is typed before a question may answer it.
func dropTyped(*os.File) error { return nil }

// readHidden reads a line without showing it.
func readHidden(tty *os.File) ([]byte, error) { return term.ReadPassword(int(tty.Fd())) }
