package agent

import "golang.org/x/sys/unix"

// sleepClock counts through sleep.
const sleepClock = unix.CLOCK_BOOTTIME
