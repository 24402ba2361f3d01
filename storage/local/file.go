package local

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"blockstack/storage"
)

// ReadFile reads at most limit bytes of what a user has named: a file, or a pipe. Errors wrap
// storage.ErrNotFound when there is none.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, storage.Of(storage.ErrNotFound, err)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = storage.Of(storage.ErrTooLarge, fmt.Errorf("%s: larger than %d bytes", path, limit))
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// WriteFile puts bytes at a path so that a crash leaves the old file or the new one, and waits
// until they are on the disk. A link at the place stays: what it leads to is written.
func WriteFile(path string, data []byte, mode fs.FileMode) error {
	path, err := Target(path)
	if err != nil {
		return err
	}
	return put(path, bytes.NewReader(data), int64(len(data)), putting{mode: mode, lasting: true})
}

// Target is where a path leads to when the links at its end are followed, also when nothing is
// there yet.
func Target(path string) (string, error) {
	for range 32 {
		to, err := os.Readlink(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
		if err != nil {
			info, lerr := os.Lstat(path)
			if lerr == nil && info.Mode()&fs.ModeSymlink == 0 {
				return path, nil // no link
			}
			return "", err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", fmt.Errorf("%s: too many links", path)
}

// SyncFolder brings the names in a folder to the disk. Windows has no call for it.
func SyncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// putting says how a file is put in place.
type putting struct {
	mode    fs.FileMode
	fresh   bool // only when nothing is there yet
	lasting bool // wait for the disk
}

// put writes size bytes beside the target and then puts them in place.
func put(path string, body io.Reader, size int64, how putting) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	placed := false
	defer func() {
		if placed {
			return
		}
		if e := os.Remove(tmp.Name()); err != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}()
	n, err := io.Copy(tmp, body)
	if err == nil && n != size {
		err = fmt.Errorf("%s: %w: %d bytes of %d", path, io.ErrUnexpectedEOF, n, size)
	}
	if err == nil {
		err = tmp.Chmod(how.mode)
	}
	if err == nil && how.lasting {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if how.fresh {
		switch err := os.Link(tmp.Name(), path); {
		case errors.Is(err, fs.ErrExist):
			return fmt.Errorf("%s: %w", path, storage.ErrExists)
		case err == nil:
			return how.sync(dir)
		}
		// Some file systems have no hard links; then the comparison before was the only one.
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	placed = true
	return how.sync(dir)
}

// sync makes the new name in a folder last.
func (how putting) sync(dir string) error {
	if !how.lasting {
		return nil
	}
	return SyncFolder(dir)
}

// openRegular opens a regular file.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", path)
	}
	if err != nil {
		return nil, nil, notThere(path, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, notThere(path, err)
	}
	return f, info, nil
}

// notThere is the error of an object that does not exist.
func notThere(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, storage.ErrNotFound)
	}
	return err
}
