package legacy

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"golang.org/x/crypto/scrypt"

	"blockstack/testdata"
)

func TestVectorsPrivateKeys(t *testing.T) {
	const file = "identity/private-keys.json"
	var set struct {
		Vectors []struct {
			ID, Text, Error string
			Result          struct {
				Kind, Address, RedeemScript, WitnessScript string
				M                                          int
				Keys                                       []string
			}
		}
	}
	if err := json.Unmarshal(testdata.Vectors(t, file), &set); err != nil {
		t.Fatal(err)
	}
	kinds := map[string][]Kind{"single": {Single}, "NullSigner": {WatchOnly}, "MultiSigKeySigner": {Multisig}, "SegwitP2SHKeySigner": {Segwit, SegwitMany}}
	for _, v := range set.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			b, err := ParseBundle(text(v.Text))
			refused := v.Error != "" || v.Result.Address == ""
			switch {
			case v.ID == "wif": // which the old command line did not know
				refused = false
			case v.ID == "segwit-1-uncompressed": // the old command line made an address that nobody can spend from
				refused = true
			}
			if refused {
				if !errors.Is(err, ErrBadKey) {
					t.Errorf("not refused: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if v.ID == "wif" {
				if b.Kind != Single || !b.Keys[0].Compressed() {
					t.Errorf("%v", b)
				}
				return
			}
			a, err := b.Address(&chaincfg.MainNetParams)
			if err != nil || a.EncodeAddress() != v.Result.Address {
				t.Errorf("address %v, %v; want %s", a, err, v.Result.Address)
			}
			if want := kinds[v.Result.Kind]; b.Kind != want[0] && b.Kind != want[len(want)-1] {
				t.Errorf("kind %s, want %s", b.Kind, want)
			}
			_, redeem, witness, err := b.Scripts(&chaincfg.MainNetParams)
			if err != nil || hex.EncodeToString(redeem) != v.Result.RedeemScript || hex.EncodeToString(witness) != v.Result.WitnessScript {
				t.Errorf("scripts %x %x, %v", redeem, witness, err)
			}
			if v.Result.M != 0 && (b.M != v.Result.M || len(b.Keys) != len(v.Result.Keys)) {
				t.Errorf("%d of %d keys", b.M, len(b.Keys))
			}
			for i, want := range v.Result.Keys {
				k, err := ParseBundle(text(want))
				if err != nil || !k.Keys[0].PublicKey().IsEqual(b.Keys[i].PublicKey()) {
					t.Errorf("key %d differs: %v", i, err)
				}
			}
		})
	}
	testdata.Cases(t, file, len(set.Vectors))
}

// scryptFile writes the format of scrypt(1); there is no vector of the Python client.
func scryptFile(t *testing.T, plain []byte, password string) []byte {
	t.Helper()
	b := append([]byte("scrypt\x00"), 10)
	b = binary.BigEndian.AppendUint32(b, 8)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = append(b, bytes.Repeat([]byte{7}, 32)...)
	sum := sha256.Sum256(b)
	b = append(b, sum[:16]...)
	keys, err := scrypt.Key([]byte(password), b[16:48], 1<<10, 8, 1, 64)
	if err != nil {
		t.Fatal(err)
	}
	mac := func() {
		h := hmac.New(sha256.New, keys[32:])
		h.Write(b)
		b = h.Sum(b)
	}
	mac()
	block, err := aes.NewCipher(keys[:32])
	if err != nil {
		t.Fatal(err)
	}
	body := make([]byte, len(plain))
	cipher.NewCTR(block, make([]byte, 16)).XORKeyStream(body, plain)
	b = append(b, body...)
	mac()
	return b
}

const (
	keyA = "2ce3c74a148d76407a4db8df59c510e08bbd79378e15c4e2ea27bd380291a4b301"
	keyB = "a3889c63f5c6a9aedcfffe99dcb4708fdb0e59614f5c6db9ff3288b7fff60ead01"
	keyC = "6efcc336e38c1ec01577c74eb97b47f6553a050bd620c344944056dbf5ac586f01"
)

