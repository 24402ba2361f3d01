package blockfiles

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/headers"
	"blockstack/wallet/chain/mined"
)

// compressAmount is the other direction of expandAmount.
func compressAmount(n uint64) uint64 {
	if n == 0 {
		return 0
	}
	e := uint64(0)
	for n%10 == 0 && e < 9 {
		n /= 10
		e++
	}
	if e < 9 {
		return 1 + (n/10*9+n%10-1)*10 + e
	}
	return 1 + (n-1)*10 + 9
}

func appendUndoVarint(b []byte, n uint64) []byte {
	tail := []byte{byte(n & 0x7f)}
	for n > 0x7f {
		n = n>>7 - 1
		tail = append(tail, byte(n&0x7f)|0x80)
	}
	slices.Reverse(tail)
	return append(b, tail...)
}

func TestExpandAmount(t *testing.T) {
	amounts := []uint64{0, 1, 9, 10, 546, 1e8, 50e8, 21e14, 123456789, 2100000000000000 - 1}
	for range 2000 {
		amounts = append(amounts, rand.Uint64N(21e14))
	}
	for _, n := range amounts {
		if got := expandAmount(compressAmount(n)); got != n {
			t.Fatalf("%d became %d", n, got)
		}
	}
	// Known from Bitcoin Core's own tests.
	for n, c := range map[uint64]uint64{0: 0, 1: 1, 1_000_000: 7, 1e8: 9, 50e8: 0x32, 21e14: 0x1406f40} {
		if got := compressAmount(n); got != c {
			t.Errorf("amount %d is %#x, want %#x", n, got, c)
		}
	}
}

func TestUndoVarint(t *testing.T) {
	known := map[uint64]string{0: "\x00", 127: "\x7f", 128: "\x80\x00", 255: "\x80\x7f", 256: "\x81\x00", 16383: "\xfe\x7f",
		16384: "\xff\x00", 65535: "\x82\xfe\x7f", 1 << 32: "\x8e\xfe\xfe\xff\x00"}
	for n, text := range known {
		if got := appendUndoVarint(nil, n); string(got) != text {
			t.Errorf("%d is %x, want %x", n, got, text)
		}
		d := undoDecoder{b: []byte(text)}
		if got := d.varint(); got != n || d.err != nil || len(d.b) > 0 {
			t.Errorf("%x is %d (%v), want %d", text, got, d.err, n)
		}
	}
	d := undoDecoder{b: bytes.Repeat([]byte{0xff}, 11)}
	if d.varint(); d.err == nil {
		t.Error("a number of 77 bits is taken")
	}
}

func TestUndoScripts(t *testing.T) {
	_, key := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{3}, 32))
	compressed, full := key.SerializeCompressed(), key.SerializeUncompressed()
	hash := bytes.Repeat([]byte{7}, 20)
	long := bytes.Repeat([]byte{0x51}, 300)
	cases := []struct{ stored, script []byte }{
		{append([]byte{0}, hash...), append(append([]byte{0x76, 0xa9, 0x14}, hash...), 0x88, 0xac)},
		{append([]byte{1}, hash...), append(append([]byte{0xa9, 0x14}, hash...), 0x87)},
		{append([]byte{compressed[0]}, compressed[1:]...), append(append([]byte{33}, compressed...), 0xac)},
		{append([]byte{compressed[0] + 2}, compressed[1:]...), append(append([]byte{65}, full...), 0xac)},
		{[]byte{6}, nil},
		{append(appendUndoVarint(nil, 306), long...), long},
	}
	for _, c := range cases {
		d := undoDecoder{b: c.stored}
		if got := d.script(); !bytes.Equal(got, c.script) || d.err != nil || len(d.b) > 0 {
			t.Errorf("%x is %x (%v), want %x", c.stored, got, d.err, c.script)
		}
	}
}

func FuzzUndo(f *testing.F) {
	f.Add([]byte{1, 1, 0, 9, 0}, uint8(0))
	f.Add(append([]byte{1, 1, 10, 0, 0x32, 1}, make([]byte, 20)...), uint8(0))
	f.Add(append([]byte{2, 1, 10, 0, 0x32, 4}, make([]byte, 40)...), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, tx uint8) {
		outs, err := parseUndo(data, int(tx))
		if err != nil && outs != nil {
			t.Error("outputs and an error")
		}
	})
}

// fileWriter writes a node's block files.
type fileWriter struct {
	t     *testing.T
	dir   string
	key   xorKey
	files map[string][]byte
	times map[chainhash.Hash]time.Time // of the blocks written
}

