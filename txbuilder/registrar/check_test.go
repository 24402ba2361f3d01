package registrar

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/names"
	"blockstack/txbuilder"
)

// TestChecksBeforeMoneyMoves expects a typed refusal with a code, and an untouched journal.
func TestChecksBeforeMoneyMoves(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.run(v.register("taken.id"))
	v.stranger("foreign.id", true)
	v.stranger("foreign.id", false)
	ctx := t.Context()
	before, err := v.journal.Jobs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	with := func(name string, alter func(*Request)) Request {
		r := v.register(name)
		if alter != nil {
			alter(&r)
		}
		return r
	}
	segwit := append([]byte{0, 20}, bytes.Repeat([]byte{7}, 20)...)
	for what, c := range map[string]struct {
		req  Request
		code string
		want error
	}{
		"taken":                  {with("foreign.id", nil), "name_taken", nil},
		"ours under other owner": {with("taken.id", func(r *Request) { r.Owner = v.w.revealer }), "name_taken", nil},
		"no namespace":           {with("alice.nowhere", nil), "namespace_closed", nil},
		"namespace exists":       {v.launchRequest("id", 1), "", nil}, // the job that launched it is found
		"namespace of another":   {func() Request { r := v.launchRequest("id", 2); return r }(), "namespace_taken", nil},
		"bech32 owner":           {with("alice.id", func(r *Request) { r.Owner = segwit }), "", txbuilder.ErrForbiddenScript},
		"p2sh revealer":          {func() Request { r := v.launchRequest("new", 1); r.Owner = v.w.payer; return r }(), "", txbuilder.ErrForbiddenScript},
		"no rate":                {with("alice.id", func(r *Request) { r.Rate = 0 }), "", ErrBadRequest},
		"absurd rate":            {with("alice.id", func(r *Request) { r.Rate = txbuilder.MaxRate + 1 }), "", ErrBadRequest},
		"zone file is not one":   {with("alice.id", func(r *Request) { r.ZoneFile = []byte{0xff, 0xfe} }), "", errAny},
		"rich label":             {with("a.id", func(r *Request) { r.Rate = 2000 }), "", nil},
		"kind":                   {Request{Kind: "destroy", Owner: v.w.owner, Rate: 1000}, "", ErrBadRequest},
		"no name":                {Request{Kind: KindRegister, Owner: v.w.owner, Rate: 1000}, "", ErrBadRequest},
		"tokens for version 1":   {with("alice.id", func(r *Request) { r.PayWith = names.MicroStacks }), "", nil},
	} {
		_, err := v.r.Plan(ctx, c.req)
		var coded Coded
		switch {
		case c.code == "" && c.want == nil:
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		case c.code != "" && (!errors.As(err, &coded) || coded.Code() != c.code):
			t.Errorf("%s: %v, want code %s", what, err, c.code)
		case c.want == errAny && err == nil, c.want != nil && c.want != errAny && !errors.Is(err, c.want):
			t.Errorf("%s: %v, want %v", what, err, c.want)
		case err != nil && strings.HasSuffix(err.Error(), "."):
			t.Errorf("%s: the error ends in a full stop: %v", what, err)
		}
		if c.code != "" || c.want != nil {
			if _, serr := v.r.Start(ctx, c.req); serr == nil {
				t.Errorf("%s: Start took what Plan refused", what)
			}
		}
	}
	after, err := v.journal.Jobs(ctx)
	if err != nil || len(after) != len(before) {
		t.Errorf("%d jobs, then %d: %v", len(before), len(after), err)
	}
}

var errAny = errors.New("any")

// TestMoney asks for the whole job's money before anything is signed.
func TestMoney(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	spend := v.w.keys
	v.w.keys = map[string]*btcec.PrivateKey{string(v.w.owner): spend[string(v.w.owner)]}
	poor := v.w.add(77, false)
	_, err := v.r.Plan(t.Context(), v.register("alice.id"))
	var short *txbuilder.InsufficientFunds
	if !errors.As(err, &short) || short.Have != 0 || short.Need <= 0 {
		t.Fatalf("without coins: %v", err)
	}
	// The preorder alone could be paid, the registration after it could not.
	v.pay(poor, short.Need-600)
	v.mine(1)
	if _, err = v.r.Plan(t.Context(), v.register("alice.id")); !errors.As(err, &short) || short.Have == 0 {
		t.Fatalf("with too little for the registration: %v", err)
	}
	v.pay(poor, short.Need-short.Have+30_000)
	v.mine(1)
	if _, err = v.r.Plan(t.Context(), v.register("alice.id")); err != nil {
		t.Fatalf("with what was asked for: %v", err)
	}
}

