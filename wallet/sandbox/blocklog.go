package sandbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

const (
	blockFile    = "blocks.log"
	blockMagic   = "bsblock1"
	recordHead   = 12      // length twice and checksum
	maxBlock     = 4 << 20 // bytes, as for any block
	maxBlockFile = 1 << 30 // bytes
)

// blockLog is the stored best chain. Its file:
//
//	file   = magic record*        magic: the 8 bytes "bsblock1"
//	record = length inverse checksum block   (numbers: uint32, little endian)
//	         length:   of the block in bytes
//	         inverse:  all bits of length inverted
//	         checksum: CRC-32C of the block
//	         block:    as Bitcoin encodes it
//
// Blocks are only appended. A block whose parent is not the last one replaces what was above its
// parent: that is how a reorg is stored. The first block's parent is regtest's genesis block. An
// incomplete record at the end, or zeros, is what an interrupted write leaves, and is dropped;
// anything else that is wrong is damage, and refused.
type blockLog struct {
	path   string
	blocks []storedBlock // the best chain; height of blocks[i] is i+1
	height map[chainhash.Hash]int32
	size   int64 // of the sound part of the file
	live   int64 // bytes of records that are in the best chain
}

type storedBlock struct {
	hash   chainhash.Hash
	header wire.BlockHeader
	raw    []byte
}

func emptyLog(dir string) *blockLog {
	return &blockLog{path: filepath.Join(dir, blockFile), height: make(map[chainhash.Hash]int32)}
}

// readBlocks reads the stored chain; a file that does not exist is an empty one.
func readBlocks(dir string) (*blockLog, error) {
	l := emptyLog(dir)
	f, err := os.Open(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxBlockFile+1))
	if err != nil {
		return nil, err
	}
	if err := l.parse(raw); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *blockLog) parse(raw []byte) error {
	if len(raw) > maxBlockFile {
		return &BadChain{Path: l.path, Offset: maxBlockFile, Err: fmt.Errorf("longer than %d bytes", maxBlockFile)}
	}
	if len(raw) < len(blockMagic) && bytes.HasPrefix([]byte(blockMagic), raw) {
		return nil // interrupted when it was made
	}
	if !bytes.HasPrefix(raw, []byte(blockMagic)) {
		return &BadChain{Path: l.path, Err: errors.New("not a chain file")}
	}
	l.size = int64(len(blockMagic))
	for rest := raw[l.size:]; len(rest) >= recordHead; rest = raw[l.size:] {
		size, inverse := binary.LittleEndian.Uint32(rest), binary.LittleEndian.Uint32(rest[4:])
		sum := binary.LittleEndian.Uint32(rest[8:])
		if len(bytes.Trim(rest, "\x00")) == 0 {
			return nil // interrupted
		}
		if size != ^inverse || size > maxBlock {
			return &BadChain{Path: l.path, Offset: l.size, Err: errors.New("no record here")}
		}
		length := int(size)
		if len(rest)-recordHead < length {
			return nil // interrupted
		}
		block := rest[recordHead : recordHead+length]
		if checksum(block) != sum {
			if len(rest) == recordHead+length {
				return nil // interrupted
			}
			return &BadChain{Path: l.path, Offset: l.size, Err: errors.New("checksum differs")}
		}
		if err := l.add(block); err != nil {
			return &BadChain{Path: l.path, Offset: l.size, Err: err}
		}
		l.size += int64(recordHead + length)
	}
	return nil
}

// add puts a block on top of its parent, in memory.
func (l *blockLog) add(raw []byte) error {
	var b storedBlock
	if err := b.header.Deserialize(bytes.NewReader(raw)); err != nil {
		return fmt.Errorf("block header: %w", err)
	}
	b.hash, b.raw = b.header.BlockHash(), raw
	var parent int32
	if b.header.PrevBlock != *netParams().GenesisHash {
		h, ok := l.height[b.header.PrevBlock]
		if !ok {
			return fmt.Errorf("block %s does not connect", b.hash)
		}
		parent = h
	}
	l.cut(parent)
	l.blocks = append(l.blocks, b)
	l.height[b.hash] = parent + 1
	l.live += int64(recordHead + len(raw))
	return nil
}

// cut forgets the blocks above a height, in memory.
func (l *blockLog) cut(height int32) {
	for _, b := range l.blocks[height:] {
		delete(l.height, b.hash)
		l.live -= int64(recordHead + len(b.raw))
	}
	l.blocks = l.blocks[:height]
}

// append stores blocks, parents first.
func (l *blockLog) append(raws [][]byte) error {
	if len(raws) == 0 {
		return nil
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(l.size); err != nil {
		return err
	}
	var buf bytes.Buffer
	if l.size == 0 {
		buf.WriteString(blockMagic)
	}
	for _, raw := range raws {
		writeRecord(&buf, raw)
	}
	if _, err := f.WriteAt(buf.Bytes(), l.size); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	for _, raw := range raws {
		if err := l.add(raw); err != nil {
			return err
		}
	}
	l.size += int64(buf.Len())
	return nil
}

// rewrite stores the best chain up to a height and nothing else.
func (l *blockLog) rewrite(height int32) error {
	l.cut(height)
	buf := bytes.NewBufferString(blockMagic)
	for _, b := range l.blocks {
		writeRecord(buf, b.raw)
	}
	l.size = int64(buf.Len())
	return writeFile(l.path, buf.Bytes())
}

func writeRecord(buf *bytes.Buffer, raw []byte) {
	var head [recordHead]byte
	binary.LittleEndian.PutUint32(head[:], uint32(len(raw)))
	binary.LittleEndian.PutUint32(head[4:], ^uint32(len(raw)))
	binary.LittleEndian.PutUint32(head[8:], checksum(raw))
	buf.Write(head[:])
	buf.Write(raw)
}

func checksum(raw []byte) uint32 { return crc32.Checksum(raw, crc32.MakeTable(crc32.Castagnoli)) }

func (l *blockLog) tipHeight() int32 { return int32(len(l.blocks)) }

func (l *blockLog) hashAt(height int32) chainhash.Hash {
	if height == 0 {
		return *netParams().GenesisHash
	}
	return l.blocks[height-1].hash
}

func (l *blockLog) tipHash() chainhash.Hash { return l.hashAt(l.tipHeight()) }

// tipTime is the best block's time, zero when there is none but genesis.
func (l *blockLog) tipTime() time.Time {
	if len(l.blocks) == 0 {
		return time.Time{}
	}
	return l.blocks[len(l.blocks)-1].header.Timestamp
}

// times returns the times of the blocks up to a height, oldest first; as many as the rule about a
// block's time looks at.
func (l *blockLog) times(height int32) []time.Time {
	var out []time.Time
	for _, b := range l.blocks[max(0, height-11):height] {
		out = append(out, b.header.Timestamp)
	}
	return out
}

// txs returns the transactions of the blocks above a height, without the coinbases, parents before
// children.
func (l *blockLog) txsAbove(height int32) ([]*wire.MsgTx, error) {
	var out []*wire.MsgTx
	for _, b := range l.blocks[height:] {
		block, err := b.decode()
		if err != nil {
			return nil, err
		}
		out = append(out, block.Transactions[1:]...)
	}
	return out, nil
}

func (b *storedBlock) decode() (*wire.MsgBlock, error) {
	var block wire.MsgBlock
	if err := block.Deserialize(bytes.NewReader(b.raw)); err != nil {
		return nil, fmt.Errorf("block %s: %w", b.hash, err)
	}
	if len(block.Transactions) == 0 {
		return nil, fmt.Errorf("block %s: no transactions", b.hash)
	}
	return &block, nil
}
