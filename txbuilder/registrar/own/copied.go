package own

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/nameop"
	"blockstack/txbuilder/registrar/job"
)

// The copy of the journal is older or newer than the journal, or another machine's. A preorder in
// it that this journal does not know was signed, and may have been sent, though neither index,
// wallet nor memory pool shows it. Of a copy nothing is believed but bytes: its transaction must be
// a preorder of what the job says, by a script of ours.

// CopiedJobs reads the jobs in the copies that this journal has not written. *UnreadCopies says
// that they cannot be read now.
type CopiedJobs interface {
	CopiedJobs(ctx context.Context) ([]*job.Job, error)
}

// UnreadCopies says that there are copies of jobs that this journal has not written, which open
// only with the seed, and that is locked.
type UnreadCopies struct {
	N   int
	Dir string
}

// Error says how many, and where.
func (e *UnreadCopies) Error() string {
	jobs := "1 copied job"
	if e.N != 1 {
		jobs = fmt.Sprintf("%d copied jobs", e.N)
	}
	return fmt.Sprintf("%s in %s, which this home has not written, cannot be read before the wallet is unlocked with its password", jobs, e.Dir)
}

// copiedOnce reads them once.
type copiedOnce struct {
	From   CopiedJobs
	done   bool
	Jobs   []*job.Job
	Unread *UnreadCopies
}

func (c *copiedOnce) Read(ctx context.Context) ([]*job.Job, error) {
	if c.From == nil || c.done {
		return c.Jobs, nil
	}
	jobs, err := c.From.CopiedJobs(ctx)
	if errors.As(err, &c.Unread) {
		c.done = true
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the copy of the journal: %w", err)
	}
	if c.Jobs, err = job.Together(jobs); err != nil {
		return nil, fmt.Errorf("the copy of the journal: %w", err)
	}
	c.done = true
	return c.Jobs, nil
}

// WithCopied adds to a list of our preorders those of copied jobs, and notes at those that are
// there already which job has them.
func (r *Search) WithCopied(ctx context.Context, list []*Pending, copied []*job.Job, scripts [][]byte, tip int32) ([]*Pending, error) {
	if len(copied) == 0 {
		return list, nil
	}
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	ours, followed := make(map[string]bool), job.FollowedBy(jobs)
	for _, script := range scripts {
		ours[string(script)] = true
	}
	for _, j := range copied {
		wanted := j.Request.Requests()
		if j.Request.Kind == job.KindLaunch {
			wanted = []job.Request{j.Request}
		}
		for _, q := range wanted {
			if !j.Open() || q.Kind != job.KindRegister && q.Kind != job.KindLaunch || j.ProgressOf(q.Name).State.Final() {
				continue
			}
			st := j.PreorderOf(&q)
			if st == nil || slices.ContainsFunc(st.Versions, func(v *job.Version) bool { return followed[v.Txid] != nil }) {
				continue
			}
			if list, err = r.addCopied(ctx, list, copiedPreorder{j, &q, st, ours, tip}); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// copiedPreorder is the preorder of one request of a copied job, as the copy has it.
type copiedPreorder struct {
	job     *job.Job
	request *job.Request
	stage   *job.Stage
	ours    map[string]bool // our scripts
	tip     int32
}

// addCopied adds such a preorder to a list, unless it was used or given back.
func (r *Search) addCopied(ctx context.Context, list []*Pending, c copiedPreorder) ([]*Pending, error) {
	versions := slices.Clone(c.stage.Versions)
	for _, v := range versions {
		if i := slices.IndexFunc(list, func(p *Pending) bool { return p.Txid == v.Txid }); i >= 0 {
			tx, err := v.Tx()
			if err != nil {
				return nil, err
			}
			if p := r.ourPreorder(tx, c); p != nil {
				list[i].Copied, list[i].Owner, list[i].Name = p.Copied, p.Owner, p.Name
			}
			return list, nil
		}
	}
	if back := c.job.Stage(job.RoleReturn); back != nil {
		versions = append(versions, back.Versions...)
	}
	for _, v := range versions {
		if waits, err := r.inNoBlock(ctx, v.Txid); err != nil || !waits {
			return list, err
		}
	}
	for _, v := range slices.Backward(c.stage.Versions) {
		tx, err := v.Tx()
		if err != nil {
			return nil, err
		}
		if p := r.ourPreorder(tx, c); p != nil {
			return append(list, p), nil
		}
	}
	return list, nil
}

// ourPreorder is a transaction as a preorder of what a request asks for, by a script of ours; nil:
// it is not one.
func (r *Search) ourPreorder(tx *wire.MsgTx, c copiedPreorder) *Pending {
	q := c.request
	o, is := PreorderIn(r.Params, tx, c.tip+1)
	addr, err := r.Params.ScriptAddress(q.Owner)
	if !is || err != nil || o.Namespace != (q.Kind == job.KindLaunch) {
		return nil
	}
	for _, sender := range SendersOf(tx) {
		if hash, err := nameop.HashPreorder(q.Subject(), sender, addr); err == nil && hash == o.Hash && c.ours[string(sender)] {
			o.Sender = sender
			return &Pending{Outstanding: o, Tx: tx, Owner: q.Owner, Name: q.Name, Copied: c.job}
		}
	}
	return nil
}
