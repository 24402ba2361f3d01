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
	"path/filepath"
	"strings"

	"blockstack/storage"
)

// Folder keeps objects as files. Programs of ours take turns by a lock on the folder, where its file system has locks; what another
// program, or one that syncs the folder, does at the same instant is not noticed. The version of an object is the hash of its bytes.
type Folder struct {
	dir     string
	file    fs.FileMode // of files
	made    fs.FileMode // of folders that are made; 0: the folder must be there
	links   bool        // a link at a file's place stays: what it leads to is written
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

// Mounted is a private folder that must be there already: a disk that is not mounted is no place for anything.
func Mounted(dir string) *Folder { return &Folder{dir: dir, file: 0o600, links: true, lasting: true} }

// Cache is a private folder whose files need not outlive a power failure. A torn one is possible then, so that readers check them.
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
	case errors.Is(err, fs.ErrNotExist) && d.made != 0:
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
	path, err := d.place(ctx, name)
	if err != nil {
		return nil, storage.Info{}, err
	}
	f, info, err := openRegular(path)
	if err != nil {
		return nil, storage.Info{}, err
	}
	about := storage.Info{Name: name, Size: info.Size()}
	if part == (storage.Part{}) {
		// The file cannot change under an open handle, unless a program writes into it; then a write over this version is refused.
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
	if d.made == 0 {
		err = d.Probe(ctx)
	} else {
		err = os.MkdirAll(filepath.Dir(path), d.made)
	}
	if err != nil {
		return "", err
	}
	if d.links {
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

// begin locks the folder of a file for a write under a condition, which it compares with what is there.
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

// List gives the files of the folder whose names begin with a prefix, without hidden ones and those that cannot be objects.
func (d *Folder) List(ctx context.Context, prefix string, each func(storage.Info) error) error {
	if err := d.Probe(ctx); err != nil {
		return storage.Of(storage.ErrNotFound, err)
	}
	within := "."
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		if err := storage.CheckName(prefix[:i]); err != nil {
			return err
		}
		within = prefix[:i]
	}
	err := fs.WalkDir(os.DirFS(d.dir), within, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case name == within && e.IsDir():
			return nil
		case storage.CheckName(name) != nil, e.IsDir() && !strings.HasPrefix(name+"/", prefix) && !strings.HasPrefix(prefix, name+"/"):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir() || !strings.HasPrefix(name, prefix):
			return nil
		}
		info, err := os.Stat(d.Path(name)) // links count as what they lead to
		switch {
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

// place is the path of an object.
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
