package agent

import "golang.org/x/sys/unix"

// sleepClock counts through sleep, unlike the clock of package time here.
const sleepClock = unix.CLOCK_MONOTONIC
