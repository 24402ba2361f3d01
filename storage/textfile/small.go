package textfile

import (
	"fmt"
	"os"
)

// maxSmall bounds a small file: a node's user and password, its certificate, a note of ours.
const maxSmall = 64 << 10

// ReadSmall reads a file that cannot sensibly be large.
func ReadSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSmall {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxSmall)
	}
	return os.ReadFile(path)
}
