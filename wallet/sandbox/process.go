package sandbox

import (
	"errors"
	"os"
	"time"
)

// process identifies a running program beyond its number, which the operating system uses again:
// the same number, start time and program are the same process.
type process struct {
	PID     int    `json:"pid"`
	Started string `json:"started"` // in the operating system's own form, with the boot it belongs to
	Program string `json:"program"`
}

// errNoProcess means that no process has this number, or only a dead one that nobody has asked
// after yet.
var errNoProcess = errors.New("no such process")

// running reports whether this very process still runs. When that cannot be found out, it is not
// provably ours, and the answer is no.
func (p *process) running() bool {
	if p == nil || p.PID <= 1 {
		return false
	}
	now, err := inspectProcess(p.PID)
	return err == nil && now == *p
}

// signal sends a signal to this very process and to no other. The handle is taken before the
// identity is compared: where the system has handles that survive the reuse of numbers (Linux),
// nothing can come in between.
func (p *process) signal(sig os.Signal) error {
	handle, err := os.FindProcess(p.PID)
	if err != nil {
		return errNoProcess
	}
	defer func() { _ = handle.Release() }()
	if !p.running() {
		return errNoProcess
	}
	return handle.Signal(sig)
}

// ended waits until the process is gone, and reports whether it is.
func (p *process) ended(within time.Duration) bool {
	for end := time.Now().Add(within); ; time.Sleep(10 * time.Millisecond) {
		if !p.running() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}
