package dbfile

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	bolterrors "go.etcd.io/bbolt/errors"
)

// sum puts the checksum behind a header.
func sum(m []byte) {
	order.PutUint64(m[headerSize-8:], checksum(m))
}

// FuzzWalk writes anywhere into a file whose headers stay good: nothing panics, and what the walk
// lets pass, bbolt reads to its end.
func FuzzWalk(f *testing.F) {
	path := f.TempDir() + "/a.db"
	if err := Create(path, time.Second, fill); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	page := os.Getpagesize()
	f.Add(uint32(2*page+10), []byte{1})
	f.Add(uint32(16+16), []byte{3})
	f.Add(uint32(3*page), make([]byte, 64))
	f.Add(uint32(4*page+8), []byte{1, 0, 1, 0, 0, 0, 0, 0, 16, 0, 0, 0, 3, 0, 0, 0, 4})
	f.Fuzz(func(t *testing.T, at uint32, with []byte) {
		bad := bytes.Clone(good)
		copy(bad[int(at)%len(bad):], with)
		for _, at := range []int{0, page} {
			sum(bad[at+pageHead:])
		}
		if err := walk(bytes.NewReader(bad), int64(len(bad))); err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
				t.Fatalf("no damage: %v", err)
			}
			return
		}
		path := t.TempDir() + "/a.db"
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readAll(path); err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, bolterrors.ErrBucketNotFound) {
			t.Fatal(err)
		}
	})
}
