package profile

import (
	"errors"
	"slices"
	"testing"
)

// TestAccountsOfOneService keeps the accounts of one service apart by their identifiers.
func TestAccountsOfOneService(t *testing.T) {
	var p Profile
	put := func(path, id string, members ...[2]string) {
		t.Helper()
		if err := p.PutAccount(path, id, members); err != nil {
			t.Fatal(err)
		}
	}
	put("key.ssh", "one", [2]string{"proofMessage", "m"}, [2]string{"proofSignature", "s"})
	put("key.ssh", "two", [2]string{"proofMessage", "n"})
	put("account.mastodon", "@a@b.example")
	if ids := p.Identifiers("key.ssh"); !slices.Equal(ids, []string{"one", "two"}) {
		t.Errorf("keys are %q", ids)
	}
	accounts := p.Accounts()
	if len(accounts) != 3 || accounts[0].ProofMessage != "m" || accounts[0].ProofSignature != "s" || accounts[1].ProofMessage != "n" || accounts[1].ProofSignature != "" {
		t.Errorf("accounts are %+v", accounts)
	}
	put("key.ssh", "one", [2]string{"proofMessage", "again"})
	if a := p.Accounts()[0]; a.ProofMessage != "again" || a.ProofSignature != "" {
		t.Errorf("the proof of before is still there: %+v", a)
	}
	if found, err := p.DropAccount("key.ssh", "one"); !found || err != nil || !slices.Equal(p.Identifiers("key.ssh"), []string{"two"}) {
		t.Errorf("dropped %v, %v; keys are %q", found, err, p.Identifiers("key.ssh"))
	}
	if found, _ := p.DropAccount("key.ssh", "one"); found {
		t.Error("dropped twice")
	}
	for path, id := range map[string]string{"image.avatar": "x", "key.ssh.contentUrl": "x", "account.bitcoin": "x", "key.ssh": ""} {
		if err := p.PutAccount(path, id, nil); !errors.Is(err, ErrBadEdit) {
			t.Errorf("%s, %q: %v", path, id, err)
		}
	}
	if err := p.PutAccount("key.ssh", "three", [][2]string{{"unheard", "of"}}); !errors.Is(err, ErrBadEdit) {
		t.Errorf("a member that no account has: %v", err)
	}
}
