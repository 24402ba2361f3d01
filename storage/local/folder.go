package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"blockstack/storage"
)

// Folder keeps objects as files. Programs of ours take turns by a lock on the folder, where its
// file system has locks; what another program, or one that syncs the folder, does at the same
// instant is not noticed. The version of an object is the hash of its bytes.
type Folder struct {
	dir     string
	file    fs.FileMode // of files
	made    fs.FileMode // of folders that are made; 0: mounted
	lasting bool        // a write waits for the disk
}

// Public is a folder that others read, for instance through a web server. It is made when missing.
func Public(dir string) *Folder {
	return &Folder{dir: dir, file: 0o644, made: 0o755, lasting: true}
}

// Private is a folder that nobody else reads. It is made when missing.
func Private(dir string) *Folder {
	return &Folder{dir: dir, file: 0o600, made: 0o700, lasting: true}
}

// Mounted is a folder of the user's that must be there already: a disk that is not mounted is no
// place for anything. What others put there is listed and read as well, whatever its name, and a
// link at a file's place stays: what it leads to is written.
func Mounted(dir string) *Folder { return &Folder{dir: dir, file: 0o600, lasting: true} }

func (d *Folder) mounted() bool { return d.made == 0 }

// Cache is a private folder whose files need not outlive a power failure. A torn one is possible
// then, so that readers check them.
func Cache(dir string) *Folder { return &Folder{dir: dir, file: 0o600, made: 0o700} }

// String gives the path of the folder.
func (d *Folder) String() string { return d.dir }

// Path is where an object is kept.
func (d *Folder) Path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

// Probe says whether the folder can be used: it is there, or may be made.
func (d *Folder) Probe(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	info, err := os.Stat(d.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !d.mounted():
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", d.dir)
	}
	return nil
}

// Get reads a file. The version of a part is not known.
func (d *Folder) Get(ctx context.Context, name string, part storage.Part) (io.ReadCloser, storage.Info, error) {
	if err := errors.Join(ctx.Err(), d.checkThere(name)); err != nil {
		return nil, storage.Info{}, err
	}
	f, info, err := openRegular(d.Path(name))
	if err != nil {
		return nil, storage.Info{}, err
	}
	about := storage.Info{Name: name, Size: info.Size()}
	if part == (storage.Part{}) {
		// The file cannot change under an open handle, unless a program writes into it; then a
		// write over this version is refused.
		if about.Version, err = versionOf(f); err == nil {
			_, err = f.Seek(0, io.SeekStart)
		}
	} else {
		_, err = f.Seek(part.Offset, io.SeekStart)
	}
	if err != nil {
		return nil, storage.Info{}, errors.Join(err, f.Close())
	}
	if part.Length == 0 {
		return f, about, nil
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, part.Length), f}, about, nil
}

// Put puts a file in place by rename.
func (d *Folder) Put(ctx context.Context, name string, body io.ReaderAt, size int64, c storage.Condition) (storage.Version, error) {
	path, err := d.place(ctx, name)
	if err != nil {
		return "", err
	}
	if d.mounted() {
		err = d.Probe(ctx)
	} else {
		err = os.MkdirAll(filepath.Dir(path), d.made)
	}
	if err != nil {
		return "", err
	}
	if d.mounted() {
		if path, err = Target(path); err != nil {
			return "", err
		}
	}
	unlock, err := d.begin(path, c)
	if err != nil {
		return "", err
	}
	defer unlock()
	sum := sha256.New()
	err = put(path, io.TeeReader(io.NewSectionReader(body, 0, size), sum), size, putting{mode: d.file, fresh: c.Absent, lasting: d.lasting})
	if err != nil {
		return "", err
	}
	return version(sum.Sum(nil)), nil
}

// begin locks the folder of a file for a write under a condition, which it compares with what is
// there.
func (d *Folder) begin(path string, c storage.Condition) (unlock func(), err error) {
	if c.None() {
		return func() {}, nil
	}
	unlock, err = lockFolder(filepath.Dir(path))
	switch {
	case err == nil:
	case !errors.Is(err, errors.ErrUnsupported):
		return nil, err
	case !c.Compared:
		return nil, fmt.Errorf("%s: %w", path, storage.ErrNoCondition)
	default:
		unlock = func() {}
	}
	if err := compare(path, c); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// compare compares a file with what a writer has seen.
func compare(path string, c storage.Condition) error {
	f, _, err := openRegular(path)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		if c.Match != "" {
			return fmt.Errorf("%s: %w: it is gone", path, storage.ErrChanged)
		}
		return nil
	case err != nil:
		return err
	}
	defer f.Close()
	if c.Absent {
		return fmt.Errorf("%s: %w", path, storage.ErrExists)
	}
	have, err := versionOf(f)
	if err == nil && have != c.Match {
		err = fmt.Errorf("%s: %w", path, storage.ErrChanged)
	}
	return err
}

// List gives the files of the folder, without hidden ones.
func (d *Folder) List(ctx context.Context, what storage.Listing, each func(storage.Info) error) error {
	if err := d.Probe(ctx); err != nil {
		return notThere(d.dir, err)
	}
	within := "."
	if i := strings.LastIndexByte(what.Prefix, '/'); i >= 0 {
		if within = what.Prefix[:i]; d.checkThere(within) != nil {
			return d.checkThere(within)
		}
	}
	err := fs.WalkDir(os.DirFS(d.dir), within, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case name == within && e.IsDir():
			return nil
		case e.IsDir() && (what.Shallow || d.checkThere(name) != nil || !strings.HasPrefix(name, what.Prefix)):
			return fs.SkipDir
		case e.IsDir() || d.checkThere(name) != nil || !strings.HasPrefix(name, what.Prefix):
			return nil
		}
		info, err := os.Stat(d.Path(name)) // links count as what they lead to
		switch {
		case err != nil && e.Type()&fs.ModeSymlink != 0: // it is somewhere else, which may come back
			return each(storage.Info{Name: name, Size: -1})
		case errors.Is(err, fs.ErrNotExist): // removed meanwhile
			return nil
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return nil
		}
		return each(storage.Info{Name: name, Size: info.Size()})
	})
	if errors.Is(err, fs.ErrNotExist) { // the folder of the prefix, or all of it
		return nil
	}
	return err
}

// Delete removes a file.
func (d *Folder) Delete(ctx context.Context, name string, c storage.Condition) error {
	path, err := d.place(ctx, name)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, storage.ErrNotFound)
	}
	unlock, err := d.begin(path, c)
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.Remove(path); err != nil || !d.lasting {
		return notThere(path, err)
	}
	return SyncFolder(filepath.Dir(path))
}

// Keeps says whether the folder can be locked.
func (d *Folder) Keeps(storage.Condition) bool {
	unlock, err := lockFolder(existing(d.dir))
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

// checkThere lets through names under which there may be something to read.
func (d *Folder) checkThere(name string) error {
	if !d.mounted() {
		return storage.CheckName(name)
	}
	hidden := strings.HasPrefix(name, ".") || strings.Contains(name, "/.")
	if name == "" || hidden || name != path.Clean(name) || strings.ContainsRune(name, 0) || !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("%w: %.200q", storage.ErrBadName, name)
	}
	return nil
}

// place is the path at which an object is written.
func (d *Folder) place(ctx context.Context, name string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return d.Path(name), storage.CheckName(name)
}

func version(sum []byte) storage.Version { return storage.Version(hex.EncodeToString(sum)) }

func versionOf(r io.Reader) (storage.Version, error) {
	h := sha256.New()
	_, err := io.Copy(h, r)
	return version(h.Sum(nil)), err
}
