package lists

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/estimate"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports/portstest"
	"blockstack/txbuilder/registrar/terms"
)

// engine is a registrar that says what a test puts in, and plans whatever it is asked for.
type engine struct {
	jobs       []*job.Job
	records    map[names.Name]names.Record
	room       map[string]int
	superseded error // what Superseded gives; nil: that it may take the place
	refused    map[int]error
	planErr    error
	planned    []job.Request
	batches    []estimate.BatchRequest
}

func (e *engine) Jobs(context.Context) ([]*job.Job, error) { return e.jobs, nil }

func (e *engine) Record(_ context.Context, n names.Name) (names.Record, error) {
	rec, known := e.records[n]
	if !known {
		rec.Status = names.Available
	}
	rec.Height = 1000
	return rec, nil
}

func (e *engine) Room(_ context.Context, owner []byte) (int, error) {
	return e.room[string(owner)], nil
}

func (e *engine) Superseded(context.Context, *job.Job, names.Name) (bool, error) {
	return e.superseded == nil, e.superseded
}

func (e *engine) Plan(_ context.Context, req job.Request) (*estimate.Estimate, error) {
	e.planned = append(e.planned, req)
	return &estimate.Estimate{Request: req, Worst: 5000, Fee: 1000, Burn: 640, Unit: names.Satoshi}, e.planErr
}

func (e *engine) PlanBatch(_ context.Context, req estimate.BatchRequest) (*estimate.Batch, error) {
	e.batches = append(e.batches, req)
	return &estimate.Batch{Costs: make([]estimate.ItemCost, len(req.Items)), Refused: e.refused}, nil
}

// identities are the scripts of a wallet: the first is identity 0.
type identities [][]byte

func (w identities) Ours(_ context.Context, script []byte) (bool, error) {
	for _, s := range w {
		if bytes.Equal(s, script) {
			return true, nil
		}
	}
	return false, nil
}

func (w identities) OwnerScript(_ context.Context, n uint32) ([]byte, error) { return w[n], nil }

var (
	mine, mine2, theirs = portstest.Script(1), portstest.Script(2), portstest.Script(9)
	wallet              = identities{mine, mine2}
	zone                = []byte("zone")
)

