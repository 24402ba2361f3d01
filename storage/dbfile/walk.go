package dbfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// What bbolt writes, in the byte order of the machine:
//
//	page:    id 8, flags 2, elements 2, further pages 4; then the elements, then keys and values
//	flags:   1 branch, 2 leaf, 4 header, 16 list of free pages
//	branch:  element: offset from here 4, length of the key 4, page 8
//	leaf:    element: flags 4 (1: a bucket), offset from here 4, length of the key 4, of the value 4
//	free:    page ids of 8 bytes; 65535 elements: the first id is their number
//	bucket:  value: page 8 (0: a leaf page follows in the value), sequence 8
//	header:  pages 0 and 1: magic 4, version 4, page size 4, flags 4, root bucket 16, page of the free list 8,
//	         pages in use 8, transaction 8, checksum (FNV-1a of all before) 8
//
// A transaction writes new pages, then the older of the two headers; so both are good, unless a
// sector was torn or has changed.
const (
	pageHead   = 16
	branchSize = 16
	leafSize   = 16
	bucketHead = 16

	flagBranch = 0x01
	flagLeaf   = 0x02
	flagHeader = 0x04
	flagFree   = 0x10

	headerSize  = 64
	boltMagic   = 0xED0CDAED
	boltVersion = 2
	noFreeList  = ^uint64(0)

	minPage, maxPage = 1 << 10, 16 << 20

	// maxDepth is more than any tree has: with two keys a page, a file of 2^60 pages.
	maxDepth = 60
	// maxWhole is the size of a file up to which every page is read. Of larger ones, every page
	// that leads to others is.
	maxWhole = 32 << 20
)

var order = binary.NativeEndian

// header is what a header page says.
type header struct {
	pageSize        uint32
	root, free      uint64
	pages, transact uint64
	was             uint64 // the transaction, when one bit makes the checksum right
}

// walker reads pages of a file and remembers which.
type walker struct {
	in    io.ReaderAt
	size  int64
	head  header
	whole bool
	seen  []uint64 // a bit for each page
}

// bounds are the keys between which those of a page lie: lo <= key < hi; nil: no bound.
type bounds struct{ lo, hi []byte }

// check walks a file. What it finds wrong is ErrDamaged; errors of the system stay what they are.
func check(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return walk(f, info.Size())
}

func walk(in io.ReaderAt, size int64) error {
	w := &walker{in: in, size: size, whole: size <= maxWhole}
	if err := w.readHeaders(); err != nil {
		return err
	}
	if err := w.walkTree(w.head.root, true); err != nil {
		return err
	}
	return w.checkFree()
}

func damage(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// readHeaders reads both headers and takes the younger one. A write of a header that a loss of
// power cut short is not damage: nobody was told that its transaction is done, and bbolt goes on
// with the other. Anything else that makes a header wrong is, because the other one may be older by
// a transaction that counts.
func (w *walker) readHeaders() error {
	first, err := w.readHeader(0)
	if err != nil && !errors.Is(err, errTorn) {
		return err
	}
	second, err2 := w.readHeader(int64(first.pageSize))
	switch {
	case err2 != nil && !errors.Is(err2, errTorn):
		return err2
	case first.pageSize != second.pageSize:
		return damage("two page sizes")
	case err != nil && err2 != nil:
		return damage("both headers")
	case err == nil && err2 == nil:
		if w.head = first; second.transact > first.transact {
			w.head = second
		}
	default:
		good, torn := first, second
		if err != nil {
			good, torn = second, first
		}
		if torn.was == good.transact+1 || torn.transact != good.transact+1 && torn.transact+1 != good.transact {
			return damage("a header")
		}
		w.head = good
	}
	if w.head.pages < 2 || w.head.pages > uint64(w.size)/uint64(w.head.pageSize) {
		return damage("%d bytes are not its %d pages", w.size, w.head.pages)
	}
	w.seen = make([]uint64, w.head.pages/64+1)
	return errors.Join(w.take(0), w.take(1))
}

// take notes that a page is in use, which it can be in one place only.
func (w *walker) take(id uint64) error {
	if id >= w.head.pages {
		return damage("no page %d", id)
	}
	if w.used(id) {
		return damage("page %d is in two places", id)
	}
	w.seen[id/64] |= 1 << (id % 64)
	return nil
}

func (w *walker) used(id uint64) bool { return w.seen[id/64]&(1<<(id%64)) != 0 }

// errTorn marks a header whose checksum is wrong though nothing else is.
var errTorn = errors.New("a header that was cut short")

// readHeader reads the header page at a place.
func (w *walker) readHeader(at int64) (h header, err error) {
	b, err := w.read(at, pageHead+headerSize)
	if err != nil {
		return h, err
	}
	m := b[pageHead:]
	version, whole := order.Uint32(m[4:]), checksum(m) == order.Uint64(m[headerSize-8:])
	switch {
	case order.Uint32(m) != boltMagic:
		return h, damage("it is no database")
	case whole && version > boltVersion:
		return h, fmt.Errorf("%w: format %d", ErrNewer, version)
	case version != boltVersion:
		return h, damage("format %d", version)
	}
	h = header{pageSize: order.Uint32(m[8:]), root: order.Uint64(m[16:]), free: order.Uint64(m[32:]), pages: order.Uint64(m[40:]), transact: order.Uint64(m[48:])}
	if h.pageSize < minPage || h.pageSize > maxPage || h.pageSize&(h.pageSize-1) != 0 || order.Uint64(b) > 1 || order.Uint16(b[8:]) != flagHeader {
		return h, damage("the header at byte %d", at)
	}
	if whole {
		return h, nil
	}
	for i := range headerSize * 8 {
		m[i/8] ^= 1 << (i % 8)
		if checksum(m) == order.Uint64(m[headerSize-8:]) {
			h.was = order.Uint64(m[48:])
		}
		m[i/8] ^= 1 << (i % 8)
	}
	return h, errTorn
}

// checksum is what must stand at the end of a header.
func checksum(m []byte) uint64 {
	sum := fnv.New64a()
	_, _ = sum.Write(m[:headerSize-8])
	return sum.Sum64()
}

// read reads bytes of the file; that they are not there is damage.
func (w *walker) read(at, n int64) ([]byte, error) {
	if at < 0 || n < 0 || at > w.size-n {
		return nil, damage("%d bytes at %d are not there", n, at)
	}
	b := make([]byte, n)
	if _, err := w.in.ReadAt(b, at); err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, damage("%d bytes at %d are not there", n, at)
	} else if err != nil {
		return nil, err
	}
	return b, nil
}

