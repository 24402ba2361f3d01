package labels

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/storage/dbfile"
)

// TestBook: a book is there whole or not at all, is of one network, and is written as a whole or
// not at all.
func TestBook(t *testing.T) {
	b := emptyBook(t)
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	fail := errors.New("no")
	if err := b.Create(func(*dbfile.Tx) error { return nil }); !errors.Is(err, ErrExists) {
		t.Errorf("made twice: %v", err)
	}
	if err := In(filepath.Dir(b.Path), &chaincfg.SigNetParams).Check(); !errors.Is(err, ErrNetwork) {
		t.Errorf("another network: %v", err)
	}
	nowhere := In(t.TempDir(), b.Net)
	if err := nowhere.Check(); !errors.Is(err, ErrNotFound) {
		t.Errorf("nothing there: %v", err)
	}
	if err := nowhere.Create(func(*dbfile.Tx) error { return fail }); !errors.Is(err, fail) {
		t.Errorf("a creation that fails: %v", err)
	}
	if _, err := os.Lstat(nowhere.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a creation that failed leaves a file: %v", err)
	}
	err := b.Update(func(tx *dbfile.Tx) error {
		return errors.Join(MetaOf(tx).SetGap(7), MetaOf(tx).SetRescan("x"), fail)
	})
	if !errors.Is(err, fail) {
		t.Errorf("a write that fails: %v", err)
	}
	err = b.View(func(tx *dbfile.Tx) error {
		if m := MetaOf(tx); m.Gap() != 20 || m.NeedsRescan() {
			t.Error("half of a write is there")
		}
		return fail
	})
	if !errors.Is(err, fail) {
		t.Errorf("a look that fails: %v", err)
	}
	if info, err := os.Stat(b.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestBookBusy: a book that somebody else writes to is waited for, not for ever.
func TestBookBusy(t *testing.T) {
	b := emptyBook(t)
	b.Wait = 30 * time.Millisecond
	inside, leave, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- b.Update(func(*dbfile.Tx) error {
			close(inside)
			<-leave
			return nil
		})
	}()
	<-inside
	other := In(filepath.Dir(b.Path), b.Net)
	other.Wait = b.Wait
	if err := other.SetLabel(t.Context(), Label{Tx, "a", "b"}); !errors.Is(err, ErrBusy) {
		t.Errorf("while it is written to: %v", err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := other.SetLabel(t.Context(), Label{Tx, "a", "b"}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestBookLacks: a file without one of the rows or buckets that are there from the start is
// refused.
func TestBookLacks(t *testing.T) {
	for name, ruin := range map[string]func(tx *dbfile.Tx) error{
		"no fingerprint":       func(tx *dbfile.Tx) error { return tx.Bucket(bucketMeta).Delete(metaFingerprint) },
		"a short gap":          func(tx *dbfile.Tx) error { return tx.Bucket(bucketMeta).Put(metaGap, []byte{1}) },
		"a long birthday":      func(tx *dbfile.Tx) error { return tx.Bucket(bucketMeta).Put(metaBirthday, make([]byte, 9)) },
		"no network":           func(tx *dbfile.Tx) error { return tx.Bucket(bucketMeta).Delete(metaNetwork) },
		"no bucket of labels":  func(tx *dbfile.Tx) error { return tx.DeleteBucket(bucketLabels) },
		"no bucket of scripts": func(tx *dbfile.Tx) error { return tx.DeleteBucket(BucketScripts) },
		"no bucket of sent":    func(tx *dbfile.Tx) error { return tx.DeleteBucket(bucketSent) },
	} {
		b := emptyBook(t)
		if err := b.Update(ruin); err != nil {
			t.Fatal(err)
		}
		if err := b.Check(); !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrNetwork) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMeta writes and reads every row about the wallet as a whole.
func TestMeta(t *testing.T) {
	b := emptyBook(t)
	birthday := time.Unix(1_500_000_000, 0).UTC()
	err := b.Update(func(tx *dbfile.Tx) error {
		m := MetaOf(tx)
		return errors.Join(m.Begin("regtest", Origin{"k", 7, birthday, 9}, time.Unix(1_600_000_000, 0)), m.SetShort(true), m.SetRescan("why"), m.SetSealedKey(make([]byte, 32)))
	})
	if err != nil {
		t.Fatal(err)
	}
	look := func(f func(m Meta)) {
		t.Helper()
		if err := b.View(func(tx *dbfile.Tx) error { f(MetaOf(tx)); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	look(func(m Meta) {
		since, ok := m.since()
		if m.Keychain() != "k" || m.Fingerprint() != 7 || !m.Birthday().Equal(birthday) || m.Gap() != 9 || !m.Short() || !m.NeedsRescan() || len(m.SealedKey()) != 32 || !ok || since.Unix() != 1_600_000_000 {
			t.Errorf("%q %d %v %d %v %v %v", m.Keychain(), m.Fingerprint(), m.Birthday(), m.Gap(), m.Short(), m.NeedsRescan(), since)
		}
		if rows := m.Rows(0, nil, 5); len(rows) != 0 {
			t.Errorf("rows that follow from nothing: %v", rows)
		}
		if rows := m.Rows(4, []byte("key"), 5); len(rows) != 3 || string(rows[1].Value) != "key" {
			t.Errorf("rows %v", rows)
		}
	})
	err = b.Update(func(tx *dbfile.Tx) error {
		m := MetaOf(tx)
		return errors.Join(m.SetShort(false), m.Rescanned(), m.SetBirthday(birthday.Add(time.Hour)), m.Bucket().Delete(metaSince))
	})
	if err != nil {
		t.Fatal(err)
	}
	look(func(m Meta) {
		if _, ok := m.since(); m.Short() || m.NeedsRescan() || !m.Birthday().Equal(birthday.Add(time.Hour)) || ok {
			t.Errorf("%v %v %v", m.Short(), m.NeedsRescan(), m.Birthday())
		}
	})
	if _, whole, err := NewPayments(b).Begins(t.Context()); err != nil || !whole { // of a version that took no request ids
		t.Errorf("a book without its beginning: %v, %v", whole, err)
	}
}

// TestEnded: nothing is read or written for a caller who has gone.
func TestEnded(t *testing.T) {
	b := emptyBook(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m, h, p := NewPayments(b), NewHolds(b), NewPayees(b)
	var errs []error
	take := func(err error) { errs = append(errs, err) }
	take(b.SetLabel(ctx, Label{Tx, "a", "b"}))
	_, err := b.Labels(ctx)
	take(err)
	take(b.Unfreeze(ctx, coin(1)))
	take(b.Freeze(ctx, coin(1), ""))
	_, err = b.Frozen(ctx)
	take(err)
	_, err = b.Import(ctx, nil, nil, "r", nil)
	take(err)
	_, err = h.List(ctx, time.Now())
	take(err)
	take(h.Release(ctx, nil))
	_, err = m.List(ctx)
	take(err)
	_, _, err = m.ByRequest(ctx, "r")
	take(err)
	_, _, err = m.Sent(ctx, spend("a", 1, 1))
	take(err)
	_, _, err = m.Begins(ctx)
	take(err)
	record := PaymentRecord{Tx: spend("a", 1, 1)}
	take(m.Prepare(ctx, record))
	take(m.Renew(ctx, record, time.Now()))
	take(m.Drop(ctx, record))
	_, _, err = p.Last(ctx, "alice.id")
	take(err)
	_, err = p.Names(ctx)
	take(err)
	for i, err := range errs {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}
