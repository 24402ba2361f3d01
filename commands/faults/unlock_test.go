package faults

import (
	"errors"
	"fmt"
	"testing"

	"blockstack/home/unlock"
)

// TestDescriptorByItsFlag: a descriptor has no name of its own, so the flag that named it is told.
func TestDescriptorByItsFlag(t *testing.T) {
	err := fmt.Errorf("verb: %w", &unlock.BadSource{Descriptor: 3, Place: "password descriptor 3", Err: errors.New("not open")})
	if f := Of(t.Context(), err); f.Message != "--password-fd 3: not open" {
		t.Errorf("%s", f.Message)
	}
}
