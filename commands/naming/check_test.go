package naming

import (
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/txbuilder/registrar"
)

// TestQuotaShowsTheWayOut: an owner with 25 names is shown the way out.
func TestQuotaShowsTheWayOut(t *testing.T) {
	full := &registrar.Quota{Owner: "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8", Names: 25, Limit: 25}
	f := faults.Of(t.Context(), full)
	if f.Exit() != fault.ExitRefused || !strings.Contains(strings.Join(f.Hints, "\n"), "--owner") {
		t.Errorf("%+v", f)
	}
}
