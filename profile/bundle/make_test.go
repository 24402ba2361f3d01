package bundle

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"blockstack/names"
	"blockstack/names/snv"
	"blockstack/profile"
)

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name          string
		h             Heights
		wanted        int32
		height, young int32
		exact         bool
	}{
		{"the last final one", Heights{First: 100, Tip: 200, ExactUntil: 200, LastOp: 150, Confirmations: 6}, 0, 195, 0, true},
		{"of an operation that has just become final", Heights{First: 100, Tip: 200, ExactUntil: 200, LastOp: 195, Confirmations: 6}, 0, 195, 0, true},
		{"not before the last operation", Heights{First: 100, Tip: 200, ExactUntil: 200, LastOp: 198, Confirmations: 6}, 0, 200, 3, true},
		{"not before the registry", Heights{First: 198, Tip: 200, ExactUntil: 200, LastOp: 198, Confirmations: 6}, 0, 198, 0, true},
		{"not after what is certain", Heights{First: 100, Tip: 200, ExactUntil: 160, LastOp: 150, Confirmations: 6}, 0, 160, 0, true},
		{"no operation known", Heights{First: 100, Tip: 200, ExactUntil: 200, Confirmations: 6}, 0, 195, 0, true},
		{"as wanted", Heights{First: 100, Tip: 200, ExactUntil: 200, LastOp: 198, Confirmations: 6}, 170, 170, 0, true},
		{"wanted past what is certain", Heights{First: 100, Tip: 200, ExactUntil: 160, Confirmations: 6}, 161, 0, 0, false},
	} {
		height, young, err := c.h.Choose(c.wanted)
		var inexact *InexactError
		if height != c.height || young != c.young || (err == nil) != c.exact || err != nil && (!errors.As(err, &inexact) || inexact.Wanted != c.wanted) {
			t.Errorf("%s: %d, %d, %v", c.name, height, young, err)
		}
	}
}

// newest is a memory that has seen a profile of everybody at a time.
type newest time.Time

func (n newest) Newest(context.Context, string) (time.Time, bool, error) {
	return time.Time(n), true, nil
}

func TestMake(t *testing.T) {
	w := newWorld(t)
	n, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	parts := Parts{Name: n, Token: w.token, ZoneFile: w.zoneFile}
	m, err := Make(t.Context(), w.Index, w.Chain, parts, snv.Options{Progress: func(int, int, string) { steps++ }})
	if err != nil || !m.Report.Valid || m.Anchor.Height != w.Height() || m.Anchor.Consensus != w.Quote || steps == 0 {
		t.Fatalf("%+v, %v", m, err)
	}
	if !bytes.Equal(m.Raw, w.bundle("alice.id", w.token, w.zoneFile)) {
		t.Error("it is not the bundle of its parts")
	}
	w.check("by its receiver", &Verifier{Trust: snv.Trust{Anchors: []snv.Anchor{m.Anchor}}}, m.Raw, profile.OK)

	parts.Seen = newest(time.Now().Add(time.Hour))
	if m, err = Make(t.Context(), w.Index, w.Chain, parts, snv.Options{}); err != nil || !m.Report.Has(profile.WarnRollback) {
		t.Errorf("an old one: %+v, %v", m, err)
	}
	parts.Token = w.sign(w.other, "Mallory")
	if m, err = Make(t.Context(), w.Index, w.Chain, parts, snv.Options{}); err != nil || m.Report.Reason != profile.WrongSigner {
		t.Errorf("somebody else's: %+v, %v", m, err)
	}
	parts.Token, parts.ZoneFile = w.token, []byte("another")
	if m, err = Make(t.Context(), w.Index, w.Chain, parts, snv.Options{}); err != nil || m.Report.Reason != profile.BadProof {
		t.Errorf("another zone file: %+v, %v", m, err)
	}
	if parts.Name, err = names.Parse("nobody.id"); err != nil {
		t.Fatal(err)
	}
	if _, err = Make(t.Context(), w.Index, w.Chain, parts, snv.Options{}); !errors.Is(err, names.ErrNotFound) {
		t.Errorf("%v", err)
	}
}
