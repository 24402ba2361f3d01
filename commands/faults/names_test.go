package faults

import (
	"fmt"
	"strings"
	"testing"

	"blockstack/names/index"
)

// TestDamagedIndexHint: reading the blocks that are missing does not touch a row that has changed,
// so the hint begins anew.
func TestDamagedIndexHint(t *testing.T) {
	f := Of(t.Context(), fmt.Errorf("alice.id: %w", index.ErrCorrupt))
	if f.Code != "damaged" || len(f.Hints) != 1 || !strings.HasSuffix(f.Hints[0], ": blockstack index sync --rebuild") {
		t.Errorf("%s, %q", f.Code, f.Hints)
	}
}
