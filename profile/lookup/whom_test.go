package lookup

import (
	"context"
	"errors"
	"testing"
	"time"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/names/snv"
	"blockstack/profile"
	"blockstack/profile/bundle"
)

func TestVerifyForAName(t *testing.T) {
	ctx := context.Background()
	w, l, n := newWorld(t)
	a, err := l.Verify(ctx, n, w.token(t, keyOf(1), w.now), Options{})
	if err != nil || a.Outcome != Verified || a.Report.Name != "alice.id" {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err = l.Verify(ctx, n, w.token(t, keyOf(2), w.now), Options{}); err != nil || a.Report.Reason != profile.WrongSigner {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err = l.Verify(ctx, n, []byte("junk"), Options{}); err != nil || a.Report.Reason != profile.Malformed {
		t.Errorf("%+v, %v", a, err)
	}
	w.lost = &resolver.NoZoneFileError{}
	if a, err = l.Verify(ctx, n, w.token(t, keyOf(1), w.now), Options{}); err != nil || a.Outcome != Verified || !errors.Is(a.Why, resolver.ErrNoZoneFile) {
		t.Errorf("without the zone file: %+v, %v", a, err)
	}
	if _, err = l.Verify(ctx, parse(t, "free.id"), nil, Options{}); !errors.Is(err, names.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if w.asked != 0 {
		t.Error("a page was read")
	}
}

// judgesOf are judges by a world, and how often they opened it.
func judgesOf(l *Lookup) (*Judges, *int) {
	opened := 0
	return &Judges{Open: func(context.Context) (*Lookup, error) {
		opened++
		return l, nil
	}, Versions: profile.AddressVersions{PubKeyHash: 0, ScriptHash: 5}}, &opened
}

func TestForEach(t *testing.T) {
	ctx := context.Background()
	w, l, n := newWorld(t)
	token := func(k key) *profile.Token {
		f, err := profile.ParseTokenFile(w.token(t, k, w.now))
		if err != nil {
			t.Fatal(err)
		}
		return f.Token
	}
	mine, theirs := token(keyOf(1)), token(keyOf(2))
	trust, err := snv.ParseTrust("17ac43c1d8549c3181b200f1bf97eb7d@599000")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		whom        Whom
		entry       profile.Entry
		mine, other profile.Reason
		opened      int
		is          error
	}{
		{"key", Whom{Key: keyOf(1).hex()}, profile.Entry{}, profile.OK, profile.WrongSigner, 0, nil},
		{"name", Whom{Name: n}, profile.Entry{}, profile.OK, profile.WrongSigner, 1, nil},
		{"name proven by bundles", Whom{Name: n, Trust: trust}, profile.Entry{}, profile.OK, profile.WrongSigner, 1, nil},
		{"policy", Whom{Policy: &profile.Policy{Signers: []profile.PolicySigner{{Name: n}}}}, profile.Entry{}, profile.OK, profile.WrongSigner, 1, nil},
		{"policy proven by bundles", Whom{Trust: trust, Policy: &profile.Policy{Signers: []profile.PolicySigner{{Name: n}}}}, profile.Entry{},
			profile.WrongSigner, profile.WrongSigner, 0, nil},
		{"entry's name", Whom{}, profile.Entry{Name: "alice.id"}, profile.OK, profile.WrongSigner, 1, nil},
		{"entry's key", Whom{}, profile.Entry{Key: keyOf(1).hex()}, profile.OK, profile.WrongSigner, 0, nil},
		{"at another time", Whom{Key: keyOf(1).hex(), At: w.now.AddDate(5, 0, 0)}, profile.Entry{}, profile.Expired, profile.WrongSigner, 0, nil},
		{"nobody", Whom{}, profile.Entry{}, "", "", 0, ErrNobody},
		{"entry's name is none", Whom{}, profile.Entry{Name: "no name"}, "", "", 0, names.ErrBadName},
		{"entry's name is nobody's", Whom{}, profile.Entry{Name: "free.id"}, "", "", 1, names.ErrNotFound},
		{"entry's address is none", Whom{}, profile.Entry{Address: "did:btc-addr:x"}, "", "", 0, profile.ErrBadOwner},
	} {
		if c.whom.At.IsZero() {
			c.whom.At = w.now
		}
		j, opened := judgesOf(l)
		each, err := j.ForEach(ctx, c.whom)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for range 2 {
			for tok, want := range map[*profile.Token]profile.Reason{mine: c.mine, theirs: c.other} {
				entry := c.entry
				entry.Token = tok
				judge, err := each(ctx, &entry)
				if c.is != nil {
					if !errors.Is(err, c.is) {
						t.Errorf("%s: %v", c.name, err)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
					continue
				}
				if r, err := judge.Verify(ctx, tok); err != nil || r.Reason != want {
					t.Errorf("%s: %v, %v, want %s", c.name, r, err, want)
				}
			}
		}
		if c.is == nil && *opened != c.opened {
			t.Errorf("%s: opened %d times, want %d", c.name, *opened, c.opened)
		}
	}
}

func TestVerifier(t *testing.T) {
	_, l, n := newWorld(t)
	j, _ := judgesOf(l)
	for _, c := range []struct {
		whom Whom
		is   error
	}{
		{Whom{Address: "1BitcoinEaterAddressDontSendf59kuE"}, nil},
		{Whom{Address: "ID-1BitcoinEaterAddressDontSendf59kuE"}, nil},
		{Whom{Address: "did:btc-addr:1BitcoinEaterAddressDontSendf59kuE"}, nil},
		{Whom{Key: keyOf(1).hex()}, nil},
		{Whom{Key: "00"}, profile.ErrBadOwner},
		{Whom{Address: "bc1q"}, profile.ErrBadOwner},
		{Whom{Name: n}, ErrNobody},
		{Whom{}, ErrNobody},
	} {
		if _, err := j.Verifier(c.whom, l.Memory); !errors.Is(err, c.is) {
			t.Errorf("%+v: %v", c.whom, err)
		}
	}
}

func TestBundles(t *testing.T) {
	w, l, n := newWorld(t)
	j, opened := judgesOf(l)
	trust, err := snv.ParseTrust("17ac43c1d8549c3181b200f1bf97eb7d@599000")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Bundles(Whom{Name: n}, names.Mainnet()); !errors.Is(err, ErrNoTrust) {
		t.Errorf("%v", err)
	}
	for _, c := range []struct {
		whom Whom
		want profile.PolicySigner
	}{
		{Whom{Name: n, Trust: trust}, profile.PolicySigner{Name: n}},
		{Whom{Key: keyOf(1).hex(), Trust: trust}, profile.PolicySigner{Key: keyOf(1).hex()}},
		{Whom{Address: "ID-1BitcoinEaterAddressDontSendf59kuE", Trust: trust}, profile.PolicySigner{Address: "1BitcoinEaterAddressDontSendf59kuE"}},
	} {
		v, err := j.Bundles(c.whom, names.Mainnet())
		if err != nil || len(v.Policy.Signers) != 1 || v.Policy.Signers[0] != c.want {
			t.Errorf("%+v: %+v, %v", c.whom, v, err)
		}
	}
	if v, err := j.Bundles(Whom{Trust: trust, At: time.Unix(1, 0)}, names.Mainnet()); err != nil || v.Policy != nil || !v.Base.Clock().Equal(time.Unix(1, 0)) {
		t.Errorf("%+v, %v", v, err)
	}
	if *opened != 0 {
		t.Error("bundles need no look-up")
	}
	if _, is, err := IfBundle(nil)(context.Background(), []byte("[]")); is || err != nil {
		t.Errorf("%v, %v", is, err)
	}
	f, err := profile.ParseTokenFile(w.token(t, keyOf(1), w.now))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := (&bundle.Bundle{Token: f.Token}).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if _, is, err := IfBundle(nil)(context.Background(), raw); !is || !errors.Is(err, ErrNoTrust) {
		t.Errorf("%v, %v", is, err)
	}
}
