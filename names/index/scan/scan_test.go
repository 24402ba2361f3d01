package scan

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/nameop"
	"blockstack/testdata"
)

var testMagic = [2]byte{'i', 'd'}

// decodedCandidates are the indexes of transactions with an operation, found by decoding
// everything.
func decodedCandidates(block *wire.MsgBlock) []int {
	var found []int
	for i, tx := range block.Transactions {
		if _, ok := nameop.FindPayload(tx, testMagic); ok {
			found = append(found, i)
		}
	}
	return found
}

// scannedCandidates are the same, found by scanning and decoding the candidates.
func scannedCandidates(t testing.TB, raw []byte) ([]int, error) {
	candidates, err := scanBlock(raw, testMagic, nil)
	if err != nil {
		return nil, err
	}
	var found []int
	for _, c := range candidates {
		var tx wire.MsgTx
		r := bytes.NewReader(raw[c.start:c.end])
		if err := tx.Deserialize(r); err != nil {
			// Scanning is more lenient than decoding, which bounds counts.
			return nil, err
		}
		if r.Len() != 0 {
			t.Fatalf("transaction %d: %d bytes left", c.index, r.Len())
		}
		if _, ok := nameop.FindPayload(&tx, testMagic); ok {
			found = append(found, c.index)
		}
	}
	return found, nil
}

// checkScan compares scanning with decoding: every block that decodes as a whole is scanned, with
// the same result.
func checkScan(t testing.TB, raw []byte) {
	t.Helper()
	var block wire.MsgBlock
	r := bytes.NewReader(raw)
	decodeErr := block.Deserialize(r)
	found, scanErr := scannedCandidates(t, raw)
	if decodeErr != nil || r.Len() != 0 {
		return // what cannot be decoded may be refused or read; it must not panic
	}
	if scanErr != nil {
		t.Fatalf("a block that decodes is refused: %v", scanErr)
	}
	want := decodedCandidates(&block)
	if len(found) != len(want) {
		t.Fatalf("candidates %v, want %v", found, want)
	}
	for i := range want {
		if found[i] != want[i] {
			t.Fatalf("candidates %v, want %v", found, want)
		}
	}
	root, err := merkleRootOf(raw)
	if len(block.Transactions) == 0 {
		return
	}
	if err == nil && root != merkleOf(&block) {
		t.Fatalf("merkle root %s, want %s", root, merkleOf(&block))
	}
}

// merkleOf is the merkle root of a decoded block.
func merkleOf(block *wire.MsgBlock) chainhash.Hash {
	var row []chainhash.Hash
	for _, tx := range block.Transactions {
		row = append(row, tx.TxHash())
	}
	for len(row) > 1 {
		var next []chainhash.Hash
		for i := 0; i < len(row); i += 2 {
			right := row[min(i+1, len(row)-1)]
			next = append(next, chainhash.DoubleHashH(append(row[i][:], right[:]...)))
		}
		row = next
	}
	return row[0]
}

