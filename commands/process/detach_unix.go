//go:build unix

package process

import (
	"os/exec"
	"syscall"
)

// Detach lets a process outlive the terminal that it was started from.
func Detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
