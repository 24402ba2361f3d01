//go:build unix

package agent

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// NoCoreDumps keeps the memory of this process, and of those it starts, out of core dumps.
func NoCoreDumps() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("core dumps: %w", err)
	}
	return nil
}

// CoreDumps reports whether a crash of this process could leave its memory in a file.
func CoreDumps() bool {
	var limit unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_CORE, &limit)
	return err != nil || limit.Cur != 0
}