// TestTokens names the account that is short, and counts what other jobs are about to debit.
func TestTokens(t *testing.T) {
	v := newWorld(t, func(p *names.Params) { p.Genesis[0].Value = big.NewInt(64_000_000_000 + 70_000_000) })
	v.launch("id", 3)
	ctx := t.Context()
	first, err := v.r.Start(ctx, v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.r.Plan(ctx, v.register("bobby.id"))
	if err != nil || e.BurnTokens == nil {
		t.Fatalf("before the first is signed: %v", err)
	}
	v.advance(first.ID)
	// alice.id costs 4*4^2*1733 = 110912; a three-letter name 4*4^4*1733 = 1774592 and a label of
	// one letter 28393472.
	left := 70_000_000 - 110_912
	_, err = v.r.Plan(ctx, v.register("a.id"))
	if err != nil {
		t.Fatalf("with %d left: %v", left, err)
	}
	j, err := v.r.Start(ctx, v.register("a.id"))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	k, err := v.r.Start(ctx, v.register("e.id"))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(k.ID)
	_, err = v.r.Plan(ctx, v.register("i.id"))
	var short *TokensShort
	if !errors.As(err, &short) || short.Need.Int64() != 28_393_472 || short.Have.Int64() != int64(left-2*28_393_472) || short.Address != v.w.address(v.w.payer) {
		t.Fatalf("two dear names on their way: %v", err)
	}
}

// TestQuota counts the names that jobs are registering.
func TestQuota(t *testing.T) {
	v := newWorld(t, func(p *names.Params) { p.MaxNamesPerOwner = 3 }) // with three no renewal would count
	v.launch("id", 1)
	v.run(v.register("one.id"))
	j, err := v.r.Start(t.Context(), v.register("two.id"))
	if err != nil {
		t.Fatal(err)
	}
	var q *Quota
	if _, err := v.r.Plan(t.Context(), v.register("three.id")); !errors.As(err, &q) || q.Names != 1 || q.Flying != 1 || q.Code() != "quota" {
		t.Fatalf("one owned and one on its way: %v", err)
	}
	if j = v.finish(j.ID); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	if _, err := v.r.Plan(t.Context(), v.register("three.id")); !errors.As(err, &q) || q.Names != 2 {
		t.Fatalf("two owned: %v", err)
	}
}

// TestGrace says that a name in its grace period is not free.
func TestGrace(t *testing.T) {
	v := newWorld(t, func(p *names.Params) {
		rules := p.Epochs[0].Namespaces[names.AnyNamespace]
		rules.LifetimeMultiplier, rules.GracePeriod = 1, 30
		p.Epochs[0].Namespaces = map[names.NamespaceID]names.NamespaceRules{names.AnyNamespace: rules}
	})
	req := v.launchRequest("id", 1)
	req.Namespace.Lifetime = 40
	v.run(req)
	j := v.run(v.register("alice.id"))
	if j.State != Done {
		t.Fatal(j.State)
	}
	v.mine(45)
	other := v.register("alice.id")
	other.Owner = v.w.revealer
	_, err := v.r.Plan(t.Context(), other)
	var taken *NameTaken
	if !errors.As(err, &taken) || taken.Code() != "in_grace" || taken.Free <= v.height() {
		t.Fatalf("in grace: %v", err)
	}
	v.mine(int(taken.Free-v.height()) + 1)
	if _, err := v.r.Plan(t.Context(), other); err != nil {
		t.Fatalf("after block %d: %v", taken.Free, err)
	}
}

// TestCreatorIsPaid registers in a version-2 namespace, whose creator is paid at first, and refuses
// when that is about to end.
func TestCreatorIsPaid(t *testing.T) {
	const period = 250
	v := newWorld(t, func(p *names.Params) {
		rules := p.Epochs[0].Namespaces[names.AnyNamespace]
		rules.ReceiveFeesPeriod = period
		p.Epochs[0].Namespaces = map[names.NamespaceID]names.NamespaceRules{names.AnyNamespace: rules}
	})
	v.launch("id", 2)
	e, err := v.r.Plan(t.Context(), v.register("alice.id"))
	if err != nil || e.Payee != v.w.address(v.w.payer) {
		t.Fatalf("pays %v, %v", e, err)
	}
	if j := v.run(v.register("alice.id")); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	v.mine(100)
	var changing *PayeeChanging
	if _, err = v.r.Plan(t.Context(), v.register("bobby.id")); !errors.As(err, &changing) {
		t.Fatalf("near the end: %v", err)
	}
	v.mine(int(changing.After - v.height()))
	if e, err = v.r.Plan(t.Context(), v.register("bobby.id")); err != nil || e.Payee != v.params.BurnAddress {
		t.Fatalf("after the end: %v", err)
	}
	if j := v.run(v.register("bobby.id")); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
}

// TestConflict refuses a second intention for the same name.
func TestConflict(t *testing.T) {
	v, req, j := started(t, 1)
	for what, alter := range map[string]func(*Request){
		"owner":     func(r *Request) { r.Owner = v.w.revealer },
		"zone file": func(r *Request) { r.ZoneFile = []byte("$ORIGIN alice.id\n$TTL 1\n") },
	} {
		other := req
		alter(&other)
		var c *Conflict
		if _, err := v.r.Start(t.Context(), other); !errors.As(err, &c) || c.ID != j.ID || c.What != what {
			t.Errorf("other %s: %v", what, err)
		}
	}
	same := req
	same.Rate, same.MaxTotal = 2*req.Rate, 1e8
	again, err := v.r.Start(t.Context(), same)
	if err != nil || again.ID != j.ID {
		t.Errorf("another rate: %v, %v", again, err)
	}
	e, err := v.r.Plan(t.Context(), req)
	if err != nil || e.Running == nil || e.Running.ID != j.ID {
		t.Errorf("plan of what is running: %v, %v", e, err)
	}
}

// TestIndexBehind plans nothing on old knowledge.
func TestIndexBehind(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.btc.Mine(1)
	if _, err := v.r.Plan(t.Context(), v.register("alice.id")); !errors.Is(err, ErrIndexBehind) {
		t.Fatalf("one block behind: %v", err)
	}
	v.follow()
	if _, err := v.r.Plan(t.Context(), v.register("alice.id")); err != nil {
		t.Fatal(err)
	}
}

// TestNodeDown leaves the job as it is and says what failed.
func TestNodeDown(t *testing.T) {
	v, req, j := started(t, 1)
	v.btc.SetDown(true)
	if got, err := v.r.Advance(t.Context(), j.ID); err == nil || got.State != j.State {
		t.Fatalf("%v, %v", got, err)
	}
	v.btc.SetDown(false)
	if j = v.live(req); j.State != Done {
		t.Fatal(j.State)
	}
}

// TestErrorTexts holds every coded error to the house style.
func TestErrorTexts(t *testing.T) {
	n, _ := names.Parse("alice.id")
	for _, e := range []Coded{
		&NameTaken{Name: n, Status: names.Registered, Owner: "1x"}, &NameTaken{Name: n, Status: names.Grace, Free: 9}, &NameTaken{Name: n, Status: names.Revoked},
		&NamespaceClosed{ID: "id"}, &NamespaceClosed{ID: "id", Status: names.NamespaceRevealed}, &NamespaceClosed{ID: "id", Status: names.NamespaceExpired},
		&NamespaceTaken{ID: "id", Status: names.NamespaceIsReady}, &Quota{Owner: "1x", Names: 25, Limit: 25}, &PreorderOutstanding{What: "alice.id"},
		&TokensShort{Need: big.NewInt(2), Have: big.NewInt(1)}, &PayeeChanging{ID: "id", After: 9}, &OverBudget{Need: 2, Max: 1}, &Conflict{ID: "x", What: "owner"},
		&Refused{Reason: "no"},
	} {
		text := e.Error()
		if text == "" || strings.HasSuffix(text, ".") || strings.Contains(text, "failed") || strings.Contains(text, "%!") || e.Code() == "" {
			t.Errorf("%T: %q, %q", e, text, e.Code())
		}
		if again := fmt.Errorf("x: %w", e); !errors.As(again, new(Coded)) {
			t.Errorf("%T is not found when wrapped", e)
		}
	}
}
