package coins

import (
	"fmt"
	"syscall"
)

// mountSmall makes a file system of so many bytes at a folder.
func mountSmall(path string, size int) error {
	return syscall.Mount("tmpfs", path, "tmpfs", 0, fmt.Sprintf("size=%d", size))
}

func unmount(path string) error { return syscall.Unmount(path, 0) }