// vectorBlocks puts the blocks of scenario files together.
func vectorBlocks(t testing.TB, files ...string) [][]byte {
	t.Helper()
	var blocks [][]byte
	for _, file := range files {
		var doc struct {
			Blocks []struct {
				Header string `json:"header"`
				Txs    []struct {
					Hex        string `json:"hex"`
					HexWitness string `json:"hex_witness"`
				} `json:"txs"`
			} `json:"blocks"`
		}
		if err := testdata.Unmarshal(testdata.Vectors(t, file), &doc); err != nil {
			t.Fatal(err)
		}
		for _, b := range doc.Blocks {
			raw := bytes.NewBuffer(unhex(t, b.Header))
			if err := wire.WriteVarInt(raw, 0, uint64(len(b.Txs))); err != nil {
				t.Fatal(err)
			}
			for _, tx := range b.Txs {
				raw.Write(unhex(t, cmp.Or(tx.HexWitness, tx.Hex)))
			}
			blocks = append(blocks, raw.Bytes())
		}
	}
	return blocks
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// newRand is a source of random numbers that is the same every time.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }

func TestScanFindsWhatDecodingFinds(t *testing.T) {
	blocks := vectorBlocks(t, "chain/d16-senders.json", "chain/d17-op-return-shapes.json", "chain/d33-odd-transactions.json",
		"blockfiles/scenario.json")
	hits := 0
	for _, raw := range blocks {
		checkScan(t, raw)
		found, err := scannedCandidates(t, raw)
		if err != nil {
			t.Fatal(err)
		}
		hits += len(found)
		if _, err := scanBlock(raw, testMagic, nil); err != nil {
			t.Error(err)
		}
		for cut := range len(raw) {
			if _, err := scanBlock(raw[:cut], testMagic, nil); err == nil {
				t.Fatalf("%d of %d bytes are taken for a block", cut, len(raw))
			}
		}
		if _, err := scanBlock(append(append([]byte(nil), raw...), 0), testMagic, nil); err == nil {
			t.Fatal("a byte too many is not seen")
		}
	}
	if hits < 50 {
		t.Errorf("%d candidates only", hits)
	}
}

func TestScanAllocatesNothing(t *testing.T) {
	raw := syntheticBlock(newRand(1), 500, 0)
	if n := testing.AllocsPerRun(20, func() {
		if _, err := scanBlock(raw, testMagic, nil); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestUntrustedBlocks(t *testing.T) {
	for _, raw := range vectorBlocks(t, "chain/d16-senders.json", "blockfiles/scenario.json") {
		if err := Check(raw); err != nil {
			t.Errorf("a good block: %v", err)
		}
		changed := append([]byte(nil), raw...)
		changed[len(changed)-1] ^= 1 // lock time of the last transaction
		if err := Check(changed); err == nil {
			t.Error("a changed transaction was not seen")
		}
		changed = append(changed[:0], raw...)
		changed[74] = 1 // claims more work than there is
		if err := Check(changed); err == nil {
			t.Error("a header without work was not seen")
		}
	}
}

// FuzzScanBlock compares the scan with the decoder of wire.
func FuzzScanBlock(f *testing.F) {
	for i, raw := range vectorBlocks(f, "chain/d17-op-return-shapes.json", "chain/d33-odd-transactions.json", "blockfiles/scenario.json") {
		if i%3 == 0 && len(raw) < 4000 {
			f.Add(raw)
		}
	}
	f.Add(syntheticBlock(newRand(1), 3, 1))
	f.Fuzz(func(t *testing.T, raw []byte) { checkScan(t, raw) })
}

// syntheticBlock has the mix of transactions of a busy block: a few hundred bytes each, four kinds
// of output, most with a witness. One transaction in every holds an operation; 0: none.
func syntheticBlock(rng *rand.Rand, txs, every int) []byte {
	block := wire.NewMsgBlock(&wire.BlockHeader{})
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := 0; i < n; i += 8 {
			var w [8]byte
			binary.LittleEndian.PutUint64(w[:], rng.Uint64())
			copy(b[i:], w[:])
		}
		return b
	}
	output := func() []byte {
		switch rng.IntN(4) {
		case 0:
			return append(append([]byte{0x76, 0xa9, 0x14}, random(20)...), 0x88, 0xac)
		case 1:
			return append([]byte{0, 0x14}, random(20)...)
		case 2:
			return append([]byte{0x51, 0x20}, random(32)...)
		}
		return append([]byte{0, 0x20}, random(32)...)
	}
	for i := range txs {
		tx := wire.NewMsgTx(2)
		for range 1 + rng.IntN(2) {
			var previous chainhash.Hash
			copy(previous[:], random(32))
			in := wire.NewTxIn(wire.NewOutPoint(&previous, uint32(rng.IntN(4))), nil, nil)
			if rng.IntN(4) == 0 {
				in.SignatureScript = random(107)
			} else {
				in.Witness = wire.TxWitness{random(71), random(33)}
			}
			tx.AddTxIn(in)
		}
		for range 1 + rng.IntN(3) {
			tx.AddTxOut(wire.NewTxOut(rng.Int64N(1e9), output()))
		}
		switch {
		case every > 0 && i%every == 0:
			payload := append([]byte("id?"), random(36)...)
			tx.AddTxOut(wire.NewTxOut(0, append([]byte{0x6a, byte(len(payload))}, payload...)))
		case rng.IntN(20) == 0:
			tx.AddTxOut(wire.NewTxOut(0, append([]byte{0x6a, 32}, random(32)...)))
		}
		block.Transactions = append(block.Transactions, tx)
	}
	var b bytes.Buffer
	if err := block.Serialize(&b); err != nil {
		panic(err)
	}
	return b.Bytes()
}
