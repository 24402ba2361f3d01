package keychain

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"blockstack/wallet/keychain/hdpath"
	"blockstack/wallet/keychain/keyfile"
)

// listed makes an unlocked keychain that has a list of one wallet.
func listed(t testing.TB) (*Keychain, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keychain")
	if err := Create(path, pw(testPhrase), pw("x"), keyfile.TestCost()); err != nil {
		t.Fatal(err)
	}
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.List(); !errors.Is(err, ErrNoList) {
		t.Fatalf("a new keychain: %v", err)
	}
	write := func(*keyfile.List, bool) (*keyfile.List, error) {
		l, err := k.Derived(3, 2)
		if err == nil {
			h := keyfile.Home{Accounts: map[uint32]string{hdpath.PurposeP2WPKH: "tpub"}, Gap: 20}
			h.SetRedeemScripts([][]byte{{1, 2, 3}})
			l.Homes["regtest"] = h
		}
		return l, err
	}
	if err := k.SetList(write); !errors.Is(err, ErrLocked) {
		t.Fatalf("a locked keychain: %v", err)
	}
	if err := k.Unlock(context.Background(), pw("x")); err != nil {
		t.Fatal(err)
	}
	derived, err := write(nil, false)
	if err == nil {
		err = k.SetList(func(*keyfile.List, bool) (*keyfile.List, error) { return derived, nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return k, path
}

// A list comes back as it was written and is vouched for; one that was changed by as much as a
// letter is not.
func TestList(t *testing.T) {
	k, path := listed(t)
	if err := k.CheckList(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := again.List()
	if err != nil || len(l.Owners) != 3 || len(l.Revealers) != 2 || l.Homes["regtest"].Gap != 20 || len(l.Homes["regtest"].RedeemScripts()) != 1 {
		t.Fatalf("%+v %v", l, err)
	}
	if err := again.CheckList(); !errors.Is(err, ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	for name, change := range map[string]func(l *keyfile.List){
		"owner":       func(l *keyfile.List) { l.Owners[0], l.Owners[1] = l.Owners[1], l.Owners[0] },
		"revealer":    func(l *keyfile.List) { l.Revealers = l.Revealers[:1] },
		"fingerprint": func(l *keyfile.List) { l.Fingerprint = "00000000" },
		"gap":         func(l *keyfile.List) { l.Homes["regtest"] = keyfile.Home{Gap: 21} },
		"home":        func(l *keyfile.List) { l.Homes["mainnet"] = l.Homes["regtest"] },
		"sealed key":  func(l *keyfile.List) { l.SealedKey[3] ^= 1 },
		"MAC":         func(l *keyfile.List) { l.MAC[3] ^= 1 },
	} {
		l, err := k.List()
		if err != nil {
			t.Fatal(err)
		}
		l.SealedKey, l.MAC = append(keyfile.Blob{}, l.SealedKey...), append(keyfile.Blob{}, l.MAC...)
		change(l)
		digest, err := l.Digest(k.ID())
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := k.Vouches(digest, l.MAC); ok || err != nil {
			t.Errorf("%s: vouched for: %v", name, err)
		}
	}
}

// A password that is changed while the list is extended is changed, and the list extended.
func TestListAndPasswordAtOnce(t *testing.T) {
	k, path := listed(t)
	other, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var wg sync.WaitGroup
	errs := make([]error, 2)
	wg.Go(func() {
		for i := range uint32(20) {
			l, err := k.Derived(4+i, 2)
			errs[0] = errors.Join(errs[0], err, k.SetList(func(now *keyfile.List, vouched bool) (*keyfile.List, error) {
				if !vouched {
					return nil, errors.New("not vouched for")
				}
				l.Homes = now.Homes
				return l, nil
			}))
		}
	})
	wg.Go(func() {
		old := "x"
		for _, next := range []string{"y", "z", "x", "z"} {
			errs[1] = errors.Join(errs[1], other.ChangePassword(ctx, pw(old), pw(next), keyfile.TestCost()))
			old = next
		}
	})
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	end, err := Open(path)
	if err == nil {
		err = end.Unlock(ctx, pw("z"))
	}
	if err == nil {
		err = end.CheckList()
	}
	if l, lerr := end.List(); err != nil || lerr != nil || len(l.Owners) != 23 {
		t.Errorf("%v %v", err, lerr)
	}
}
