package backup

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/storage/dbfile"
)

// A store that got checksums since the last backup holds what it held; one in which a bit has
// changed is not backed up.
func TestContentsOfRows(t *testing.T) {
	home := newHome(t)
	path := filepath.Join(home, "sandbox", Journal)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	err := dbfile.Create(path, time.Second, func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket([]byte("meta"))
		if err != nil {
			return err
		}
		jobs, err := tx.CreateBucket([]byte("jobs"))
		if err != nil {
			return err
		}
		return errors.Join(meta.Put([]byte("version"), []byte{0, 0, 0, 2}), jobs.Put([]byte("a"), []byte("the amount is 1000")))
	})
	if err != nil {
		t.Fatal(err)
	}
	before, err := Contents(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := dbfile.OpenRows(path, dbfile.Format{Version: 3, Width: 4, Sums: 3}, dbfile.Options{Wait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	if after, err := Contents(path, time.Second); err != nil || after != before {
		t.Errorf("with checksums %s, before %s, %v", after, before, err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(good, []byte("amount is 1000"), []byte("amount is 9000")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Contents(path, time.Second); !errors.Is(err, dbfile.ErrDamaged) {
		t.Errorf("a changed row: %v", err)
	}
	if _, err := Collect(context.Background(), home, filepath.Join(home, Settings), []string{"sandbox"}, time.Second); !errors.Is(err, dbfile.ErrDamaged) {
		t.Errorf("a backup of a changed row: %v", err)
	}
}
