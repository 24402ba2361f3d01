//go:build unix

package process

import (
	"os/exec"
	"testing"
)

// TestDetach: the process leads a session of its own, so that it outlives the terminal.
func TestDetach(t *testing.T) {
	cmd := exec.Command("nothing")
	if Detach(cmd); cmd.SysProcAttr == nil || !cmd.SysProcAttr.Setsid {
		t.Errorf("%+v", cmd.SysProcAttr)
	}
}
