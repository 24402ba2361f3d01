//go:build !linux && !darwin

package agent

import "time"

// bootTime is not there on this system: the wall clock tells what was slept.
func bootTime() (time.Duration, bool) { return 0, false }
