package headers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
)

// maxHeight bounds the file: more than a hundred years of blocks.
const maxHeight = 10_000_000

// store keeps headers by height.
type store interface {
	read(height int32) ([]byte, error)
	// write puts headers at a height and forgets what lies above them.
	write(height int32, raw []byte) error
}

// Memory makes a chain that is kept in memory alone.
func Memory(net *chaincfg.Params) *Chain {
	m := &memory{raw: genesis(net)}
	return &Chain{net: net, file: m, hash: *net.GenesisHash}
}

// Open opens the file with the headers of a network, and makes it where there is none. What is in
// it and does not follow the rules is forgotten. Several processes may have it open: where two of
// them write different headers, the next one to open it keeps those that fit.
func Open(path string, net *chaincfg.Params) (c *Chain, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("headers: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("headers: %w", err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
		}
	}()
	d := &disk{file: file}
	count, err := d.load()
	if err != nil {
		return nil, fmt.Errorf("headers: %w", err)
	}
	if first := genesis(net); count == 0 || !bytes.Equal(d.first, first) {
		if err := d.write(0, first); err != nil {
			return nil, fmt.Errorf("headers: %w", err)
		}
		count = 1
	}
	c = &Chain{net: net, file: d, hash: *net.GenesisHash}
	if err := c.recheck(count - 1); err != nil {
		return nil, fmt.Errorf("headers: %w", err)
	}
	return c, nil
}

// Close closes the file.
func (c *Chain) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.file.(*disk); ok {
		return d.file.Close()
	}
	return nil
}

// recheck takes over what the file holds up to a height, as far as it is right.
func (c *Chain) recheck(last int32) error {
	at := lastCheckpoint(c.net, last)
	if at > 0 {
		raw, err := c.file.read(at)
		if err != nil {
			return err
		}
		for _, p := range c.net.Checkpoints {
			if p.Height == at && *p.Hash != chainhash.DoubleHashH(raw) {
				return nil // nothing below it can be right, either: begin with the first block
			}
		}
		c.tip, c.hash, c.linked, c.below = at, chainhash.DoubleHashH(raw), at, chainhash.Hash(raw[4:])
		if err := c.link(max(0, at-window)); errors.Is(err, ErrBroken) {
			c.tip, c.hash, c.linked = 0, *c.net.GenesisHash, 0
			return nil
		} else if err != nil {
			return err
		}
	}
	const chunk = 2000
	for c.tip < last {
		n := min(chunk, last-c.tip)
		raw := make([]byte, 0, n*Size)
		for h := c.tip + 1; h <= c.tip+n; h++ {
			one, err := c.file.read(h)
			if err != nil {
				return err
			}
			raw = append(raw, one...)
		}
		b := branch{net: c.net, base: c.file, fork: c.tip}
		hash, err := b.check(raw)
		if err != nil && !errors.Is(err, ErrBroken) {
			return err
		}
		c.tip, c.hash = b.tip(), hash
		if err != nil {
			return nil
		}
	}
	return nil
}

// genesis is the first header of a network.
func genesis(net *chaincfg.Params) []byte {
	var b bytes.Buffer
	_ = net.GenesisBlock.Header.Serialize(&b) // a bytes.Buffer takes everything
	return b.Bytes()
}

// memory keeps headers in memory.
type memory struct{ raw []byte }

func (m *memory) read(height int32) ([]byte, error) {
	if int(height+1)*Size > len(m.raw) {
		return nil, fmt.Errorf("block %d: %w", height, ErrUnknown)
	}
	return m.raw[int(height)*Size:][:Size:Size], nil
}

func (m *memory) write(height int32, raw []byte) error {
	m.raw = append(m.raw[:int(height)*Size:int(height)*Size], raw...)
	return nil
}

// keptTail is how many of the last headers are in memory beside the file: what the rules look at,
// and some more.
const keptTail = 3 * window

// disk keeps headers in a file, and the last ones in memory, too.
type disk struct {
	file  *os.File
	first []byte // the first header, as load found it
	tail  []byte
	from  int32 // height of the first one in tail
}

// load reads the end of the file and returns how many headers it holds.
func (d *disk) load() (int32, error) {
	info, err := d.file.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is no file", d.file.Name())
	}
	count := int32(min(info.Size()/Size, maxHeight))
	if count == 0 {
		return 0, nil
	}
	d.first = make([]byte, Size)
	if _, err := d.file.ReadAt(d.first, 0); err != nil {
		return 0, err
	}
	return count, d.fill(count)
}

// fill reads what lies before a height into memory.
func (d *disk) fill(end int32) error {
	d.from = max(0, end-keptTail)
	d.tail = make([]byte, int(end-d.from)*Size)
	_, err := d.file.ReadAt(d.tail, int64(d.from)*Size)
	return err
}

func (d *disk) read(height int32) ([]byte, error) {
	if n := int(height - d.from); n >= 0 && (n+1)*Size <= len(d.tail) {
		return d.tail[n*Size:][:Size:Size], nil
	}
	raw := make([]byte, Size)
	if _, err := d.file.ReadAt(raw, int64(height)*Size); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("block %d: %w", height, ErrUnknown)
	} else if err != nil {
		return nil, err
	}
	return raw, nil
}

func (d *disk) write(height int32, raw []byte) error {
	if int64(height)+int64(len(raw)/Size) > maxHeight {
		return fmt.Errorf("block %d: %w: more blocks than there can be", height, ErrBroken)
	}
	at := int64(height) * Size
	if _, err := d.file.WriteAt(raw, at); err != nil {
		return err
	}
	if err := d.file.Truncate(at + int64(len(raw))); err != nil {
		return err
	}
	switch n := int(height - d.from); {
	case n < 0 || n*Size > len(d.tail):
		return d.fill(height + int32(len(raw)/Size))
	default:
		d.tail = append(d.tail[:n*Size:n*Size], raw...)
	}
	if extra := len(d.tail)/Size - 2*keptTail; extra > 0 {
		d.tail = append([]byte(nil), d.tail[(extra+keptTail)*Size:]...)
		d.from += int32(extra + keptTail)
	}
	return nil
}
