//go:build !linux

package commands

import "errors"

// underShell is for the terminals of Linux.
func underShell([]string) error { return errors.ErrUnsupported }
