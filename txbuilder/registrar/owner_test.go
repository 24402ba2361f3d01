package registrar

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
	"testing"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
)

// owned gives a world in which alice.id belongs to the owner's key.
func owned(t *testing.T, options ...option) *world {
	t.Helper()
	v := newWorld(t, options...)
	v.launch("id", 1)
	if j := v.run(v.register("alice.id")); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	return v
}

// ask is a request for an operation of the owner of alice.id.
func (v *world) ask(kind Kind) Request {
	req := Request{Kind: kind, Name: v.register("alice.id").Name, Owner: v.w.owner, Rate: txbuilder.SatPerVByte(10)}
	switch kind {
	case KindUpdate:
		req.ZoneFile = []byte("$ORIGIN alice.id\n$TTL 60\n_http._tcp\tIN\tURI\t10\t1\t\"https://example.org/p.json\"\n")
	case KindTransfer:
		req.To = v.w.payer2
	}
	return req
}

// TestOwnerOperations runs each operation to its end and looks at the record.
func TestOwnerOperations(t *testing.T) {
	for what, c := range map[string]struct {
		alter func(v *world) Request
		check func(v *world, req *Request, before, after names.Record) bool
	}{
		"renew": {func(v *world) Request { return v.ask(KindRenew) }, func(v *world, _ *Request, a, b names.Record) bool {
			return b.ExpiresAt == a.ExpiresAt+b.RenewedAt-a.RenewedAt && b.ZoneFile == a.ZoneFile && bytes.Equal(b.Owner, v.w.owner)
		}},
		"renew, give away and update": {func(v *world) Request {
			r := v.ask(KindRenew)
			r.To, r.ZoneFile = v.w.payer2, v.ask(KindUpdate).ZoneFile
			return r
		}, func(v *world, r *Request, a, b names.Record) bool {
			return b.RenewedAt > a.RenewedAt && b.ZoneFile == names.HashZoneFile(r.ZoneFile) && bytes.Equal(b.Owner, v.w.payer2)
		}},
		"update": {func(v *world) Request { return v.ask(KindUpdate) }, func(v *world, r *Request, a, b names.Record) bool {
			return b.ZoneFile == names.HashZoneFile(r.ZoneFile) && b.RenewedAt == a.RenewedAt && v.pub.files[b.ZoneFile] == 1
		}},
		"transfer": {func(v *world) Request { return v.ask(KindTransfer) }, func(v *world, _ *Request, a, b names.Record) bool {
			return bytes.Equal(b.Owner, v.w.payer2) && b.HasZoneFile && b.ZoneFile == a.ZoneFile
		}},
		"transfer and erase": {func(v *world) Request {
			r := v.ask(KindTransfer)
			r.Erase = true
			return r
		}, func(v *world, _ *Request, a, b names.Record) bool {
			return bytes.Equal(b.Owner, v.w.payer2) && !b.HasZoneFile
		}},
		"revoke": {func(v *world) Request { return v.ask(KindRevoke) }, func(v *world, _ *Request, a, b names.Record) bool {
			return b.Status == names.Revoked && bytes.Equal(b.Owner, v.w.owner)
		}},
	} {
		t.Run(what, func(t *testing.T) {
			v := owned(t)
			v.mine(3)
			req, before := c.alter(v), v.status("alice.id")
			e, err := v.r.Plan(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			j := v.run(req)
			if j.State != Done {
				t.Fatalf("%s: %s", j.State, j.Reason)
			}
			after := v.status("alice.id")
			if !c.check(v, &req, before, after) {
				t.Fatalf("before %+v\nafter %+v", before, after)
			}
			view := j.View()
			if view.FeeSat != int64(e.Fee) || view.BurnSat != int64(e.Burn) || len(view.Txids) != 1 || view.Txids[0] != after.LastTx.String() {
				t.Errorf("planned %d and %d, did %+v", e.Fee, e.Burn, view)
			}
			if (e.Renewal != nil) != (req.Kind == KindRenew) || e.Renewal != nil && (e.Renewal.NewExpires != after.ExpiresAt || e.Renewal.Expires != before.ExpiresAt || e.Renewal.Wasted <= 0) {
				t.Errorf("renewal %+v, expires at %d", e.Renewal, after.ExpiresAt)
			}
			first := mustTx(t, j.Stages[0].Versions[0]).TxIn[0].PreviousOutPoint
			if first.Hash != before.LastTx {
				t.Error("input 0 is not the coin that the name's last operation gave its owner")
			}
			for _, ver := range j.Stages[0].Versions {
				if mustTx(t, ver).TxIn[0].PreviousOutPoint != first {
					t.Error("versions spend different coins at input 0")
				}
			}
			// The same command again finds the job and pays nothing.
			v.mine(2)
			again, err := v.r.Start(t.Context(), req)
			if err != nil || again.ID != j.ID {
				t.Errorf("the same again: %v, %v", again, err)
			}
		})
	}
}

// TestOwnerOperationsInARow updates, updates back, renews and gives the name away: each is a job of
// its own, and each spends the coin of the one before.
func TestOwnerOperationsInARow(t *testing.T) {
	v := owned(t)
	first := v.ask(KindUpdate)
	back := first
	back.ZoneFile = v.register("alice.id").ZoneFile
	seen := map[ID]bool{}
	for i, req := range []Request{first, back, first, v.ask(KindRenew), v.ask(KindTransfer)} {
		last := v.status("alice.id").LastTx
		j := v.run(req)
		if j.State != Done || seen[j.ID] {
			t.Fatalf("%d: %s %s: %s", i, j.ID, j.State, j.Reason)
		}
		seen[j.ID] = true
		if got := mustTx(t, j.Stages[0].Versions[0]).TxIn[0].PreviousOutPoint.Hash; got != last {
			t.Errorf("%d: input 0 is of %s, the last operation was %s", i, got, last)
		}
	}
}

// TestOwnerOperationsRefused asks for what the name rules would refuse.
func TestOwnerOperationsRefused(t *testing.T) {
	v := owned(t)
	v.stranger("foreign.id", true)
	v.stranger("foreign.id", false)
	v.run(v.register("gone.id"))
	gone := v.ask(KindRevoke)
	gone.Name = v.register("gone.id").Name
	v.run(gone)
	with := func(kind Kind, alter func(*Request)) Request {
		r := v.ask(kind)
		alter(&r)
		return r
	}
	name := func(s string) func(*Request) { return func(r *Request) { r.Name = v.register(s).Name } }
	for what, c := range map[string]struct {
		req  Request
		code string
		want error
	}{
		"foreign":             {with(KindUpdate, name("foreign.id")), "not_owner", nil},
		"free":                {with(KindRenew, name("free.id")), "not_owner", nil},
		"revoked":             {with(KindTransfer, name("gone.id")), "not_owner", nil},
		"no namespace":        {with(KindRevoke, name("alice.nowhere")), "namespace_closed", nil},
		"same owner":          {with(KindTransfer, func(r *Request) { r.To = r.Owner }), "unchanged", nil},
		"renew to same owner": {with(KindRenew, func(r *Request) { r.To = r.Owner }), "unchanged", nil},
		"same zone file":      {with(KindUpdate, func(r *Request) { r.ZoneFile = v.register("alice.id").ZoneFile }), "unchanged", nil},
		"no zone file":        {with(KindUpdate, func(r *Request) { r.ZoneFile = nil }), "", ErrBadRequest},
		"not a zone file":     {with(KindUpdate, func(r *Request) { r.ZoneFile = []byte{0xff} }), "", errAny},
		"no new owner":        {with(KindTransfer, func(r *Request) { r.To = nil }), "", ErrBadRequest},
		"segwit owner":        {with(KindTransfer, func(r *Request) { r.To = append([]byte{0, 20}, make([]byte, 20)...) }), "", txbuilder.ErrForbiddenScript},
		"erase":               {with(KindRenew, func(r *Request) { r.Erase = true }), "", ErrBadRequest},
		"revoke and transfer": {with(KindRevoke, func(r *Request) { r.To = v.w.payer2 }), "", ErrBadRequest},
		"register and transfer": {func() Request {
			r := v.register("free.id")
			r.To = v.w.payer2
			return r
		}(), "", ErrBadRequest},
		"budget": {with(KindRenew, func(r *Request) { r.MaxTotal = 2000 }), "over_budget", nil},
	} {
		_, err := v.r.Start(t.Context(), c.req)
		var coded Coded
		if c.code != "" && (!errors.As(err, &coded) || coded.Code() != c.code) ||
			c.want != nil && (err == nil || c.want != errAny && !errors.Is(err, c.want)) {
			t.Errorf("%s: %v, want %s%v", what, err, c.code, c.want)
		}
	}
	var none *NoOwnerCoin
	coins, err := v.w.CoinsAt(t.Context(), v.w.owner)
	if err != nil || len(coins) != 2 {
		t.Fatalf("%d coins, %v", len(coins), err)
	}
	key := v.w.keys[string(v.w.owner)]
	delete(v.w.keys, string(v.w.owner))
	if _, err := v.r.Plan(t.Context(), v.ask(KindUpdate)); !errors.As(err, &none) || none.Need != 546 || none.Reserved != 0 {
		t.Errorf("an owner without a coin: %v", err)
	}
	v.w.keys[string(v.w.owner)] = key
}

// TestOwnerGrace can only renew in the grace period, and says so before it.
func TestOwnerGrace(t *testing.T) {
	v := shortLived(t)
	rec := v.status("alice.id")
	v.mine(int(rec.ExpiresAt-v.height()) - terms.LastCall)
	var must *MustRenew
	for range 2 {
		for _, kind := range []Kind{KindUpdate, KindTransfer, KindRevoke} {
			if _, err := v.r.Plan(t.Context(), v.ask(kind)); !errors.As(err, &must) || must.Expires != rec.ExpiresAt {
				t.Errorf("%s at %d of %d: %v", kind, v.height(), rec.ExpiresAt, err)
			}
		}
		v.mine(terms.LastCall + 1)
	}
	if j := v.run(v.ask(KindRenew)); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	if j := v.run(v.ask(KindUpdate)); j.State != Done {
		t.Fatalf("after the renewal: %s: %s", j.State, j.Reason)
	}
}

// shortLived is owned with a lifetime of 60 blocks and a grace period of 30.
func shortLived(t *testing.T) *world {
	v := newWorld(t, func(p *names.Params) {
		rules := p.Epochs[0].Namespaces[names.AnyNamespace]
		rules.LifetimeMultiplier, rules.GracePeriod = 1, 30
		p.Epochs[0].Namespaces = map[names.NamespaceID]names.NamespaceRules{names.AnyNamespace: rules}
	})
	req := v.launchRequest("id", 1)
	req.Namespace.Lifetime = 60
	v.run(req)
	if j := v.run(v.register("alice.id")); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	return v
}

// TestOwnerTooLate lets a renewal miss the end of the grace period: its price comes back.
func TestOwnerTooLate(t *testing.T) {
	v := shortLived(t)
	rec := v.status("alice.id")
	v.mine(int(rec.GraceEnds-v.height()) - 8)
	j, err := v.r.Start(t.Context(), v.ask(KindRenew))
	if err != nil {
		t.Fatal(err)
	}
	if j = v.advance(j.ID); j.State != UpdateSigned || j.Deadline != rec.GraceEnds {
		t.Fatalf("%s, deadline %d of %d", j.State, j.Deadline, rec.GraceEnds)
	}
	v.blocks(8)
	j = v.finish(j.ID)
	if j.State != Cancelled || !strings.Contains(j.Reason, "renewal") || j.View().BurnSat != 0 {
		t.Fatalf("%s: %s, %+v", j.State, j.Reason, j.View())
	}
}

// TestOwnerQuota renews nothing for an owner who has as many names as one may have, and shows the
// way out.
func TestOwnerQuota(t *testing.T) {
	v := owned(t, func(p *names.Params) { p.MaxNamesPerOwner = 3 })
	bob := v.run(v.register("bob.id"))
	v.params.MaxNamesPerOwner = 2 // we would not let it come to this
	if bob.State != Done {
		t.Fatal(bob.Reason)
	}
	var q *Quota
	if _, err := v.r.Plan(t.Context(), v.ask(KindRenew)); !errors.As(err, &q) || q.Names != 2 {
		t.Fatalf("renew with two of two names: %v", err)
	}
	if _, err := v.r.Plan(t.Context(), v.ask(KindUpdate)); err != nil {
		t.Fatalf("update with two of two names: %v", err)
	}
	away := v.ask(KindRenew)
	away.To = v.w.payer2
	if j := v.run(away); j.State != Done {
		t.Fatalf("renewed for somebody else: %s", j.Reason)
	}
	// What is on its way to an owner counts.
	v.params.MaxNamesPerOwner = 3
	give := v.ask(KindTransfer)
	give.Name, give.To = bob.Request.Name, v.w.payer2
	if _, err := v.r.Start(t.Context(), give); err != nil {
		t.Fatal(err)
	}
	third := v.register("third.id")
	third.Owner = v.w.payer2
	if _, err := v.r.Plan(t.Context(), third); !errors.As(err, &q) || q.Names != 1 || q.Flying != 1 {
		t.Fatalf("one owned and one on its way: %v", err)
	}
}

// TestOwnerConflict keeps two operations on one name apart.
func TestOwnerConflict(t *testing.T) {
	v := owned(t)
	j, err := v.r.Start(t.Context(), v.ask(KindUpdate))
	if err != nil {
		t.Fatal(err)
	}
	var c *Conflict
	for _, kind := range []Kind{KindRenew, KindTransfer, KindRevoke} {
		if _, err := v.r.Start(t.Context(), v.ask(kind)); !errors.As(err, &c) || c.ID != j.ID || c.What != "purpose" {
			t.Errorf("%s during an update: %v", kind, err)
		}
	}
	if again, err := v.r.Start(t.Context(), v.ask(KindUpdate)); err != nil || again.ID != j.ID {
		t.Errorf("the same update: %v", err)
	}
	if j, err = v.r.Cancel(t.Context(), j.ID); err != nil || j.State != Cancelled {
		t.Fatal(err)
	}
	if j = v.run(v.ask(KindTransfer)); j.State != Done {
		t.Fatal(j.Reason)
	}
}

// TestOwnerWindow replaces updates and transfers before their consensus hash gets too old, and lets
// a starved one go out at the higher rate without a password.
func TestOwnerWindow(t *testing.T) {
	for _, kind := range []Kind{KindUpdate, KindTransfer} {
		v := owned(t)
		j, err := v.r.Start(t.Context(), v.ask(kind))
		if err != nil {
			t.Fatal(err)
		}
		j = v.advance(j.ID)
		v.w.locked = true
		v.blocks(step.BumpAfter)
		if j = v.advance(j.ID); j.Stages[0].Current != 1 {
			t.Fatalf("%s: the higher rate is not used", kind)
		}
		v.blocks(int(v.params.ConsensusWindow) - terms.MaxQuoteDepth - step.ReplaceMargin - step.BumpAfter)
		var key *NeedsKey
		if _, err := v.r.Advance(t.Context(), j.ID); !errors.Is(err, ErrNeedsKey) || !errors.As(err, &key) || key.Blocks != step.ReplaceMargin {
			t.Fatalf("%s: locked when it has to be replaced: %v", kind, err)
		}
		v.w.locked = false
		j = v.advance(j.ID)
		vs := j.Stages[0].Versions
		if len(vs) != 3 || vs[2].Window <= vs[0].Window || mustTx(t, vs[2]).TxIn[0].PreviousOutPoint != mustTx(t, vs[0]).TxIn[0].PreviousOutPoint {
			t.Fatalf("%s: %d versions", kind, len(vs))
		}
		if j = v.finish(j.ID); j.State != Done {
			t.Fatalf("%s: %s: %s", kind, j.State, j.Reason)
		}
	}
}

// TestOwnerCancel takes an operation back: the owner's coin goes to the owner, the payer's to the
// payer.
func TestOwnerCancel(t *testing.T) {
	v := owned(t)
	before, err := v.w.CoinsAt(t.Context(), v.w.owner)
	if err != nil {
		t.Fatal(err)
	}
	j, err := v.r.Start(t.Context(), v.ask(KindRenew))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	if j, err = v.r.Cancel(t.Context(), j.ID); err != nil || j.State != Cancelling {
		t.Fatalf("%v, %v", j, err)
	}
	if j = v.finish(j.ID); j.State != Cancelled || v.status("alice.id").RenewedAt != v.status("alice.id").FirstRegistered {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	after, err := v.w.CoinsAt(t.Context(), v.w.owner)
	if err != nil || len(after) != len(before) || after[0].Amount != before[0].Amount {
		t.Fatalf("coins of the owner %v, then %v: %v", before, after, err)
	}
}

// TestRenewForTokens renews in a namespace priced in STACKS, which the owner's own account pays;
// the zone-file hash is written anew, the same.
func TestRenewForTokens(t *testing.T) {
	v := newWorld(t, func(p *names.Params) {
		p.Genesis = append(p.Genesis, names.GenesisAccount{Address: newWallet(t).address(newWallet(t).owner), Type: "STACKS", Value: big.NewInt(250_000), ReceiveWhitelisted: true})
	})
	v.launch("id", 3)
	if j := v.run(v.register("alice.id")); j.State != Done {
		t.Fatal(j.Reason)
	}
	before := v.status("alice.id")
	e, err := v.r.Plan(t.Context(), v.ask(KindRenew))
	if err != nil || e.BurnTokens == nil || e.Payer != before.OwnerAddress {
		t.Fatalf("%+v, %v", e, err)
	}
	for left := int64(250_000); left >= e.BurnTokens.Int64(); left -= e.BurnTokens.Int64() {
		req := v.ask(KindRenew)
		if left < 250_000 { // otherwise it would be the same renewal
			req.ZoneFile = v.ask(KindUpdate).ZoneFile
		}
		j := v.run(req)
		if j.State != Done || j.View().BurnUstacks == nil {
			t.Fatalf("%s: %s", j.State, j.Reason)
		}
	}
	var short *TokensShort
	again := v.ask(KindRenew)
	again.ZoneFile = []byte("$ORIGIN alice.id\n$TTL 61\n")
	if _, err := v.r.Plan(t.Context(), again); !errors.As(err, &short) || short.Address != before.OwnerAddress {
		t.Fatalf("with an empty account: %v", err)
	}
	if after := v.status("alice.id"); after.RenewedAt <= before.RenewedAt || !after.HasZoneFile {
		t.Fatalf("%+v", after)
	}
}
