package sandbox

import (
	"errors"
	"fmt"
	"path/filepath"
)

// RunState says what was found in a sandbox's folder.
type RunState string

// The states of a sandbox.
const (
	Absent      RunState = "absent"       // never started
	Stopped     RunState = "stopped"      // stopped as it should be
	Running     RunState = "running"      // its process runs; whether it answers, only asking can tell
	Starting    RunState = "starting"     // another command is starting it now
	HalfStarted RunState = "half_started" // a start was interrupted
	Crashed     RunState = "crashed"      // it should run but its process is gone
)

// judge compares what is recorded with what runs, and explains it.
func judge(dir string, st *nodeState) (RunState, string) {
	switch {
	case st == nil:
		return Absent, "it was never started"
	case st.Phase == phaseStopped:
		return Stopped, "it is stopped"
	case st.Phase == phaseStarting && lockHeld(dir):
		return Starting, "another command is starting it"
	case st.Phase == phaseStarting:
		return HalfStarted, "a start was interrupted before it was done; start it again to repair it"
	case st.Process.running():
		return Running, "it is running"
	}
	why := "its node ended without being stopped; start it again to repair it"
	if st.Process != nil {
		now, err := inspectProcess(st.Process.PID)
		switch {
		case err == nil && now.PID != 0:
			why = fmt.Sprintf("its node is gone, and process number %d now belongs to another program (%s), which is left alone; start it again to repair it",
				now.PID, filepath.Base(now.Program))
		case err != nil && !errors.Is(err, errNoProcess):
			why = fmt.Sprintf("its node is gone, and process number %d now belongs to somebody else, who is left alone; start it again to repair it",
				st.Process.PID)
		}
	}
	return Crashed, why
}

// judgeLocked is judge for the holder of the lock, for whom nobody else starts.
func judgeLocked(dir string, st *nodeState) (RunState, string) {
	state, why := judge(dir, st)
	if state == Starting {
		return HalfStarted, "a start was interrupted before it was done"
	}
	return state, why
}
