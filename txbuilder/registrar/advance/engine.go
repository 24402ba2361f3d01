package advance

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/doubt"
	"blockstack/txbuilder/registrar/facts"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/rescue"
	"blockstack/txbuilder/registrar/step"
)

// Engine carries jobs out.
type Engine struct {
	ports.World
	// Publisher puts zone files where they can be found. Nil: nobody does.
	Publisher ports.Publisher
	Facts     *facts.Source
	Build     *build.Config
	Doubts    *doubt.Doubts
	Finds     *rescue.Finds
	Book      *record.Book
}

// course is a job on its way: what is known of it, what comes next, and how that is done.
type course interface {
	// next asks for the facts and chooses the next action by them; first says that nothing was done
	// yet in this run. It gives another job where something was found that was sent without this
	// one. An error says that there is no action.
	next(ctx context.Context, j *job.Job, first bool) (*job.Job, step.Action, error)
	// perform does it, and gives the job as it is on disk after it.
	perform(ctx context.Context, j *job.Job) (*job.Job, error)
	// instead chooses another action where that could not be done; false: there is none.
	instead(j *job.Job, err error) (step.Action, bool)
	// refused says what the refusal of a transaction by the node means.
	refused(ctx context.Context, j *job.Job, refusal *ports.Refused, err error) (response, error)
	// sent are the transactions that the action has offered to the node.
	sent(j *job.Job) []chainhash.Hash
}

// response is what follows from a refusal.
type response struct {
	// job is it as it was changed by that; nil: it was not.
	job *job.Job
	// again says that the next look leads to something else.
	again bool
	// wait is the action that waits until the node may take it; nil: the refusal is told.
	wait *step.Action
}

// run is what one call of Advance has learned, from the node's answers above all. None of it is
// kept: another node, or the same one later, may answer otherwise.
type run struct {
	sent  map[chainhash.Hash]bool // offered and not refused
	dead  map[chainhash.Hash]bool // can never confirm; nil before it was looked for
	cheap map[chainhash.Hash]bool // refused for their fee
	unfit map[chainhash.Hash]bool // refused for a coin that is not there now
	// raised are the transactions of which a version was signed because the others were refused for
	// their fee; why is the last of those refusals.
	raised map[job.Role]bool
	why    error
	// unpublished is why zone files could not be published, where the rest does not wait for that.
	// It is told at the end.
	unpublished error
}

// tell says of an error which job it belongs to, with what could not be published.
func (r *run) tell(j *job.Job, err error) error {
	if r.unpublished != nil {
		err = errors.Join(err, r.unpublished)
	}
	if err == nil {
		return nil
	}
	return j.Wrap(err)
}

// wait lets a job stand still.
func (r *Engine) wait(j *job.Job, w *job.Wait) (*job.Job, error) {
	next, err := job.Clone(j)
	if err != nil {
		return nil, err
	}
	next.Wait = w
	r.Book.Tell(record.Event{Job: j.ID, What: record.EventWaiting, State: j.State, Wait: w, Text: w.For})
	return next, nil
}

// broadcast sends the stored bytes of a version, whether or not they were sent before.
func (r *Engine) broadcast(ctx context.Context, j *job.Job, a step.Pick) error {
	v := j.Stage(a.Role).Versions[a.Version]
	tx, err := v.Tx()
	if err != nil {
		return err
	}
	if err := r.Chain.Broadcast(ctx, tx); err != nil {
		return fmt.Errorf("broadcast %s: %w", job.Words(a.Role), err)
	}
	r.Book.Tell(record.Event{Job: j.ID, What: record.EventBroadcast, State: j.State, Role: a.Role, Txid: v.Txid.String(), Text: job.Words(a.Role)})
	return nil
}

// needsKey is the error about a transaction that cannot be signed now.
func needsKey(w *job.Wait, tip int32) error {
	if w != nil && w.Deadline > 0 {
		return &NeedsKey{Deadline: w.Deadline, Blocks: max(0, w.Deadline-tip)}
	}
	return ErrNeedsKey
}

// tooCheap says whether a refusal for the fee is explained: the node's floor is above what a
// version pays, or the node does not say what it wants. A node that refuses for no reason that can
// be seen is not given more and more.
func (r *Engine) tooCheap(ctx context.Context, v *job.Version) (bool, error) {
	if _, ok := ports.RelayOf(r.Chain); !ok {
		return true, nil
	}
	fees, err := ports.FeesOf(ctx, r.Chain)
	if err != nil {
		return false, fmt.Errorf("fees of the memory pool: %w", err)
	}
	return txbuilder.RateOf(v.Fee, v.VSize) < fees.Floor, nil
}

// rowWait is what is waited for where too many unconfirmed ones would hang together.
func rowWait(refusal *ports.Refused) *job.Wait {
	return &job.Wait{For: "a block: the node takes no more unconfirmed transactions in a row", Blocks: 1, Txid: &refusal.Txid}
}