func (w *fileWriter) append(name string, record []byte) {
	w.files[name] = append(w.files[name], record...)
	raw := slices.Clone(w.files[name])
	w.key.decode(raw, 0)
	raw = append(raw, make([]byte, 1000)...) // room for more
	if err := os.WriteFile(filepath.Join(w.dir, name), raw, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// block writes a block with nothing but its coinbase on top of another one and returns its hash.
func (w *fileWriter) block(name string, prev chainhash.Hash, salt uint32) chainhash.Hash {
	coinbase := wire.NewMsgTx(1)
	coinbase.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&chainhash.Hash{}, wire.MaxPrevOutIndex), binary.LittleEndian.AppendUint32(nil, salt), nil))
	coinbase.AddTxOut(wire.NewTxOut(1, nil))
	at := chaincfg.RegressionNetParams.GenesisBlock.Header.Timestamp
	if known, ok := w.times[prev]; ok {
		at = known
	}
	at = at.Add(time.Second)
	block := wire.NewMsgBlock(&wire.BlockHeader{Version: 4, PrevBlock: prev, Timestamp: at})
	block.Transactions = []*wire.MsgTx{coinbase}
	mined.Root(block)
	var b bytes.Buffer
	if err := block.Serialize(&b); err != nil {
		w.t.Fatal(err)
	}
	w.record(name, b.Bytes())
	if w.times == nil {
		w.times = make(map[chainhash.Hash]time.Time)
	}
	w.times[block.BlockHash()] = at
	return block.BlockHash()
}

func (w *fileWriter) record(name string, block []byte) {
	b := binary.LittleEndian.AppendUint32(nil, uint32(wire.TestNet))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(block)))
	w.append(name, append(b, block...))
}

