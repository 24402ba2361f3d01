package prompt

import (
	"context"
	"os"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

// Echo cannot be kept off here: what is typed before it is asked for may be shown.
type Echo struct{}

// off does nothing.
func (*Echo) off(context.Context) {}

// Restore does nothing.
func (*Echo) Restore() {}

// dropTyped throws away what has been typed and not read.
func dropTyped(tty *os.File) error { return windows.FlushConsoleInputBuffer(windows.Handle(tty.Fd())) }

// readHidden reads a line without showing it.
func readHidden(tty *os.File) ([]byte, error) { return term.ReadPassword(int(tty.Fd())) }
