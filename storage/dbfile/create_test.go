package dbfile

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestCreateAtOnce: of several who make a file at once one does; the others are told so, and what
// it has written meanwhile stays.
func TestCreateAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	f := Format{Version: 1, Width: 1, Sums: 1}
	var group sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for i := range 12 {
		group.Go(func() {
			err := CreateRows(path, f, time.Second, func(*Tx) error { return nil })
			switch {
			case err == nil:
				mu.Lock()
				made++
				mu.Unlock()
			case !errors.Is(err, ErrExists):
				t.Error(err)
			}
			r, err := OpenRows(path, f, Options{Wait: 10 * time.Second})
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(r.Update(func(tx *Tx) error {
				b, err := tx.CreateBucketIfNotExists([]byte("b"))
				if err != nil {
					return err
				}
				return b.Put([]byte{byte(i)}, []byte("x"))
			}), r.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if made != 1 {
		t.Errorf("%d made it", made)
	}
	r, err := OpenRows(path, f, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.View(func(tx *Tx) error {
		for i := range 12 {
			if tx.Bucket([]byte("b")).Get([]byte{byte(i)}) == nil {
				t.Errorf("row %d is gone", i)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(path + "?*"); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
