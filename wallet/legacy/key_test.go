package legacy

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/chaincfg/v2"
)

// order is the order of the group, in hex.
const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"

// TestKeyForms: keys in hex and in wallet import format, and what is none of either.
func TestKeyForms(t *testing.T) {
	wif := func(version byte, payload string) string { return base58.CheckEncode([]byte(payload), version) }
	number := strings.Repeat("\x01", 32)
	for s, compressed := range map[string]bool{
		keyA: true, keyLong: false,
		strings.Repeat("0", 63) + "1":   false,
		order[:63] + "0":                false,
		wif(0x80, number):               false,
		wif(0x80, number+"\x01"):        true,
		wif(0xef, number):               false,
		wif(0xef, number+"\x01"):        true,
		wif(0x80, number+"\x01") + "\n": true,
	} {
		b, err := ParseBundle(text(s))
		if err != nil || b.Kind != Single || b.Keys[0].Compressed() != compressed {
			t.Errorf("%.12s…: %v, %v", s, b, err)
		}
	}
	for name, s := range map[string]string{
		"nothing":                  "",
		"zero":                     strings.Repeat("0", 64),
		"the order":                order,
		"above the order":          strings.Repeat("f", 64),
		"a digit less":             keyLong[1:],
		"a digit more":             keyLong + "0",
		"upper case":               strings.ToUpper(keyLong),
		"another last byte":        keyLong + "02",
		"no hex":                   "g" + keyLong[1:],
		"a space before":           " " + keyLong,
		"an address":               "13W4Ve5FpMBirMGH8a7xUmdrxHh7AosC5d",
		"WIF with another version": wif(0x00, number+"\x01"),
		"WIF of 31 bytes":          wif(0x80, number[1:]),
		"WIF with another suffix":  wif(0x80, number+"\x02"),
		"WIF of zero":              wif(0x80, strings.Repeat("\x00", 32)),
		"WIF with a typing error":  "K" + wif(0x80, number+"\x01")[1:50] + "zz",
		"a very long text":         strings.Repeat("a", maxBundle+1),
	} {
		if b, err := ParseBundle(text(s)); !errors.Is(err, ErrBadKey) {
			t.Errorf("%s: %v, %v", name, b, err)
		}
	}
}

// TestBundleBounds: how many keys a script has room for, and what a number of signatures may be.
func TestBundleBounds(t *testing.T) {
	keys := func(n int, key string) string { return strings.Repeat(","+key, n) }
	testAddress, err := parsed(t, keyA).Address(&chaincfg.TestNet3Params)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"15 keys":                {"15" + keys(15, keyA), true},
		"16 keys":                {"1" + keys(16, keyA), false},
		"7 long keys":            {"7" + keys(7, keyLong), true},
		"8 long keys":            {"1" + keys(8, keyLong), false}, // 8*66 bytes are more than a script inside P2SH
		"15 keys, segwit":        {"segwit:p2sh:15" + keys(15, keyA), true},
		"a long key, segwit":     {"segwit:p2sh:2," + keyA + "," + keyLong, false},
		"none of two":            {"0" + keys(2, keyA), false},
		"three of two":           {"3" + keys(2, keyA), false},
		"less than none":         {"-1" + keys(2, keyA), false},
		"a number with zeroes":   {"0002" + keys(2, keyA), false},
		"no number":              {"x" + keys(2, keyA), false},
		"no keys":                {"1,", false},
		"WIF among several":      {"1," + keyA + ",KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn", false},
		"an address without key": {"nosign:13W4Ve5FpMBirMGH8a7xUmdrxHh7AosC5d", true},
		"a script without keys":  {"nosign:3LsjtgexDZwbj8i4rozvNB4TaRAJWNyiWZ", true},
		"segwit without keys":    {"nosign:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", false},
		"no address":             {"nosign:13W4Ve5FpMBirMGH8a7xUmdrxHh7AosC5e", false},
		"an address of a test":   {"nosign:" + testAddress.EncodeAddress(), true},
	} {
		b, err := ParseBundle(text(c.text))
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrBadKey) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		for _, net := range []*chaincfg.Params{&chaincfg.MainNetParams, &chaincfg.RegressionNetParams} {
			a, err := b.Address(net)
			if err != nil || !a.IsForNet(net) {
				t.Errorf("%s on %s: %v, %v", name, net.Name, a, err)
			}
		}
	}
}

// TestNothingIsPrinted: neither keys nor what holds them say a secret in any verb.
func TestNothingIsPrinted(t *testing.T) {
	b := parsed(t, "2,"+keyA+","+keyB)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		for what, v := range map[string]any{"bundle": b, "key": b.Keys[0], "keys": b.Keys, "wallet": &PythonWallet{Owner: b}} {
			said := fmt.Sprintf(verb, v)
			for _, secret := range []string{keyA[:64], keyB[:64]} {
				for i := 0; i+16 <= len(secret); i += 16 {
					if strings.Contains(strings.ToLower(said), secret[i:i+16]) {
						t.Errorf("%s of a %s says a key: %s", verb, what, said)
					}
				}
			}
		}
	}
	w := &PythonWallet{Owner: b}
	w.Wipe()
	w.Wipe() // once more does no harm
	if _, err := b.Keys[1].signHash(t.Context(), [32]byte{1}); err == nil {
		t.Error("a key that was forgotten signs")
	}
	if a, err := b.Address(&chaincfg.MainNetParams); err != nil || a.EncodeAddress() == "" {
		t.Errorf("the address of forgotten keys: %v", err) // what is public stays
	}
}
