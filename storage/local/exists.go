package local

import (
	"errors"
	"io/fs"
	"os"
)

// IsThere reports whether a file is there.
func IsThere(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
