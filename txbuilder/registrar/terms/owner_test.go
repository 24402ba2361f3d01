package terms

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports/portstest"
)

// TestOwnerTerms refuses an operation that would not count, or that would change nothing, before
// anything is paid.
func TestOwnerTerms(t *testing.T) {
	mine, theirs := portstest.Script(1), portstest.Script(2)
	is := func(change func(*names.Record)) names.Record {
		rec := names.Record{Status: names.Registered, Owner: mine, OwnerAddress: "me", ExpiresAt: 3000, GraceEnds: 8000, RenewedAt: 500, FirstRegistered: 500}
		if change != nil {
			change(&rec)
		}
		return rec
	}
	status := func(s names.Status) names.Record { return is(func(r *names.Record) { r.Status = s }) }
	expires := func(at int32) names.Record { return is(func(r *names.Record) { r.ExpiresAt = at }) }
	held := is(func(r *names.Record) { r.HasZoneFile, r.ZoneFile = true, names.HashZoneFile([]byte(zone)) })
	update := job.Request{Kind: job.KindUpdate, ZoneFile: []byte(zone)}
	give := job.Request{Kind: job.KindTransfer, To: theirs}
	renew := job.Request{Kind: job.KindRenew}
	for what, c := range map[string]struct {
		rec      names.Record
		req      job.Request
		want     error
		deadline int32
	}{
		"an update":                             {is(nil), update, nil, 2999},
		"of a name for ever":                    {expires(0), update, nil, 0},
		"somebody else's":                       {is(func(r *names.Record) { r.Owner = theirs }), update, &NotOwner{}, 0},
		"of a free one":                         {status(names.Available), update, &NotOwner{}, 0},
		"of one that has expired":               {status(names.Expired), renew, &NotOwner{}, 0},
		"of one that is revoked":                {status(names.Revoked), renew, &NotOwner{}, 0},
		"an update in grace":                    {status(names.Grace), update, &MustRenew{}, 0},
		"six blocks before grace":               {expires(1006), update, &MustRenew{}, 0},
		"seven blocks before grace":             {expires(1007), update, nil, 1006},
		"to the same zone file":                 {held, update, &Unchanged{}, 0},
		"to another zone file":                  {held, job.Request{Kind: job.KindUpdate, ZoneFile: []byte(zone + "\n")}, nil, 2999},
		"to no zone file":                       {is(nil), job.Request{Kind: job.KindUpdate, ZoneFile: []byte("no")}, errors.ErrUnsupported, 0},
		"given away":                            {is(nil), give, nil, 2999},
		"given to its owner":                    {is(nil), job.Request{Kind: job.KindTransfer, To: mine}, &Unchanged{}, 0},
		"renewed in grace":                      {is(func(r *names.Record) { r.Status, r.ExpiresAt = names.Grace, 990 }), renew, nil, 8000},
		"renewed though it never expires":       {expires(0), renew, &NeverExpires{}, 0},
		"renewed twice":                         {is(func(r *names.Record) { r.RenewedAt = 990 }), renew, &Unchanged{}, 0},
		"renewed again when that is long since": {is(func(r *names.Record) { r.RenewedAt, r.FirstRegistered = 600, 500 }), renew, nil, 8000},
		"revoked":                               {is(nil), job.Request{Kind: job.KindRevoke}, nil, 2999},
	} {
		w, checks := open()
		j := &job.Job{ID: "a", State: job.Planned, Request: c.req}
		j.Request.Name, j.Request.Owner = portstest.Name(t, "alice.id"), mine
		w.Names.Records[j.Request.Name] = c.rec
		got, err := checks.Terms(t.Context(), j)
		if c.want == errors.ErrUnsupported { // any
			if err == nil {
				t.Errorf("%s: no error", what)
			}
			continue
		}
		if !portstest.Is(err, c.want) || err == nil && got.Deadline != c.deadline {
			t.Errorf("%s: %+v, %v; want %T, %d", what, got, err, c.want, c.deadline)
		}
	}
}

