package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder is a place on this machine, for instance what a static web server serves. It is made when missing. Programs of ours take turns
// by a lock on the folder, where its file system has locks; what another program, or one that syncs the folder, does at the same instant
// is not noticed.
type Folder string

// String gives the path of the folder.
func (d Folder) String() string { return string(d) }

// Read reads a file of the folder.
func (d Folder) Read(ctx context.Context, path string) (File, error) {
	full, err := d.full(ctx, path)
	if err != nil {
		return File{}, err
	}
	data, err := readRegular(full)
	if err != nil {
		return File{}, err
	}
	return File{Data: data, Version: version(data)}, nil
}

// Write puts a file in place by rename, readable for everybody, and makes it last.
func (d Folder) Write(ctx context.Context, path string, data []byte, c Condition) error {
	full, err := d.full(ctx, path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	unlock, err := lockFolder(filepath.Dir(full))
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err == nil {
		defer unlock()
	}
	have, err := readRegular(full)
	switch {
	case errors.Is(err, ErrNotFound):
		if c.Version != "" {
			return fmt.Errorf("%s: %w: it is gone", full, ErrConflict)
		}
	case err != nil:
		return err
	case version(have) != c.Version:
		return fmt.Errorf("%s: %w", full, ErrConflict)
	}
	return putFile(full, data, c.Version == "")
}

// Guards says whether the folder can be locked.
func (d Folder) Guards(string) bool {
	unlock, err := lockFolder(existing(string(d)))
	if err == nil {
		unlock()
	}
	return err == nil
}

// existing gives the first folder on the way up that is there.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func (d Folder) full(ctx context.Context, path string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := checkPath(path); err != nil {
		return "", err
	}
	return filepath.Join(string(d), filepath.FromSlash(path)), nil
}

func version(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// readRegular reads a regular file of at most MaxSize bytes.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", path, ErrNotFound)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, MaxSize)
	}
	return data, nil
}

// putFile writes beside the target and then puts the file in place: with fresh set only when nothing is there yet.
func putFile(path string, data []byte, fresh bool) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already when the rename was made
	_, err = io.Copy(tmp, bytes.NewReader(data))
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if fresh {
		switch err := os.Link(tmp.Name(), path); {
		case errors.Is(err, fs.ErrExist):
			return fmt.Errorf("%s: %w", path, ErrConflict)
		case err == nil:
			return syncDir(dir)
		}
		// Some file systems have no hard links; then the check before was the only one.
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new directory entry last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
