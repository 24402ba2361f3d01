package blockfiles

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// What a scan of a node's block files found, so that the next program need not look into hundreds
// of gigabytes again. It is only ever a shortcut: it is used when its checksum is right and the
// last block of every file still lies where it did, and thrown away otherwise.
//
//	cache = "bsblkhd1" network xor-key count(files) *offset count(blocks) *entry sha256
//	entry = hash previous bits file size offset
//
// network, bits, file, size and counts have 4 bytes, offsets 8, hashes 32, all numbers
// little-endian; the offsets of files are how far each was read; sha256 is that of everything
// before it.
const (
	cacheMagic = "bsblkhd1"
	entryLen   = 32 + 32 + 4 + 4 + 4 + 8

	// cacheStep is how many new blocks make the cache worth writing again.
	cacheStep = 1000
)

// errNoCache means that the cache is missing or not to be used.
var errNoCache = errors.New("no cache of block files")

// loadCache takes what is in the cache; after an error nothing is taken.
func (f *Files) loadCache(ctx context.Context) error {
	raw, err := os.ReadFile(f.cache)
	if err != nil {
		return err
	}
	files, blocks, err := f.decodeCache(raw)
	if err != nil {
		return err
	}
	last := make(map[int32]fileBlock)
	for _, b := range blocks {
		if l, ok := last[b.file]; !ok || l.offset < b.offset {
			last[b.file] = b
		}
	}
	for _, b := range last {
		if err := ctx.Err(); err != nil {
			return err
		}
		header, err := f.key.read(f.blockPath(int(b.file)), b.offset, headerLen)
		if err != nil {
			return err
		}
		if chainhash.DoubleHashH(header) != b.hash || files[b.file].done < b.offset+int64(b.size) {
			return errNoCache
		}
	}
	f.files = files
	for _, b := range blocks {
		work, ok := workOf(b.bits)
		if !ok {
			return errNoCache
		}
		f.add(b, work)
	}
	f.cached = len(f.blocks)
	return nil
}

// decodeCache reads a cache of this folder's network and key.
func (f *Files) decodeCache(raw []byte) ([]*blockFile, []fileBlock, error) {
	head := f.cacheHead()
	body := len(raw) - sha256.Size
	if body < len(head)+4 || !bytes.Equal(raw[:len(head)], head) || sha256.Sum256(raw[:body]) != [sha256.Size]byte(raw[body:]) {
		return nil, nil, errNoCache
	}
	b := raw[len(head):body]
	count := func(size int) (int, bool) {
		if len(b) < 4 {
			return 0, false
		}
		n := binary.LittleEndian.Uint32(b)
		b = b[4:]
		return int(n), uint64(n)*uint64(size) <= uint64(len(b))
	}
	n, ok := count(8)
	if !ok {
		return nil, nil, errNoCache
	}
	files := make([]*blockFile, n)
	for i := range files {
		files[i] = &blockFile{number: i, done: int64(binary.LittleEndian.Uint64(b))}
		b = b[8:]
	}
	n, ok = count(entryLen)
	if !ok || n*entryLen != len(b) {
		return nil, nil, errNoCache
	}
	blocks := make([]fileBlock, n)
	for i := range blocks {
		e := b[i*entryLen:]
		blocks[i] = fileBlock{
			hash: chainhash.Hash(e[:32]), prev: chainhash.Hash(e[32:64]),
			bits: binary.LittleEndian.Uint32(e[64:]), file: int32(binary.LittleEndian.Uint32(e[68:])),
			size: binary.LittleEndian.Uint32(e[72:]), offset: int64(binary.LittleEndian.Uint64(e[76:])),
		}
		if file := blocks[i].file; file < 0 || int(file) >= len(files) || blocks[i].offset < 0 {
			return nil, nil, errNoCache
		}
	}
	return files, blocks, nil
}

func (f *Files) cacheHead() []byte {
	b := binary.LittleEndian.AppendUint32([]byte(cacheMagic), uint32(f.net.Net))
	return append(b, f.key[:]...)
}

// saveCache writes the cache beside itself and puts it in place.
func (f *Files) saveCache() (err error) {
	if err := os.MkdirAll(filepath.Dir(f.cache), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.cache), filepath.Base(f.cache)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	sum := sha256.New()
	w := bufio.NewWriter(io.MultiWriter(tmp, sum)) // its first error is that of Flush
	_, _ = w.Write(f.cacheHead())
	number := func(n uint32) { _, _ = w.Write(binary.LittleEndian.AppendUint32(nil, n)) }
	offset := func(n int64) { _, _ = w.Write(binary.LittleEndian.AppendUint64(nil, uint64(n))) }
	number(uint32(len(f.files)))
	for _, file := range f.files {
		offset(file.done)
	}
	number(uint32(len(f.blocks)))
	for i := range f.blocks {
		b := &f.blocks[i]
		_, _ = w.Write(b.hash[:])
		_, _ = w.Write(b.prev[:])
		number(b.bits)
		number(uint32(b.file))
		number(b.size)
		offset(b.offset)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if _, err := tmp.Write(sum.Sum(nil)); err != nil {
		return err
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), f.cache); err != nil {
		return fmt.Errorf("put the cache in place: %w", err)
	}
	f.cached = len(f.blocks)
	return nil
}
