//go:build !linux

package scripttest

import "errors"

// underShell is for the terminals of Linux.
func underShell([]string) error { return errors.ErrUnsupported }
