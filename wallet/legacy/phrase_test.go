package legacy

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"testing"

	"blockstack/testdata"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

func text(s string) *secret.Bytes { return secret.New([]byte(s)) }

func same(s *secret.Bytes, want string) bool { w := text(want); return s.Equal(w) }

func TestVectorsEncryptedMnemonics(t *testing.T) {
	const file = "identity/encrypted-mnemonics.json"
	var set struct {
		Vectors []struct {
			ID, Password     string
			CiphertextHex    string
			CiphertextBase64 string
			Expect           struct {
				OK               bool
				Mnemonic, Strict string
			}
		}
		EncryptionInputs []struct{ Phrase string }
	}
	if err := json.Unmarshal(testdata.Vectors(t, file), &set); err != nil {
		t.Fatal(err)
	}
	for _, v := range set.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			b, err := ParseCiphertext([]byte(v.CiphertextHex))
			if err != nil {
				t.Fatal(err)
			}
			again, err := ParseCiphertext([]byte(v.CiphertextBase64))
			if err != nil || !bytes.Equal(b, again) {
				t.Errorf("base64: %v", err)
			}
			got, err := DecryptPhrase(b, text(v.Password))
			if v.ID == "v1-nfc-with-nfd" {
				// The bytes as typed are wrong; the other spelling of the same letters is tried as
				// well.
				if _, exact := openFormatA(b, text(v.Password)); !errors.Is(exact, ErrWrongPassword) || err != nil {
					t.Errorf("as typed: %v, in another form: %v", exact, err)
				}
				return
			}
			switch {
			case !v.Expect.OK || v.Expect.Strict != "":
				if err == nil {
					t.Error("it was opened")
				}
			case err != nil:
				t.Error(err)
			case !same(got, v.Expect.Mnemonic):
				t.Error("another phrase")
			}
		})
	}
	// What the old programs refused to encrypt is not the canonical spelling of a phrase here
	// either.
	for _, v := range set.EncryptionInputs {
		if p, err := keychain.CleanMnemonic(text(v.Phrase)); err == nil && same(p, v.Phrase) {
			t.Errorf("%q passes for a phrase", v.Phrase)
		}
	}
	testdata.Cases(t, file, len(set.Vectors)+len(set.EncryptionInputs))
}

func TestParseCiphertext(t *testing.T) {
	b := bytes.Repeat([]byte{0xab, 0xcd, 0x12, 0xff}, 20)
	b64 := base64.StdEncoding.EncodeToString(b)
	for _, form := range []string{hex.EncodeToString(b), b64, b64[:len(b64)-1], " " + b64[:40] + "\r\n" + b64[40:] + "\n"} {
		if got, err := ParseCiphertext([]byte(form)); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%.20s…: %x, %v", form, got, err)
		}
	}
	for _, bad := range []string{"not base64!", "{}", string(bytes.Repeat([]byte("A"), 5000)), string(bytes.Repeat([]byte("ab"), 2000))} {
		if _, err := ParseCiphertext([]byte(bad)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestWrongPasswordIsTold(t *testing.T) {
	var set struct {
		Vectors []struct{ ID, Password, CiphertextHex string }
	}
	if err := json.Unmarshal(testdata.Vectors(t, "identity/encrypted-mnemonics.json"), &set); err != nil {
		t.Fatal(err)
	}
	for _, v := range set.Vectors {
		if v.ID != "v1-wrong-password" && v.ID != "ts-wrong-password" {
			continue
		}
		b, err := ParseCiphertext([]byte(v.CiphertextHex))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecryptPhrase(b, text(v.Password)); !errors.Is(err, ErrWrongPassword) {
			t.Errorf("%s: %v", v.ID, err)
		}
	}
}

// FuzzCiphertext: whatever stands in a file, it is refused or asks for a password; none is tried
// here.
func FuzzCiphertext(f *testing.F) {
	f.Add([]byte("1c94d7de00000003ce07beaa8bbec68ead4c19b39122b09e"))
	f.Add([]byte("KByBi/2z5fN396ec2NLy"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCiphertext(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Error(err)
			}
			return
		}
		if open, err := opener(c); (open == nil) != errors.Is(err, ErrMalformed) {
			t.Error(err)
		}
	})
}
