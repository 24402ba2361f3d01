package scripts

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/txscript/v2"
)

// Shared scripts are P2SH scripts that several keys sign (m of n, BIP 11 and 16), such as those of
// names that several people own. btcwallet's watch-only address manager takes no scripts, so they
// are watched past it (package chainsync).

// Role and kind of the scripts that several keys sign.
const (
	Shared Role = "shared"
	P2SH   Kind = "p2sh"
)

const SharedByte = 3

// SharedScript is a script that several keys sign.
type SharedScript struct {
	Index     uint32
	Label     string
	Redeem    []byte
	Script    []byte
	Address   string
	Threshold int
	Keys      [][]byte // in the order of the script
}

// ParseShared reads a redeem script: m of n compressed keys, at most 15, no key twice, at most 520
// bytes (BIP 16).
func ParseShared(redeem []byte) (threshold int, keys [][]byte, err error) {
	bad := func(text string) (int, [][]byte, error) {
		return 0, nil, fmt.Errorf("%w: redeem script: %s", ErrBadScript, text)
	}
	if len(redeem) > txscript.MaxScriptElementSize {
		return bad("longer than 520 bytes")
	}
	if multi, err := txscript.IsMultisigScript(redeem); err != nil || !multi {
		return bad("it is no multisig script")
	}
	n, m, err := txscript.CalcMultiSigStats(redeem)
	if err != nil {
		return bad(err.Error())
	}
	seen := make(map[string]bool)
	for t := txscript.MakeScriptTokenizer(0, redeem); t.Next(); {
		if k := t.Data(); len(k) > 0 {
			if len(k) != 33 || seen[string(k)] {
				return bad("its keys must be compressed, each there once")
			}
			seen[string(k)] = true
			keys = append(keys, bytes.Clone(k))
		}
	}
	if len(keys) != n || m < 1 || m > n {
		return bad("its numbers do not fit its keys")
	}
	return m, keys, nil
}

// SetScript is the output script of a redeem script: P2SH.
func SetScript(redeem []byte) ([]byte, error) {
	return txscript.NewScriptBuilder().AddOp(txscript.OP_HASH160).AddData(address.Hash160(redeem)).AddOp(txscript.OP_EQUAL).Script()
}
