package textfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"blockstack/storage/dbfile"
)

// Replace writes a file so that a crash leaves either the old bytes or the new ones. A link at its place stays.
func Replace(path string, b []byte, mode fs.FileMode) (err error) {
	if path, err = dbfile.Target(path); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if e := os.Remove(tmp.Name()); err != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}()
	if err = tmp.Chmod(mode); err == nil {
		if _, err = tmp.Write(b); err == nil {
			err = tmp.Sync()
		}
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	err = dir.Sync()
	if e := dir.Close(); err == nil {
		err = e
	}
	return err
}
