// Package lists brings many names to a wanted state: it finds out what each name still needs, which
// jobs work for it already, and what is to be started. It asks for no consent and prints nothing.
package lists

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/estimate"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
)

// Line is one name of a list: how it is to be, and what was found out about it.
type Line struct {
	Name     names.Name
	To       []byte // wanted owner, nil: any of ours
	ZoneFile []byte // wanted zone file, nil: any
	Renew    int32  // renewed when it expires within so many blocks; 0: not

	Action  job.Kind // what is done, or was done last; empty: nothing
	Job     job.ID
	Owner   []byte // who has it, or will
	Cost    *estimate.ItemCost
	Item    *job.Item    // to be started
	Found   *job.Request // was preordered already, and is gone on with
	Alone   *job.Request // is renewed by a job of its own, at Estimate
	Refused error

	Estimate *estimate.Estimate
}

// Engine is what a list asks of the registrar.
type Engine interface {
	Jobs(ctx context.Context) ([]*job.Job, error)
	Record(ctx context.Context, n names.Name) (names.Record, error)
	Room(ctx context.Context, owner []byte) (int, error)
	Superseded(ctx context.Context, j *job.Job, n names.Name) (bool, error)
	Plan(ctx context.Context, req job.Request) (*estimate.Estimate, error)
	PlanBatch(ctx context.Context, req estimate.BatchRequest) (*estimate.Batch, error)
}

// Wallet is what a list asks of the wallet.
type Wallet interface {
	// Ours says whether a script is one of the wallet's.
	Ours(ctx context.Context, script []byte) (bool, error)
	// OwnerScript is the script of an identity.
	OwnerScript(ctx context.Context, n uint32) ([]byte, error)
}

// Run is one run over a list.
type Run struct {
	Lines []*Line
	// RenewOnly says that names are renewed, and none is registered.
	RenewOnly bool
	// Capped says that there is a ceiling on what the list may cost.
	Capped bool
	// MaxIdentity is the last identity that gets names.
	MaxIdentity uint32
	// Jobs are those of this run; IDs has the series before their split.
	Jobs map[job.ID]*job.Job
	IDs  []job.ID
	// Words gives an error about a preorder of ours the wallet's words for its owner. Nil: it has
	// none.
	Words func(ctx context.Context, err error) error
	// Later is told of a line that waits for the coins of what this run has sent. Nil: nobody is.
	Later func(l *Line, err error)
}

// NoRoom says that no identity has room for another name.
type NoRoom struct{}

// Error says so.
func (*NoRoom) Error() string { return "no identity has room for another name" }

// Code is quota.
func (*NoRoom) Code() string { return "quota" }

// Adopt makes a job one of this run.
func (r *Run) Adopt(j *job.Job) {
	if r.Jobs[j.ID] == nil {
		r.IDs = append(r.IDs, j.ID)
	}
	if r.Jobs == nil {
		r.Jobs = make(map[job.ID]*job.Job)
	}
	r.Jobs[j.ID] = j
	for _, l := range r.Lines {
		if q, ok := j.ForName(l.Name); ok && j.Request.Kind != job.KindSplit {
			l.Job, l.Action = j.ID, q.Kind
		}
	}
}

// SplitOf is the job that makes the coin of a series; empty for others.
func (r *Run) SplitOf(id job.ID) job.ID {
	if s := r.Jobs[id].Request.Series; s != nil {
		return s.Split
	}
	return ""
}

// Over says whether nothing more happens to a line.
func (r *Run) Over(l *Line) bool {
	if l.Refused != nil {
		return true
	}
	j := r.Jobs[l.Job]
	return l.Item == nil && j == nil || j != nil && j.ProgressOf(l.Name).State.Final()
}

// Settled says whether a name that is done needs no other round.
func (r *Run) Settled(l *Line) bool {
	return l.To == nil || l.ZoneFile == nil || l.Action != job.KindUpdate || l.Refused != nil
}

// Confirmed says whether the last transaction of every name is in a block.
func (r *Run) Confirmed() bool {
	for _, l := range r.Lines {
		if j := r.Jobs[l.Job]; j != nil && j.Open() {
			if s := j.ProgressOf(l.Name).State; !s.Final() && s != job.RegisterConfirmed && s != job.UpdateConfirmed {
				return false
			}
		}
	}
	return true
}

// Order is a list that is planned: at a fee rate, with a ceiling on all of it (0: none), under a
// name by which it is known again, and with scripts of the wallet for its coins.
type Order struct {
	Rate    txbuilder.FeeRate
	Ceiling func(ctx context.Context) (btcutil.Amount, error)
	List    string
	Scripts func(ctx context.Context, n int) ([][]byte, error)
}

