package keychain

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tyler-smith/go-bip39"

	"blockstack/wallet/secret"
)

func FuzzParseFile(f *testing.F) {
	path := filepath.Join(f.TempDir(), "keychain")
	if err := Create(path, pw(testPhrase), pw("x"), TestCost()); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("{}"))
	_, path = listed(f)
	if good, err = os.ReadFile(path); err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := parseFile(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%v", err)
			}
			return
		}
		if file.Scripts != nil {
			if _, err := file.Scripts.Digest(file.ID); err != nil {
				t.Errorf("a list that was read has no digest: %v", err)
			}
		}
		for _, u := range file.Unlockers {
			if err := u.KDF.cost().check(); err != nil {
				t.Errorf("accepted: %v", err)
			}
		}
	})
}

func FuzzRecords(f *testing.F) {
	f.Add(packRecords(make([]byte, 16)))
	f.Add([]byte{1, 0, 16})
	f.Fuzz(func(t *testing.T, b []byte) {
		entropy, err := unpackRecords(b)
		if err != nil {
			return
		}
		entropy.Use(func(e []byte) {
			again, err := unpackRecords(packRecords(e))
			if err != nil || !again.Equal(entropy) {
				t.Errorf("does not come back: %v", err)
			}
		})
	})
}

func FuzzMnemonic(f *testing.F) {
	for _, s := range []string{testPhrase, "ABANDON-about", "a\u3000b", "\xff", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		clean, err := CleanMnemonic(secret.Copy(b))
		if err != nil {
			if !errors.Is(err, ErrBadMnemonic) {
				t.Errorf("%v", err)
			}
			if bip39.IsMnemonicValid(string(b)) {
				t.Error("the library accepts what we refuse")
			}
			return
		}
		clean.Use(func(c []byte) {
			if !bip39.IsMnemonicValid(string(c)) {
				t.Error("the library refuses what we made of it")
			}
		})
	})
}

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"m", "m/44'/0'/0'/0/1", "m/1h", "m/2147483647'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePath(s)
		if err != nil {
			return
		}
		q, err := ParsePath(p.String())
		if err != nil || q.String() != p.String() {
			t.Errorf("%q does not come back", s)
		}
	})
}
