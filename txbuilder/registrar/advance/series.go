package advance

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// series is a list of names on its way.
type series struct {
	*Engine
	run *run
	f   *step.SeriesFacts
	a   step.SeriesAction
}

func (r *series) next(ctx context.Context, j *job.Job, _ bool) (*job.Job, step.Action, error) {
	f, err := r.Facts.Series(ctx, j, r.run.sent)
	if err != nil {
		return nil, step.Action{}, err
	}
	f.CanPublish, f.Cheap = f.CanPublish && r.run.unpublished == nil, r.run.cheap
	r.f, r.a = f, step.SeriesStep(j, f)
	if r.a.Do == step.DoSign && r.run.why != nil && r.run.raised[job.RoleSplit] {
		return nil, step.Action{}, r.run.why // a dearer path was signed already
	}
	r.a.Dearer = r.a.Do == step.DoSign && r.run.why != nil
	return j, step.Action{Do: r.a.Do, To: r.a.To, Role: job.RoleSplit, Dearer: r.a.Dearer, Optional: r.a.Optional, Wait: r.a.Wait}, nil
}

func (r *series) instead(j *job.Job, _ error) (step.Action, bool) {
	if !r.a.Optional {
		return step.Action{}, false
	}
	r.a = step.SeriesAction{Do: step.DoWait, To: j.State, Wait: r.a.Wait}
	return step.Action{Do: step.DoWait, To: j.State, Wait: r.a.Wait}, true
}

func (r *series) sent(*job.Job) []chainhash.Hash { return r.a.Links }

func (r *series) refused(ctx context.Context, j *job.Job, refusal *ports.Refused, err error) (response, error) {
	if refusal.Class == ports.RefusedRow {
		return response{wait: &step.Action{Do: step.DoWait, To: j.State, Wait: rowWait(refusal)}}, nil
	}
	again, err := r.tooCheapFor(ctx, j, refusal, err)
	return response{again: again}, err
}

// tooCheapFor decides what a refusal for a fee means for a series: again says that a dearer path is
// to be taken, or, once in a run, signed.
func (r *series) tooCheapFor(ctx context.Context, j *job.Job, refusal *ports.Refused, err error) (again bool, _ error) {
	l, known := j.Links()[refusal.Txid]
	if refusal.Class != ports.RefusedFee || !known || r.run.cheap[refusal.Txid] {
		return false, nil
	}
	r.run.cheap[refusal.Txid], r.run.why = true, err
	for id, o := range j.Links() {
		if o.Version.Parent == l.Version.Parent && r.f.Txs[id].InMempool {
			return true, nil
		}
	}
	return r.tooCheap(ctx, l.Version)
}

func (r *series) perform(ctx context.Context, j *job.Job) (*job.Job, error) {
	f, a := r.f, r.a
	switch a.Do {
	case step.DoNothing:
		return j, nil
	case step.DoWait:
		return r.wait(j, a.Wait)
	case step.DoEnter:
		return r.Book.Change(ctx, j, a.To, func(n *job.Job) error {
			if n.Items, n.Reason = a.Items, a.Reason; !j.Open() && !a.To.Final() {
				n.Since = f.Tip
			}
			return nil
		})
	case step.DoUse:
		return r.Book.Change(ctx, j, a.To, func(n *job.Job) error {
			n.Path, n.Since = a.Path, f.Tip
			return nil
		})
	case step.DoSign:
		return r.signSeries(ctx, j, f, a)
	case step.DoBroadcast:
		return r.sendSeries(ctx, j, f, a)
	case step.DoPublish:
		return r.publishSeries(ctx, j, a)
	}
	panic(fmt.Sprintf("bug: no way to %s", a.Do))
}
