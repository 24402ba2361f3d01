package job

import (
	"errors"
	"testing"

	"blockstack/names"
	"blockstack/txbuilder"
)

func script(n byte) []byte {
	return names.PubKeyHashScript([20]byte{n})
}

func name(t *testing.T, s string) names.Name {
	t.Helper()
	n, err := names.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNormal fills in defaults, and refuses requests that contradict themselves.
func TestNormal(t *testing.T) {
	p := names.Mainnet()
	alice := name(t, "alice.id")
	good := Request{Kind: KindRegister, Name: alice, Owner: script(1), Rate: txbuilder.SatPerVByte(10)}
	q, err := good.Normal(p, 6)
	if err != nil || q.Confirmations != 6 || q.HighRate != 3*good.Rate {
		t.Fatalf("%+v, %v", q, err)
	}
	for what, alter := range map[string]func(r *Request){
		"no kind":                  func(r *Request) { r.Kind = "sell" },
		"no name":                  func(r *Request) { r.Name = names.Name{} },
		"a new owner":              func(r *Request) { r.To = script(2) },
		"a rate below the floor":   func(r *Request) { r.Rate = 1 },
		"a high rate below it":     func(r *Request) { r.HighRate = r.Rate - 1 },
		"no confirmations":         func(r *Request) { r.Confirmations = -1 },
		"an update of nothing":     func(r *Request) { r.Kind = KindUpdate },
		"a transfer to nobody":     func(r *Request) { r.Kind = KindTransfer },
		"a revocation to somebody": func(r *Request) { r.Kind, r.To = KindRevoke, script(2) },
		"an erasing renewal":       func(r *Request) { r.Kind, r.Erase = KindRenew, true },
		"a series of nothing":      func(r *Request) { r.Kind, r.Name, r.Series = KindSeries, names.Name{}, &Series{} },
		"a name twice in a series": func(r *Request) {
			it := Item{Kind: KindRegister, Name: alice, Owner: script(1)}
			r.Kind, r.Name, r.Series = KindSeries, names.Name{}, &Series{Items: []Item{it, it}}
		},
		"an import without a list": func(r *Request) { r.Kind, r.Name = KindImport, names.Name{} },
	} {
		r := good
		alter(&r)
		if _, err := r.Normal(p, 6); !errors.Is(err, ErrBadRequest) {
			t.Errorf("%s: %v", what, err)
		}
	}
	r := good
	r.Owner = []byte{0, 1, 2}
	if _, err := r.Normal(p, 6); !errors.Is(err, txbuilder.ErrForbiddenScript) {
		t.Errorf("an owner that no name can have: %v", err)
	}
}

// TestSameSubject tells which requests get in each other's way, and what is not the same about
// them.
func TestSameSubject(t *testing.T) {
	alice := Request{Kind: KindRegister, Name: name(t, "alice.id"), Owner: script(1)}
	bob := Request{Kind: KindRegister, Name: name(t, "bob.id"), Owner: script(1)}
	list := Request{Kind: KindSeries, Owner: script(3), Series: &Series{Items: []Item{{Kind: KindRegister, Name: bob.Name, Owner: script(1)}}}}
	if alice.SameSubject(&bob) || alice.SameSubject(&list) || !bob.SameSubject(&list) || !list.SameSubject(&bob) || !alice.SameSubject(&alice) {
		t.Error("who is in whose way is not told")
	}
	other := alice
	other.ZoneFile = []byte("x")
	if alice.SameIntention(&other) || alice.Differs(&other) != "zone file" {
		t.Errorf("another zone file: %q", alice.Differs(&other))
	}
	other = alice
	other.Rate, other.MaxTotal, other.Confirmations, other.External = 7, 8, 9, true
	if !alice.SameIntention(&other) {
		t.Errorf("rates and ceilings are no part of the intention: %q", alice.Differs(&other))
	}
	if NewID(&alice, 0) == NewID(&alice, 1) || NewID(&alice, 0) == NewID(&bob, 0) || NewID(&alice, 0) != NewID(&other, 0) {
		t.Error("ids do not follow from the intention and how often it was tried")
	}
}
