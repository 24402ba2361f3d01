package labels

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"go.etcd.io/bbolt"

	"blockstack/storage/dbfile"
)

// oldBook puts labels-v1.db into a home, a file that the program wrote before its rows had
// checksums.
func oldBook(t *testing.T) (b *Book, old []byte) {
	t.Helper()
	f, err := os.Open("testdata/labels-v1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if old, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	b = In(t.TempDir(), &chaincfg.RegressionNetParams)
	b.Wait = time.Second
	if err := os.WriteFile(b.Path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	return b, old
}

// rowsOf is every row of the book but those about its version.
func rowsOf(b *Book) (string, error) {
	if err := b.Check(); err != nil {
		return "", err
	}
	var out strings.Builder
	err := b.View(func(tx *dbfile.Tx) error {
		return tx.ForEach(func(name []byte, rows *dbfile.Bucket) error {
			return rows.ForEach(func(k, v []byte) error {
				if s := string(k); s != "version" && s != "sums" {
					fmt.Fprintf(&out, "%s %x %x\n", name, k, v)
				}
				return nil
			})
		})
	})
	return out.String(), err
}

// A file of the version before is read as it is, gets checksums with the first write, and then
// holds the same.
func TestOldBook(t *testing.T) {
	b, old := oldBook(t)
	var want strings.Builder
	db, err := bbolt.Open(b.Path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, rows *bbolt.Bucket) error {
			return rows.ForEach(func(k, v []byte) error {
				if string(k) != "version" {
					fmt.Fprintf(&want, "%s %x %x\n", name, k, v)
				}
				return nil
			})
		})
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(want.String(), "\n"); n < 700 {
		t.Fatalf("%d rows are in the old file", n)
	}
	if got, err := rowsOf(b); err != nil || got != want.String() {
		t.Fatalf("it is read otherwise than bbolt reads it, %v", err)
	}
	if now, err := os.ReadFile(b.Path); err != nil || !bytes.Equal(now, old) {
		t.Fatalf("reading wrote, %v", err)
	}
	if kept, err := Sent(b); err != nil || len(kept) != 5 {
		t.Errorf("%d transactions, %v", len(kept), err)
	}
	if err := b.SetLabels(t.Context(), []Label{{Type: Tx, Ref: strings.Repeat("ab", 32), Text: "coffee"}}); err != nil {
		t.Fatal(err)
	}
	got, err := rowsOf(b)
	if err != nil || !strings.Contains(got, fmt.Sprintf("%x", "coffee")) {
		t.Fatalf("after a write: %v", err)
	}
	for _, line := range strings.Split(want.String(), "\n") {
		if !strings.Contains(got, line) {
			t.Fatalf("after a write there is no %s", line)
		}
	}
}

// A bit that changes is noticed, or changes no row.
func TestBookBits(t *testing.T) {
	b, _ := oldBook(t)
	if err := b.Update(func(*dbfile.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	want, err := rowsOf(b)
	if err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(b.Path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(b.Path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rng := rand.New(rand.NewPCG(10, 19))
	noticed := 0
	for range 300 {
		at := rng.IntN(len(good))
		for good[at] == 0 {
			at = rng.IntN(len(good))
		}
		if _, err := file.WriteAt([]byte{good[at] ^ 1<<rng.IntN(8)}, int64(at)); err != nil {
			t.Fatal(err)
		}
		got, err := rowsOf(b)
		switch {
		case errors.Is(err, ErrMalformed), errors.Is(err, ErrNewer):
			noticed++
		case err != nil:
			t.Fatalf("byte %d: %v", at, err)
		case got != want:
			t.Fatalf("byte %d changes a row, and nothing is said", at)
		}
		if _, err := file.WriteAt(good[at:at+1], int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	if noticed < 50 {
		t.Errorf("%d were noticed", noticed)
	}
}