// TestNeed: a name that is not as it is to be gets the one operation that comes next, and one that
// cannot be so is refused.
func TestNeed(t *testing.T) {
	is := func(owner []byte, change func(*names.Record)) names.Record {
		rec := names.Record{Status: names.Registered, Owner: owner, HasZoneFile: true, ZoneFile: names.HashZoneFile(zone), RenewedAt: 0, ExpiresAt: 2000}
		if change != nil {
			change(&rec)
		}
		return rec
	}
	for what, c := range map[string]struct {
		line      Line
		rec       names.Record
		renewOnly bool
		kind      job.Kind // empty: nothing is needed
		to        []byte
		zone      bool
		refused   error
	}{
		"free":                              {Line{To: mine}, names.Record{Status: names.Available}, false, job.KindRegister, nil, false, nil},
		"expired":                           {Line{ZoneFile: zone}, names.Record{Status: names.Expired}, false, job.KindRegister, nil, true, nil},
		"free, where names are renewed":     {Line{Renew: 5000}, names.Record{Status: names.Available}, true, "", nil, false, &terms.NotOwner{}},
		"as it is to be":                    {Line{To: mine, ZoneFile: zone}, is(mine, nil), false, "", nil, false, nil},
		"another zone file":                 {Line{ZoneFile: []byte("other")}, is(mine, nil), false, job.KindUpdate, nil, true, nil},
		"no zone file yet":                  {Line{ZoneFile: zone}, is(mine, func(r *names.Record) { r.HasZoneFile = false }), false, job.KindUpdate, nil, true, nil},
		"to be given away":                  {Line{To: theirs}, is(mine, nil), false, job.KindTransfer, theirs, false, nil},
		"to point elsewhere and given away": {Line{To: theirs, ZoneFile: []byte("other")}, is(mine, nil), false, job.KindUpdate, nil, true, nil},
		"to be renewed":                     {Line{Renew: 1000}, is(mine, nil), false, job.KindRenew, nil, false, nil},
		"not yet to be renewed":             {Line{Renew: 999}, is(mine, nil), false, "", nil, false, nil},
		"renewed just now":                  {Line{Renew: 5000}, is(mine, func(r *names.Record) { r.RenewedAt, r.ExpiresAt = 900, 1900 }), false, "", nil, false, nil},
		"renewed a while ago":               {Line{Renew: 5000}, is(mine, func(r *names.Record) { r.RenewedAt, r.ExpiresAt = 899, 1899 }), false, job.KindRenew, nil, false, nil},
		"in grace":                          {Line{Renew: 5000}, is(mine, func(r *names.Record) { r.Status, r.RenewedAt, r.ExpiresAt = names.Grace, 995, 999 }), false, job.KindRenew, nil, false, nil},
		"that never expires":                {Line{Renew: 5000}, is(mine, func(r *names.Record) { r.ExpiresAt = 0 }), false, "", nil, false, nil},
		"renewed, given and pointed":        {Line{Renew: 1000, To: theirs, ZoneFile: []byte("other")}, is(mine, nil), false, job.KindRenew, theirs, true, nil},
		"somebody else's":                   {Line{}, is(theirs, nil), false, "", nil, false, &terms.NameTaken{}},
		"somebody else's, as it is to be":   {Line{To: theirs, ZoneFile: zone}, is(theirs, nil), false, "", nil, false, nil},
		"somebody else's, with other zone":  {Line{To: theirs, ZoneFile: []byte("other")}, is(theirs, nil), false, "", nil, false, &terms.NameTaken{}},
		"somebody else's, to be renewed":    {Line{To: theirs, ZoneFile: zone, Renew: 1000}, is(theirs, nil), false, "", nil, false, nil},
		"revoked":                           {Line{}, is(mine, func(r *names.Record) { r.Status = names.Revoked }), false, "", nil, false, &terms.NameTaken{}},
	} {
		l := c.line
		r := Run{RenewOnly: c.renewOnly}
		if c.rec.Height = 1000; r.need(t.Context(), wallet, &l, &c.rec) != nil {
			t.Fatal(what)
		}
		kind := job.Kind("")
		if l.Item != nil {
			kind = l.Item.Kind
		}
		var taken *terms.NameTaken
		var not *terms.NotOwner
		refused := errors.As(l.Refused, &taken) && c.refused != nil || errors.As(l.Refused, &not) && c.refused != nil
		if kind != c.kind || (l.Refused != nil) != (c.refused != nil) || l.Refused != nil && !refused {
			t.Errorf("%s: %q, %v", what, kind, l.Refused)
		} else if l.Item != nil && (!bytes.Equal(l.Item.To, c.to) || (len(l.Item.ZoneFile) > 0) != c.zone) {
			t.Errorf("%s: %+v", what, l.Item)
		}
	}
}