func newFileWriter(t *testing.T, key xorKey) *fileWriter {
	w := &fileWriter{t: t, dir: t.TempDir(), key: key, files: make(map[string][]byte)}
	if key != (xorKey{}) {
		if err := os.WriteFile(filepath.Join(w.dir, "xor.dat"), key[:], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := chaincfg.RegressionNetParams.GenesisBlock.Serialize(&b); err != nil {
		t.Fatal(err)
	}
	w.record("blk00000.dat", b.Bytes())
	return w
}

// TestBlockFilesFindTheBestChain writes forks, blocks out of order, and more blocks while the files
// are open.
func TestBlockFilesFindTheBestChain(t *testing.T) {
	for _, key := range []xorKey{{}, {1, 2, 3, 4, 5, 6, 7, 8}} {
		w := newFileWriter(t, key)
		genesis := *chaincfg.RegressionNetParams.GenesisHash
		a1 := w.block("blk00000.dat", genesis, 1)
		b1 := w.block("blk00000.dat", genesis, 2)
		files, err := Open(t.Context(), w.dir, &chaincfg.RegressionNetParams, Options{})
		if err != nil {
			t.Fatal(err)
		}
		expectChain(t, files, genesis, a1) // the first of two equal ones
		b2 := w.block("blk00000.dat", b1, 3)
		expectChain(t, files, genesis, b1, b2)
		// Three blocks whose parent comes last, in another file.
		scratch := &fileWriter{t: t, dir: t.TempDir(), files: make(map[string][]byte), times: w.times}
		a2 := scratch.block("x", a1, 4)
		a3 := w.block("blk00001.dat", a2, 5)
		a4 := w.block("blk00001.dat", a3, 6)
		expectChain(t, files, genesis, b1, b2)
		if got := w.block("blk00001.dat", a1, 4); got != a2 {
			t.Fatal("the same block twice should be the same")
		}
		expectChain(t, files, genesis, a1, a2, a3, a4)
		w.block("blk00001.dat", a1, 4) // a node may write a block again
		expectChain(t, files, genesis, a1, a2, a3, a4)
		again, err := Open(t.Context(), w.dir, &chaincfg.RegressionNetParams, Options{})
		if err != nil {
			t.Fatal(err)
		}
		expectChain(t, again, genesis, a1, a2, a3, a4)
	}
}

// TestBlockFilesCache opens a folder with the cache of an earlier look: the same chain, without
// reading what the cache knows; a cache that was damaged, that is another folder's, or whose files
// were written anew, is not used.
func TestBlockFilesCache(t *testing.T) {
	w := newFileWriter(t, xorKey{1, 2, 3, 4, 5, 6, 7, 8})
	hashes := []chainhash.Hash{*chaincfg.RegressionNetParams.GenesisHash}
	for i := range uint32(cacheStep + 5) {
		name := "blk00000.dat"
		if i > 500 {
			name = "blk00001.dat"
		}
		hashes = append(hashes, w.block(name, hashes[i], i))
	}
	cache := filepath.Join(t.TempDir(), "below", "cache")
	open := func() (*Files, int64) {
		var looked int64
		f, err := Open(t.Context(), w.dir, &chaincfg.RegressionNetParams, Options{
			Cache: cache, Progress: func(_, total int64) { looked = total },
		})
		if err != nil {
			t.Fatal(err)
		}
		expectChain(t, f, hashes...)
		return f, looked
	}
	if _, looked := open(); looked == 0 {
		t.Fatal("no progress is shown")
	}
	good, err := os.ReadFile(cache)
	if err != nil {
		t.Fatal(err)
	}
	hashes = append(hashes, w.block("blk00001.dat", hashes[len(hashes)-1], 1<<20))
	f, looked := open()
	if looked != 0 || f.cached != len(hashes)-1 {
		t.Errorf("with a cache of %d of %d blocks %d bytes were looked through again", f.cached, len(hashes), looked)
	}
	for i := 0; i < len(good); i += 997 {
		bad := slices.Clone(good)
		bad[i] ^= 1
		if err := os.WriteFile(cache, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.decodeCache(bad); err == nil {
			t.Fatalf("a cache with a changed byte %d is used", i)
		}
	}
	if err := os.WriteFile(cache, good[:len(good)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, looked := open(); looked == 0 {
		t.Error("a cut cache is used")
	}
	// Files written anew, as by a node that sorts them: the cache of the old ones must not be used.
	w2 := newFileWriter(t, w.key)
	hashes = hashes[:1]
	for i := range uint32(3) {
		hashes = append(hashes, w2.block("blk00000.dat", hashes[i], 7000+i))
	}
	w = w2
	if _, looked := open(); looked == 0 {
		t.Error("the cache of other files is used")
	}
}

func FuzzBlockFilesCache(f *testing.F) {
	b := &Files{net: &chaincfg.RegressionNetParams}
	seal := func(body []byte) []byte {
		sum := sha256.Sum256(body)
		return append(body, sum[:]...)
	}
	f.Add([]byte{})
	f.Add([]byte{1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add(append([]byte{0, 0, 0, 0, 1, 0, 0, 0}, make([]byte, entryLen)...))
	f.Add(append([]byte{1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0}, make([]byte, entryLen)...))
	f.Fuzz(func(t *testing.T, body []byte) {
		files, blocks, err := b.decodeCache(seal(append(b.cacheHead(), body...)))
		if err != nil && (files != nil || blocks != nil) {
			t.Error("blocks and an error")
		}
		for _, block := range blocks {
			if int(block.file) >= len(files) {
				t.Error("a block in no file")
			}
		}
	})
}

func expectChain(t *testing.T, f *Files, want ...chainhash.Hash) {
	t.Helper()
	height, hash, err := f.Tip(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if int(height) != len(want)-1 || hash != want[height] {
		t.Fatalf("tip %s at height %d, want %s at %d", hash, height, want[len(want)-1], len(want)-1)
	}
	for h, w := range want {
		got, err := f.HashAt(t.Context(), int32(h))
		if err != nil || got != w {
			t.Errorf("block at height %d: %s, %v, want %s", h, got, err, w)
		}
		raw, err := f.RawBlock(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := chain.HeaderHash(raw); err != nil || got != w {
			t.Errorf("block %s has the hash %s, %v", w, got, err)
		}
	}
	if _, err := f.HashAt(t.Context(), height+1); err == nil {
		t.Error("a block above the tip")
	}
}

// TestBlockFilesRules: files whose best chain breaks the network's rules are refused, and those of
// an older state are not.
func TestBlockFilesRules(t *testing.T) {
	net := &chaincfg.RegressionNetParams
	known := headers.Memory(net)
	w := newFileWriter(t, xorKey{})
	a1 := w.block("blk00000.dat", *net.GenesisHash, 1)
	open := func() error {
		_, err := Open(t.Context(), w.dir, net, Options{Headers: known})
		return err
	}
	if err := open(); err != nil {
		t.Fatal(err)
	}
	later := mined.Block(t, a1, 2, 0)
	if err := known.Connect(1, mined.Raw(t, later)[:headers.Size]); err != nil {
		t.Fatal(err)
	}
	if err := open(); err != nil { // known from elsewhere, and not in the files yet
		t.Errorf("older files: %v", err)
	}
	w.record("blk00000.dat", mined.Raw(t, later))
	bad := mined.Block(t, later.BlockHash(), 3, 0)
	for bad.Header.Bits = 0x203fffff; ; bad.Header.Nonce++ { // harder than the rules, so that nobody can say that it has too little work
		hash := bad.BlockHash()
		if target, _ := targetOf(bad.Header.Bits); blockchain.HashToBig(&hash).Cmp(target) <= 0 {
			break
		}
	}
	w.record("blk00000.dat", mined.Raw(t, bad))
	if err := open(); !errors.Is(err, ErrBadFile) {
		t.Errorf("a block of another difficulty: %v", err)
	}
	if height, _ := known.Tip(); height != 2 {
		t.Errorf("known up to %d", height)
	}
}
