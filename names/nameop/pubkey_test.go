package nameop

import (
	"bytes"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
)

// TestParsePubKey holds the forms that the name layer takes for a key against those that it does
// not, with the hash of each.
func TestParsePubKey(t *testing.T) {
	priv, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{7}, 32))
	long, short := priv.PubKey().SerializeUncompressed(), priv.PubKey().SerializeCompressed()
	with := func(first byte, b []byte) []byte { return append([]byte{first}, b...) }
	off := slices.Clone(long)
	off[64] ^= 1
	for _, c := range []struct {
		name   string
		pushed []byte
		hashed []byte // nil: no key
	}{
		{"compressed", short, short},
		{"the other point with this X", with(short[0]^1, short[1:]), with(short[0]^1, short[1:])},
		{"uncompressed", long, long},
		{"without its first byte", long[1:], long},
		{"hybrid", with(6+long[64]&1, long[1:]), nil},
		{"hybrid of the wrong oddness", with(7-long[64]&1, long[1:]), nil},
		{"not on the curve", off, nil},
		{"without its first byte, not on the curve", off[1:], nil},
		{"33 bytes that begin with 04", with(4, short[1:]), nil},
		{"65 bytes that begin with 02", with(2, long[1:]), nil},
		{"X beyond the field", with(2, bytes.Repeat([]byte{0xff}, 32)), nil},
		{"X alone", short[1:], nil},
		{"too long", append(slices.Clone(long), 0), nil},
		{"nothing", nil, nil},
	} {
		key, hash, ok := ParsePubKey(c.pushed)
		if ok != (c.hashed != nil) || ok && (hash != [20]byte(address.Hash160(c.hashed)) || key == nil) {
			t.Errorf("%s: key %v, hash %x", c.name, ok, hash)
		}
		// The input that proposes it is passed over when it is no key; a later one may have it.
		script := append([]byte{1, 1, byte(len(c.pushed))}, c.pushed...)
		ins := []*wire.TxIn{{SignatureScript: script}, {SignatureScript: append([]byte{1, 1, 64}, long[1:]...)}}
		if c.hashed != nil {
			if got := findPubKey(ins, hash[:]); !bytes.Equal(got, c.pushed) {
				t.Errorf("%s: found %x", c.name, got)
			}
		} else if len(c.pushed) > 0 {
			if got := findPubKey(ins, address.Hash160(c.pushed)); got != nil {
				t.Errorf("%s: found %x", c.name, got)
			}
			if got := findPubKey(ins, address.Hash160(long)); !bytes.Equal(got, long[1:]) {
				t.Errorf("%s hides the key of the next input: %x", c.name, got)
			}
		}
	}
}

// TestOddContent holds payloads that parse although their content is no name: what the rules over
// the state see of them.
func TestOddContent(t *testing.T) {
	_, epoch := names.Mainnet().Epoch(700000)
	for body, parses := range map[string]bool{
		"!.test": true, "!.test\n": true, "!.\n": true, "!.": false, "!": false, "!test": false, "!.test\n\n": false, "!.Test": false, "!.a.b": false,
		"~a.test\n": true, "~\n.test": true, "~a\n.\n": true, "~.test": false, "~a.": false, "~a.b.c": false, "~a\n\n.test": false, "~+.test": false,
		":\n.test": true, ";a\n.test": true, ";a.b.test": false,
		"&" + string(make([]byte, 6)) + "\x65\x43\x21\x00\x00\x00\x00\x00\x11\x00\x01test":   true,
		"&" + string(make([]byte, 6)) + "\x65\x43\x21\x00\x00\x00\x00\x00\x11\x00\x01test\n": false, // its preorder hash is computed while it is read
		"$" + string(make([]byte, 16+19+8)):                                                  true,
		"$" + string(make([]byte, 16+19+8+34)):                                               true,
		"$" + string(bytes.Repeat([]byte{1}, 16+19+8+500)):                                   true, // a block may hold more than nodes relay
		"$" + string(make([]byte, 16+19+7)):                                                  false,
		"#" + string(make([]byte, 20)):                                                       true,
		"#" + string(make([]byte, 21)):                                                       false,
	} {
		op, err := Decode(epoch, []byte("id"+body), 3)
		if parses != (err == nil) {
			t.Errorf("%q: %v, %v", body, op, err)
		}
	}
}
