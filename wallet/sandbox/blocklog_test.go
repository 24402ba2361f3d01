package sandbox

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// branch mines blocks on top of one.
func branch(t testing.TB, prev chainhash.Hash, height int32, count int) (raws [][]byte, tip chainhash.Hash) {
	t.Helper()
	for range count {
		height++
		block, err := chain.Template{Prev: prev, Height: height, Time: time.Unix(1700000000, 0), Bits: netParams().PowLimitBits}.Mine()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := encodeBlock(block)
		if err != nil {
			t.Fatal(err)
		}
		raws, prev = append(raws, raw), block.BlockHash()
	}
	return raws, prev
}

func same(t *testing.T, got, want *blockLog) {
	t.Helper()
	if got.tipHeight() != want.tipHeight() || got.tipHash() != want.tipHash() || got.size != want.size || got.live != want.live ||
		len(got.height) != len(want.height) {
		t.Fatalf("%d %s (%d of %d bytes), want %d %s (%d of %d)", got.tipHeight(), got.tipHash(), got.live, got.size,
			want.tipHeight(), want.tipHash(), want.live, want.size)
	}
	for i, b := range got.blocks {
		if b.hash != want.blocks[i].hash || !bytes.Equal(b.raw, want.blocks[i].raw) || got.height[b.hash] != int32(i)+1 {
			t.Fatalf("block %d differs", i+1)
		}
	}
}

// TestBlockLogFollowsReorgs makes random histories and reads the file after every step.
func TestBlockLogFollowsReorgs(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		dir := t.TempDir()
		log := emptyLog(dir)
		for range 12 {
			if random.IntN(6) == 0 {
				no(t, log.rewrite(int32(random.IntN(int(log.tipHeight())+1))))
			} else {
				fork := int32(random.IntN(int(log.tipHeight()) + 1))
				raws, tip := branch(t, log.hashAt(fork), fork, 1+random.IntN(4))
				no(t, log.append(raws))
				if log.tipHash() != tip || log.tipHeight() != fork+int32(len(raws)) {
					t.Fatalf("tip %d %s", log.tipHeight(), log.tipHash())
				}
			}
			got, err := readBlocks(dir)
			no(t, err)
			same(t, got, log)
		}
	}
}

func TestBlockLogInterrupted(t *testing.T) {
	dir := t.TempDir()
	log := emptyLog(dir)
	raws, _ := branch(t, *netParams().GenesisHash, 0, 3)
	no(t, log.append(raws))
	whole, err := os.ReadFile(log.path)
	no(t, err)
	for cut := range whole {
		no(t, os.WriteFile(log.path, whole[:cut], 0o600))
		got, err := readBlocks(dir)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		have := int(got.tipHeight())
		no(t, got.append(raws[have:])) // goes on where the interrupted write began
		now, err := os.ReadFile(log.path)
		no(t, err)
		if !bytes.Equal(now, whole) {
			t.Fatalf("cut at %d: repaired to something else", cut)
		}
	}
}

func TestBlockLogDamaged(t *testing.T) {
	dir := t.TempDir()
	log := emptyLog(dir)
	raws, _ := branch(t, *netParams().GenesisHash, 0, 3)
	no(t, log.append(raws))
	whole, err := os.ReadFile(log.path)
	no(t, err)
	first := len(blockMagic) + recordHead + len(raws[0])
	for at := range first + recordHead + len(raws[1]) { // not in the last record: there it is an interruption
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x40
		got := emptyLog(dir)
		err := got.parse(damaged)
		var bad *BadChain
		if !errors.As(err, &bad) {
			t.Fatalf("damaged at %d: %v, height %d", at, err, got.tipHeight())
		}
	}
	for _, zeros := range []int{1, 11, 12, 5000} {
		got := emptyLog(dir)
		if err := got.parse(append(bytes.Clone(whole), make([]byte, zeros)...)); err != nil || got.tipHeight() != 3 {
			t.Errorf("%d zeros at the end: height %d, %v", zeros, got.tipHeight(), err)
		}
	}
	// Whole and sound, but a block is missing.
	var buf bytes.Buffer
	buf.WriteString(blockMagic)
	writeRecord(&buf, raws[0])
	writeRecord(&buf, raws[2])
	var bad *BadChain
	if err := emptyLog(dir).parse(buf.Bytes()); !errors.As(err, &bad) || bad.Offset != int64(first) {
		t.Errorf("a gap: %v", err)
	}
}

func FuzzBlockLog(f *testing.F) {
	dir := f.TempDir()
	log := emptyLog(dir)
	raws, _ := branch(f, *netParams().GenesisHash, 0, 3)
	if err := log.append(raws); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(log.path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte(blockMagic))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l := emptyLog("")
		if err := l.parse(raw); err != nil {
			return
		}
		if l.size > int64(len(raw)) {
			t.Fatalf("%d bytes of %d", l.size, len(raw))
		}
		again := emptyLog("")
		if err := again.parse(raw[:l.size]); err != nil {
			t.Fatal(err)
		}
		same(t, again, l)
		for i := range l.blocks {
			_, _ = l.blocks[i].decode()
		}
	})
}

func FuzzState(f *testing.F) {
	st, err := newState()
	if err != nil {
		f.Fatal(err)
	}
	st.Process = &process{PID: 5, Started: "x", Program: "y"}
	dir := f.TempDir()
	if err := st.write(dir); err != nil {
		f.Fatal(err)
	}
	raw, err := os.ReadFile(dir + "/" + stateFile)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		st, err := parseState(raw)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		if _, err := st.faucetAddress(); err != nil {
			t.Error(err)
		}
		if (st.RPCPort == 0) != (st.P2PPort == 0) || st.RPCPort < 0 || st.RPCPort > 65535 {
			t.Errorf("ports %d and %d", st.RPCPort, st.P2PPort)
		}
		_ = fmt.Sprint(st)
	})
}

func FuzzMempool(f *testing.F) {
	f.Add([]byte(`{"schema":"blockstack/sandbox-mempool/v1","txs":[]}`))
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(1, nil))
	var b bytes.Buffer
	if err := tx.Serialize(&b); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"schema":"blockstack/sandbox-mempool/v1","txs":["` + hex.EncodeToString(b.Bytes()) + `"]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		txs, err := parseMempool(raw)
		if err != nil {
			return
		}
		if got := parentsFirst(txs); len(got) != len(txs) {
			t.Errorf("%d transactions of %d", len(got), len(txs))
		}
	})
}

func TestParentsFirst(t *testing.T) {
	var txs []*wire.MsgTx
	prev := wire.OutPoint{Hash: chainhash.Hash{1}}
	for range 20 {
		tx := wire.NewMsgTx(2)
		tx.AddTxIn(wire.NewTxIn(&prev, nil, nil))
		tx.AddTxOut(wire.NewTxOut(1, nil))
		txs = append(txs, tx)
		prev = wire.OutPoint{Hash: tx.TxHash()}
	}
	for seed := range uint64(10) {
		mixed := append([]*wire.MsgTx(nil), txs...)
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		for i, tx := range parentsFirst(mixed) {
			if tx != txs[i] {
				t.Fatalf("seed %d: place %d", seed, i)
			}
		}
	}
}