// TestOwnerQuota: with as many names as the rules allow, a renewal no longer counts, an update
// still does; who gets a name needs room for one.
func TestOwnerQuota(t *testing.T) {
	mine, theirs := portstest.Script(1), portstest.Script(2)
	for what, c := range map[string]struct {
		req          job.Request
		mine, theirs int
		full         bool
	}{
		"a renewal with 24":          {job.Request{Kind: job.KindRenew}, 24, 0, false},
		"a renewal with 25":          {job.Request{Kind: job.KindRenew}, 25, 0, true},
		"an update with 25":          {job.Request{Kind: job.KindUpdate}, 25, 0, false},
		"an update with 26":          {job.Request{Kind: job.KindUpdate}, 26, 0, true},
		"a transfer to one with 23":  {job.Request{Kind: job.KindTransfer, To: theirs}, 25, 23, false},
		"a transfer to one with 24":  {job.Request{Kind: job.KindTransfer, To: theirs}, 1, 24, true},
		"a renewal for one with 24":  {job.Request{Kind: job.KindRenew, To: theirs}, 1, 24, true},
		"a renewal for one with 23":  {job.Request{Kind: job.KindRenew, To: theirs}, 25, 23, false},
		"a revocation, whatever has": {job.Request{Kind: job.KindRevoke}, 30, 0, false},
	} {
		w, checks := open()
		w.Names.Owned[string(mine)], w.Names.Owned[string(theirs)] = c.mine, c.theirs
		c.req.Owner, c.req.Name = mine, portstest.Name(t, "alice.id")
		err := checks.ownerQuota(t.Context(), &job.Job{ID: "a", Request: c.req})
		if full := errors.As(err, new(*Quota)); full != c.full || !full && err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestRenewal restarts the lifetime, says what that throws away, and pays the creator only where he
// is still paid when it lands.
func TestRenewal(t *testing.T) {
	mine := portstest.Script(1)
	for what, c := range map[string]struct {
		creator  int32 // the last block in which he is paid
		deadline int32
		paid     bool
		refused  bool
	}{
		"burnt":                       {900, 8000, false, false},
		"to the creator":              {5000, 5000, true, false},
		"to the creator in 6 blocks":  {1006, 1006, true, false},
		"the creator's time is over":  {1005, 0, false, true},
		"and over in the next block":  {1000, 8000, false, false},
		"for long, beyond the grace":  {9000, 8000, true, false},
		"over in the one after that ": {1001, 0, false, true},
	} {
		w, checks := open()
		creator, err := w.Params.ScriptAddress(portstest.Script(7))
		if err != nil {
			t.Fatal(err)
		}
		ns := w.Names.Spaces["id"]
		ns.Version, ns.PayerAddress, ns.RevealHeight = 2, creator, c.creator-52595
		w.Names.Spaces["id"] = ns
		j := &job.Job{ID: "a", State: job.Planned, Request: job.Request{Kind: job.KindRenew, Name: portstest.Name(t, "alice.id"), Owner: mine}}
		w.Names.Records[j.Request.Name] = names.Record{Status: names.Registered, Owner: mine, ExpiresAt: 3000, GraceEnds: 8000, RenewedAt: 500, FirstRegistered: 500}
		got, err := checks.Terms(t.Context(), j)
		if c.refused {
			if !errors.As(err, new(*PayeeChanging)) {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		if err != nil || got.Deadline != c.deadline || (string(got.Payee) == string(portstest.Script(7))) != c.paid {
			t.Errorf("%s: %+v, %v", what, got, err)
			continue
		}
		if r := got.Renewal; r.Expires != 3000 || r.NewExpires != 1001+2*52595 || r.Wasted != 1999 {
			t.Errorf("%s: %+v", what, r)
		}
	}
}

// TestRenewalSent refuses another renewal while one of the owner's waits in the memory pool;
// somebody else's is none.
func TestRenewalSent(t *testing.T) {
	w, _ := open()
	key := []byte{2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	script, err := nameop.Script(w.Params.Magic, nameop.NameRenewal{Name: "alice.id"})
	if err != nil {
		t.Fatal(err)
	}
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{1}}, append([]byte{byte(len(key))}, key...), nil))
	tx.AddTxOut(wire.NewTxOut(0, script))
	for range 3 {
		tx.AddTxOut(wire.NewTxOut(1000, portstest.Script(1)))
	}
	owner := own.SendersOf(tx)[0]
	for what, c := range map[string]struct {
		owner []byte
		name  string
		mined bool
		sent  bool
	}{
		"sent":            {owner, "alice.id", false, true},
		"sent by others":  {portstest.Script(1), "alice.id", false, false},
		"of another name": {owner, "bob.id", false, false},
		"in a block":      {owner, "alice.id", true, false},
	} {
		w, _ := open()
		p := w.Ports()
		if c.mined {
			w.Chain.Mine(999, tx)
		}
		p.Chain = portstest.Pool{Chain: w.Chain, Waiting: []*wire.MsgTx{tx}}
		checks := &Checks{World: p, Search: own.NewSearch(p, nil)}
		j := &job.Job{ID: "a", State: job.Planned, Request: job.Request{Kind: job.KindRenew, Name: portstest.Name(t, c.name), Owner: c.owner}}
		w.Names.Records[j.Request.Name] = names.Record{Status: names.Registered, Owner: c.owner, ExpiresAt: 3000, GraceEnds: 8000, RenewedAt: 500, FirstRegistered: 500}
		_, err := checks.Terms(t.Context(), j)
		if sent := errors.As(err, new(*own.RenewalOurs)); sent != c.sent || !sent && err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestImportTerms imports only into a namespace that is revealed by this key, not open, and not
// about to expire.
func TestImportTerms(t *testing.T) {
	mine := portstest.Script(1)
	life := portstest.New(0).Params.NamespaceRevealLifetime
	for what, c := range map[string]struct {
		ns   names.Namespace
		want error
	}{
		"revealed":               {names.Namespace{Status: names.NamespaceRevealed, RevealerScript: mine, RevealHeight: 900}, nil},
		"open":                   {names.Namespace{Status: names.NamespaceIsReady, RevealerScript: mine}, &NamespaceTaken{}},
		"expired":                {names.Namespace{Status: names.NamespaceExpired, RevealerScript: mine}, &NamespaceClosed{}},
		"not there":              {names.Namespace{}, &NamespaceClosed{}},
		"by another key":         {names.Namespace{Status: names.NamespaceRevealed, RevealerScript: portstest.Script(2), RevealHeight: 900}, job.ErrBadRequest},
		"expires in 145 blocks":  {names.Namespace{Status: names.NamespaceRevealed, RevealerScript: mine, RevealHeight: 1145 - life}, nil},
		"expires in 144 blocks ": {names.Namespace{Status: names.NamespaceRevealed, RevealerScript: mine, RevealHeight: 1144 - life}, job.ErrBadRequest},
	} {
		w, checks := open()
		if w.Names.Spaces["lab"] = c.ns; what == "not there" {
			delete(w.Names.Spaces, "lab")
		}
		j := &job.Job{ID: "a", State: job.Planned, Request: job.Request{Kind: job.KindImport, Owner: mine, Import: &job.ImportSet{Namespace: "lab"}}}
		if _, err := checks.Terms(t.Context(), j); !portstest.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