// page reads a page with those that continue it. No page is read twice.
func (w *walker) page(id uint64) ([]byte, error) {
	if id < 2 || id >= w.head.pages {
		return nil, damage("no page %d", id)
	}
	size := int64(w.head.pageSize)
	head, err := w.read(int64(id)*size, pageHead)
	if err != nil {
		return nil, err
	}
	more := uint64(order.Uint32(head[12:]))
	if order.Uint64(head) != id || more >= w.head.pages-id {
		return nil, damage("page %d", id)
	}
	for i := range more + 1 {
		if err := w.take(id + i); err != nil {
			return nil, err
		}
	}
	return w.read(int64(id)*size, int64(more+1)*size)
}

// walkTree walks a bucket. Leaves of a file that is too large to be read whole are noted and not
// read, unless they hold buckets.
func (w *walker) walkTree(root uint64, buckets bool) error {
	levels := maxDepth
	if !w.whole && !buckets {
		var err error
		if levels, err = w.depth(root); err != nil {
			return err
		}
	}
	return w.walkPage(root, levels, bounds{}, buckets)
}

// depth is how many pages lead to the first leaf of a tree, that included. All leaves of a tree are
// as deep.
func (w *walker) depth(id uint64) (int, error) {
	size := int64(w.head.pageSize)
	for n := 1; n <= maxDepth; n++ {
		if id < 2 || id >= w.head.pages {
			return 0, damage("no page %d", id)
		}
		b, err := w.read(int64(id)*size, pageHead+branchSize)
		if err != nil {
			return 0, err
		}
		if order.Uint16(b[8:]) != flagBranch {
			return n, nil
		}
		id = order.Uint64(b[pageHead+8:])
	}
	return 0, damage("a tree without end")
}

// walkPage walks a page and those below it. levels is how many pages there can be from here to a
// leaf.
func (w *walker) walkPage(id uint64, levels int, within bounds, buckets bool) error {
	if !w.whole && !buckets && levels == 1 {
		return w.take(id)
	}
	if levels == 0 {
		return damage("a tree without end")
	}
	b, err := w.page(id)
	if err != nil {
		return err
	}
	switch order.Uint16(b[8:]) {
	case flagLeaf:
		return w.walkLeaf(id, b, within, buckets)
	case flagBranch:
		return w.walkBranch(id, b, levels, within, buckets)
	}
	return damage("page %d is none of a tree", id)
}

