package match

import (
	"errors"
	"testing"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder/registrar/facts"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/ports/portstest"
)

// me is who owns names here.
var me = portstest.Script(1)

// world is one at block 1000, and the match there.
func world() (*portstest.World, *Match) {
	w := portstest.New(1000)
	return w, &Match{World: w.Ports(), Facts: &facts.Source{World: w.Ports()}}
}

func asks(t *testing.T, kind job.Kind) job.Request {
	r := job.Request{Kind: kind, Name: portstest.Name(t, "alice.id"), Owner: me, Confirmations: 3}
	switch kind {
	case job.KindTransfer:
		r.To = portstest.Script(2)
	case job.KindUpdate:
		r.ZoneFile = []byte("zone")
	}
	return r
}

// of is a job for a request, with one transaction, its last, when it has signed.
func of(t *testing.T, id job.ID, r job.Request, state job.State, role job.Role) *job.Job {
	j := &job.Job{ID: id, State: state, Request: r}
	if role != "" {
		j.Stages = []*job.Stage{portstest.Stage(role, portstest.Version(t, portstest.Tx(1000, me, portstest.Coin(id[0]))))}
		j.Stages[0].Since = 990
	}
	return j
}

// mined puts the last transaction of a job into a block, where the index has accepted it.
func mined(w *portstest.World, j *job.Job) {
	id := j.Stages[len(j.Stages)-1].Versions[0].Txid
	w.Chain.Txs[id], w.Names.Ops[id] = ports.TxStatus{Height: 990}, ports.OpStatus{Height: 990, Accepted: true}
}

// series is a list with one name, which stands where it is said.
func series(t *testing.T, id job.ID, r job.Request, state, item job.State) *job.Job {
	j := of(t, id, r, state, "")
	j.Request = job.Request{Kind: job.KindSeries, Owner: me, Confirmations: 3, Series: &job.Series{Split: "s", Items: []job.Item{{Kind: r.Kind, Name: r.Name, Owner: r.Owner,
		To: r.To, ZoneFile: r.ZoneFile}}}}
	j.Items = []job.Progress{{State: item}}
	return j
}

