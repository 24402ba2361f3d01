package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/storage/dbfile"
	"blockstack/storage/local"
)

// Collect reads what belongs into a backup from a home: the keychain, the settings in another
// place, and of each of networks labels, journal, the newest profiles seen and the zone files of
// one's own names. Other folders, such as the cache, are none of its business. Stores are copied as
// one consistent state while their other users wait.
func Collect(ctx context.Context, home, settings string, networks []string, wait time.Duration) (*Archive, error) {
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
	for _, network := range networks {
		for _, store := range []string{Labels, Journal, Profiles} {
			name, path := network+"/"+store, filepath.Join(home, network, store)
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			b, err := copyStore(path, wait)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			a.Files[name] = b
		}
		name := network + "/" + ZoneFiles
		zones, err := packZones(ctx, local.Private(filepath.Join(home, network, zoneFolder)))
		if err != nil {
			return nil, fmt.Errorf("zone files: %w", err)
		}
		if zones != nil {
			a.Files[name] = zones
		}
	}
	return a, nil
}

// copyStore reads a bbolt file through a transaction. Its rows have been checked.
func copyStore(path string, wait time.Duration) ([]byte, error) {
	db, err := dbfile.OpenRows(path, dbfile.Format{}, dbfile.Options{ReadOnly: true, Wait: wait})
	if errors.Is(err, dbfile.ErrBusy) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var out bytes.Buffer
	err = db.DB().View(func(tx *bbolt.Tx) error {
		if tx.Size() > maxSize {
			return fmt.Errorf("%d bytes are too many for a backup", tx.Size())
		}
		_, err := tx.WriteTo(&out)
		return err
	})
	return out.Bytes(), err
}

// Restore writes the files of an archive into a home, all but the settings, which are the caller's
// to judge. A file that is there already with the same bytes is kept, so that an interrupted
// Restore can be called again. One with other bytes is kept where mine says so, and returned; else,
// and when nothing is missing, it is ErrExists and nothing is written. The keychain comes last:
// without it there is no wallet.
func (a *Archive) Restore(home string, mine func(name string) bool) (kept []string, err error) {
	missing := false
	zones := map[string]map[string][]byte{}
	for _, name := range a.Names() {
		switch filepath.Base(name) {
		case Settings:
			continue
		case ZoneFiles:
			if zones[name], err = readZones(a.Files[name]); err != nil {
				return nil, err
			}
			continue
		}
		have, err := os.ReadFile(a.place(home, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = true
		case err != nil:
			return nil, err
		case bytes.Equal(have, a.Files[name]):
		case mine == nil || !mine(name):
			return nil, fmt.Errorf("%s in %s: %w", name, home, ErrExists)
		default:
			kept = append(kept, name)
		}
	}
	if len(kept) > 0 && !missing {
		return nil, fmt.Errorf("%s in %s: %w", kept[0], home, ErrExists)
	}
	for _, name := range a.Names() {
		switch {
		case name == Keychain || name == Settings || slices.Contains(kept, name):
		case zones[name] != nil:
			err = a.putZones(filepath.Join(filepath.Dir(a.place(home, name)), zoneFolder), zones[name])
		default:
			err = a.put(a.place(home, name), a.Files[name])
		}
		if err != nil {
			return nil, fmt.Errorf("restore %s: %w", name, err)
		}
	}
	if slices.Contains(kept, Keychain) {
		return kept, nil
	}
	if err := a.put(a.place(home, Keychain), a.Files[Keychain]); err != nil {
		return nil, fmt.Errorf("restore the keychain: %w", err)
	}
	return kept, nil
}

// place is where a file of the archive belongs.
func (a *Archive) place(home, name string) string {
	return filepath.Join(home, filepath.FromSlash(name))
}

// putZones writes zone files. One that is there is the same, or no zone file: its name is its hash.
func (a *Archive) putZones(dir string, files map[string][]byte) error {
	for name, b := range files {
		path := filepath.Join(dir, name)
		if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, b) {
			continue
		}
		if err := a.put(path, b); err != nil {
			return err
		}
	}
	return nil
}

// put puts a file in place, which tests may interrupt.
func (a *Archive) put(path string, b []byte) error {
	if a.beforeWrite != nil {
		a.beforeWrite()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return local.WriteFile(path, b, 0o600)
}
