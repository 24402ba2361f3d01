package dbfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/storage/local"
)

// fill makes a tree of several levels, buckets in buckets, one that lies within its value, a long
// value, and free pages.
func fill(tx *bbolt.Tx) error {
	b, err := tx.CreateBucket([]byte("many"))
	if err != nil {
		return err
	}
	for i := range 600 {
		if err := b.Put(fmt.Appendf(nil, "key %04d", i), bytes.Repeat([]byte{byte(i)}, 20)); err != nil {
			return err
		}
	}
	in, err := b.CreateBucket([]byte("in it"))
	if err != nil {
		return err
	}
	if err := in.Put([]byte("long"), make([]byte, 9000)); err != nil {
		return err
	}
	small, err := tx.CreateBucket([]byte("small"))
	if err != nil {
		return err
	}
	_, err = tx.CreateBucket([]byte("empty"))
	return errors.Join(err, small.Put([]byte("k"), []byte("v")))
}

// made makes such a file and changes it a few times, so that pages are free.
func made(t *testing.T) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a.db")
	if err := Create(path, time.Second, fill); err != nil {
		t.Fatal(err)
	}
	d, err := Open(path, Options{Wait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		err := d.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("many"))
			for k := i * 20; k < i*20+15; k++ {
				if err := b.Delete(fmt.Appendf(nil, "key %04d", k)); err != nil {
					return err
				}
			}
			return b.Put([]byte("turn"), []byte{byte(i)})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if content, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return path, content
}

// readAll reads everything that a file holds.
func readAll(path string) (rows int, err error) { return useAll(path, false) }

// useAll reads everything that a file holds, and writes once when asked.
func useAll(path string, write bool) (rows int, err error) {
	d, err := Open(path, Options{Wait: time.Second})
	if err != nil {
		return 0, err
	}
	var all func(b *bbolt.Bucket) error
	all = func(b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			rows++
			if v == nil {
				return all(b.Bucket(k))
			}
			return nil
		})
	}
	err = d.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return all(b) })
	})
	if err == nil && write {
		err = d.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("small")).Put([]byte("k"), []byte("w")) })
	}
	return rows, errors.Join(err, d.Close())
}

