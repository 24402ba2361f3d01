package dbfile

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

var testFormat = Format{Version: 3, Width: 4, Sums: 3}

// fillRows writes rows of several lengths.
func fillRows(tx *Tx) error {
	for _, name := range []string{"coins", "names"} {
		b, err := tx.CreateBucket([]byte(name))
		if err != nil {
			return err
		}
		for i := range 40 {
			if err := b.Put(fmt.Appendf(nil, "%s %02d", name, i), bytes.Repeat([]byte{byte(i)}, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func makeRows(t *testing.T) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "rows.db")
	if err := CreateRows(path, testFormat, time.Second, fillRows); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, content
}

// oldRows makes such a file as it was before there were checksums.
func oldRows(t *testing.T, version byte) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "old.db")
	err := Create(path, time.Second, func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket([]byte(metaBucket))
		if err != nil {
			return err
		}
		r := &Rows{}
		return errors.Join(meta.Put([]byte(versionKey), []byte{0, 0, 0, version}), r.in(tx, fillRows))
	})
	if err != nil {
		t.Fatal(err)
	}
	if content, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return path, content
}

// dump is every row of a file but those about its version.
func dump(path string, f Format, readOnly bool) (string, error) {
	r, err := OpenRows(path, f, Options{ReadOnly: readOnly, Wait: time.Second})
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = r.View(func(tx *Tx) error {
		return tx.ForEach(func(name []byte, b *Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				if got := b.Get(k); !bytes.Equal(got, v) {
					return fmt.Errorf("row %x is %x and %x", k, got, v)
				}
				if string(name) != metaBucket {
					fmt.Fprintf(&out, "%x %x %x\n", name, k, v)
				}
				return nil
			})
		})
	})
	return out.String(), errors.Join(err, r.Close())
}

// rewrite changes a file behind the back of Rows.
func rewrite(t *testing.T, path string, f func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// Every bit of every row is seen when it changes; what is not seen changes no row.
func TestEveryBitOfRows(t *testing.T) {
	path, good := makeRows(t)
	want, err := dump(path, testFormat, true)
	if err != nil || strings.Count(want, "\n") != 80 {
		t.Fatalf("%d rows, %v", strings.Count(want, "\n"), err)
	}
	first := bytes.Index(good, []byte("coins 00"))
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	seen := 0
	for at := range good {
		if good[at] == 0 && at%16 != 0 { // of what nothing was written to, some
			continue
		}
		for bit := range 8 {
			if (at < first-100 || at > first+1500) && bit != at%8 { // all bits of one bucket, one of each byte elsewhere
				continue
			}
			if _, err := file.WriteAt([]byte{good[at] ^ 1<<bit}, int64(at)); err != nil {
				t.Fatal(err)
			}
			got, err := dump(path, testFormat, true)
			switch {
			case errors.Is(err, ErrDamaged), errors.Is(err, ErrNewer):
				seen++
			case err != nil:
				t.Fatalf("bit %d of byte %d: %v", bit, at, err)
			case got != want:
				t.Fatalf("bit %d of byte %d changes a row, and nothing is said", bit, at)
			}
		}
		if _, err := file.WriteAt(good[at:at+1], int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	if seen < 5000 {
		t.Errorf("%d were seen", seen)
	}
}

// A row that changes while the file is open ends the transaction that reads it, and nothing of that
// is written.
func TestWrongRowInTransaction(t *testing.T) {
	path, good := makeRows(t)
	r, err := OpenRows(path, testFormat, Options{Wait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(good, []byte("names 07")) + len("names 07")
	if err := os.WriteFile(path, append(append(bytes.Clone(good[:at]), good[at]^1), good[at+1:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	err = r.Update(func(tx *Tx) error {
		b := tx.Bucket([]byte("names"))
		return errors.Join(b.Put([]byte("new"), []byte("row")), b.Put([]byte("copy"), b.Get([]byte("names 07"))))
	})
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("a wrong row: %v", err)
	}
	err = r.View(func(tx *Tx) error {
		if b := tx.Bucket([]byte("names")); b.Get([]byte("new")) != nil || string(b.Get([]byte("names 08"))) == "" {
			return errors.New("other rows are not what they were")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := r.View(func(tx *Tx) error { tx.Bucket([]byte("names")).Get([]byte("names 07")); return nil }); !errors.Is(err, ErrDamaged) {
		t.Errorf("read alone: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// A row without a checksum, with that of another place, and a file that has lost its mark are
// damage.
func TestRowsWithoutSums(t *testing.T) {
	for name, f := range map[string]func(tx *bbolt.Tx) error{
		"no checksum": func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("coins")).Put([]byte("coins 07"), []byte("a long value"))
		},
		"no bytes": func(tx *bbolt.Tx) error { return tx.Bucket([]byte("coins")).Put([]byte("coins 07"), nil) },
		"another key": func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("coins"))
			return b.Put([]byte("coins 07"), bytes.Clone(b.Get([]byte("coins 08"))))
		},
		"another bucket": func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("coins")).Put([]byte("names 07"), bytes.Clone(tx.Bucket([]byte("names")).Get([]byte("names 07"))))
		},
		"no mark":    func(tx *bbolt.Tx) error { return tx.Bucket([]byte(metaBucket)).Delete([]byte(sumsKey)) },
		"no version": func(tx *bbolt.Tx) error { return tx.Bucket([]byte(metaBucket)).Delete([]byte(versionKey)) },
		"older version": func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte(metaBucket)).Put([]byte(versionKey), []byte{0, 0, 0, 2})
		},
		"a long version":  func(tx *bbolt.Tx) error { return tx.Bucket([]byte(metaBucket)).Put([]byte(versionKey), []byte{3}) },
		"no meta":         func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(metaBucket)) },
		"a bucket in one": func(tx *bbolt.Tx) error { _, err := tx.Bucket([]byte("coins")).CreateBucket([]byte("in")); return err },
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := makeRows(t)
			rewrite(t, path, f)
			for _, readOnly := range []bool{true, false} {
				if _, err := dump(path, testFormat, readOnly); !errors.Is(err, ErrDamaged) {
					t.Errorf("read only %t: %v", readOnly, err)
				}
			}
		})
	}
	path, _ := makeRows(t)
	rewrite(t, path, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(metaBucket)).Put([]byte(versionKey), []byte{0, 0, 0, 4})
	})
	if _, err := dump(path, testFormat, true); !errors.Is(err, ErrNewer) || errors.Is(err, ErrDamaged) {
		t.Errorf("a newer version: %v", err)
	}
}

