package resolver

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"blockstack/names"
)

// Cache keeps zone files on disk by their hash, as <dir>/<hash>.txt. It may be deleted at any time, and what it holds is checked when
// it is read, so nothing depends on it being right.
type Cache struct{ Dir string }

// get gives the zone file with this hash when the cache has it unharmed.
func (c *Cache) get(h names.ZoneFileHash) ([]byte, bool) {
	text, err := readFile(filepath.Join(c.Dir, fileName(h)))
	if err != nil || checkZoneFile(text, h) != nil {
		return nil, false
	}
	return text, true
}

// Put keeps a zone file under its hash.
func (c *Cache) Put(text []byte) error {
	h := names.HashZoneFile(text)
	if err := checkZoneFile(text, h); err != nil {
		return fmt.Errorf("zone-file cache: %w", err)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("zone-file cache: %w", err)
	}
	if err := replaceFile(filepath.Join(c.Dir, fileName(h)), text, 0o600); err != nil {
		return fmt.Errorf("zone-file cache: %w", err)
	}
	return nil
}

// PublishZoneFile writes a zone file into a folder as <hash>.txt, which a web server or another reader's --zonefiles can then serve,
// and reads it back. It gives the path. The folder is made when it is missing; a file that is already right is left alone.
func PublishZoneFile(dir string, text []byte) (string, error) {
	h := names.HashZoneFile(text)
	if err := checkZoneFile(text, h); err != nil {
		return "", fmt.Errorf("publish zone file: %w", err)
	}
	path := filepath.Join(dir, fileName(h))
	if have, err := readFile(path); err == nil && bytes.Equal(have, text) {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("publish zone file: %w", err)
	}
	if err := replaceFile(path, text, 0o644); err != nil {
		return "", fmt.Errorf("publish zone file: %w", err)
	}
	back, err := readFile(path)
	if err != nil {
		return "", fmt.Errorf("publish zone file: read back: %w", err)
	}
	if err := checkZoneFile(back, h); err != nil {
		return "", fmt.Errorf("publish zone file: read back %s: %w", path, err)
	}
	return path, nil
}

// replaceFile puts a file in place in one step: readers see the old file or the whole new one, also after a crash.
func replaceFile(path string, b []byte, mode os.FileMode) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(b); err != nil {
		return err
	}
	if err = tmp.Chmod(mode); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
