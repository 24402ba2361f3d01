//go:build !unix

package commands

import "os/exec"

// detach does nothing here: the agent refuses to run.
func detach(*exec.Cmd) {}
