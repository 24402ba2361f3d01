package dbfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"blockstack/storage/local"
)

// Options say how a file is opened.
type Options struct {
	ReadOnly bool
	// Wait is how long a file that another process holds is waited for; 0: without end.
	Wait time.Duration
	// Freelist is how bbolt keeps free pages in memory; empty: as a list.
	Freelist bbolt.FreelistType
	// OpenFile opens the file for bbolt; nil: os.OpenFile. Tests let the disk be full with it.
	OpenFile func(name string, flag int, mode os.FileMode) (*os.File, error)
}

// DB is an open file.
type DB struct {
	path string
	bolt *bbolt.DB
	file *os.File
	// broken is why a transaction ended by a panic. bbolt may have left its locks then, so nothing
	// asks it again.
	broken error
}

// Open opens a file that is there, and walks its pages first.
func Open(path string, o Options) (*DB, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", path, ErrNotFound)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: %w: not a file", path, ErrDamaged)
	case info.Size() == 0:
		return nil, fmt.Errorf("%s: %w: it is empty", path, ErrDamaged)
	}
	// The walk needs bbolt's lock and must come before bbolt loads the list of free pages, which it
	// does for writing.
	reading := o
	reading.ReadOnly = true
	d, err := open(path, reading)
	if err != nil {
		return nil, err
	}
	if err := check(d.file); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), d.Close())
	}
	if o.ReadOnly {
		return d, nil
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return open(path, o)
}

// Check walks the pages of a file and says whether they make sense.
func Check(path string, wait time.Duration) error {
	d, err := Open(path, Options{ReadOnly: true, Wait: wait})
	if err != nil {
		return err
	}
	return d.Close()
}

// open opens a file that is there by bbolt.
func open(path string, o Options) (*DB, error) {
	d := &DB{path: path}
	opener := o.OpenFile
	if opener == nil {
		opener = os.OpenFile
	}
	err := Guard(func() (err error) {
		d.bolt, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout: o.Wait, ReadOnly: o.ReadOnly, FreelistType: o.Freelist,
			OpenFile: func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
				d.file, err = opener(name, flag&^os.O_CREATE, mode)
				return d.file, err
			},
		})
		return err
	})
	if err != nil && d.file != nil {
		// A panic leaves the file open, and locked for everybody. Where it is closed already,
		// nothing happens.
		unlock(d.file)
		_ = d.file.Close()
	}
	if err != nil {
		return nil, meaning(path, err)
	}
	return d, nil
}

// meaning says what an error of bbolt.Open means: what the system does not complain about is the
// content of the file.
func meaning(path string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s: %w", path, ErrBusy)
	case errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("open %s: %w: %w", path, ErrNewer, err)
	case errors.Is(err, ErrDamaged), IsSystem(err):
		return fmt.Errorf("open %s: %w", path, err)
	}
	return fmt.Errorf("open %s: %w: %w", path, ErrDamaged, err)
}

// Path is where the file is.
func (d *DB) Path() string { return d.path }

// Bolt is the database itself, for a transaction that lasts longer than one call. What is done in
// it must be guarded.
func (d *DB) Bolt() *bbolt.DB { return d.bolt }

// View runs f in a reading transaction.
func (d *DB) View(f func(tx *bbolt.Tx) error) error { return d.run(d.bolt.View, f) }

// Update runs f in a writing transaction. When it returns without an error, what f wrote is on the
// disk.
func (d *DB) Update(f func(tx *bbolt.Tx) error) error { return d.run(d.bolt.Update, f) }

// run runs a transaction. A panic of f's own, whose text begins with "bug:", goes on.
func (d *DB) run(begin func(func(*bbolt.Tx) error) error, f func(tx *bbolt.Tx) error) error {
	if d.broken != nil {
		return d.broken
	}
	done := false
	err := Guard(func() error {
		return begin(func(tx *bbolt.Tx) error {
			err := f(tx)
			done = err == nil
			return err
		})
	})
	var p *panicked
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p):
		d.broken = fmt.Errorf("%s: %w", d.path, err)
		return d.broken
	case done:
		return WriteError(d.path, err)
	}
	return err
}

// Close closes the file. After a panic bbolt could wait for its own locks; then only the file
// itself is closed.
func (d *DB) Close() error {
	if d.broken != nil {
		unlock(d.file)
		return d.file.Close()
	}
	return d.bolt.Close()
}

// Create makes a file with what fill writes, beside its place, and moves it there when it is on the
// disk.
func Create(path string, wait time.Duration, fill func(tx *bbolt.Tx) error) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return fmt.Errorf("%s: %w", path, ErrExists)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	place, err := local.Target(path)
	if err == nil {
		err = create(place, wait, fill)
	}
	if err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	return nil
}

// create makes the file under a name that nobody else uses, and gives it its own only where no file
// has that by then: of several who make it at once, one does, and what it has written since is not
// replaced.
func create(place string, wait time.Duration, fill func(tx *bbolt.Tx) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(place), filepath.Base(place)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	tmp := f.Name()
	defer func() { _ = os.Remove(tmp) }()
	if err := f.Close(); err != nil {
		return err
	}
	bolt, err := bbolt.Open(tmp, 0o600, &bbolt.Options{Timeout: wait})
	if err != nil {
		return err
	}
	if err = bolt.Update(fill); err != nil {
		err = systemCause(tmp, err)
	}
	if err = errors.Join(err, bolt.Close()); err != nil {
		return err
	}
	if err := syncFile(tmp); err != nil {
		return err
	}
	switch err := os.Link(tmp, place); {
	case errors.Is(err, fs.ErrExist):
		return ErrExists
	case err != nil: // a file system without links
		if _, err := os.Lstat(place); err == nil {
			return ErrExists
		}
		if err := os.Rename(tmp, place); err != nil {
			return err
		}
	}
	return local.SyncFolder(filepath.Dir(place))
}

// Replace lets make write a file beside a place, and moves it there when it is on the disk. A link
// at the place stays: the file that it leads to is replaced.
func Replace(path string, make func(tmp string) error) (err error) {
	place, err := local.Target(path)
	if err != nil {
		return err
	}
	tmp := place + ".new"
	_ = os.Remove(tmp) // of an attempt that was interrupted
	defer func() {
		if err != nil {
			_ = os.Remove(tmp)
			err = fmt.Errorf("make %s: %w", path, err)
		}
	}()
	if err := make(tmp); err != nil {
		return err
	}
	if err := syncFile(tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, place); err != nil {
		return err
	}
	return local.SyncFolder(filepath.Dir(place))
}

// syncFile brings a file to the disk.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