func TestPythonWallet(t *testing.T) {
	plain := fmt.Sprintf(`{"data_privkey": %q, "owner_privkey": %q, "payment_privkey": {"address": "3LsjtgexDZwbj8i4rozvNB4TaRAJWNyiWZ", "private_keys": [%q, %q, %q], "redeem_script": ""}}`, keyC, keyA, keyA, keyB, keyC)
	enc := scryptFile(t, []byte(plain), "pässword")
	doc := func(owner string, enc []byte) []byte {
		return fmt.Appendf(nil, `{"owner_addresses": [%q], "payment_addresses": ["3LsjtgexDZwbj8i4rozvNB4TaRAJWNyiWZ"], "version": "0.17.0", "enc": %q}`, owner, base64.StdEncoding.EncodeToString(enc))
	}
	const owner = "13W4Ve5FpMBirMGH8a7xUmdrxHh7AosC5d"
	w, err := ReadPythonWallet(doc(owner, enc), text("pässword"))
	if err != nil {
		t.Fatal(err)
	}
	if w.Owner.Kind != Single || w.Payment.Kind != Multisig || w.Payment.M != 2 || w.Data == nil {
		t.Errorf("%v %v %v", w.Owner, w.Payment, w.Data)
	}
	if _, err := ReadPythonWallet(doc(owner, enc), text("password")); !errors.Is(err, ErrWrongPassword) {
		t.Error(err)
	}
	if _, err := ReadPythonWallet(doc("1GiNXmwretjim9XaqusH16oPbXrxxn8z5r", enc), text("pässword")); !errors.Is(err, ErrBadKey) {
		t.Errorf("another address: %v", err)
	}
	if _, err := ReadPythonWallet(doc(owner, enc), text("pa\u0308ssword")); err != nil {
		t.Errorf("typed on a keyboard that decomposes: %v", err)
	}
	for i := range enc { // every byte counts; beyond the header one for all is enough
		if i > scryptHead+3 {
			break
		}
		bad := append([]byte{}, enc...)
		bad[i] ^= 1
		if _, err := ReadPythonWallet(doc(owner, bad), text("pässword")); err == nil {
			t.Errorf("byte %d changed: it opens", i)
		}
	}
	for _, old := range []string{`{"encrypted_master_private_key": "abc"}`, `{"encrypted_owner_privkey": "abc"}`} {
		if _, err := ReadPythonWallet([]byte(old), text("x")); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v", old, err)
		}
	}
	huge := append([]byte{}, enc...)
	huge[7] = 29
	sum := sha256.Sum256(huge[:48])
	copy(huge[48:], sum[:16])
	if _, err := ReadPythonWallet(doc(owner, huge), text("x")); !errors.Is(err, ErrUnsupported) {
		t.Errorf("64 GiB of memory: %v", err)
	}
	huge[7], huge[11], huge[15] = 20, 8, 5 // each below its bound
	sum = sha256.Sum256(huge[:48])
	copy(huge[48:], sum[:16])
	if _, err := ReadPythonWallet(doc(owner, huge), text("x")); !errors.Is(err, ErrUnsupported) {
		t.Errorf("5 times over 1 GiB of memory: %v", err)
	}
}

// FuzzBundle: any text is keys that make an address, or refused.
func FuzzBundle(f *testing.F) {
	f.Add("2," + keyA + "," + keyB)
	f.Add("segwit:p2sh:1," + keyA)
	f.Add("nosign:13W4Ve5FpMBirMGH8a7xUmdrxHh7AosC5d")
	f.Add("KxiyFiTewnKi425SdZSjShyR8TYdFQajiGLVEvaruYmDdjmj5KAT")
	f.Fuzz(func(t *testing.T, s string) {
		b, err := ParseBundle(text(s))
		if err != nil {
			if !errors.Is(err, ErrBadKey) {
				t.Error(err)
			}
			return
		}
		if _, err := b.Address(&chaincfg.RegressionNetParams); err != nil {
			t.Error(err)
		}
	})
}

// FuzzPythonWallet: a hostile file is refused in little time; the bounds on scrypt stand before any
// work.
func FuzzPythonWallet(f *testing.F) {
	f.Add([]byte(`{"enc": "c2NyeXB0AAoAAAAIAAAAAQ=="}`))
	f.Add([]byte(`{"encrypted_master_private_key": ""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := ReadPythonWallet(b, text("x")); err == nil {
			t.Error("it opens")
		}
	})
}
