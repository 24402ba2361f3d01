package process

import (
	"os"
	"os/exec"
	"testing"
)

// TestRunning: this process runs, one that has ended and was waited for does not.
func TestRunning(t *testing.T) {
	if !Running(os.Getpid()) {
		t.Error("this process does not run")
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	Detach(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	if !Running(pid) { // it may have ended; its number stays until it is waited for
		t.Error("the child does not run")
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if Running(pid) {
		t.Error("what was waited for still runs")
	}
}
