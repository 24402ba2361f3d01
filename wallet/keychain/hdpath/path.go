package hdpath

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
)

// Hardened is added to the index of a hardened child (BIP 32).
const Hardened = hdkeychain.HardenedKeyStart

// The purposes of payment accounts.
const (
	PurposeP2PKH      = 44
	PurposeP2SHP2WPKH = 49
	PurposeP2WPKH     = 84
	PurposeP2TR       = 86
	purposeIdentity   = 888
)

// The branches of a payment account.
const (
	BranchReceive = 0
	BranchChange  = 1
)

// Path is a BIP 32 derivation path from the root; hardened steps have Hardened added.
type Path []uint32

// Parse reads "m/84'/1'/0'/0/5"; ' and h mark hardened steps.
func Parse(s string) (Path, error) {
	parts := strings.Split(s, "/")
	if parts[0] != "m" || len(parts) > 10 {
		return nil, fmt.Errorf("%w: %.80q", ErrBadPath, s)
	}
	p := Path{}
	for _, part := range parts[1:] {
		digits := strings.TrimSuffix(strings.TrimSuffix(part, "'"), "h")
		n, err := strconv.ParseUint(digits, 10, 31)
		if err != nil || len(part)-len(digits) > 1 || strconv.FormatUint(n, 10) != digits {
			return nil, fmt.Errorf("%w: %.80q", ErrBadPath, s)
		}
		if digits != part {
			n += Hardened
		}
		p = append(p, uint32(n))
	}
	return p, nil
}

// String is the path in the form that Parse reads, with ' for hardened steps.
func (p Path) String() string {
	var b strings.Builder
	b.WriteByte('m')
	for _, n := range p {
		b.WriteByte('/')
		b.WriteString(strconv.FormatUint(uint64(n&^Hardened), 10))
		if n >= Hardened {
			b.WriteByte('\'')
		}
	}
	return b.String()
}

// CoinType is the second step of payment paths: 0 on mainnet, 1 elsewhere (SLIP 44).
func CoinType(net *chaincfg.Params) uint32 {
	if net.Net == chaincfg.MainNetParams.Net {
		return 0
	}
	return 1
}

// Owner is the path of the owner key of identity i: m/888'/0'/i'.
func Owner(i uint32) Path { return Path{purposeIdentity + Hardened, Hardened, i | Hardened} }

// Revealer is the path of the i-th namespace revealer key: m/888'/1'/i'.
func Revealer(i uint32) Path { return Path{purposeIdentity + Hardened, 1 + Hardened, i | Hardened} }

// Account is the path of the payment account of a purpose.
func Account(net *chaincfg.Params, purpose uint32) Path {
	return Path{purpose | Hardened, CoinType(net) | Hardened, Hardened}
}

// Payment is the path of a key of a payment account.
func Payment(net *chaincfg.Params, purpose, branch, index uint32) Path {
	return append(Account(net, purpose), branch, index)
}

// Identity reports whether the path is that of an owner or a revealer key.
func (p Path) Identity() bool {
	return len(p) == 3 && p[0] == purposeIdentity+Hardened && (p[1] == Hardened || p[1] == 1+Hardened) && p[2] >= Hardened
}

// Owner reports whether the path is that of an owner key.
func (p Path) Owner() bool { return p.Identity() && p[1] == Hardened }

// P2PKH reports whether the path is that of a payment key whose address is P2PKH.
func (p Path) P2PKH() bool { return len(p) == 5 && p[0] == PurposeP2PKH+Hardened && p.Signable() }

// Signable reports whether keys at this path may sign transactions: the roles of the package
// comment and no others, so that a hostile PSBT cannot have a key of another purpose (of an app, or
// of storage) used for coins.
func (p Path) Signable() bool {
	switch {
	case p.InRing():
		return true
	case p.Identity():
		return true
	case len(p) == 5:
		switch p[0] {
		case PurposeP2PKH + Hardened, PurposeP2SHP2WPKH + Hardened, PurposeP2WPKH + Hardened, PurposeP2TR + Hardened:
			return (p[1] == Hardened || p[1] == 1+Hardened) && p[2] >= Hardened && p[3] < 2 && p[4] < Hardened
		}
	}
	return false
}

// RingSize is how many children a ring has.
const RingSize = 300

// Ring is the path of key j of the ring of revealer i.
func Ring(i, j uint32) Path { return append(Revealer(i), j) }

// InRing says whether the path is that of a ring's key.
func (p Path) InRing() bool {
	return len(p) == 4 && p[0] == purposeIdentity+Hardened && p[1] == 1+Hardened && p[2] >= Hardened && p[3] < RingSize
}

// Sealed is the path of the key that sealed boxes are opened with: m/888'/2'/0'.
func Sealed() Path { return Path{purposeIdentity + Hardened, 2 + Hardened, Hardened} }
