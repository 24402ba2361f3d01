package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
)

// inspectProcess reads /proc (proc(5)): field 22 of stat is the start time in clock ticks since
// boot, exe is the program.
func inspectProcess(pid int) (process, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, errNoProcess
	}
	end := bytes.LastIndexByte(stat, ')') // the name before it may contain anything
	fields := strings.Fields(string(stat[end+1:]))
	if end < 0 || len(fields) < 20 {
		return process{}, fmt.Errorf("process %d: unexpected form of stat", pid)
	}
	if state := fields[0]; state == "Z" || state == "X" {
		return process{}, errNoProcess
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return process{}, err
	}
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if errors.Is(err, os.ErrNotExist) { // it ended since stat was read: a dead process has no program
		return process{}, errNoProcess
	}
	if err != nil {
		return process{}, err // somebody else's
	}
	return process{
		PID:     pid,
		Started: strings.TrimSpace(string(boot)) + "/" + fields[19],
		Program: strings.TrimSuffix(program, " (deleted)"), // built anew while it runs
	}, nil
}
