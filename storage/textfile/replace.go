package textfile

import (
	"io/fs"

	"blockstack/storage/local"
)

// Replace writes a file so that a crash leaves either the old bytes or the new ones. A link at its
// place stays.
func Replace(path string, b []byte, mode fs.FileMode) error { return local.WriteFile(path, b, mode) }
