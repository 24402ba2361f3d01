package legacy

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestPythonWalletRefuses: what may stand in a wallet file that somebody else made, and in what is
// encrypted there.
func TestPythonWalletRefuses(t *testing.T) {
	sealed := func(plain string) string {
		return fmt.Sprintf(`{"enc": %q}`, base64.StdEncoding.EncodeToString(scryptFile(t, []byte(plain), "p")))
	}
	object := func(address string, segwit bool, keys ...string) string {
		return fmt.Sprintf(`{"payment_privkey": {"address": %q, "segwit": %v, "private_keys": ["%s"], "redeem_script": ""}}`, address, segwit, strings.Join(keys, `", "`))
	}
	for name, c := range map[string]struct {
		file string
		want error
	}{
		"no JSON":                    {"wallet", ErrMalformed},
		"nothing in it":              {"{}", ErrMalformed},
		"too large":                  {`{"enc": "` + strings.Repeat("A", maxWalletFile) + `"}`, ErrMalformed},
		"no base64":                  {`{"enc": "?"}`, ErrMalformed},
		"a number":                   {`{"enc": 5}`, ErrMalformed},
		"too short":                  {`{"enc": "c2NyeXB0AA=="}`, ErrMalformed},
		"another format":             {fmt.Sprintf(`{"enc": %q}`, base64.StdEncoding.EncodeToString(make([]byte, 200))), ErrMalformed},
		"no JSON inside":             {sealed("keys"), ErrMalformed},
		"no keys inside":             {sealed("{}"), ErrMalformed},
		"the key of data alone":      {sealed(`{"data_privkey": "` + keyA + `"}`), ErrMalformed},
		"null":                       {sealed(`{"owner_privkey": null}`), ErrMalformed},
		"a number as a key":          {sealed(`{"owner_privkey": 7}`), ErrMalformed},
		"a list as a key":            {sealed(`{"owner_privkey": [1]}`), ErrMalformed},
		"a bad key":                  {sealed(`{"owner_privkey": "abc"}`), ErrBadKey},
		"a key with an escape":       {sealed(`{"owner_privkey": "` + keyA[:65] + `\u0031"}`), ErrBadKey},
		"an object without keys":     {sealed(`{"owner_privkey": {"address": "x", "private_keys": []}}`), ErrBadKey},
		"keys of another address":    {sealed(object("13W4Ve5FpMBirMGH8a7xUmdrxHh7AosC5d", false, keyA, keyB)), ErrBadKey},
		"an address of plain script": {sealed(object("3LsjtgexDZwbj8i4rozvNB4TaRAJWNyiWZ", true, keyA, keyB, keyC)), ErrBadKey},
		"too many keys":              {sealed(object("x", false, strings.Split(strings.Repeat(keyA+" ", 16), " ")[:16]...)), ErrBadKey},
	} {
		w, err := ReadPythonWallet([]byte(c.file), text("p"))
		if !errors.Is(err, c.want) || w != nil {
			t.Errorf("%s: %v, %v", name, w, err)
		}
		if err != nil && strings.Contains(err.Error(), keyA[:16]) {
			t.Errorf("%s: the error says a key: %v", name, err)
		}
	}
	w, err := ReadPythonWallet([]byte(sealed(object("3LsjtgexDZwbj8i4rozvNB4TaRAJWNyiWZ", false, keyA, keyB, keyC))), text("p"))
	if err != nil || w.Payment.M != 2 || w.Owner != nil {
		t.Errorf("the keys of a payment alone: %v, %v", w, err)
	}
}

// TestScryptBounds: no header makes the program take more memory or time than is said.
func TestScryptBounds(t *testing.T) {
	good := scryptFile(t, []byte(`{"owner_privkey": "`+keyA+`"}`), "p")
	for name, c := range map[string]struct {
		at  int
		val byte
	}{"no work": {7, 0}, "2^31": {7, 31}, "r of zero": {11, 0}, "r above its bound": {10, 5}, "p of zero": {15, 0}, "p of 17": {15, 17}} {
		bad := append([]byte{}, good...)
		bad[c.at] = c.val
		bad = checksummed(bad)
		if _, err := openScryptFile(bad, text("p")); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, cut := range []int{0, 6, 7, 48, 64, scryptHead, scryptHead + 31} {
		if _, err := openScryptFile(good[:cut], text("p")); !errors.Is(err, ErrMalformed) {
			t.Errorf("cut to %d bytes: %v", cut, err)
		}
	}
	for _, cut := range []int{len(good) - 1, len(good) - 20} {
		if _, err := openScryptFile(good[:cut], text("p")); !errors.Is(err, ErrWrongPassword) {
			t.Errorf("cut to %d bytes: %v", cut, err)
		}
	}
}

// checksummed makes the checksum of a header right again.
func checksummed(b []byte) []byte {
	sum := sha256.Sum256(b[:48])
	copy(b[48:], sum[:16])
	return b
}
