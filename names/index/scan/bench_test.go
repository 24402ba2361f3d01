package scan

import (
	"bytes"
	"runtime"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"
)

// BenchmarkScan compares the scan with decoding the whole block and with copying it.
func BenchmarkScan(b *testing.B) {
	rng := newRand(1)
	blocks := make([][]byte, 24)
	var size int64
	for i := range blocks {
		blocks[i] = syntheticBlock(rng, 4000, 500)
		size += int64(len(blocks[i]))
	}
	scanAll := func(blocks [][]byte, found []candidate) {
		for _, raw := range blocks {
			if _, err := scanBlock(raw, testMagic, found[:0]); err != nil {
				b.Error(err)
			}
		}
	}
	b.Run("scan", func(b *testing.B) {
		b.SetBytes(size)
		found := make([]candidate, 0, 100)
		for b.Loop() {
			scanAll(blocks, found)
		}
	})
	b.Run("scan-all-cores", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			var wg sync.WaitGroup
			cores := runtime.GOMAXPROCS(0)
			for c := range cores {
				wg.Go(func() { scanAll(blocks[c*len(blocks)/cores:(c+1)*len(blocks)/cores], make([]candidate, 0, 100)) })
			}
			wg.Wait()
		}
	})
	b.Run("scan-and-merkle-root", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			for _, raw := range blocks {
				if _, err := merkleRootOf(raw); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("wire.MsgBlock", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			for _, raw := range blocks {
				var block wire.MsgBlock
				if err := block.Deserialize(bytes.NewReader(raw)); err != nil {
					b.Fatal(err)
				}
				decodedCandidates(&block)
			}
		}
	})
	b.Run("memcpy", func(b *testing.B) {
		b.SetBytes(size)
		buf := make([]byte, 4<<20)
		for b.Loop() {
			for _, raw := range blocks {
				copy(buf, raw)
			}
		}
	})
}
