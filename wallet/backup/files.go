package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/storage/dbfile"
)

// Collect reads what belongs into a backup from a home: the keychain, the settings
// in another place, and labels and journal of every network. Stores are copied as
// one consistent state while their other users wait.
func Collect(ctx context.Context, home, settings string, wait time.Duration) (*Archive, error) {
	a := &Archive{Created: time.Now(), Files: map[string][]byte{}}
	read := func(name, path string) error {
		b, err := os.ReadFile(path)
		if err == nil {
			a.Files[name] = b
		}
		return err
	}
	if err := read(Keychain, filepath.Join(home, Keychain)); err != nil {
		return nil, fmt.Errorf("keychain: %w", err)
	}
	if err := read(Settings, settings); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("settings: %w", err)
	}
	networks, err := os.ReadDir(home)
	if err != nil {
		return nil, err
	}
	for _, d := range networks {
		for _, store := range []string{Labels, Journal} {
			name, path := d.Name()+"/"+store, filepath.Join(home, d.Name(), store)
			if !d.IsDir() || !fileName.MatchString(name) {
				continue
			}
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			b, err := copyStore(path, wait)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			a.Files[name] = b
		}
	}
	return a, nil
}

// copyStore reads a bbolt file through a transaction.
func copyStore(path string, wait time.Duration) ([]byte, error) {
	db, err := dbfile.Open(path, dbfile.Options{ReadOnly: true, Wait: wait})
	if errors.Is(err, dbfile.ErrBusy) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var out bytes.Buffer
	err = db.View(func(tx *bbolt.Tx) error {
		if tx.Size() > maxSize {
			return fmt.Errorf("%d bytes are too many for a backup", tx.Size())
		}
		_, err := tx.WriteTo(&out)
		return err
	})
	return out.Bytes(), err
}

// Restore writes the files of an archive into a home, and the settings to a place of
// their own unless there are some. A file that is there already with the same bytes
// is kept, so that an interrupted Restore can be called again; with other bytes it
// is ErrExists and nothing is written. The keychain comes last: without it there is
// no wallet.
func (a *Archive) Restore(home, settings string) error {
	for _, name := range a.Names() {
		if name == Settings {
			continue
		}
		have, err := os.ReadFile(filepath.Join(home, filepath.FromSlash(name)))
		if err == nil && !bytes.Equal(have, a.Files[name]) {
			return fmt.Errorf("%s in %s: %w", name, home, ErrExists)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, name := range a.Names() {
		path := filepath.Join(home, filepath.FromSlash(name))
		switch name {
		case Keychain:
			continue // the last
		case Settings:
			if _, err := os.Lstat(settings); err == nil {
				continue
			}
			path = settings
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := a.put(path, a.Files[name]); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	if err := a.put(filepath.Join(home, Keychain), a.Files[Keychain]); err != nil {
		return fmt.Errorf("restore the keychain: %w", err)
	}
	return nil
}

// put is WriteFile, which tests may interrupt.
func (a *Archive) put(path string, b []byte) error {
	if a.beforeWrite != nil {
		a.beforeWrite()
	}
	return WriteFile(path, b)
}

// WriteFile puts bytes at path, mode 0600, so that a crash leaves the old file or
// the new one, and waits until they are on the disk. A link at the place stays.
func WriteFile(path string, b []byte) (err error) {
	if path, err = dbfile.Target(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
