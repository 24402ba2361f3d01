//go:build !unix

package process

import "os/exec"

// Detach does nothing here: the agent refuses to run.
func Detach(*exec.Cmd) {}
