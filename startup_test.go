package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkStartup runs the built program and reports the processor time that `blockstack --help`
// takes: everything that packages do when they are loaded. The aim is under 30 ms.
func BenchmarkStartup(b *testing.B) {
	program, err := filepath.Abs(filepath.Join("bin", "blockstack"))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		b.Skip("make builds the program that this measures")
	}
	home := b.TempDir()
	cpu := 0.0
	for b.Loop() {
		cmd := exec.Command(program, "--help")
		cmd.Env = append(os.Environ(), "HOME="+home)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		cpu += (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	}
	b.ReportMetric(cpu*1000/float64(b.N), "cpu-ms/op")
}