// TestAssign gives free names to the first identities that have room, and keeps the room that names
// with an owner in the list take.
func TestAssign(t *testing.T) {
	register := func(to []byte) *Line { return &Line{To: to, Item: &job.Item{Kind: job.KindRegister, Owner: to}} }
	for what, c := range map[string]struct {
		room []int
		list [][]byte // wanted owners
		got  [][]byte // who gets them; nil: nobody
	}{
		"room for all":                 {[]int{3, 3}, [][]byte{nil, nil}, [][]byte{mine, mine}},
		"the first is full":            {[]int{0, 3}, [][]byte{nil, nil}, [][]byte{mine2, mine2}},
		"one each":                     {[]int{1, 1}, [][]byte{nil, nil}, [][]byte{mine, mine2}},
		"another takes the room":       {[]int{1, 1}, [][]byte{nil, mine}, [][]byte{mine2, mine}},
		"another takes more than that": {[]int{1, 2}, [][]byte{mine, nil, mine}, [][]byte{mine, mine2, mine}},
		"no more":                      {[]int{1, 0}, [][]byte{nil, nil}, [][]byte{mine, nil}},
		"somebody else's room":         {[]int{1, 0}, [][]byte{theirs, nil}, [][]byte{theirs, mine}},
	} {
		e := &engine{room: map[string]int{string(mine): c.room[0], string(mine2): c.room[1]}}
		var todo []*Line
		for _, to := range c.list {
			todo = append(todo, register(to))
		}
		if err := (&Run{MaxIdentity: 1}).assign(t.Context(), e, wallet, todo); err != nil {
			t.Fatal(err)
		}
		for i, l := range todo {
			if !bytes.Equal(l.Owner, c.got[i]) || !bytes.Equal(l.Item.Owner, c.got[i]) || errors.As(l.Refused, new(*NoRoom)) != (c.got[i] == nil) {
				t.Errorf("%s: name %d gets %x, %v", what, i, l.Owner, l.Refused)
			}
		}
	}
}

// TestUnderWay: a job that leads to what is wanted is waited for, one that leads elsewhere is a
// refusal, and one that is over is no job.
func TestUnderWay(t *testing.T) {
	alice := portstest.Name(t, "alice.id")
	works := func(state job.State, r job.Request) *job.Job {
		r.Name = alice
		return &job.Job{ID: "j", State: state, Request: r}
	}
	register := job.Request{Kind: job.KindRegister, Owner: mine, ZoneFile: zone}
	for what, c := range map[string]struct {
		job    *job.Job
		line   Line
		joins  bool
		clash  string
		starts bool
	}{
		"the same":                          {works(job.PreorderSigned, register), Line{To: mine, ZoneFile: zone}, true, "", false},
		"any of ours":                       {works(job.PreorderSigned, register), Line{ZoneFile: zone}, true, "", false},
		"another owner":                     {works(job.PreorderSigned, register), Line{To: mine2}, false, "owner", false},
		"another zone file":                 {works(job.PreorderSigned, register), Line{ZoneFile: []byte("other")}, false, "zone file", false},
		"any zone file":                     {works(job.PreorderSigned, register), Line{}, true, "", false},
		"given to another one":              {works(job.UpdateSigned, job.Request{Kind: job.KindTransfer, Owner: mine, To: theirs}), Line{To: theirs}, true, "", false},
		"given to another one than wanted":  {works(job.UpdateSigned, job.Request{Kind: job.KindTransfer, Owner: mine, To: theirs}), Line{}, false, "owner", false},
		"updated, to be given away later":   {works(job.UpdateSigned, job.Request{Kind: job.KindUpdate, Owner: mine, ZoneFile: zone}), Line{To: theirs, ZoneFile: zone}, true, "", false},
		"revoked":                           {works(job.UpdateSigned, job.Request{Kind: job.KindRevoke, Owner: mine}), Line{}, false, "purpose", false},
		"registered, to point later":        {works(job.PreorderSigned, job.Request{Kind: job.KindRegister, Owner: mine}), Line{ZoneFile: zone}, true, "", false},
		"by a list":                         {listed(alice, job.PreorderSigned), Line{}, true, "", false},
		"by a list that is through with it": {listed(alice, job.Rejected), Line{}, false, "", true},
		"given up":                          {works(job.Cancelled, register), Line{To: mine2}, false, "", true},
	} {
		e, l := &engine{jobs: []*job.Job{c.job}, room: map[string]int{string(mine): 5}}, c.line
		l.Name = alice
		r := &Run{Lines: []*Line{&l}}
		todo, err := r.missing(t.Context(), e, wallet, e.jobs, 1000)
		if err != nil {
			t.Fatal(err)
		}
		clash := new(job.Conflict)
		if !errors.As(l.Refused, &clash) {
			clash.What = ""
		}
		if (r.Jobs["j"] != nil) != c.joins || clash.What != c.clash || (len(todo) == 1) != c.starts || c.joins && (l.Job != "j" || r.Over(&l)) {
			t.Errorf("%s: %+v, %d to start, refused: %v", what, r.Jobs, len(todo), l.Refused)
		}
	}
}

