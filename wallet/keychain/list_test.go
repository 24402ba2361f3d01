package keychain

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// listed makes an unlocked keychain that has a list of one wallet.
func listed(t testing.TB) (*Keychain, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keychain")
	if err := Create(path, pw(testPhrase), pw("x"), TestCost()); err != nil {
		t.Fatal(err)
	}
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.List(); !errors.Is(err, ErrNoList) {
		t.Fatalf("a new keychain: %v", err)
	}
	write := func(*List, bool) (*List, error) {
		l, err := k.Derived(3, 2)
		if err == nil {
			h := Home{Accounts: map[uint32]string{PurposeP2WPKH: "tpub"}, Gap: 20}
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
		err = k.SetList(func(*List, bool) (*List, error) { return derived, nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return k, path
}

// A list comes back as it was written and is vouched for; one that was changed by as much as a letter is not.
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
	for name, change := range map[string]func(l *List){
		"owner":       func(l *List) { l.Owners[0], l.Owners[1] = l.Owners[1], l.Owners[0] },
		"revealer":    func(l *List) { l.Revealers = l.Revealers[:1] },
		"fingerprint": func(l *List) { l.Fingerprint = "00000000" },
		"gap":         func(l *List) { l.Homes["regtest"] = Home{Gap: 21} },
		"home":        func(l *List) { l.Homes["mainnet"] = l.Homes["regtest"] },
		"sealed key":  func(l *List) { l.SealedKey[3] ^= 1 },
		"MAC":         func(l *List) { l.MAC[3] ^= 1 },
	} {
		l, err := k.List()
		if err != nil {
			t.Fatal(err)
		}
		l.SealedKey, l.MAC = append(blob{}, l.SealedKey...), append(blob{}, l.MAC...)
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
			errs[0] = errors.Join(errs[0], err, k.SetList(func(now *List, vouched bool) (*List, error) {
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
			errs[1] = errors.Join(errs[1], other.ChangePassword(ctx, pw(old), pw(next), TestCost()))
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

// Lists that nobody writes are refused.
func TestHostileLists(t *testing.T) {
	_, path := listed(t)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(l *List){
		"gap 0":       func(l *List) { l.Homes["regtest"] = Home{} },
		"purpose":     func(l *List) { l.Homes["regtest"] = Home{Gap: 1, Accounts: map[uint32]string{1: "x"}} },
		"name":        func(l *List) { l.Homes["../x"] = Home{Gap: 1} },
		"MAC":         func(l *List) { l.MAC = nil },
		"sealed key":  func(l *List) { l.SealedKey = nil },
		"fingerprint": func(l *List) { l.Fingerprint = "xyz" },
		"set":         func(l *List) { l.Homes["regtest"] = Home{Gap: 1, Sets: []blob{make([]byte, 521)}} },
	} {
		f, err := parseFile(raw)
		if err != nil {
			t.Fatal(err)
		}
		change(f.Scripts)
		if err := f.check(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var p pubKeys
	for _, text := range []string{"AAAA", "!!!!", "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if err := p.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}
