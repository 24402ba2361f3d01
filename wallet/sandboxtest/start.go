// Package sandboxtest starts a real node for tests.
package sandboxtest

import (
	"context"
	"testing"

	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/sandbox"
)

// Start starts a sandbox with a real node that ends with the test.
func Start(tb testing.TB) *sandbox.Sandbox {
	tb.Helper()
	dir := tb.TempDir()
	s, err := sandbox.Start(tb.Context(), sandbox.Options{Dir: dir, Btcd: chaintest.Btcd(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		s.Close()
		if err := sandbox.Stop(context.Background(), dir); err != nil {
			tb.Error(err)
		}
	})
	return s
}