// TestFind: an open job with the same intention is the one that is meant, one with another
// intention stands in the way, and a job that is over is meant only while what it did is so, or
// will be done again.
func TestFind(t *testing.T) {
	register := asks(t, job.KindRegister)
	other := register
	other.Owner = portstest.Script(2)
	dearer := register
	dearer.Rate, dearer.MaxTotal, dearer.Confirmations = 5000, 1e6, 6
	alice := register.Name
	held := func(w *portstest.World) {
		w.Names.Records[alice] = names.Record{Status: names.Registered, Owner: me, RenewedAt: 990}
	}
	for what, c := range map[string]struct {
		req     job.Request
		jobs    []*job.Job
		put     func(*portstest.World)
		found   job.ID
		attempt int
		idle    job.ID
		clash   string // what differs
	}{
		"none":                                 {req: register},
		"it runs":                              {req: register, jobs: []*job.Job{of(t, "a", register, job.PreorderSigned, job.RolePreorder)}, found: "a"},
		"it runs at another rate":              {req: dearer, jobs: []*job.Job{of(t, "a", register, job.PreorderSigned, job.RolePreorder)}, found: "a"},
		"for another owner":                    {req: other, jobs: []*job.Job{of(t, "a", register, job.PreorderSigned, job.RolePreorder)}, clash: "owner"},
		"for another purpose":                  {req: asks(t, job.KindUpdate), jobs: []*job.Job{of(t, "a", register, job.RegisterSigned, job.RolePreorder)}, clash: "purpose"},
		"it was given up":                      {req: register, jobs: []*job.Job{of(t, "a", register, job.Cancelled, "")}, attempt: 1},
		"it was given up twice":                {req: register, jobs: []*job.Job{of(t, "a", register, job.Cancelled, ""), of(t, "b", other, job.Rejected, "")}, attempt: 2},
		"another purpose was given up":         {req: register, jobs: []*job.Job{of(t, "a", asks(t, job.KindUpdate), job.Cancelled, "")}},
		"it is done":                           {req: register, jobs: []*job.Job{of(t, "a", register, job.Done, job.RoleRegister)}, put: held, found: "a"},
		"it was done, and the name is gone":    {req: register, jobs: []*job.Job{of(t, "a", register, job.Done, job.RoleRegister)}, attempt: 1},
		"another name":                         {req: register, jobs: []*job.Job{of(t, "a", renamed(register, portstest.Name(t, "bob.id")), job.PreorderSigned, job.RolePreorder)}},
		"a list works on it":                   {req: register, jobs: []*job.Job{series(t, "l", register, job.Running, job.PreorderSigned)}, found: "l"},
		"a list works on it otherwise":         {req: other, jobs: []*job.Job{series(t, "l", register, job.Running, job.PreorderSigned)}, clash: "owner"},
		"a list is through with it":            {req: register, jobs: []*job.Job{series(t, "l", register, job.Running, job.Rejected)}},
		"a list has ended":                     {req: register, jobs: []*job.Job{series(t, "l", register, job.Cancelled, job.PreorderSigned)}},
		"an update in the term":                {req: asks(t, job.KindRenew), jobs: []*job.Job{of(t, "a", asks(t, job.KindUpdate), job.UpdateSigned, job.RoleUpdate)}, put: term(alice, 1100), clash: "purpose"},
		"an update whose term is over":         {req: asks(t, job.KindRenew), jobs: []*job.Job{of(t, "a", asks(t, job.KindUpdate), job.UpdateSigned, job.RoleUpdate)}, put: term(alice, 1001), idle: "a"},
		"an update for which another is asked": {req: asks(t, job.KindTransfer), jobs: []*job.Job{of(t, "a", asks(t, job.KindUpdate), job.UpdateSigned, job.RoleUpdate)}, put: term(alice, 1001), clash: "purpose"},
	} {
		w, m := world()
		w.Journal.List = c.jobs
		for _, j := range c.jobs {
			if j.State == job.Done {
				mined(w, j)
			}
		}
		if c.put != nil {
			c.put(w)
		}
		j, attempt, idle, err := m.Find(t.Context(), &c.req)
		var clash *job.Conflict
		if errors.As(err, &clash) {
			if clash.What != c.clash || clash.ID != c.jobs[0].ID {
				t.Errorf("%s: %+v", what, clash)
			}
			continue
		}
		found := job.ID("")
		if j != nil {
			found = j.ID
		}
		if err != nil || c.clash != "" || found != c.found || attempt != c.attempt || idle != c.idle {
			t.Errorf("%s: %q, attempt %d, idle %q, %v", what, found, attempt, idle, err)
		}
	}
}

func renamed(r job.Request, n names.Name) job.Request { r.Name = n; return r }

// term lets alice.id run out at a block.
func term(n names.Name, at int32) func(*portstest.World) {
	return func(w *portstest.World) {
		status := names.Registered
		if at <= 1000 {
			status = names.Grace
		}
		w.Names.Records[n] = names.Record{Status: status, Owner: me, RenewedAt: 100, ExpiresAt: at, GraceEnds: at + 5000}
	}
}

