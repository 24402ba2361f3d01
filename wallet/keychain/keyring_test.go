package keychain

import (
	"context"
	"errors"
	"testing"

	"blockstack/wallet/keychain/keyfile"
	"blockstack/wallet/keychain/seedphrase"
	"blockstack/wallet/secret"
)

// TestKeyringUnlocker adds, replaces and removes the secret of a system's keyring beside the
// password.
func TestKeyringUnlocker(t *testing.T) {
	ctx := context.Background()
	path := t.TempDir() + "/keychain"
	text := func(s string) *secret.Bytes { return secret.New([]byte(s)) }
	phrase, err := seedphrase.New(12)
	if err != nil {
		t.Fatal(err)
	}
	if err := Create(path, phrase, text("password"), keyfile.TestCost()); err != nil {
		t.Fatal(err)
	}
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	unlock := func(step string, keyring string, want error) {
		t.Helper()
		again, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Lock()
		if err := again.UnlockKeyring(ctx, text(keyring)); !errors.Is(err, want) {
			t.Errorf("%s: the keyring: %v", step, err)
		}
		if err := again.Unlock(ctx, text(keyring)); !errors.Is(err, keyfile.ErrWrongPassword) {
			t.Errorf("%s: the keyring's secret as a password: %v", step, err)
		}
		if err := again.Unlock(ctx, text("password")); err != nil {
			t.Errorf("%s: the password: %v", step, err)
		}
	}
	unlock("before", "random", keyfile.ErrWrongPassword)
	if err := k.AddKeyring(ctx, text("wrong"), text("random")); !errors.Is(err, keyfile.ErrWrongPassword) || k.HasKeyring() {
		t.Errorf("with a wrong password: %v", err)
	}
	for _, s := range []string{"random", "another"} {
		if err := k.AddKeyring(ctx, text("password"), text(s)); err != nil || !k.HasKeyring() || len(k.Unlockers()) != 2 {
			t.Fatalf("add: %v, %v", err, k.Unlockers())
		}
		unlock(s, s, nil)
	}
	unlock("replaced", "random", keyfile.ErrWrongPassword)
	if err := k.RemovePassword(ctx, text("password")); err == nil {
		t.Error("the last password could be removed because of the keyring")
	}
	if err := k.RemoveKeyring(ctx, text("password")); err != nil || k.HasKeyring() {
		t.Fatalf("remove: %v", err)
	}
	unlock("after", "another", keyfile.ErrWrongPassword)
}
