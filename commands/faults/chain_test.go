package faults

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"blockstack/wallet/chain"
	"blockstack/wallet/chainsync"
)

// TestPrunedNodeHint: that a node has deleted a block is told with a way that works, whatever room
// met it. "Check that the node runs" is none.
func TestPrunedNodeHint(t *testing.T) {
	pruned := fmt.Errorf("block 10: %w", chain.ErrPruned)
	for _, err := range []error{pruned, fmt.Errorf("sync: %w", errors.Join(chainsync.ErrDisconnected, pruned)), errors.Join(chain.ErrUnreachable, pruned)} {
		f := Of(t.Context(), err)
		if hints := strings.Join(f.Hints, "\n"); f.Code != "unreachable" || !strings.Contains(hints, "keeps all blocks") || strings.Contains(hints, "node runs") {
			t.Errorf("%v: %s, %q", err, f.Code, f.Hints)
		}
	}
}
