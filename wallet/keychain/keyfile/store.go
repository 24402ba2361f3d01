package keyfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"blockstack/storage/local"
)

// Write puts the keychain at path in one step: a reader, and a machine that loses power, finds the
// old file or the new one. Without replace an existing file is kept and ErrExists returned.
func Write(path string, f *File, replace bool) error {
	b, err := json.MarshalIndent(f, "", "  ")
	if err == nil && len(b) >= maxFile {
		err = fmt.Errorf("%d bytes are more than %d", len(b), maxFile)
	}
	if err != nil {
		return fmt.Errorf("write keychain: %w", err)
	}
	path, err = local.Target(path) // a link to another disk stays one
	if err != nil {
		return fmt.Errorf("write keychain: %w", err)
	}
	tmp, err := writeBeside(path, append(b, '\n'))
	if err != nil {
		return fmt.Errorf("write keychain: %w", err)
	}
	defer os.Remove(tmp) // gone already after a rename
	if replace {
		err = os.Rename(tmp, path)
	} else {
		err = placeNew(tmp, path)
	}
	if err != nil {
		return fmt.Errorf("write keychain: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("write keychain: %w", err)
	}
	return nil
}

// writeBeside writes b to a new file, mode 0600, in the folder of path, with the bytes on the disk
// when it returns.
func writeBeside(path string, b []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(b); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}

// placeNew moves tmp to path, which must not exist. A hard link is the way that cannot lose a race;
// file systems without links get a check before the rename.
func placeNew(tmp, path string) error {
	err := os.Link(tmp, path)
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w at %s", ErrExists, path)
	}
	if _, serr := os.Lstat(path); !errors.Is(serr, fs.ErrNotExist) {
		return fmt.Errorf("%w at %s", ErrExists, path)
	}
	return os.Rename(tmp, path)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// MoveAside gives a keychain file that nobody can open another name beside it, which says the
// second. "": there is none.
func MoveAside(path string) (string, error) {
	path, err := local.Target(path) // a link to another disk stays one
	if err != nil {
		return "", err
	}
	switch _, err := Read(path); {
	case errors.Is(err, ErrNotFound):
		return "", nil
	case errors.Is(err, ErrNewer): // nothing is wrong with it
		return "", err
	}
	to := path + ".before-" + time.Now().UTC().Format("20060102-150405")
	for _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist); _, err = os.Lstat(to) {
		to += "x" // another one in the same second
	}
	if err := os.Rename(path, to); err != nil {
		return "", err
	}
	return to, syncDir(filepath.Dir(path))
}