// listed is a list that works, and is where it is said with a name.
func listed(n names.Name, state job.State) *job.Job {
	return &job.Job{ID: "j", State: job.Running, Request: job.Request{Kind: job.KindSeries, Series: &job.Series{Split: "s", Items: []job.Item{{Kind: job.KindRegister, Name: n,
		Owner: mine}}}}, Listed: job.Listed{Items: []job.Progress{{State: state}}}}
}

// TestRenewAlone: a name in grace whose job can do nothing is renewed by itself, at its cost,
// within what the ceiling leaves; a list's job that must leave it out first is a refusal.
func TestRenewAlone(t *testing.T) {
	alice := portstest.Name(t, "alice.id")
	stuck := &job.Job{ID: "j", State: job.UpdateSigned, Request: job.Request{Kind: job.KindUpdate, Name: alice, Owner: mine, ZoneFile: zone}}
	grace := names.Record{Status: names.Grace, Owner: mine, RenewedAt: 10, ExpiresAt: 990, GraceEnds: 5990}
	away := errors.New("away")
	for what, c := range map[string]struct {
		superseded error
		plan       error
		ceiling    btcutil.Amount
		alone      bool
		refused    bool
		err        bool
	}{
		"renewed":                    {nil, nil, 0, true, false, false},
		"within the ceiling":         {nil, nil, 5000, true, false, false},
		"above the ceiling":          {nil, nil, 4999, true, false, true},
		"the plan is refused":        {nil, &terms.NeverExpires{}, 0, false, true, false},
		"a list must leave it first": {&job.Conflict{ID: "j", Listed: true}, nil, 0, false, true, false},
		"nobody can tell":            {away, nil, 0, false, false, true},
	} {
		e := &engine{jobs: []*job.Job{stuck}, records: map[names.Name]names.Record{alice: grace}, superseded: c.superseded, planErr: c.plan}
		l := &Line{Name: alice, Renew: 100}
		r := &Run{Lines: []*Line{l}, Capped: c.ceiling > 0}
		b, err := r.Plan(t.Context(), e, wallet, Order{Rate: 1000, Ceiling: func(context.Context) (btcutil.Amount, error) { return c.ceiling, nil }})
		if (err != nil) != c.err || b != nil || len(e.batches) > 0 {
			t.Errorf("%s: %+v, %v", what, b, err)
			continue
		}
		if (l.Alone != nil) != c.alone || (l.Refused != nil) != c.refused || c.alone && (l.Alone.Kind != job.KindRenew || l.Cost.Burn != 640) {
			t.Errorf("%s: %+v, refused: %v", what, l.Alone, l.Refused)
		}
		if c.alone && (l.Alone.MaxTotal == 5000) != (c.ceiling > 0) {
			t.Errorf("%s: at most %d", what, l.Alone.MaxTotal)
		}
	}
}

