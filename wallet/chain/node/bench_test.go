package node_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/sandbox"
)

// BenchmarkRawBlock measures what one question to a real node costs, one after the other and with
// several in flight.
func BenchmarkRawBlock(b *testing.B) {
	dir := b.TempDir()
	s, err := sandbox.Start(b.Context(), sandbox.Options{Dir: dir, Btcd: chaintest.Btcd(b)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		s.Close()
		if err := sandbox.Stop(b.Context(), dir); err != nil {
			b.Error(err)
		}
	}()
	_, hash, err := s.Chain().Tip(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for name, flight := range map[string]int{"one": 1, "six": 6} {
		b.Run(name, func(b *testing.B) {
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			for range flight {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := s.Chain().RawBlock(b.Context(), hash); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}
