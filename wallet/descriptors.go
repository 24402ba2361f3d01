package wallet

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// Descriptor is an output descriptor (BIP 380) of keys of ours: public keys only.
//
//	descriptor = script "#" checksum
//	script     = "pkh(" key ")" / "sh(wpkh(" key "))" / "wpkh(" key ")" / "tr(" key ")"
//	key        = "[" fingerprint path "]" ( xpub "/" branch "/*" / public-key )
type Descriptor struct {
	Text     string
	Role     scripts.Role
	Kind     scripts.Kind
	Branch   uint32 // scripts.Receive or scripts.Change, for payment keys
	Ranged   bool   // the descriptor ends in *
	Derived  uint32 // ranged: how many keys are watched here
	Identity uint32 // owner keys: which one
}

// Descriptors describes all payment accounts, and the owner keys up to the last identity. Owner
// keys are hardened, so each has a descriptor of its own.
func (a *Addresses) Descriptors(ctx context.Context) ([]Descriptor, error) {
	var out []Descriptor
	for _, kind := range scripts.Kinds() {
		xpub, err := a.keys.Account(ctx, kind)
		if errors.Is(err, labels.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, branch := range []uint32{scripts.Receive, scripts.Change} {
			k := scripts.Key{Role: scripts.Payment, Kind: kind, Branch: branch}
			origin := fingerprintText(a.roots.fingerprintOf(k)) + strings.TrimPrefix(a.roots.accountPath(kind).String(), "m")
			text, err := descriptor(kind, fmt.Sprintf("[%s]%s/%d/*", origin, xpub, branch))
			if err != nil {
				return nil, err
			}
			derived, err := a.keys.PaymentKeys(ctx, kind, branch)
			if err != nil {
				return nil, err
			}
			out = append(out, Descriptor{Text: text, Role: scripts.Payment, Kind: kind, Branch: branch, Ranged: true, Derived: derived})
		}
	}
	n, err := a.handed.Identities(ctx)
	if err != nil {
		return nil, err
	}
	for i := range n {
		at, err := a.OwnerAddress(ctx, i)
		if errors.Is(err, ErrNeedKeys) {
			break
		}
		if err != nil {
			return nil, err
		}
		key := fmt.Sprintf("[%s%s]%x", fingerprintText(a.roots.fp.Load()), strings.TrimPrefix(at.Path, "m"), at.PubKey.SerializeCompressed())
		text, err := descriptor(scripts.P2PKH, key)
		if err != nil {
			return nil, err
		}
		out = append(out, Descriptor{Text: text, Role: scripts.Owner, Kind: scripts.P2PKH, Identity: i})
	}
	return out, nil
}

// descriptor wraps a key expression into the script of a kind and adds the checksum.
func descriptor(kind scripts.Kind, key string) (string, error) {
	var text string
	switch kind {
	case scripts.P2PKH:
		text = "pkh(" + key + ")"
	case scripts.P2SHP2WPKH:
		text = "sh(wpkh(" + key + "))"
	case scripts.P2WPKH:
		text = "wpkh(" + key + ")"
	case scripts.P2TR:
		text = "tr(" + key + ")"
	default:
		return "", fmt.Errorf("no descriptor for %q", kind)
	}
	sum, err := descriptorChecksum(text)
	return text + "#" + sum, err
}

// The alphabets of BIP 380: of descriptors, and of their checksums.
const (
	descriptorLetters = "0123456789()[],'/*abcdefgh@:$%{}" + "IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~" + "ijklmnopqrstuvwxyzABCDEFGH`#\"\\ "
	checksumLetters   = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
)

// descriptorChecksum is the checksum of BIP 380: eight letters of a BCH code.
func descriptorChecksum(text string) (string, error) {
	sum := uint64(1)
	class, classes := 0, 0
	for _, letter := range text {
		i := strings.IndexRune(descriptorLetters, letter)
		if i < 0 {
			return "", fmt.Errorf("%q cannot stand in a descriptor", letter)
		}
		sum = descriptorStep(sum, i&31)
		class = class*3 + i>>5
		if classes++; classes == 3 {
			sum = descriptorStep(sum, class)
			class, classes = 0, 0
		}
	}
	if classes > 0 {
		sum = descriptorStep(sum, class)
	}
	for range 8 {
		sum = descriptorStep(sum, 0)
	}
	sum ^= 1
	var out strings.Builder
	for i := range 8 {
		out.WriteByte(checksumLetters[sum>>(5*(7-i))&31])
	}
	return out.String(), nil
}

// descriptorStep feeds five bits to the code.
func descriptorStep(sum uint64, value int) uint64 {
	generator := [5]uint64{0xf5dee51989, 0xa9fdca3312, 0x1bab10e32d, 0x3706b1677a, 0x644d626ffd}
	top := sum >> 35
	sum = (sum&0x7ffffffff)<<5 ^ uint64(value)
	for i, g := range generator {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}
