package rescue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
)

// RescueLaunch makes the job of a namespace that a key of this wallet has revealed and that no job
// follows: what its rules are and what was sent is read off the chain. The job is held, so that
// names can still be imported, until Release. template has the fee rates and the confirmations.
// Nil: there is no such namespace, or its revealer is not ours.
func (r *Finds) RescueLaunch(ctx context.Context, id names.NamespaceID, template job.Request) (*job.Job, error) {
	tip, err := r.Facts.SyncedTip(ctx)
	if err != nil {
		return nil, err
	}
	ns, err := r.Names.Namespace(ctx, id)
	if errors.Is(err, names.ErrNotFound) || err == nil && ns.Status == names.NamespaceExpired {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	scripts, err := r.Wallet.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(scripts, func(s []byte) bool { return bytes.Equal(s, ns.RevealerScript) }) {
		return nil, nil
	}
	a := trail{r: r, f: step.Facts{Tip: tip}}
	reveal, rules, err := a.revealOf(ctx, &ns)
	if err != nil {
		return nil, err
	}
	req := template
	req.Kind, req.Namespace, req.Owner, req.Hold = job.KindLaunch, rules, ns.RevealerScript, ns.ReadyHeight == 0
	if req, err = req.Normal(r.Params, r.Confirmations); err != nil {
		return nil, err
	}
	running, attempt, _, err := r.Match.Find(ctx, &req)
	switch {
	case err != nil:
		return nil, err
	case running != nil && (running.State != job.Planned || len(running.Drafted) > 0):
		return running, nil
	case running != nil:
		attempt = running.Attempt
	}
	now := r.Book.Clock.Now().UTC()
	a.j = &job.Job{ID: job.NewID(&req, attempt), Attempt: attempt, State: job.RegisterSigned, Request: req, Created: now, Updated: now}
	if err := a.launched(ctx, &ns, reveal); err != nil {
		return nil, err
	}
	if err := a.j.Check(); err != nil {
		return nil, fmt.Errorf("namespace %s: %w", id, err)
	}
	if err := r.Book.Agree(ctx, a.j); err != nil { // to what is on the chain, by a revealer of ours
		return nil, err
	}
	if err := r.Journal.Save(ctx, a.j); err != nil {
		return nil, err
	}
	r.Book.Tell(record.Event{Job: a.j.ID, What: record.EventState, State: a.j.State, Text: "found on the chain"})
	return a.j, nil
}

// revealOf finds the transaction that revealed a namespace, and its rules.
func (a *trail) revealOf(ctx context.Context, ns *names.Namespace) (*wire.MsgTx, *nameop.NamespaceReveal, error) {
	var rules nameop.NamespaceReveal
	tx, err := a.find(ctx, ns.RevealHeight, func(tx *wire.MsgTx) bool {
		op, is := a.operation(tx, ns.RevealHeight).(nameop.NamespaceReveal)
		if !is || op.ID != ns.ID.String() || len(tx.TxOut) < 2 || !bytes.Equal(tx.TxOut[1].PkScript, ns.RevealerScript) {
			return false
		}
		at, seen, err := a.r.Names.OpStatus(ctx, tx.TxHash())
		rules = op
		return err == nil && seen && at.Accepted
	})
	if err == nil && tx == nil {
		err = fmt.Errorf("%w: the reveal of %s left the chain meanwhile", job.ErrIndexBehind, ns.ID)
	}
	return tx, &rules, err
}

// launched adds what was sent of a launch: the preorder that the reveal follows, the reveal, and
// the opening where that has happened.
func (a *trail) launched(ctx context.Context, ns *names.Namespace, reveal *wire.MsgTx) error {
	from := reveal.TxIn[0].PreviousOutPoint
	at, seen, err := a.r.Names.OpStatus(ctx, from.Hash)
	if err != nil {
		return fmt.Errorf("operation %s: %w", from.Hash, err)
	}
	var preorder *wire.MsgTx
	if seen {
		if preorder, err = a.find(ctx, at.Height, func(tx *wire.MsgTx) bool { return tx.TxHash() == from.Hash }); err != nil {
			return err
		}
	}
	if preorder == nil || int(from.Index) >= len(preorder.TxOut) {
		return &OtherLaunch{ID: ns.ID, Reveal: reveal.TxHash()}
	}
	a.j.Sender = preorder.TxOut[from.Index].PkScript
	hash, err := txbuilder.NamespacePreorderHash(a.r.Params, ns.ID, a.j.Sender, ns.RevealerScript)
	if err != nil {
		return err
	}
	if op, is := a.operation(preorder, at.Height).(nameop.NamespacePreorder); !is || op.Hash != hash {
		return &OtherLaunch{ID: ns.ID, Reveal: reveal.TxHash()}
	}
	if err := a.add(ctx, job.RoleNamespacePreorder, preorder, at.Height, chainhash.Hash{}, int(from.Index)); err != nil {
		return err
	}
	a.j.Price = a.r.paidBy(a.operation(preorder, at.Height), preorder.TxOut[2].Value, preorder.TxOut[2].PkScript)
	if err := a.add(ctx, job.RoleReveal, reveal, ns.RevealHeight, from.Hash, 1); err != nil {
		return err
	}
	if ns.ReadyHeight == 0 {
		return nil
	}
	if err := a.successor(ctx, ns.ReadyHeight, job.RoleReveal, job.RoleReady, func(op nameop.Op) bool {
		ready, is := op.(nameop.NamespaceReady)
		return is && ready.ID == ns.ID.String()
	}, nil); err != nil {
		return err
	}
	if a.j.Stage(job.RoleReady) != nil {
		a.j.State = job.UpdateSigned
	}
	return nil
}

// OtherLaunch says that a namespace of this wallet was launched by a program that does it in
// another way, so that no job can be made of it.
type OtherLaunch struct {
	ID     names.NamespaceID
	Reveal chainhash.Hash
}

// Error names the transaction.
func (e *OtherLaunch) Error() string {
	return fmt.Sprintf("the reveal %s of namespace %s does not spend the change of its preorder, as launches of this program do; it cannot be gone on with", e.Reveal, e.ID)
}

// Code is conflict.
func (e *OtherLaunch) Code() string { return "conflict" }
