package headers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// easy is a network with real retargets, every 16 blocks, and blocks that are found in a moment.
func easy() *chaincfg.Params {
	net := chaincfg.RegressionNetParams
	net.PoWNoRetargeting, net.ReduceMinDifficulty = false, false
	net.TargetTimePerBlock = 10 * time.Minute
	net.TargetTimespan = 16 * net.TargetTimePerBlock
	net.RetargetAdjustmentFactor = 4
	net.Checkpoints = nil
	return &net
}

// miner makes headers. Its retarget is written out here, so that the package's does not judge
// itself.
type miner struct {
	net  *chaincfg.Params
	list []wire.BlockHeader // from the first block on
}

func newMiner(net *chaincfg.Params) *miner {
	return &miner{net: net, list: []wire.BlockHeader{net.GenesisBlock.Header}}
}

// bits is the difficulty of the next block.
func (m *miner) bits() uint32 {
	last := m.list[len(m.list)-1]
	const every = 16
	if m.net.PoWNoRetargeting || len(m.list)%every != 0 {
		return last.Bits
	}
	span := last.Timestamp.Unix() - m.list[len(m.list)-every].Timestamp.Unix()
	want := int64(m.net.TargetTimespan / time.Second)
	span = min(max(span, want/4), want*4)
	target := new(big.Int).Mul(blockchain.CompactToBig(last.Bits), big.NewInt(span))
	target.Div(target, big.NewInt(want))
	if target.Cmp(m.net.PowLimit) > 0 {
		target = m.net.PowLimit
	}
	return blockchain.BigToCompact(target)
}

// mine adds blocks, so many seconds apart.
func (m *miner) mine(n int, seconds int64) *miner {
	for range n {
		last := m.list[len(m.list)-1]
		m.add(wire.BlockHeader{Version: 0x20000000, PrevBlock: last.BlockHash(), MerkleRoot: chainhash.Hash{byte(seconds), byte(len(m.list)), byte(len(m.list) >> 8)},
			Timestamp: last.Timestamp.Add(time.Duration(seconds) * time.Second), Bits: m.bits()})
	}
	return m
}

// add finds the nonce of a header.
func (m *miner) add(h wire.BlockHeader) {
	for target := blockchain.CompactToBig(h.Bits); ; h.Nonce++ {
		if hash := h.BlockHash(); blockchain.HashToBig(&hash).Cmp(target) <= 0 {
			m.list = append(m.list, h)
			return
		}
	}
}

// from is a second miner with the first blocks of this one.
func (m *miner) from(height int) *miner {
	return &miner{net: m.net, list: append([]wire.BlockHeader(nil), m.list[:height+1]...)}
}

// raw are the headers above a height.
func (m *miner) raw(above int) []byte {
	var b bytes.Buffer
	for _, h := range m.list[above+1:] {
		_ = h.Serialize(&b)
	}
	return b.Bytes()
}

func (m *miner) tip() (int32, chainhash.Hash) {
	return int32(len(m.list) - 1), m.list[len(m.list)-1].BlockHash()
}

func wantTip(t *testing.T, c *Chain, m *miner) {
	t.Helper()
	h, hash := c.Tip()
	if height, want := m.tip(); h != height || hash != want {
		t.Fatalf("tip %d %s, want %d %s", h, hash, height, want)
	}
	for at := range m.list {
		if hash, err := c.HashAt(int32(at)); err != nil || hash != m.list[at].BlockHash() {
			t.Fatalf("block %d: %s, %v", at, hash, err)
		}
	}
}

func connect(t *testing.T, c *Chain, fork int, m *miner) {
	t.Helper()
	if err := c.Connect(int32(fork), m.raw(fork)); err != nil {
		t.Fatal(err)
	}
	wantTip(t, c, m)
}

// TestRetargets follows a chain through rising and falling difficulty, in pieces.
func TestRetargets(t *testing.T) {
	m := newMiner(easy()).mine(40, 100).mine(30, 2000).mine(50, 300)
	c := Memory(m.net)
	if err := c.Connect(0, m.from(70).raw(0)); err != nil {
		t.Fatal(err)
	}
	connect(t, c, 70, m)
	seen := map[uint32]bool{}
	for _, h := range m.list {
		seen[h.Bits] = true
	}
	if len(seen) < 4 {
		t.Errorf("only %d difficulties: the test does not test retargets", len(seen))
	}
}