// TestCut cuts a file at every page and between.
func TestCut(t *testing.T) {
	path, good := made(t)
	used := 0
	for n := 0; n < len(good); n += 1024 {
		if err := os.WriteFile(path, good[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readAll(path); errors.Is(err, ErrDamaged) {
			used = n
		} else if err != nil {
			t.Fatalf("cut to %d: %v", n, err)
		}
	}
	if used < 4*os.Getpagesize() {
		t.Errorf("only cuts up to %d bytes were seen", used)
	}
}

// TestFlips changes bits all over a file. Every page is in order afterwards, or the file is
// damaged; nothing panics and nothing hangs. What stands in a value is not seen here.
func TestFlips(t *testing.T) {
	path, good := made(t)
	rows, err := readAll(path)
	if err != nil || rows == 0 {
		t.Fatal(rows, err)
	}
	seen := 0
	for at := 0; at < len(good); at += 7 {
		if good[at] == 0 && at%4 != 0 {
			continue
		}
		bad := bytes.Clone(good)
		bad[at] ^= 1 << (at % 8)
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		n, err := useAll(path, at%64 == 0)
		switch {
		case errors.Is(err, ErrDamaged), errors.Is(err, ErrNewer):
			seen++
		case err != nil:
			t.Fatalf("bit of byte %d: %v", at, err)
		case n != rows:
			t.Fatalf("bit of byte %d: %d rows of %d", at, n, rows)
		}
	}
	if seen < 50 {
		t.Errorf("%d were seen", seen)
	}
}

// TestPageOfOwn lets pages lead to each other in a circle, and to free ones.
func TestPageOfOwn(t *testing.T) {
	path, good := made(t)
	page := os.Getpagesize()
	turned := 0
	for id := 2; id < len(good)/page; id++ {
		if order.Uint16(good[id*page+8:]) != flagBranch {
			continue
		}
		for to := range uint64(len(good) / page) {
			bad := bytes.Clone(good)
			order.PutUint64(bad[id*page+pageHead+8:], to)
			if bytes.Equal(bad, good) {
				continue
			}
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := Check(path, time.Second); errors.Is(err, ErrDamaged) {
				turned++
			}
			if _, err := readAll(path); err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatalf("page %d leads to %d: %v", id, to, err)
			}
		}
	}
	if turned == 0 {
		t.Error("no branch page is in the file")
	}
}

// TestTorn cuts the write of a header short: the other one counts, and the file is written to
// again.
func TestTorn(t *testing.T) {
	path, good := made(t)
	page := os.Getpagesize()
	younger := 0
	if order.Uint64(good[page+pageHead+48:]) > order.Uint64(good[pageHead+48:]) {
		younger = page
	}
	for n := 40; n < headerSize; n += 8 { // that far the older header stands where the younger is written
		torn := bytes.Clone(good)
		h := torn[younger+pageHead:]
		order.PutUint64(h[48:], order.Uint64(h[48:])-2)
		copy(h[n:headerSize], bytes.Repeat([]byte{7}, 8))
		if n > 48 {
			order.PutUint64(h[56:], 99)
		}
		if n == 48 {
			order.PutUint64(h[48:], order.Uint64(good[younger+pageHead+48:])-2)
		}
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		if rows, err := useAll(path, true); err != nil || rows == 0 {
			t.Errorf("cut at %d: %d rows, %v", n, rows, err)
		}
	}
	for name, spoil := range map[string]func(h []byte){
		"one bit":  func(h []byte) { h[17] ^= 8 },
		"zeroes":   func(h []byte) { clear(h[:headerSize]) },
		"nonsense": func(h []byte) { copy(h[16:], bytes.Repeat([]byte{0xA7}, 48)) },
	} {
		for _, at := range []int{0, page} {
			bad := bytes.Clone(good)
			spoil(bad[at+pageHead:])
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			err := Check(path, time.Second)
			if !errors.Is(err, ErrDamaged) && (name != "one bit" || at == younger) { // nothing of the older one is needed
				t.Errorf("%s in the header at %d: %v", name, at, err)
			}
		}
	}
}

// TestLarge walks the branches only, as it does in a large file.
func TestLarge(t *testing.T) {
	_, good := made(t)
	w := &walker{in: bytes.NewReader(good), size: int64(len(good))}
	if err := w.readHeaders(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.walkTree(w.head.root, true), w.checkFree()); err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	for id := 2; id < len(good)/page; id++ {
		if order.Uint16(good[id*page+8:]) != flagBranch {
			continue
		}
		bad := bytes.Clone(good)
		order.PutUint64(bad[id*page+pageHead+8:], uint64(id))
		w := &walker{in: bytes.NewReader(bad), size: int64(len(bad))}
		err := w.readHeaders()
		if err == nil {
			err = errors.Join(w.walkTree(w.head.root, true), w.checkFree())
		}
		if !errors.Is(err, ErrDamaged) && bytes.Contains(good[:2*page], order.AppendUint64(nil, uint64(id))) {
			t.Errorf("page %d leads to itself: %v", id, err)
		}
	}
}

// TestPanic ends the use of a file after a panic in a transaction, and lets go of its lock.
func TestPanic(t *testing.T) {
	path, _ := made(t)
	d, err := Open(path, Options{Wait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Update(func(*bbolt.Tx) error { panic("a page") }); !errors.Is(err, ErrDamaged) {
		t.Errorf("a panic: %v", err)
	}
	if err := d.View(func(*bbolt.Tx) error { return nil }); !errors.Is(err, ErrDamaged) {
		t.Errorf("after a panic: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if err := Check(path, time.Second); err != nil {
		t.Errorf("after it was closed: %v", err)
	}
}

func TestMissingBusyAndThere(t *testing.T) {
	path, good := made(t)
	if err := Create(path, time.Second, fill); !errors.Is(err, ErrExists) {
		t.Errorf("made again: %v", err)
	}
	if _, err := Open(path+"x", Options{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("missing: %v", err)
	}
	if _, err := os.Stat(path + "x"); err == nil {
		t.Error("looking made a file")
	}
	if _, err := Open(filepath.Dir(path), Options{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("a folder: %v", err)
	}
	d, err := Open(path, Options{Wait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{ReadOnly: true, Wait: time.Millisecond}); !errors.Is(err, ErrBusy) {
		t.Errorf("in use: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	newer := bytes.Clone(good)
	for _, at := range []int{0, os.Getpagesize()} {
		order.PutUint32(newer[at+pageHead+4:], boltVersion+1)
		sum(newer[at+pageHead:])
	}
	if err := os.WriteFile(path, newer, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Check(path, time.Second); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer format: %v", err)
	}
}

// TestLink makes files where a link leads.
func TestLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "disk"), 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "a.db")
	if err := os.Symlink(filepath.Join("disk", "b.db"), link); err != nil {
		t.Skip(err)
	}
	for range 2 {
		err := Replace(link, func(tmp string) error { return os.WriteFile(tmp, []byte("x"), 0o600) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link: %v %v", info, err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "disk", "b.db")); err != nil || string(b) != "x" {
		t.Errorf("behind the link: %q %v", b, err)
	}
	if err := os.Symlink("loop", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	if _, err := local.Target(filepath.Join(dir, "loop")); err == nil {
		t.Error("a circle of links has an end")
	}
}