// A file without checksums is read as it is, and gets them in one transaction when it is opened for
// writing.
func TestOldRows(t *testing.T) {
	for _, version := range []byte{1, 2} {
		path, old := oldRows(t, version)
		want, err := dump(path, testFormat, true)
		if err != nil || strings.Count(want, "\n") != 80 {
			t.Fatalf("for reading: %d rows, %v", strings.Count(want, "\n"), err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
			t.Fatalf("reading wrote, %v", err)
		}
		if got, err := dump(path, Format{}, false); err != nil || got != want {
			t.Errorf("of no format: %v", err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
			t.Fatalf("opening without a format wrote, %v", err)
		}
		if got, err := dump(path, testFormat, false); err != nil || got != want {
			t.Errorf("for writing: %v", err)
		}
		now, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []Format{testFormat, {}} {
			if got, err := dump(path, f, true); err != nil || got != want {
				t.Errorf("afterwards, format %v: %v", f, err)
			}
		}
		rewrite(t, path, func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("coins")).Put([]byte("coins 07"), []byte("a long value"))
		})
		if _, err := dump(path, testFormat, true); !errors.Is(err, ErrDamaged) {
			t.Errorf("then a row without a checksum: %v", err)
		}
		// Power is lost before the header is written: it is an old file, whichever of the new pages
		// are there.
		half := append(bytes.Clone(old[:2*os.Getpagesize()]), now[2*os.Getpagesize():]...)
		if err := os.WriteFile(path, half, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := dump(path, testFormat, true); err != nil || got != want {
			t.Errorf("half of it: %v", err)
		}
	}
}

// What bbolt makes of buckets that are filled and emptied is never taken for damage.
func TestEmptied(t *testing.T) {
	path, _ := makeRows(t)
	rng := rand.New(rand.NewPCG(1, 1))
	rows := map[string]string{}
	for turn := range 60 {
		r, err := OpenRows(path, testFormat, Options{Wait: time.Second})
		if err != nil {
			t.Fatalf("turn %d: %v", turn, err)
		}
		for range 3 {
			err := r.Update(func(tx *Tx) error {
				b, err := tx.CreateBucketIfNotExists([]byte("changing"))
				if err != nil {
					return err
				}
				switch kind := rng.IntN(5); {
				case kind < 3:
					for range rng.IntN(300) {
						k := fmt.Sprint(rng.IntN(1000))
						rows[k] = strings.Repeat(k, rng.IntN(50))
						if err := b.Put([]byte(k), []byte(rows[k])); err != nil {
							return err
						}
					}
				default:
					for k := range rows {
						if kind == 3 && rng.IntN(3) == 0 {
							continue
						}
						if err := b.Delete([]byte(k)); err != nil {
							return err
						}
						delete(rows, k)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatalf("turn %d: %v", turn, err)
			}
		}
		err = r.View(func(tx *Tx) error {
			n := 0
			err := tx.Bucket([]byte("changing")).ForEach(func(k, v []byte) error {
				if n++; rows[string(k)] != string(v) {
					return fmt.Errorf("row %s", k)
				}
				return nil
			})
			if n != len(rows) {
				return fmt.Errorf("%d rows of %d", n, len(rows))
			}
			return err
		})
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatalf("turn %d: %v", turn, err)
		}
	}
}
