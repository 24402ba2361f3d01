//go:build !unix

package process

import "os"

// Running reports whether there is a process of a number.
func Running(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
