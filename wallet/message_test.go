package wallet_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet"
	"blockstack/wallet/scripts"
)

// TestKnownMessages: signatures that others made.
func TestKnownMessages(t *testing.T) {
	for _, c := range []struct {
		source, addr, message, signature string
		form                             wallet.MessageForm
	}{
		{"BIP 322, test vectors", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l", "", "AkcwRAIgM2gBAQqvZX15ZiysmKmQpDrG83avLIT492QBzLnQIxYCIBaTpOaD20qRlEylyxFSeEA2ba9YOixpX8z46TSDtS40ASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=", wallet.MessageBIP322},
		{"BIP 322, test vectors", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l", "", "AkgwRQIhAPkJ1Q4oYS0htvyuSFHLxRQpFAY56b70UvE7Dxazen0ZAiAtZfFz1S6T6I23MWI2lK/pcNTWncuyL8UL+oMdydVgzAEhAsfxIAMZZEKUPYWI4BruhAQjzFT8FSFSajuFwrDL1Yhy", wallet.MessageBIP322},
		{"BIP 322, test vectors", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l", "Hello World", "AkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO7F29zJLUx9a/sASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=", wallet.MessageBIP322},
		{"BIP 322, test vectors", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l", "Hello World", "AkgwRQIhAOzyynlqt93lOKJr+wmmxIens//zPzl9tqIOua93wO6MAiBi5n5EyAcPScOjf1lAqIUIQtr3zKNeavYabHyR8eGhowEhAsfxIAMZZEKUPYWI4BruhAQjzFT8FSFSajuFwrDL1Yhy", wallet.MessageBIP322},
		{"bip322-js, README", "bc1ppv609nr0vr25u07u95waq5lucwfm6tde4nydujnu8npg4q75mr5sxq8lt3", "Hello World", "AUHd69PrJQEv+oKTfZ8l+WROBHuy9HKrbFCJu7U1iK2iiEy1vMU5EfMtjc+VSHM7aU0SDbak5IUZRVno2P5mjSafAQ==", wallet.MessageBIP322},
		{"Bitcoin Core, util_tests.cpp message_verify", "15CRxFdyRpGZLW9w8HnHvVduizdL5jKNbs", "Trust no one", "IPojfrX2dfPnH26UegfbGQQLrdK844DlHq5157/P6h57WyuS/Qsl+h/WSVGDF4MUi4rWSswW38oimDYfNNUBUOk=", wallet.MessageLegacy},
		{"Bitcoin Core, util_tests.cpp message_verify", "11canuhp9X2NocwCq7xNrQYTmUgZAnLK3", "Trust me", "IIcaIENoYW5jZWxsb3Igb24gYnJpbmsgb2Ygc2Vjb25kIGJhaWxvdXQgZm9yIGJhbmtzIAaHRtbCeDZINyavx14=", wallet.MessageLegacy},
	} {
		form, err := wallet.VerifyMessage(&chaincfg.MainNetParams, c.addr, c.message, c.signature)
		if err != nil || form != c.form {
			t.Errorf("%s, %s, %q: %s, %v", c.source, c.addr, c.message, form, err)
		}
		if _, err := wallet.VerifyMessage(&chaincfg.MainNetParams, c.addr, c.message+".", c.signature); !errors.Is(err, wallet.ErrBadSignature) {
			t.Errorf("%s, another message: %v", c.addr, err)
		}
	}
}

func TestSignMessages(t *testing.T) {
	ctx := testContext(t)
	w := create(t, home(t), phraseA)
	addresses := map[string]wallet.MessageForm{}
	for _, kind := range scripts.Kinds() {
		a, err := w.ReceiveAddress(ctx, kind)
		if err != nil {
			t.Fatal(err)
		}
		addresses[a.Text] = wallet.MessageBIP322
		if kind == scripts.P2PKH {
			addresses[a.Text] = wallet.MessageLegacy
		}
	}
	owner, err := w.OwnerAddress(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	addresses[owner.Text] = wallet.MessageLegacy
	if _, _, err := w.SignMessage(ctx, owner.Text, "x"); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	unlock(t, w)
	for addr, form := range addresses {
		for _, message := range []string{"", "I am alice.id\nsince 2016", strings.Repeat("ä", 300)} {
			sig, got, err := w.SignMessage(ctx, addr, message)
			if err != nil || got != form {
				t.Errorf("%s: %s, %v", addr, got, err)
				continue
			}
			if got, err := wallet.VerifyMessage(w.Network(), addr, message, sig); err != nil || got != form {
				t.Errorf("%s: %s, %v", addr, got, err)
			}
			for other := range addresses {
				if other == addr {
					continue
				}
				if _, err := wallet.VerifyMessage(w.Network(), other, message, sig); err == nil {
					t.Errorf("a signature of %s verifies for %s", addr, other)
				}
			}
			b, err := base64.StdEncoding.DecodeString(sig)
			if err != nil {
				t.Fatal(err)
			}
			for i := range b {
				b[i] ^= 1
				// Header and recovery id of the legacy form: a change of form is refused as well.
				if _, err := wallet.VerifyMessage(w.Network(), addr, message, base64.StdEncoding.EncodeToString(b)); err == nil {
					t.Errorf("%s: byte %d changed and it verifies", addr, i)
				}
				b[i] ^= 1
			}
		}
	}
	if _, _, err := w.SignMessage(ctx, "bcrt1q9vza2e8x573nczrlzms0wvx3gsqjx7vay85cr9", "x"); !errors.Is(err, wallet.ErrNotOurs) {
		t.Errorf("another's address: %v", err)
	}
	for _, bad := range []string{"", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l", "alice.id"} {
		if _, _, err := w.SignMessage(ctx, bad, "x"); !errors.Is(err, wallet.ErrMessage) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// FuzzVerifyMessage: whatever is offered as a signature, the answer is an error of ours.
func FuzzVerifyMessage(f *testing.F) {
	f.Add("AUHd69PrJQEv+oKTfZ8l+WROBHuy9HKrbFCJu7U1iK2iiEy1vMU5EfMtjc+VSHM7aU0SDbak5IUZRVno2P5mjSafAQ==", 0)
	f.Add("IPojfrX2dfPnH26UegfbGQQLrdK844DlHq5157/P6h57WyuS/Qsl+h/WSVGDF4MUi4rWSswW38oimDYfNNUBUOk=", 1)
	f.Fuzz(func(t *testing.T, sig string, which int) {
		addrs := []string{"bc1ppv609nr0vr25u07u95waq5lucwfm6tde4nydujnu8npg4q75mr5sxq8lt3", "15CRxFdyRpGZLW9w8HnHvVduizdL5jKNbs", "37qyp7jQAzqb2rCBpMvVtLDuuzKAUCVnJb", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l"}
		_, err := wallet.VerifyMessage(&chaincfg.MainNetParams, addrs[uint(which)%4], "another message", sig)
		if !errors.Is(err, wallet.ErrBadSignature) && !errors.Is(err, wallet.ErrMessage) {
			t.Error(err)
		}
	})
}
