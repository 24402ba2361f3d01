package outscript

import (
	"bytes"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// examples are a script of each kind.
func examples() map[Kind][]byte {
	h20, h32 := bytes.Repeat([]byte{7}, 20), bytes.Repeat([]byte{9}, 32)
	return map[Kind][]byte{
		P2PKH:  append(append([]byte{0x76, 0xa9, 20}, h20...), 0x88, 0xac),
		P2SH:   append(append([]byte{0xa9, 20}, h20...), 0x87),
		P2WPKH: append([]byte{0, 20}, h20...),
		P2WSH:  append([]byte{0, 32}, h32...),
		P2TR:   append([]byte{0x51, 32}, h32...),
		Data:   {0x6a, 1, 2},
		Other:  {0x51},
	}
}

// library is what btcd says that a script is.
func library(s []byte) Kind {
	switch {
	case txscript.IsPayToPubKeyHash(s):
		return P2PKH
	case txscript.IsPayToScriptHash(s):
		return P2SH
	case txscript.IsPayToWitnessPubKeyHash(s):
		return P2WPKH
	case txscript.IsPayToWitnessScriptHash(s):
		return P2WSH
	case txscript.IsPayToTaproot(s):
		return P2TR
	case len(s) > 0 && s[0] == txscript.OP_RETURN:
		return Data
	}
	return Other
}

// TestKindOf recognises each kind, and none of them when a byte is missing or is too many.
func TestKindOf(t *testing.T) {
	for kind, s := range examples() {
		if got := KindOf(s); got != kind {
			t.Errorf("%s is taken for %s", kind, got)
		}
		if kind == Data || kind == Other {
			continue
		}
		if got := KindOf(s[:len(s)-1]); got != Other {
			t.Errorf("%s without its last byte is taken for %s", kind, got)
		}
		if got := KindOf(append(bytes.Clone(s), 0)); got != Other {
			t.Errorf("%s with one byte more is taken for %s", kind, got)
		}
		if Address(s, &chaincfg.MainNetParams) == "" {
			t.Errorf("%s has no address", kind)
		}
	}
	if KindOf(nil) != Other || Address([]byte{0x6a}, &chaincfg.MainNetParams) != "" {
		t.Error("nothing is something")
	}
}

// FuzzKindOf: the bytes are read as btcd reads them.
func FuzzKindOf(f *testing.F) {
	for _, s := range examples() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		if got, want := KindOf(s), library(s); got != want {
			t.Errorf("%x: %s, btcd says %s", s, got, want)
		}
	})
}

// TestDigest: each way to spend an output has the digest that the script engine computes for it.
func TestDigest(t *testing.T) {
	e := examples()
	multi := []byte{0x51, 0x51, 0xae} // no key; only its bytes matter here
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: 1}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(5, e[P2WPKH]))
	for name, c := range map[string]struct {
		spend   Spend
		script  []byte // that the digest covers
		witness bool
	}{
		"P2PKH":            {Spend{Out: wire.NewTxOut(9, e[P2PKH])}, e[P2PKH], false},
		"P2WPKH":           {Spend{Out: wire.NewTxOut(9, e[P2WPKH])}, e[P2WPKH], true},
		"P2SH-P2WPKH":      {Spend{Out: wire.NewTxOut(9, e[P2SH]), Redeem: e[P2WPKH]}, e[P2WPKH], true},
		"several keys":     {Spend{Out: wire.NewTxOut(9, e[P2SH]), Redeem: multi}, multi, false},
		"witness script":   {Spend{Out: wire.NewTxOut(9, e[P2WSH]), Witness: multi}, multi, true},
		"the same in P2SH": {Spend{Out: wire.NewTxOut(9, e[P2SH]), Redeem: e[P2WSH], Witness: multi}, multi, true},
	} {
		hashes := txscript.NewTxSigHashes(tx, txscript.NewCannedPrevOutputFetcher(c.spend.Out.PkScript, 9))
		got, err := c.spend.Digest(tx, 0, hashes)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, err := txscript.CalcSignatureHash(c.script, txscript.SigHashAll, tx, 0)
		if c.witness {
			want, err = txscript.CalcWitnessSigHash(c.script, hashes, txscript.SigHashAll, tx, 0, 9)
		}
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, want %x (%v)", name, got, want, err)
		}
	}
}