func (w *walker) walkBranch(id uint64, b []byte, levels int, within bounds, buckets bool) error {
	n := int(order.Uint16(b[10:]))
	if n == 0 {
		return damage("page %d leads nowhere", id)
	}
	keys := newKeys(b, id, n, within)
	list := make([][]byte, n)
	below := make([]uint64, n)
	for i := range n {
		at := pageHead + i*branchSize
		if at+branchSize > len(b) {
			return damage("page %d has not %d keys", id, n)
		}
		key, _, err := keys.next(at, order.Uint32(b[at:]), order.Uint32(b[at+4:]), 0)
		if err != nil {
			return err
		}
		list[i], below[i] = key, order.Uint64(b[at+8:])
	}
	for i := range n {
		in := bounds{lo: list[i], hi: within.hi}
		if i+1 < n {
			in.hi = list[i+1]
		}
		if err := w.walkPage(below[i], levels-1, in, buckets); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) walkLeaf(id uint64, b []byte, within bounds, buckets bool) error {
	n := int(order.Uint16(b[10:]))
	if n == 0 && bytes.ContainsFunc(b[pageHead:], func(r rune) bool { return r != 0 }) {
		return damage("page %d has keys and says that it has none", id)
	}
	keys := newKeys(b, id, n, within)
	for i := range n {
		at := pageHead + i*leafSize
		if at+leafSize > len(b) {
			return damage("page %d has not %d keys", id, n)
		}
		flags := order.Uint32(b[at:])
		_, value, err := keys.next(at, order.Uint32(b[at+4:]), order.Uint32(b[at+8:]), order.Uint32(b[at+12:]))
		if err != nil {
			return err
		}
		if flags > 1 || flags == 0 && buckets && id == w.head.root {
			return damage("page %d: a value of no kind", id)
		}
		if flags == 1 {
			if err := w.walkBucket(id, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// walkBucket walks the bucket that a value is.
func (w *walker) walkBucket(id uint64, value []byte) error {
	if len(value) < bucketHead {
		return damage("page %d: a bucket of %d bytes", id, len(value))
	}
	if root := order.Uint64(value); root != 0 {
		return w.walkTree(root, false)
	}
	b := value[bucketHead:]
	if len(b) < pageHead || order.Uint16(b[8:]) != flagLeaf || order.Uint32(b[12:]) != 0 {
		return damage("page %d: a bucket that is no leaf", id)
	}
	n := int(order.Uint16(b[10:]))
	keys := newKeys(b, id, n, bounds{})
	for i := range n {
		at := pageHead + i*leafSize
		if at+leafSize > len(b) || order.Uint32(b[at:]) != 0 {
			return damage("page %d: a bucket in it", id)
		}
		if _, _, err := keys.next(at, order.Uint32(b[at+4:]), order.Uint32(b[at+8:]), order.Uint32(b[at+12:])); err != nil {
			return err
		}
	}
	if keys.end != uint64(len(b)) {
		return damage("page %d: a bucket with more in it than its %d keys", id, n)
	}
	return nil
}

// keyReader takes the keys and values of a page, each of which begins where the one before ends.
type keyReader struct {
	page   []byte
	id     uint64
	within bounds
	end    uint64 // where the next key begins
	last   []byte
	begun  bool
}

func newKeys(page []byte, id uint64, n int, within bounds) *keyReader {
	return &keyReader{page: page, id: id, within: within, end: pageHead + uint64(n)*leafSize}
}

// next takes the key and value of the element at a place.
func (k *keyReader) next(at int, offset, keySize, valueSize uint32) (key, value []byte, err error) {
	from := uint64(at) + uint64(offset)
	mid := from + uint64(keySize)
	to := mid + uint64(valueSize)
	if from != k.end || to > uint64(len(k.page)) || keySize == 0 {
		return nil, nil, damage("page %d: keys and values do not follow each other", k.id)
	}
	key, value = k.page[from:mid:mid], k.page[mid:to:to]
	if k.begun && bytes.Compare(k.last, key) >= 0 || k.within.lo != nil && bytes.Compare(key, k.within.lo) < 0 ||
		k.within.hi != nil && bytes.Compare(key, k.within.hi) >= 0 {
		return nil, nil, damage("page %d: keys are not in order", k.id)
	}
	k.last, k.begun, k.end = key, true, to
	return key, value, nil
}

// checkFree reads the list of free pages: a page that is in use must not be on it, or it would be
// written over.
func (w *walker) checkFree() error {
	id := w.head.free
	if id == noFreeList {
		return nil
	}
	b, err := w.page(id)
	if err != nil {
		return err
	}
	if order.Uint16(b[8:]) != flagFree {
		return damage("page %d is no list of free pages", id)
	}
	n, at := uint64(order.Uint16(b[10:])), uint64(pageHead)
	if n == 0xFFFF {
		n, at = order.Uint64(b[pageHead:]), pageHead+8
	}
	if n > (uint64(len(b))-at)/8 {
		return damage("page %d has not %d free pages", id, n)
	}
	last := uint64(1)
	for i := range n {
		free := order.Uint64(b[at+8*i:])
		if free <= last || free >= w.head.pages {
			return damage("page %d: free pages are not in order", id)
		}
		if w.used(free) {
			return damage("page %d is free and in use", free)
		}
		last = free
	}
	return nil
}