// TestPlan plans together what is missing, and goes on with a preorder of ours where it was meant
// for whom the list wants.
func TestPlan(t *testing.T) {
	alice, bob := portstest.Name(t, "alice.id"), portstest.Name(t, "bob.id")
	ours := &own.PreorderOurs{What: "alice.id", Owner: mine}
	followed := &own.PreorderOurs{What: "alice.id", Owner: mine, Job: "x"}
	for what, c := range map[string]struct {
		to      []byte
		refused error
		found   bool
		alone   bool
		told    bool
	}{
		"all are free":                       {nil, nil, false, false, false},
		"one was preordered":                 {nil, ours, true, false, false},
		"for whom it is wanted":              {mine, ours, true, false, false},
		"for somebody else":                  {mine2, ours, false, false, true},
		"a job follows it":                   {nil, followed, false, false, true},
		"contested":                          {nil, &terms.Contested{What: "alice.id"}, false, false, true},
		"a renewal was sent, nobody has it":  {nil, &own.RenewalOurs{Name: alice}, false, true, false},
		"a renewal was sent, which is ended": {nil, &own.RenewalOurs{Name: alice, Job: "x"}, false, false, true},
	} {
		e := &engine{room: map[string]int{string(mine): 5}, refused: map[int]error{}, records: map[names.Name]names.Record{}}
		if c.refused != nil {
			e.refused[0] = c.refused
		}
		if errors.As(c.refused, new(*own.RenewalOurs)) {
			e.records[alice] = names.Record{Status: names.Registered, Owner: mine, RenewedAt: 10, ExpiresAt: 1100}
		}
		first, second := &Line{Name: alice, To: c.to, ZoneFile: zone, Renew: 200}, &Line{Name: bob}
		r := &Run{Lines: []*Line{first, second}}
		b, err := r.Plan(t.Context(), e, wallet, Order{Rate: 1000, List: "a list", Ceiling: func(context.Context) (btcutil.Amount, error) { return 7000, nil }})
		if err != nil || b == nil || len(e.batches) != 1 || len(e.batches[0].Items) != 2 || e.batches[0].MaxTotal != 7000 || e.batches[0].List != "a list" {
			t.Fatalf("%s: %+v, %v, %+v", what, b, err, e.batches)
		}
		if second.Refused != nil || second.Cost == nil {
			t.Errorf("%s: the other name: %+v", what, second)
		}
		if (first.Found != nil) != c.found || (first.Alone != nil) != c.alone || (first.Refused != nil) != c.told || (first.Cost != nil) != (c.refused == nil || c.alone) {
			t.Errorf("%s: %+v", what, first)
		}
		if f := first.Found; f != nil && (!bytes.Equal(f.Owner, mine) || f.Kind != job.KindRegister || !bytes.Equal(f.ZoneFile, zone)) {
			t.Errorf("%s: %+v", what, f)
		}
	}
}

// TestWaits: a line without money waits only while a job of this run, whose change may pay for it,
// goes on.
func TestWaits(t *testing.T) {
	short := error(&txbuilder.InsufficientFunds{Need: 2, Have: 1})
	for what, c := range map[string]struct {
		state job.State
		err   error
		waits bool
	}{
		"a job goes on": {job.Running, short, true}, "it is over": {job.Done, short, false}, "another error": {job.Running, &terms.Quota{}, false},
	} {
		told := 0
		r := &Run{Later: func(*Line, error) { told++ }}
		r.Adopt(&job.Job{ID: "a", State: c.state, Request: job.Request{Kind: job.KindUpdate}})
		if waits := r.Waits(&Line{}, c.err); waits != c.waits || (told == 1) != c.waits {
			t.Errorf("%s: %v, told %d times", what, waits, told)
		}
	}
}

// TestConfirmed: a run is confirmed when the last transaction of each open name is in a block.
func TestConfirmed(t *testing.T) {
	alice := portstest.Name(t, "alice.id")
	for state, want := range map[job.State]struct{ confirmed, over bool }{job.PreorderSigned: {}, job.PreorderConfirmed: {}, job.RegisterSigned: {},
		job.RegisterConfirmed: {true, false}, job.UpdateConfirmed: {true, false}, job.Done: {true, true}, job.Rejected: {true, true}} {
		l := &Line{Name: alice}
		r := &Run{Lines: []*Line{l}}
		r.Adopt(&job.Job{ID: "a", State: state, Request: job.Request{Kind: job.KindRegister, Name: alice}})
		if r.Confirmed() != want.confirmed || r.Over(l) != want.over || l.Action != job.KindRegister {
			t.Errorf("%s: confirmed %v, over %v", state, r.Confirmed(), r.Over(l))
		}
	}
}
