//go:build linux || darwin

package agent

import (
	"time"

	"golang.org/x/sys/unix"
)

// bootTime is a clock that nobody sets and that counts through sleep.
func bootTime() (time.Duration, bool) {
	var t unix.Timespec
	if err := unix.ClockGettime(sleepClock, &t); err != nil {
		return 0, false
	}
	return time.Duration(t.Nano()), true
}