// Plan finds out what each name still needs, and plans it; nil: nothing is to be started.
func (r *Run) Plan(ctx context.Context, e Engine, w Wallet, o Order) (*estimate.Batch, error) {
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	todo, err := r.missing(ctx, e, w, jobs, o.Rate)
	if err != nil {
		return nil, err
	}
	ceiling, err := o.Ceiling(ctx)
	if err != nil {
		return nil, err
	}
	if ceiling, err = r.reserveAlone(ceiling); err != nil || len(todo) == 0 {
		return nil, err
	}
	if err := r.assign(ctx, e, w, todo); err != nil {
		return nil, err
	}
	todo = slices.DeleteFunc(todo, func(l *Line) bool { return l.Refused != nil })
	if len(todo) == 0 {
		return nil, nil
	}
	req := estimate.BatchRequest{Rate: o.Rate, MaxTotal: ceiling, List: o.List, Scripts: o.Scripts}
	for _, l := range todo {
		req.Items = append(req.Items, *l.Item)
	}
	b, err := e.PlanBatch(ctx, req)
	if err != nil {
		return nil, err
	}
	for i, l := range todo {
		if l.Refused = b.Refused[i]; r.Words != nil {
			l.Refused = r.Words(ctx, l.Refused)
		}
		if sent := new(own.RenewalOurs); errors.As(l.Refused, &sent) && sent.Job == "" { // it was sent, and no job follows it
			l.Refused = nil
			if err := r.renewAlone(ctx, e, w, l, o.Rate); err != nil {
				return nil, err
			}
			continue
		}
		if l.goOn(o.Rate); l.Refused == nil && l.Found == nil {
			l.Cost = &b.Costs[i]
		}
	}
	return b, nil
}

// missing are the lines for which something is to be started. Jobs that work for others become
// those of this run.
func (r *Run) missing(ctx context.Context, e Engine, w Wallet, jobs []*job.Job, rate txbuilder.FeeRate) (todo []*Line, err error) {
	flying := make(map[names.Name]*job.Job)
	for _, j := range jobs {
		if !j.Open() {
			continue
		}
		for _, q := range j.Request.Requests() {
			flying[q.Name] = j
		}
	}
	splits := make(map[job.ID]bool)
	for _, l := range r.Lines {
		l.Item, l.Found, l.Alone = nil, nil, nil
		if l.Refused != nil {
			continue
		}
		if q, busy := inFlight(flying[l.Name], l); busy {
			if err := r.underWay(ctx, e, w, l, flying[l.Name], &q, rate); err != nil {
				return nil, err
			}
			if j := flying[l.Name]; r.Jobs[j.ID] != nil && j.Request.Kind == job.KindSeries {
				splits[j.Request.Series.Split] = true
			}
			continue
		}
		if r.Jobs[l.Job] != nil && r.Jobs[l.Job].ProgressOf(l.Name).State != job.Done {
			continue // it ended badly in this run, which is told as it is
		}
		rec, err := e.Record(ctx, l.Name)
		if err != nil {
			return nil, err
		}
		if err := r.need(ctx, w, l, &rec); err != nil {
			return nil, err
		}
		if l.Item != nil {
			todo = append(todo, l)
		}
	}
	for _, j := range jobs {
		if splits[j.ID] {
			r.Adopt(j)
		}
	}
	return todo, nil
}

// underWay deals with a line whose name a job works for: that is waited for, or refused, or a
// renewal by itself takes its place.
func (r *Run) underWay(ctx context.Context, e Engine, w Wallet, l *Line, j *job.Job, q *job.Request, rate txbuilder.FeeRate) error {
	alone, err := false, error(nil)
	if l.Renew > 0 {
		alone, err = e.Superseded(ctx, j, l.Name)
	}
	if c := new(job.Conflict); errors.As(err, &c) {
		l.Refused = c
		return nil
	}
	if err != nil {
		return err
	}
	if alone {
		return r.renewAlone(ctx, e, w, l, rate)
	}
	if l.Refused = l.clash(j, q); l.Refused == nil {
		l.Owner = q.Owner
		r.Adopt(j)
	}
	return nil
}

// inFlight says whether a job still works for a name, and on what.
func inFlight(j *job.Job, l *Line) (job.Request, bool) {
	if j == nil {
		return job.Request{}, false
	}
	q, found := j.ForName(l.Name)
	return q, found && j.Open() && !j.ProgressOf(l.Name).State.Final()
}

// clash is why a job that is under way is not what a line wants; nil when it leads there.
func (l *Line) clash(j *job.Job, q *job.Request) error {
	owner := q.Owner
	if q.To != nil {
		owner = q.To
	}
	switch {
	case q.Kind == job.KindRevoke:
		return &job.Conflict{ID: j.ID, What: "purpose"}
	case q.Kind == job.KindRegister && l.To != nil && !bytes.Equal(owner, l.To), q.To != nil && !bytes.Equal(owner, l.To):
		return &job.Conflict{ID: j.ID, What: "owner"}
	case l.ZoneFile != nil && len(q.ZoneFile) > 0 && !bytes.Equal(q.ZoneFile, l.ZoneFile):
		return &job.Conflict{ID: j.ID, What: "zone file"}
	}
	return nil
}

// goOn turns a refusal because of a preorder of ours that no job follows into going on with it,
// where it was meant for whom the list wants, or the list leaves that open.
func (l *Line) goOn(rate txbuilder.FeeRate) {
	var ours *own.PreorderOurs
	if !errors.As(l.Refused, &ours) || ours.Job != "" || l.To != nil && !bytes.Equal(l.To, ours.Owner) {
		return
	}
	l.Refused, l.Owner = nil, ours.Owner
	l.Found = &job.Request{Kind: job.KindRegister, Name: l.Name, Owner: ours.Owner, ZoneFile: l.ZoneFile, Rate: rate}
}
