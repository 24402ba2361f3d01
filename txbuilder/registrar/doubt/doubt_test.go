package doubt

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/nameop"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports/portstest"
)

// days are a record of the last days.
type days struct {
	doubt *lastdays.Doubt
	err   error
	again int32 // the tip at which it began anew
	noted int
}

func (d *days) Note(context.Context) error { d.noted++; return d.err }

func (d *days) Doubt(context.Context, int32) (*lastdays.Doubt, error) { return d.doubt, d.err }

func (d *days) Settle() error { d.doubt = nil; return d.err }

func (d *days) Again(tip int32) (*lastdays.Doubt, error) {
	d.again = tip
	return &lastdays.Doubt{Why: d.doubt.Why, Since: tip, At: d.doubt.At}, d.err
}

// folder is where copies lie that cannot be read now.
type folder struct{ unread *own.UnreadCopies }

func (f folder) CopiedJobs(context.Context) ([]*job.Job, error) {
	if f.unread == nil {
		return nil, nil
	}
	return nil, f.unread
}

var began = time.Date(2020, 1, 2, 12, 0, 0, 0, time.UTC)

// doubts are those of a home at a tip, whose block 112 was made so long after the doubt began.
func doubts(tip int32, d LastDays, net *chaincfg.Params, late time.Duration, unread *own.UnreadCopies) *Doubts {
	w := portstest.New(tip)
	w.Chain.Blocks[112] = &wire.MsgBlock{Header: wire.BlockHeader{Timestamp: began.Add(late)}}
	return &Doubts{LastDays: d, Blocks: DoubtBlocks, Net: net, Chain: w.Chain, Search: own.NewSearch(w.Ports(), folder{unread})}
}

func registers(t *testing.T) *job.Request {
	return &job.Request{Kind: job.KindRegister, Name: portstest.Name(t, "alice.id"), Owner: portstest.Script(1)}
}

// TestInDoubt starts no preorder for twelve blocks that were made after the doubt began, unless the
// user has agreed to it; old blocks that a node has yet to read do not count, and copies that
// cannot be read keep the doubt alive.
func TestInDoubt(t *testing.T) {
	real, sandbox := &chaincfg.MainNetParams, &chaincfg.RegressionNetParams
	since := &lastdays.Doubt{Why: lastdays.Words, Since: 100, At: began}
	unread := &own.UnreadCopies{N: 1, Dir: "there"}
	for what, c := range map[string]struct {
		tip    int32
		net    *chaincfg.Params
		late   time.Duration
		unread *own.UnreadCopies
		alter  func(*job.Request)
		from   int32 // 0: it may be started
		blocks int32
		anew   bool
	}{
		"the block it began in":             {100, real, time.Hour, nil, nil, 112, 12, false},
		"eleven blocks later":               {111, real, time.Hour, nil, nil, 112, 1, false},
		"twelve blocks later":               {112, real, time.Hour, nil, nil, 0, 0, false},
		"of a clock that is a bit behind":   {112, real, -2 * time.Hour, nil, nil, 0, 0, false},
		"old ones, that were read just now": {112, real, -2*time.Hour - time.Second, nil, nil, 124, 12, true},
		"old ones of a test chain":          {112, sandbox, -1000 * time.Hour, nil, nil, 0, 0, false},
		"with copies that are unread":       {130, real, time.Hour, unread, nil, 112, 0, false},
		"unread copies, too early":          {105, real, time.Hour, unread, nil, 112, 7, false},
		"agreed to":                         {100, real, time.Hour, nil, func(r *job.Request) { r.Assured = 100 }, 0, 0, false},
		"agreed to in an earlier doubt":     {100, real, time.Hour, nil, func(r *job.Request) { r.Assured = 90 }, 112, 12, false},
		"an update":                         {100, real, time.Hour, nil, func(r *job.Request) { r.Kind = job.KindUpdate }, 0, 0, false},
		"a launch":                          {100, real, time.Hour, nil, launch, 112, 12, false},
		"a list of updates":                 {100, real, time.Hour, nil, listOf(job.KindUpdate, job.KindRenew), 0, 0, false},
		"a list with a registration":        {100, real, time.Hour, nil, listOf(job.KindUpdate, job.KindRegister), 112, 12, false},
	} {
		req, d := registers(t), &days{doubt: since}
		if c.alter != nil {
			c.alter(req)
		}
		e, err := doubts(c.tip, d, c.net, c.late, c.unread).InDoubt(t.Context(), req, c.tip)
		switch {
		case err != nil || (e == nil) != (c.from == 0) || (d.again == c.tip) != c.anew:
			t.Errorf("%s: %+v, %v", what, e, err)
		case e != nil && (e.From != c.from || e.Blocks != c.blocks || (e.Unread != nil) != (c.unread != nil) || e.Code() != "last_days_unknown"):
			t.Errorf("%s: %+v", what, e)
		}
	}
}

