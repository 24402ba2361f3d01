package naming

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
)

// TestFailedCheck files every refusal of a registration under the check that it is about; an owner with 25 names is shown the way out.
func TestFailedCheck(t *testing.T) {
	full := &registrar.Quota{Owner: "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8", Names: 25, Limit: 25}
	for want, errs := range map[string][]error{
		checkName:      {&registrar.NameTaken{}, &registrar.Conflict{}},
		checkNamespace: {&registrar.NamespaceClosed{}, &registrar.PayeeChanging{}},
		checkQuota:     {full},
		checkPreorder:  {&registrar.PreorderOurs{}, &registrar.PreorderOutstanding{}},
		checkRival:     {&registrar.Contested{}},
		checkCoins:     {&txbuilder.InsufficientFunds{}, txbuilder.ErrNoFirstInput},
		"":             {errors.New("another"), context.Canceled},
	} {
		for _, err := range errs {
			if got := failedCheck(fmt.Errorf("alice.id: register: %w", err)); got != want {
				t.Errorf("%T is about %q, want %q", err, got, want)
			}
		}
	}
	f := faults.Of(t.Context(), full)
	if f.Exit() != fault.ExitRefused || !strings.Contains(strings.Join(f.Hints, "\n"), "--owner") {
		t.Errorf("%+v", f)
	}
}
