package wallet

import (
	"strings"
	"testing"

	"blockstack/wallet/scripts"
)

// TestDescriptorChecksum holds the checksum to the valid example of BIP 380 and the first one of
// Bitcoin Core's doc/descriptors.md.
func TestDescriptorChecksum(t *testing.T) {
	for _, text := range []string{
		"raw(deadbeef)#89f8spxm",
		"pkh(02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5)#8fhd9pwu",
	} {
		script, want, _ := strings.Cut(text, "#")
		if got, err := descriptorChecksum(script); err != nil || got != want {
			t.Errorf("%s has checksum %s (%v), want %s", script, got, err, want)
		}
	}
	if _, err := descriptorChecksum("raw(Ü)"); err == nil {
		t.Error("a letter outside the alphabet has a checksum")
	}
	if text, err := descriptor(scripts.P2TR, "a"); err != nil || !strings.HasPrefix(text, "tr(a)#") {
		t.Errorf("tr: %q, %v", text, err)
	}
	if _, err := descriptor("p2pk", "a"); err == nil {
		t.Error("an unknown kind has a descriptor")
	}
}
