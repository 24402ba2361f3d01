package peers

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcwallet/walletdb"

	"blockstack/storage/dbfile"
)

// failingDB is a database whose commits fail.
type failingDB struct {
	walletdb.DB
	err  error
	runs int
}

func (d *failingDB) Update(f func(tx walletdb.ReadWriteTx) error, _ func()) error {
	d.runs++
	return errors.Join(f(nil), d.err)
}

// A write of neutrino's that failed is the last one: its goroutine goes no further, the cause is
// kept, and nothing is written after it.
func TestPeersStopAtFailedWrite(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: storeFile, Err: syscall.ENOSPC}
	db := &failingDB{err: full}
	s := &store{DB: db, dir: t.TempDir()}
	none := func(walletdb.ReadWriteTx) error { return nil }
	s.serve()
	for range 2 {
		ended, passed := make(chan struct{}), false
		go func() {
			defer close(ended)
			_ = s.Update(none, nil)
			passed = true
		}()
		<-ended
		if passed {
			t.Error("the goroutine went on after a failed write")
		}
	}
	if err := s.room(); !errors.Is(err, syscall.ENOSPC) || db.runs != 1 {
		t.Errorf("error %v, %d writes", err, db.runs)
	}
	if err := s.cause(errors.New("text")); !errors.Is(err, syscall.ENOSPC) || errors.Is(err, ErrBadHeaders) {
		t.Errorf("cause: %v", err)
	}
}

// An error of what a transaction does is no failed write, and what bbolt cannot read is damage.
func TestPeersStoreJudges(t *testing.T) {
	db := &failingDB{}
	s := &store{DB: db, dir: t.TempDir()}
	odd := errors.New("odd")
	if err := s.Update(func(walletdb.ReadWriteTx) error { return odd }, nil); !errors.Is(err, odd) || s.err() != nil {
		t.Errorf("error %v, kept %v", err, s.err())
	}
	if err := s.cause(odd); !errors.Is(err, ErrBadHeaders) {
		t.Errorf("cause: %v", err)
	}
	if files, err := os.ReadDir(s.dir); err != nil || len(files) > 0 {
		t.Errorf("left by the trial: %v, %v", files, err)
	}
	if err := s.Update(func(walletdb.ReadWriteTx) error { panic("page 7: invalid") }, nil); !errors.Is(err, dbfile.ErrDamaged) {
		t.Errorf("error %v", err)
	}
	if err := s.room(); !errors.Is(err, ErrBadHeaders) {
		t.Errorf("error %v", err)
	}
}

// What the system complains about is not damage: nothing is deleted for it.
func TestPeersKeepWhatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "block_headers.bin"), 0o700); err != nil { // neutrino cannot open it
		t.Fatal(err)
	}
	cfg := Config{Dir: dir, Net: &chaincfg.RegressionNetParams, Named: []string{"127.0.0.1:1"}, Patience: time.Millisecond}
	p, err := Open(t.Context(), cfg)
	if err == nil {
		p.Close()
	}
	if _, gone := os.Stat(filepath.Join(dir, "block_headers.bin")); gone != nil || !dbfile.IsSystem(err) {
		t.Errorf("error %v, stat: %v", err, gone)
	}
}
