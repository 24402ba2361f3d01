package lookup

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/profile"
)

func TestPayee(t *testing.T) {
	w, l, n := newWorld(t)
	at := w.now.Add(-time.Hour)
	two := profile.New(profile.Person)
	for _, a := range []string{"1A", "1B", "1A"} {
		if err := two.PutAccount("payment.bitcoin", a, nil); err != nil {
			t.Fatal(err)
		}
	}
	both, err := profile.SignIssue(context.Background(), two, keyOf(1), profile.Issue{IssuedAt: at})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		page []byte
		want []string
		none error
	}{
		{"one", w.token(t, keyOf(1), at, "payment.bitcoin=1Address"), []string{"1Address"}, nil},
		{"several", both.File(), []string{"1A", "1B"}, nil},
		{"no address", w.token(t, keyOf(1), at, "name=Alice"), nil, profile.ErrNoPayee},
	} {
		w.pages[place] = c.page
		p, err := l.Payee(context.Background(), n)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !slices.Equal(p.Addresses, c.want) || !errors.Is(p.None, c.none) || p.Name != n || p.Record.OwnerAddress == "" {
			t.Errorf("%s: %v, %v", c.name, p.Addresses, p.None)
		}
	}
	w.register(t, n)
	if p, err := l.Payee(context.Background(), n); err != nil || !errors.Is(p.None, ErrNone) || p.Addresses != nil {
		t.Errorf("no profile: %+v, %v", p, err)
	}
}

// TestUnpaid: nothing but a verified profile that was read now decides who is paid.
func TestUnpaid(t *testing.T) {
	ctx := context.Background()
	w, l, n := newWorld(t)
	at := w.now.Add(-time.Hour)
	w.pages[place] = w.token(t, keyOf(2), at, "payment.bitcoin=1Mallory")
	var unpaid *UnpaidError
	if _, err := l.Payee(ctx, n); !errors.As(err, &unpaid) || unpaid.Report.Reason != profile.WrongSigner {
		t.Errorf("%v", err)
	}
	w.pages[place] = w.token(t, keyOf(1), at, "payment.bitcoin=1Alice")
	if _, err := l.Payee(ctx, n); err != nil {
		t.Fatal(err)
	}
	w.pages[place] = w.token(t, keyOf(1), at.Add(-time.Hour), "payment.bitcoin=1Old")
	if _, err := l.Payee(ctx, n); !errors.Is(err, ErrRolledBack) {
		t.Errorf("an old one: %v", err)
	}
	w.failing[place] = resolver.ErrUnreachable
	if _, err := l.Payee(ctx, n); !errors.Is(err, resolver.ErrUnreachable) {
		t.Errorf("by a copy: %v", err)
	}
	w.failing[place] = resolver.ErrMissing
	if _, err := l.Payee(ctx, n); !errors.Is(err, profile.ErrNoProfile) {
		t.Errorf("not there, which is no reason to pay the owner: %v", err)
	}
	w.lost = &resolver.NoZoneFileError{}
	if _, err := l.Payee(ctx, n); !errors.Is(err, resolver.ErrNoZoneFile) {
		t.Errorf("zone file not read: %v", err)
	}
	w.lost = nil
	asked := w.asked
	for _, s := range []names.Status{names.Grace, names.Expired, names.Revoked} {
		rec := w.records[n]
		rec.Status = s
		w.records[n] = rec
		if _, err := l.Payee(ctx, n); !errors.As(err, &unpaid) || unpaid.Status != s || unpaid.Report != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	if w.asked != asked {
		t.Error("a profile was read for a name that is not paid")
	}
}
