package seedphrase

import (
	"errors"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39"

	"blockstack/wallet/secret"
)

func FuzzMnemonic(f *testing.F) {
	for _, s := range []string{strings.Repeat("abandon ", 11) + "about", "ABANDON-about", "a\u3000b", "\xff", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		clean, err := Clean(secret.Copy(b))
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