// TestBroken: a chain with one header that breaks a rule is refused whole.
func TestBroken(t *testing.T) {
	m := newMiner(easy()).mine(40, 300)
	c := Memory(m.net)
	connect(t, c, 0, m)
	harder := m.bits() // of a retarget: block 48 comes too soon
	for name, spoil := range map[string]func(h *wire.BlockHeader){
		"easier than the rules":  func(h *wire.BlockHeader) { h.Bits = m.net.PowLimitBits },
		"harder than the rules":  func(h *wire.BlockHeader) { h.Bits = harder - 1 },
		"not after the median":   func(h *wire.BlockHeader) { h.Timestamp = m.list[35].Timestamp },
		"an old version":         func(h *wire.BlockHeader) { h.Version = 1 },
		"not on top of the last": func(h *wire.BlockHeader) { h.PrevBlock = m.list[39].BlockHash() },
	} {
		net := *m.net
		if name == "an old version" {
			net.BIP0034Height = 1
		}
		c.net = &net
		liar := m.from(40).mine(2, 300)
		h := liar.list[41]
		spoil(&h)
		liar.list = liar.list[:41]
		liar.add(h)
		liar.mine(1, 300)
		if err := c.Connect(40, liar.raw(40)); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.net = m.net
	without := m.from(40).mine(1, 300)
	for hash := without.list[41].BlockHash(); blockchain.HashToBig(&hash).Cmp(blockchain.CompactToBig(without.list[41].Bits)) <= 0; hash = without.list[41].BlockHash() {
		without.list[41].Nonce++
	}
	if err := c.Connect(40, without.raw(40)); !errors.Is(err, ErrBroken) {
		t.Errorf("no proof of work: %v", err)
	}
	if err := c.Connect(40, m.mine(1, 300).raw(40)[1:]); !errors.Is(err, ErrBroken) {
		t.Errorf("79 bytes: %v", err)
	}
	wantTip(t, c, m.from(40))
}

// TestMostWork: the chain with more work wins, not the longer one; of two with the same the newer.
func TestMostWork(t *testing.T) {
	m := newMiner(easy()).mine(30, 600)
	c := Memory(m.net)
	fast, slow := m.from(30).mine(40, 100), m.from(30).mine(60, 3000)
	connect(t, c, 0, slow)
	connect(t, c, 30, fast) // shorter, and harder
	var less *LessWork
	if err := c.Connect(30, slow.raw(30)); !errors.As(err, &less) || less.Fork != 30 || less.Known != 70 || less.Tip != 90 {
		t.Errorf("longer, with less work: %v", err)
	}
	if err := c.Connect(69, nil); !errors.As(err, &less) {
		t.Errorf("the same chain without its last block: %v", err)
	}
	wantTip(t, c, fast)
	same := fast.from(68).mine(2, 101)
	connect(t, c, 68, same)
}

// TestAnotherTestChain: where blocks cost nothing, a chain that was begun anew takes the place of
// the old one; elsewhere it does not.
func TestAnotherTestChain(t *testing.T) {
	net := chaincfg.RegressionNetParams
	m := newMiner(&net).mine(20, 600)
	c := Memory(&net)
	connect(t, c, 0, m)
	anew := newMiner(&net).mine(3, 601)
	connect(t, c, 0, anew)
	var less *LessWork
	if err := c.Connect(1, anew.from(1).mine(1, 602).raw(1)); !errors.As(err, &less) {
		t.Errorf("less work on a test chain: %v", err)
	}
	hard := newMiner(easy()).mine(20, 600)
	c = Memory(hard.net)
	connect(t, c, 0, hard)
	if err := c.Connect(0, newMiner(hard.net).mine(3, 601).raw(0)); !errors.As(err, &less) {
		t.Errorf("a chain begun anew on a public network: %v", err)
	}
}

// TestCheckpoints: a chain without one is refused, and no chain replaces what lies below one.
func TestCheckpoints(t *testing.T) {
	net := easy()
	m := newMiner(net).mine(40, 600)
	other := m.from(5).mine(45, 500)
	hash := m.list[20].BlockHash()
	net.Checkpoints = []chaincfg.Checkpoint{{Height: 20, Hash: &hash}}
	c := Memory(net)
	if err := c.Connect(0, other.raw(0)); !errors.Is(err, ErrBroken) {
		t.Errorf("without the checkpoint: %v", err)
	}
	connect(t, c, 0, m)
	if err := c.Connect(5, other.from(15).raw(5)); !errors.Is(err, ErrBroken) {
		t.Errorf("below the checkpoint: %v", err)
	}
	wantTip(t, c, m)
}

// TestFile: what is in the file is used after it was checked, and what was spoilt is forgotten from
// there on.
func TestFile(t *testing.T) {
	net := easy()
	m := newMiner(net).mine(60, 500)
	hash := m.list[20].BlockHash()
	net.Checkpoints = []chaincfg.Checkpoint{{Height: 20, Hash: &hash}}
	path := filepath.Join(t.TempDir(), "below", "headers.dat")
	open := func(net *chaincfg.Params) *Chain {
		t.Helper()
		c, err := Open(path, net)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	connect(t, open(net), 0, m)
	wantTip(t, open(net), m)
	good, err := os.ReadFile(path)
	if err != nil || len(good) != 61*Size {
		t.Fatalf("%d bytes, %v", len(good), err)
	}
	for at := range 61 {
		bad := bytes.Clone(good)
		bad[at*Size+9] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		c := open(net)
		tip, _ := c.Tip()
		if at > 20 && tip != int32(at-1) || at <= 20 && tip != 0 {
			t.Errorf("block %d spoilt: known up to %d", at, tip)
		}
		fork := int(tip)
		connect(t, c, fork, m)
	}
	if err := os.WriteFile(path, good[:50*Size+7], 0o600); err != nil {
		t.Fatal(err)
	}
	wantTip(t, open(net), m.from(49))
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantTip(t, open(net), m.from(0))
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	mainnet := open(&chaincfg.MainNetParams) // the file of another network
	if h, got := mainnet.Tip(); h != 0 || got != *chaincfg.MainNetParams.GenesisHash {
		t.Errorf("%d %s", h, got)
	}
}

// TestLongFile: what lies far below the tip is read from the file, and a change there is noticed.
func TestLongFile(t *testing.T) {
	net := chaincfg.RegressionNetParams
	m := newMiner(&net).mine(2*keptTail+keptTail/2, 600)
	n := len(m.list) - 1
	hash := m.list[n].BlockHash()
	net.Checkpoints = []chaincfg.Checkpoint{{Height: int32(n), Hash: &hash}}
	path := filepath.Join(t.TempDir(), "headers.dat")
	c, err := Open(path, &net)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < n; at += 2000 {
		if err := c.Connect(int32(at), m.from(min(n, at+2000)).raw(at)); err != nil {
			t.Fatal(err)
		}
	}
	wantTip(t, c, m)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[10*Size+40] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err = Open(path, &net); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if h, _ := c.Tip(); int(h) != n {
		t.Fatalf("tip %d", h)
	}
	if got, err := c.HashAt(11); err != nil || got != m.list[11].BlockHash() {
		t.Errorf("block 11: %v", err)
	}
	if _, err := c.HashAt(10); !errors.Is(err, ErrBroken) {
		t.Errorf("the spoilt header: %v", err)
	}
}

// TestRealHeaders holds the rules to the first blocks of testnet3, which has blocks of the least
// difficulty between others and a checkpoint at 546, and to two headers that somebody mined on its
// first block.
func TestRealHeaders(t *testing.T) {
	raw, err := os.ReadFile("testdata/testnet3-546.bin")
	if err != nil {
		t.Fatal(err)
	}
	fork, err := os.ReadFile("testdata/testnet3-fork.bin")
	if err != nil {
		t.Fatal(err)
	}
	c := Memory(&chaincfg.TestNet3Params)
	if err := c.Connect(0, bytes.Clone(raw)); err != nil {
		t.Fatal(err)
	}
	if height, _ := c.Tip(); height < 546 {
		t.Errorf("the checkpoint is not reached: %d", height)
	}
	if err := c.Connect(0, bytes.Clone(fork)); !errors.Is(err, ErrBroken) {
		t.Errorf("a fork below the checkpoint: %v", err)
	}
	if err := Memory(&chaincfg.TestNet3Params).Connect(0, fork); err != nil {
		t.Errorf("the fork by itself: %v", err)
	}
	binary.LittleEndian.PutUint32(raw[300*Size+76:], 0)
	if err := Memory(&chaincfg.TestNet3Params).Connect(0, raw); !errors.Is(err, ErrBroken) {
		t.Errorf("another nonce: %v", err)
	}
}

// FuzzConnect: whatever comes, nothing that breaks a rule is taken, and the chain stays whole.
func FuzzConnect(f *testing.F) {
	net := chaincfg.RegressionNetParams
	m := newMiner(&net).mine(12, 600)
	f.Add(int32(8), m.raw(8))
	f.Add(int32(5), m.from(5).mine(10, 700).raw(5))
	f.Add(int32(-1), []byte{})
	f.Add(int32(12), bytes.Repeat([]byte{0}, Size))
	f.Fuzz(func(t *testing.T, fork int32, raw []byte) {
		c := Memory(&net)
		if err := c.Connect(0, m.raw(0)); err != nil {
			t.Fatal(err)
		}
		before, _ := c.Tip()
		err := c.Connect(fork, bytes.Clone(raw))
		tip, hash := c.Tip()
		if err != nil && tip != before {
			t.Fatalf("%v, and the tip moved to %d", err, tip)
		}
		for h := tip; h > 0; h-- {
			header, err := c.HeaderAt(h)
			if err != nil || header.BlockHash() != hash {
				t.Fatalf("block %d does not hang together: %v", h, err)
			}
			hash = header.PrevBlock
		}
	})
}

// BenchmarkConnect measures the rules, a header at a time.
func BenchmarkConnect(b *testing.B) {
	net := chaincfg.RegressionNetParams
	m := newMiner(&net).mine(4000, 600)
	raw := m.raw(0)
	b.SetBytes(int64(len(raw) / Size))
	for b.Loop() {
		if err := Memory(&net).Connect(0, raw); err != nil {
			b.Fatal(err)
		}
	}
}
