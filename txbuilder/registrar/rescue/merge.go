package rescue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"blockstack/txbuilder/registrar/job"
)

// Imported is a job that was brought in.
type Imported struct {
	Job  *job.Job
	What job.ImportOutcome
	Err  error // why it is barred
}

// Import brings jobs of another journal of the same seed into this one: from its copies, or from
// several. Of a job that is here already the transactions are added that this journal does not
// know. Nothing is signed; what the other machine sent meanwhile is looked for on the chain and
// adopted, so that neither pays again: every version of one intention spends the same coin at input
// 0.
func (r *Finds) Import(ctx context.Context, jobs []*job.Job) ([]Imported, error) {
	beside := job.BesideIn(jobs)
	jobs, err := job.Together(jobs)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(jobs, func(a, b *job.Job) int { // what makes the coins of series first; of rivals the one that began first
		return cmp.Or(cmp.Compare(b.Request.Rank(), a.Request.Rank()), a.Created.Compare(b.Created))
	})
	var list []Imported
	for _, j := range jobs {
		in, err := r.importOne(ctx, j, beside)
		if err != nil {
			return list, j.Wrap(err)
		}
		list = append(list, in)
	}
	return list, nil
}

func (r *Finds) importOne(ctx context.Context, theirs *job.Job, beside job.Beside) (Imported, error) {
	if _, err := theirs.Request.Normal(r.Params, r.Confirmations); err != nil {
		return Imported{theirs, job.ImportBarred, err}, nil
	}
	if err := r.oneLiveCoin(ctx, theirs); errors.Is(err, job.ErrBadCopy) || errors.Is(err, job.ErrBadJournal) {
		return Imported{theirs, job.ImportBarred, err}, nil
	} else if err != nil {
		return Imported{}, err
	}
	if err := r.otherCoin(ctx, theirs); err != nil {
		if errors.As(err, new(*job.Conflict)) || errors.Is(err, job.ErrBadCopy) {
			return Imported{theirs, job.ImportBarred, err}, nil
		}
		return Imported{}, err
	}
	ours, err := r.Journal.Job(ctx, theirs.ID)
	switch {
	case errors.Is(err, job.ErrNoJob):
		ours = nil
	case err != nil:
		return Imported{}, err
	}
	if ours != nil {
		if what := ours.Request.Differs(&theirs.Request); what != "" {
			return Imported{ours, job.ImportBarred, &job.Conflict{ID: ours.ID, What: what}}, nil
		}
	} else if err := r.Match.StandsInTheWay(ctx, theirs, beside); err != nil {
		var c *job.Conflict
		if errors.As(err, &c) {
			return Imported{theirs, job.ImportBarred, err}, nil
		}
		return Imported{}, err
	}
	next, what, err := job.Merge(ours, theirs)
	if err != nil {
		return Imported{}, err
	}
	if what != job.ImportKnown {
		if err := r.oneLiveCoin(ctx, next); errors.Is(err, job.ErrBadCopy) || errors.Is(err, job.ErrBadJournal) {
			return Imported{ours, job.ImportBarred, err}, nil
		} else if err != nil {
			return Imported{}, err
		}
		if err := r.Journal.Save(ctx, next); err != nil {
			return Imported{}, err
		}
	}
	if next, err = r.adopted(ctx, next); err != nil {
		return Imported{}, err
	}
	return Imported{next, what, nil}, nil
}

// otherCoin refuses a series whose coin this journal does not know, or keeps for another one: what
// the other machine has paid with it would be paid once more. Two machines give their splits the
// same id.
func (r *Finds) otherCoin(ctx context.Context, theirs *job.Job) error {
	if theirs.Request.Kind != job.KindSeries {
		return nil
	}
	s := theirs.Request.Series
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	var split *job.Job
	for _, o := range jobs {
		if o.ID == s.Split {
			split = o
		}
		if o.ID != theirs.ID && o.Open() && theirs.Open() && o.Request.Kind == job.KindSeries && o.Request.Series.Split == s.Split && o.Request.Series.Output == s.Output {
			return &job.Conflict{ID: o.ID, What: "list of names"}
		}
	}
	if split == nil || split.Stage(job.RoleSplit) == nil {
		return fmt.Errorf("%w: job %s, which makes its coin, is not among them", job.ErrBadCopy, s.Split)
	}
	for _, p := range theirs.Paths {
		if !split.Stage(job.RoleSplit).Has(p.Root) {
			return &job.Conflict{ID: split.ID, What: "set of coins"}
		}
	}
	return nil
}

// oneLiveCoin is oneCoin without the versions that something else took the place of: where a
// version is in a block, those whose coin is nowhere in the chain were given up when a reorg took
// it away.
func (r *Finds) oneLiveCoin(ctx context.Context, j *job.Job) error {
	err := j.OneCoin()
	if !errors.Is(err, job.ErrBadCopy) {
		return err
	}
	mined := make(map[string]bool) // by role and parent
	at := func(s *job.Stage, v *job.Version) string { return fmt.Sprint(s.Role, s.Name, v.Parent) }
	live := *j
	live.Stages = nil
	for _, s := range j.Stages {
		for _, v := range s.Versions {
			st, serr := r.Chain.TxStatus(ctx, v.Txid)
			if serr != nil {
				return fmt.Errorf("transaction %s: %w", v.Txid, serr)
			}
			mined[at(s, v)] = mined[at(s, v)] || st.Height > 0
		}
	}
	for _, s := range j.Stages {
		left := *s
		left.Versions = nil
		for _, v := range s.Versions {
			tx, terr := v.Tx()
			if terr != nil {
				return terr
			}
			if len(tx.TxIn) == 0 {
				return fmt.Errorf("%w: transaction %s spends nothing", job.ErrBadJournal, v.Txid)
			}
			in := tx.TxIn[0].PreviousOutPoint.Hash
			made, serr := r.Chain.TxStatus(ctx, in)
			if serr != nil {
				return fmt.Errorf("transaction %s: %w", in, serr)
			}
			if !mined[at(s, v)] || made.Height > 0 || made.InMempool {
				left.Versions = append(left.Versions, v)
			}
		}
		live.Stages = append(live.Stages, &left)
	}
	return live.OneCoin()
}
