package sandbox

import (
	"fmt"

	"golang.org/x/sys/unix"
)

const zombie = 5 // SZOMB of <sys/proc.h>

// inspectProcess asks sysctl kern.proc.pid; the program is the name that the kernel keeps, at most
// 16 characters.
func inspectProcess(pid int) (process, error) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil || int(info.Proc.P_pid) != pid || info.Proc.P_stat == zombie {
		return process{}, errNoProcess
	}
	start := info.Proc.P_starttime
	return process{
		PID:     pid,
		Started: fmt.Sprintf("%d.%06d", start.Sec, start.Usec),
		Program: unix.ByteSliceToString(info.Proc.P_comm[:]),
	}, nil
}
