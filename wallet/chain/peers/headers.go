package peers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/lightninglabs/neutrino"
	"github.com/lightninglabs/neutrino/headerfs"

	"blockstack/storage/dbfile"
	"blockstack/wallet/chain"
)

// neutrino keeps headers in two files without a structure: 80 bytes for each block, 32 for each
// header of a filter. Its goroutines take a write or a read that fails there for a mistake of the
// program and end the process. So files are looked at before it opens them, and its goroutines read
// and write through stores that end the goroutine instead, and keep why.
const (
	blockHeadersFile  = "block_headers.bin"
	filterHeadersFile = "reg_filter_headers.bin"
	blockHeaderSize   = 80
	filterHeaderSize  = 32
)

// checkHeaders holds the files to what they can be: whole headers, each block on top of the one
// before, and work in the last one, which no other one names. What a write that was cut short has
// left at their ends is cut off. Files that are wrong are ErrBadHeaders.
func checkHeaders(dir string, net *chaincfg.Params) error {
	for name, size := range map[string]int64{blockHeadersFile: blockHeaderSize, filterHeadersFile: filterHeaderSize} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return err
		}
		if over := info.Size() % size; over != 0 && info.Mode().IsRegular() {
			if err := os.Truncate(path, info.Size()-over); err != nil {
				return err
			}
		}
	}
	f, err := os.Open(filepath.Join(dir, blockHeadersFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(checkLinks(f, net), f.Close())
}

// checkLinks reads a file of block headers.
func checkLinks(f io.Reader, net *chaincfg.Params) error {
	in := bufio.NewReaderSize(f, 1<<20)
	var raw [blockHeaderSize]byte
	var last chainhash.Hash
	for height := 0; ; height++ {
		_, err := io.ReadFull(in, raw[:])
		switch {
		case err == io.EOF && height == 0:
			return nil
		case err == io.EOF:
			bits := uint32(raw[72]) | uint32(raw[73])<<8 | uint32(raw[74])<<16 | uint32(raw[75])<<24
			if target := blockchain.CompactToBig(bits); target.Sign() <= 0 || blockchain.HashToBig(&last).Cmp(target) > 0 {
				return fmt.Errorf("%w: block %d has no work", ErrBadHeaders, height-1)
			}
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("%w: block %d is cut short", ErrBadHeaders, height)
		case err != nil:
			return fmt.Errorf("read headers: %w", err)
		}
		if height > 0 && [32]byte(raw[4:36]) != last {
			return fmt.Errorf("%w: block %d does not follow the one before", ErrBadHeaders, height)
		}
		if last = chainhash.DoubleHashH(raw[:]); height == 0 && last != *net.GenesisHash {
			return fmt.Errorf("%w: they begin with block %s", ErrBadHeaders, last)
		}
	}
}

// heldTip holds the last header, as the file has it, to the database.
func heldTip(cs *neutrino.ChainService) error {
	header, height, err := cs.BlockHeaders.ChainTip()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadHeaders, err)
	}
	hash := header.BlockHash()
	if at, err := cs.BlockHeaders.HeightFromHash(&hash); err != nil || at != height {
		return fmt.Errorf("%w: block %d is not the one in the database", ErrBadHeaders, height)
	}
	if _, _, err := cs.RegFilterHeaders.ChainTip(); err != nil {
		return fmt.Errorf("%w: %w", ErrBadHeaders, err)
	}
	return nil
}

// guardHeaders puts our stores between neutrino's goroutines and the files. neutrino has no place
// for them, so they are put where its block manager keeps its own.
func guardHeaders(cs *neutrino.ChainService, s *store) error {
	stores := map[string]reflect.Value{
		"BlockHeaders":     reflect.ValueOf(&blockStore{cs.BlockHeaders, cs.RegFilterHeaders, s}),
		"RegFilterHeaders": reflect.ValueOf(&filterStore{cs.RegFilterHeaders, cs.BlockHeaders, s}),
	}
	manager := reflect.ValueOf(cs).Elem().FieldByName("blockManager")
	if manager.Kind() != reflect.Pointer || manager.IsNil() {
		return errors.New("this version of neutrino has no block manager")
	}
	cfg := manager.Elem().FieldByName("cfg")
	if cfg.Kind() != reflect.Pointer || cfg.IsNil() {
		return errors.New("this version of neutrino has another block manager")
	}
	for name, store := range stores {
		field := cfg.Elem().FieldByName(name)
		if !field.IsValid() || !store.Type().AssignableTo(field.Type()) {
			return fmt.Errorf("this version of neutrino has no %s", name)
		}
		reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(store)
	}
	return nil
}

// end keeps why a goroutine of neutrino's can go no further, and ends it.
func (s *store) end(what string, err error) {
	var missing *headerfs.ErrHeaderNotFound // a read that failed, of a header that must be there
	cause := err
	switch {
	case errors.Is(err, ErrBadHeaders):
	case dbfile.IsSystem(err):
		cause = fmt.Errorf("%s in %s: %w", what, s.dir, err)
	case errors.As(err, &missing), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		cause = fmt.Errorf("%w: %s: %w", ErrBadHeaders, what, err)
	default:
		cause = s.cause(fmt.Errorf("%s: %w", what, err)) // only a text
	}
	s.mu.Lock()
	if s.failed == nil {
		s.failed = cause
	}
	s.mu.Unlock()
	runtime.Goexit()
}

// apart runs what is neutrino's, but not on a goroutine of its own, on one that may end.
func (s *store) apart(f func() error) error {
	done := make(chan error, 1)
	go func() {
		err := s.err()
		defer func() {
			if r := recover(); r != nil {
				err = s.cause(fmt.Errorf("%v", r))
			}
			done <- err
		}()
		err = f()
	}()
	return <-done
}

// whole holds a file to the length that it must have before headers are added: neutrino adds them
// at its end, and takes their places for their heights.
func (s *store) whole(name string, size, last int64) {
	info, err := os.Stat(filepath.Join(s.dir, name))
	if err == nil && info.Size() != (last+1)*size {
		err = fmt.Errorf("%w: %s has %d bytes and not those of %d headers", ErrBadHeaders, name, info.Size(), last+1)
	}
	if err != nil {
		s.end("write headers", err)
	}
}

// lost is what an error of a read of our own means: a header that is not known, or a file that is
// not what it was.
func lost(err error) error {
	if errors.Is(err, headerfs.ErrHashNotFound) || errors.Is(err, headerfs.ErrHeightNotFound) {
		return fmt.Errorf("%w: %w", chain.ErrBlockNotFound, err)
	}
	if dbfile.IsSystem(err) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrBadHeaders, err)
}
