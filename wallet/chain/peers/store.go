package peers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"

	"github.com/btcsuite/btcwallet/walletdb"

	"blockstack/storage/dbfile"
)

const (
	// peersRoom is the least room on the disk with which headers are written: more than neutrino
	// writes between two looks at it.
	peersRoom = 32 << 20
	trialSize = 256 << 10 // more than neutrino writes at once
)

// store is neutrino's database. neutrino logs that headers could not be written and goes on, or
// ends the whole process, so the first write that fails is the last one: the goroutine that asked
// for it ends, and err says why.
type store struct {
	walletdb.DB
	dir string
	// chain is held while headers of blocks or filters change, and by who reads what belongs
	// together.
	chain sync.RWMutex

	mu      sync.Mutex
	failed  error
	serving bool // neutrino's own goroutines write, which nobody asks for their errors
}

// err is why nothing is written any more; nil: all is well.
func (s *store) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// serve says that from now on neutrino's goroutines write.
func (s *store) serve() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serving = true
}

// fail keeps the first failure, and ends the goroutine if it is one of neutrino's.
func (s *store) fail(err error) error {
	s.mu.Lock()
	if s.failed == nil {
		s.failed = err
	}
	serving := s.serving
	s.mu.Unlock()
	if serving {
		runtime.Goexit()
	}
	return err
}

// Update runs f in a writing transaction.
func (s *store) Update(f func(tx walletdb.ReadWriteTx) error, reset func()) error {
	if err := s.err(); err != nil {
		return s.fail(err)
	}
	done := false
	err := dbfile.Guard(func() error {
		return s.DB.Update(func(tx walletdb.ReadWriteTx) error {
			err := f(tx)
			done = err == nil
			return err
		}, reset)
	})
	switch {
	case err == nil:
		return nil
	case done, dbfile.IsSystem(err):
		return s.fail(dbfile.WriteError(filepath.Join(s.dir, storeFile), err))
	case errors.Is(err, dbfile.ErrDamaged):
		return s.fail(fmt.Errorf("%w: %w", ErrBadHeaders, err))
	}
	return err
}

// room says whether headers can be written: neutrino has a process end that finds no room for those
// of filters.
func (s *store) room() error {
	if err := s.err(); err != nil {
		return err
	}
	if free, ok := dbfile.Free(s.dir); ok && free < peersRoom {
		return fmt.Errorf("write headers to %s: %d MiB are left, %d are needed: %w", s.dir, free>>20, peersRoom>>20, syscall.ENOSPC)
	}
	return nil
}

// trial writes as neutrino does and says why that fails: what its files say does not reach us.
// Nothing is left of it.
func (s *store) trial() (err error) {
	f, err := os.CreateTemp(s.dir, "trial-*")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}()
	if _, err := f.Write(make([]byte, trialSize)); err != nil {
		return err
	}
	return f.Sync()
}

// cause is why neutrino's start failed: the disk, or the content of its files.
func (s *store) cause(err error) error {
	if failed := s.err(); failed != nil {
		return failed
	}
	if dbfile.IsSystem(err) && !errors.Is(err, syscall.EINVAL) { // of files whose lengths make no sense: it cuts to less than nothing
		return err
	}
	if full := s.trial(); full != nil { // the cause was only a text in err
		return fmt.Errorf("write headers: %w", full)
	}
	return fmt.Errorf("%w: %w", ErrBadHeaders, err)
}
