package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/names/outscript"
)

// ScriptKind is the form of an output script.
type ScriptKind = outscript.Kind

// The kinds. Every P2SH coin of a wallet is taken for P2SH-P2WPKH unless its redeem script is
// given.
const (
	KindOther  = outscript.Other
	KindP2PKH  = outscript.P2PKH
	KindP2SH   = outscript.P2SH
	KindP2WPKH = outscript.P2WPKH
	KindP2WSH  = outscript.P2WSH
	KindP2TR   = outscript.P2TR
	KindData   = outscript.Data
)

// KindOf classifies a script.
func KindOf(script []byte) ScriptKind { return outscript.KindOf(script) }

// isNamed says whether the name system sees the kind (protocol 2.2, 2.3).
func isNamed(k ScriptKind) bool { return k == KindP2PKH || k == KindP2SH }

// checkNamed refuses a script that the name system does not see.
func checkNamed(where string, script []byte) error {
	k := KindOf(script)
	if isNamed(k) {
		return nil
	}
	reason := "the name system reads only P2PKH and P2SH; with anything else it ignores the whole transaction"
	if k == KindP2WPKH || k == KindP2WSH || k == KindP2TR {
		reason = "the name system cannot see native segwit (bech32) addresses; use one that begins with 1 or 3 (m, n or 2 on test networks)"
	}
	return &ForbiddenScript{Where: where, Kind: k, Script: script, Reason: reason}
}

// checkData refuses an OP_RETURN output that nodes do not relay (more than 80 bytes of data) or
// that does not consist of exactly one push.
func checkData(script []byte) error {
	t := txscript.MakeScriptTokenizer(0, script)
	if !t.Next() || t.Opcode() != txscript.OP_RETURN || !t.Next() || t.Data() == nil {
		return fmt.Errorf("%w: not an OP_RETURN with one push", ErrBadRequest)
	}
	if n := len(t.Data()); n > txscript.MaxDataCarrierSize {
		return fmt.Errorf("%w: %d bytes of data, at most %d are relayed", ErrBadRequest, n, txscript.MaxDataCarrierSize)
	}
	if t.Next() || t.Err() != nil {
		return fmt.Errorf("%w: not an OP_RETURN with one push", ErrBadRequest)
	}
	return nil
}

// checkStandard refuses scripts that are not payments of a standard kind.
func checkStandard(where string, script []byte) error {
	switch k := KindOf(script); k {
	case KindP2PKH, KindP2SH, KindP2WPKH, KindP2WSH, KindP2TR:
		return nil
	default:
		return &ForbiddenScript{Where: where, Kind: k, Script: script, Reason: "not a standard payment"}
	}
}

// ForbiddenScript says that an output script may not stand where it was asked to: name operations
// see only P2PKH and P2SH.
type ForbiddenScript struct {
	Where  string // "input 0", "owner", "change", ...
	Kind   ScriptKind
	Script []byte
	Reason string
}

// Error names the place, the kind and the reason.
func (e *ForbiddenScript) Error() string {
	return fmt.Sprintf("%s is %s: %s", e.Where, e.Kind, e.Reason)
}

// Is matches ErrForbiddenScript.
func (e *ForbiddenScript) Is(target error) bool { return target == ErrForbiddenScript }