func launch(r *job.Request) { r.Kind, r.Namespace = job.KindLaunch, &nameop.NamespaceReveal{ID: "lab"} }

func listOf(kinds ...job.Kind) func(*job.Request) {
	return func(r *job.Request) {
		items := make([]job.Item, len(kinds))
		for i, k := range kinds {
			items[i] = job.Item{Kind: k, Name: r.Name}
		}
		r.Kind, r.Series = job.KindSeries, &job.Series{Items: items}
	}
}

// TestUndoubted: a home that keeps no record, or one that knows its last days, starts what it is
// asked for; a record that cannot be read does not.
func TestUndoubted(t *testing.T) {
	for what, c := range map[string]struct {
		days LastDays
		err  bool
	}{
		"no record":                   {nil, false},
		"no doubt":                    {&days{}, false},
		"a record that is unreadable": {&days{err: lastdays.ErrBad}, true},
	} {
		err := doubts(200, c.days, &chaincfg.MainNetParams, 0, nil).Sure(t.Context(), registers(t), 200)
		if (err != nil) != c.err || err != nil && !errors.Is(err, lastdays.ErrBad) {
			t.Errorf("%s: %v", what, err)
		}
	}
	in := doubts(105, &days{doubt: &lastdays.Doubt{Why: lastdays.Words, Since: 100, At: began}}, &chaincfg.MainNetParams, 0, nil)
	var no *InDoubt
	if err := in.Sure(t.Context(), registers(t), 105); !errors.As(err, &no) || no.Blocks != 7 {
		t.Errorf("%v", err)
	}
}

// TestMayBegin: a list that has signed nothing does not begin when a preorder of one of its names
// was sent; names that are over do not count.
func TestMayBegin(t *testing.T) {
	for what, c := range map[string]struct {
		name  string // that was preordered
		kind  job.Kind
		state job.State
		ours  bool
	}{
		"nothing":              {"eve.id", job.KindRegister, job.Planned, false},
		"one of its names":     {"alice.id", job.KindRegister, job.Planned, true},
		"one that is over":     {"alice.id", job.KindRegister, job.Cancelled, false},
		"one that is updated ": {"alice.id", job.KindUpdate, job.Planned, false},
	} {
		w := portstest.New(1000)
		w.Wallet.Ours = [][]byte{portstest.Sender(1)}
		tx, _ := w.Preorder(t, c.name, portstest.Script(1), 1, 0)
		w.Wallet.Unsent = []*wire.MsgTx{tx}
		d := &Doubts{Chain: w.Chain, Search: own.NewSearch(w.Ports(), nil)}
		j := &job.Job{ID: "l", State: job.Planned, Request: job.Request{Kind: job.KindSeries, Owner: portstest.Script(1), Series: &job.Series{
			Items: []job.Item{{Kind: c.kind, Name: portstest.Name(t, "alice.id"), Owner: portstest.Script(1)}}}}, Listed: job.Listed{Items: []job.Progress{{State: c.state}}}}
		err := d.MayBegin(t.Context(), j, 1000)
		var no *own.PreorderOurs
		if ours := errors.As(err, &no); ours != c.ours || !ours && err != nil || ours && (no.Job != "l" || !no.Unsigned) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// copier keeps copies, or cannot.
type copier struct{ err error }

func (c copier) Keep(context.Context) error { return c.err }

// TestKeptBoth notes what is sent only when the copy holds it.
func TestKeptBoth(t *testing.T) {
	full := errors.New("no space")
	for what, c := range map[string]struct {
		copies error
		days   error
		noted  int
	}{
		"both":        {nil, nil, 1},
		"a full copy": {full, nil, 0},
		"a full disk": {nil, full, 1},
	} {
		d := &days{err: c.days}
		if err := (KeptBoth{Copies: copier{c.copies}, Days: d}).Keep(t.Context()); (err != nil) != (c.copies != nil || c.days != nil) || d.noted != c.noted {
			t.Errorf("%s: %v, noted %d times", what, err, d.noted)
		}
	}
	d := &days{}
	if err := (KeptBoth{Days: d}).Keep(t.Context()); err != nil || d.noted != 1 {
		t.Errorf("without copies: %v, noted %d times", err, d.noted)
	}
}
