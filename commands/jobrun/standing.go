package jobrun

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/session"
	"blockstack/txbuilder/registrar"
)

// Undone reports whether a job is done and a reorg took its last transaction out of the chain
// since. Without a node nothing is known of that.
func Undone(ctx context.Context, e *session.Session, j *registrar.Job) bool {
	if j.State != registrar.Done || e.Config.Offline {
		return false
	}
	txids := j.View().Txids
	if len(txids) == 0 {
		return false
	}
	last, err := chainhash.NewHashFromStr(txids[len(txids)-1])
	if err != nil {
		return false
	}
	n, err := e.Node(ctx)
	if err != nil {
		return false
	}
	st, err := n.TxStatus(ctx, *last)
	return err == nil && !st.Confirmed()
}

// CancelledAsAsked is how resuming a job ended: that its cancellation is complete is what was asked
// for when it was cancelled, and no failure.
func CancelledAsAsked(before *registrar.Job, err error) error {
	if before.State == registrar.Cancelling && errors.Is(err, errCancelled) {
		return nil
	}
	return err
}
