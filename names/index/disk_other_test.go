//go:build !linux && !darwin

package index

const diskFile = "INDEX_DISK_FILE"

func fullDiskProcess(string) int { return 1 }
