//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package commands

import (
	"errors"
	"os"
)

// echoOff cannot be done here: what is typed before it is asked for may be shown.
func echoOff(*os.File) (undo func(), err error) { return nil, errors.ErrUnsupported }