// TestUndone: what a reorg undid will be done again, so nothing else begins for the name, and the
// same is not begun twice.
func TestUndone(t *testing.T) {
	register, update := asks(t, job.KindRegister), asks(t, job.KindUpdate)
	for what, c := range map[string]struct {
		req    job.Request
		undone bool
		clash  bool
		found  bool
	}{
		"an update after a registration":           {update, false, false, false},
		"an update after one that was undone":      {update, true, true, false},
		"the same registration, which was undone":  {register, true, false, true},
		"the same registration, the name is ours ": {register, false, false, true},
	} {
		w, m := world()
		j := of(t, "a", register, job.Done, job.RoleRegister)
		w.Journal.List = []*job.Job{j}
		if !c.undone {
			mined(w, j)
			w.Names.Records[register.Name] = names.Record{Status: names.Registered, Owner: me, RenewedAt: 990}
		}
		got, _, _, err := m.Find(t.Context(), &c.req)
		if clash := errors.As(err, new(*job.Conflict)); clash != c.clash || !clash && err != nil || (got != nil) != c.found {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
		busy, err := m.BusyNames(t.Context(), []job.Item{{Kind: update.Kind, Name: update.Name}})
		if err != nil || (len(busy) == 1) != c.undone {
			t.Errorf("%s: busy with %v, %v", what, busy, err)
		}
	}
	w, m := world()
	w.Names.Height--
	w.Journal.List = []*job.Job{of(t, "a", register, job.Done, job.RoleRegister)}
	if j, _, _, err := m.Find(t.Context(), &register); !errors.Is(err, job.ErrIndexBehind) {
		t.Errorf("with an index that is behind: %+v, %v", j, err)
	}
}

// TestBusyNames are those that a job works on now, at that job.
func TestBusyNames(t *testing.T) {
	register := asks(t, job.KindRegister)
	for what, c := range map[string]struct {
		job  *job.Job
		busy bool
	}{
		"one that works":          {of(t, "a", register, job.PreorderSigned, job.RolePreorder), true},
		"one that is planned":     {of(t, "a", register, job.Planned, ""), true},
		"one that was given up":   {of(t, "a", register, job.Cancelled, ""), false},
		"a list that works":       {series(t, "a", register, job.Running, job.Planned), true},
		"a list through with it":  {series(t, "a", register, job.Running, job.Cancelled), false},
		"one for another name":    {of(t, "a", renamed(register, portstest.Name(t, "bob.id")), job.PreorderSigned, job.RolePreorder), false},
		"a list that is given up": {series(t, "a", register, job.Cancelled, job.Planned), false},
	} {
		w, m := world()
		w.Journal.List = []*job.Job{c.job}
		busy, err := m.BusyNames(t.Context(), []job.Item{{Kind: job.KindUpdate, Name: register.Name}})
		if err != nil || (busy[register.Name] == "a") != c.busy || !c.busy && len(busy) > 0 {
			t.Errorf("%s: %v, %v", what, busy, err)
		}
	}
}

// TestSuperseded: a renewal takes the place of what can change nothing before it, and of nothing
// else. What a list has sent must be left out by the list.
func TestSuperseded(t *testing.T) {
	update, alice := asks(t, job.KindUpdate), asks(t, job.KindUpdate).Name
	sent := series(t, "l", update, job.Running, job.UpdateSigned)
	sent.Stages = []*job.Stage{portstest.Stage(job.RoleUpdate, portstest.Version(t, portstest.Tx(1000, me, portstest.Coin(1))))}
	sent.Stages[0].Name = alice
	for what, c := range map[string]struct {
		job    *job.Job
		at     int32 // when the term is over
		mined  bool
		useful bool
		clash  bool
		given  bool // somebody else has the name
	}{
		"an update in grace":                {of(t, "a", update, job.UpdateSigned, job.RoleUpdate), 900, false, true, false, false},
		"one that is planned":               {of(t, "a", update, job.Planned, ""), 900, false, true, false, false},
		"in the last block of the term":     {of(t, "a", update, job.UpdateSigned, job.RoleUpdate), 1001, false, true, false, false},
		"in the last but one":               {of(t, "a", update, job.UpdateSigned, job.RoleUpdate), 1002, false, false, false, false},
		"one that is in a block":            {of(t, "a", update, job.UpdateSigned, job.RoleUpdate), 900, true, false, false, false},
		"one that is confirmed":             {of(t, "a", update, job.UpdateConfirmed, job.RoleUpdate), 900, false, false, false, false},
		"a renewal":                         {of(t, "a", asks(t, job.KindRenew), job.UpdateSigned, job.RoleRenew), 900, false, false, false, false},
		"a registration":                    {of(t, "a", asks(t, job.KindRegister), job.PreorderSigned, job.RolePreorder), 900, false, false, false, false},
		"one that is over":                  {of(t, "a", update, job.Rejected, job.RoleUpdate), 900, false, false, false, false},
		"of a list, not sent":               {series(t, "l", update, job.Running, job.Planned), 900, false, true, false, false},
		"of a list, sent":                   {sent, 900, false, false, true, false},
		"of a list, mined":                  {sent, 900, true, false, false, false},
		"of a list, in its term":            {sent, 1002, false, false, false, false},
		"of a list, which is through":       {series(t, "l", update, job.Running, job.Rejected), 900, false, false, false, false},
		"of a list that renews it":          {series(t, "l", asks(t, job.KindRenew), job.Running, job.Planned), 900, false, false, false, false},
		"given away in its term":            {of(t, "a", update, job.UpdateSigned, job.RoleUpdate), 1100, false, false, false, true},
		"of a list, given away in its term": {series(t, "l", update, job.Running, job.Planned), 1100, false, false, false, true},
		"a renewal of one given away":       {of(t, "a", asks(t, job.KindRenew), job.UpdateSigned, job.RoleRenew), 900, false, false, false, true},
		"a list's renewal of such a one":    {series(t, "l", asks(t, job.KindRenew), job.Running, job.Planned), 900, false, false, false, true},
	} {
		w, m := world()
		w.Journal.List = []*job.Job{c.job}
		term(alice, c.at)(w)
		if rec := w.Names.Records[alice]; c.given {
			rec.Owner = portstest.Script(2)
			w.Names.Records[alice] = rec
		}
		if c.mined {
			mined(w, c.job)
		}
		useful, err := m.Superseded(t.Context(), c.job, alice)
		var clash *job.Conflict
		if errors.As(err, &clash) != c.clash || !c.clash && err != nil || useful != c.useful || clash != nil && (!clash.Listed || clash.Name != alice) {
			t.Errorf("%s: %v, %v", what, useful, err)
		}
	}
}

// TestStandsInTheWay: jobs that are brought in must not do what one here does, unless both come
// from one journal and do not pay for the same.
func TestStandsInTheWay(t *testing.T) {
	register, update := asks(t, job.KindRegister), asks(t, job.KindUpdate)
	launch := job.Request{Kind: job.KindLaunch, Owner: me, Namespace: &nameop.NamespaceReveal{ID: "lab"}}
	for what, c := range map[string]struct {
		here, theirs *job.Job
		beside       bool
		clash        string
	}{
		"nothing in common":            {of(t, "a", renamed(register, portstest.Name(t, "bob.id")), job.Planned, ""), of(t, "b", register, job.Planned, ""), false, ""},
		"the same":                     {of(t, "a", register, job.Planned, ""), of(t, "b", register, job.Planned, ""), false, "attempt"},
		"the same, from one journal":   {of(t, "a", register, job.Planned, ""), of(t, "b", register, job.Planned, ""), true, "attempt"},
		"another purpose":              {of(t, "a", register, job.Planned, ""), of(t, "b", update, job.Planned, ""), false, "purpose"},
		"both of them, of one journal": {of(t, "a", register, job.Planned, ""), of(t, "b", update, job.Planned, ""), true, ""},
		"here it is over":              {of(t, "a", register, job.Done, ""), of(t, "b", update, job.Planned, ""), false, ""},
		"there it is over":             {of(t, "a", register, job.Planned, ""), of(t, "b", update, job.Cancelled, ""), false, ""},
		"a namespace":                  {of(t, "a", launch, job.Planned, ""), of(t, "b", launch, job.Planned, ""), true, "attempt"},
		"a list that is through":       {series(t, "l", register, job.Running, job.Done), of(t, "b", update, job.Planned, ""), false, ""},
		"a list that is not":           {series(t, "l", register, job.Running, job.Planned), of(t, "b", update, job.Planned, ""), false, "purpose"},
	} {
		w, m := world()
		w.Journal.List = []*job.Job{c.here}
		beside := job.Beside{}
		if c.beside {
			beside = job.Beside{c.here.ID: {"x"}, c.theirs.ID: {"x"}}
		}
		err := m.StandsInTheWay(t.Context(), c.theirs, beside)
		var clash *job.Conflict
		if errors.As(err, &clash) != (c.clash != "") || clash == nil && err != nil || clash != nil && (clash.What != c.clash || clash.ID != c.here.ID) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
