package registrar

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// A renewal burns a price as a preorder does. So before one is planned or signed, those of
// its name are looked for that its owner has sent and no job here knows: in the memory
// pool, in what the wallet remembers, and in the record.

// RenewalOurs says that a renewal of a name was sent already, and is in no block yet.
type RenewalOurs struct {
	Name names.Name
	Txid chainhash.Hash
	Job  ID // that sent it and is over; empty: no job knows it
}

// Error says what is there.
func (e *RenewalOurs) Error() string {
	return fmt.Sprintf("%s is being renewed already, with transaction %s, which is in no block yet; another renewal would be paid for nothing", e.Name, e.Txid)
}

// Code is renewal_outstanding.
func (e *RenewalOurs) Code() string { return "renewal_outstanding" }

// notRenewed refuses a renewal of a name whose renewal was sent, or has just been mined.
func (r *Registrar) notRenewed(ctx context.Context, j *Job, rec *names.Record, tip int32) error {
	if len(j.Stages)+len(j.Drafted) > 0 {
		return nil
	}
	if rec.RenewedAt > rec.FirstRegistered && met(&j.Request, rec) {
		return &Unchanged{Name: j.Request.Name, What: fmt.Sprintf("was renewed in block %d already; another renewal would throw that term away", rec.RenewedAt)}
	}
	tx, err := r.sentRenewal(ctx, &j.Request, tip)
	if err != nil || tx == nil {
		return err
	}
	return &RenewalOurs{Name: j.Request.Name, Txid: tx.TxHash()}
}

// sentRenewal is the renewal of a request's name that its owner has sent and that is in no
// block yet; nil: there is none to be seen.
func (r *Registrar) sentRenewal(ctx context.Context, req *Request, tip int32) (*wire.MsgTx, error) {
	txs, err := r.unconfirmed(ctx)
	if err != nil {
		return nil, err
	}
	for _, tx := range txs {
		op, is := renewalIn(r.cfg.Params, tx, tip+1)
		if !is || op.Name != req.Name.String() || !slices.ContainsFunc(sendersOf(tx), func(s []byte) bool { return bytes.Equal(s, req.Owner) }) {
			continue
		}
		if waits, err := r.inNoBlock(ctx, tx.TxHash()); err != nil || waits {
			return tx, err
		}
	}
	return nil, nil
}

// renewalIn reads a transaction as a renewal, by the rules of a height.
func renewalIn(params *names.Params, tx *wire.MsgTx, height int32) (op nameop.NameRenewal, is bool) {
	payload, ours := nameop.FindPayload(tx, params.Magic)
	if !ours || len(tx.TxIn) == 0 || len(tx.TxOut) < 4 {
		return op, false
	}
	_, e := params.Epoch(height)
	decoded, err := nameop.Decode(e, payload, len(tx.TxOut))
	if err != nil {
		return op, false
	}
	op, is = decoded.(nameop.NameRenewal)
	return op, is
}

// ourRenewal gives the job that goes on with a renewal that was sent already and that no
// job follows, where it is the one that is asked for. Nil: there is none.
func (r *Registrar) ourRenewal(ctx context.Context, req *Request, dry bool) (*Pending, error) {
	tip, err := r.syncedTip(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := r.sentRenewal(ctx, req, tip)
	if err != nil || tx == nil {
		return nil, err
	}
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	p := &Pending{Outstanding: Outstanding{Txid: tx.TxHash(), Sender: req.Owner}, Tx: tx, Name: req.Name, Owner: req.Owner}
	if o := followedBy(jobs)[p.Txid]; o != nil {
		return nil, &RenewalOurs{Name: req.Name, Txid: p.Txid, Job: o.ID}
	}
	op, _ := renewalIn(r.cfg.Params, tx, tip+1)
	to := req.Owner
	if req.To != nil {
		to = req.To
	}
	if !bytes.Equal(tx.TxOut[1].PkScript, to) || len(req.ZoneFile) > 0 && op.ZoneFile != names.HashZoneFile(req.ZoneFile) {
		return nil, &RenewalOurs{Name: req.Name, Txid: p.Txid}
	}
	p.Job, err = r.renewalJob(ctx, tx, *req, tip, dry)
	return p, err
}

// renewalJob makes the job that follows a renewal. One for the same thing that has signed
// nothing yet becomes that job.
func (r *Registrar) renewalJob(ctx context.Context, tx *wire.MsgTx, req Request, tip int32, dry bool) (*Job, error) {
	now := r.cfg.Clock.Now().UTC()
	j := &Job{State: UpdateSigned, Request: req, Created: now, Updated: now, Sender: req.Owner}
	running, attempt, idle, err := r.find(ctx, &req)
	switch {
	case err != nil:
		return nil, err
	case running != nil && running.State == Planned && len(running.Stages)+len(running.Drafted) == 0:
		j.ID, j.Attempt, j.Request, j.Created, j.Supersedes = running.ID, running.Attempt, running.Request, running.Created, running.Supersedes
		j.Mark = running.Mark
	case running != nil && running.Open():
		return nil, &Conflict{ID: running.ID, What: "renewal"}
	default:
		j.ID, j.Attempt, j.Supersedes = newID(&req, attempt), attempt, idle
	}
	a := adopter{r: r, j: j, f: Facts{Tip: tip}}
	if err := a.add(ctx, RoleRenew, tx, tip+1, chainhash.Hash{}, -1); err != nil {
		return nil, err
	}
	t, err := r.terms(ctx, j)
	if err != nil {
		return nil, err
	}
	j.Deadline, j.Price = t.deadline, &Price{Unit: t.price.Unit, Amount: t.price.Amount, Payee: t.payee}
	if dry {
		return j, nil
	}
	if err := r.cfg.Journal.Save(ctx, j); err != nil {
		return nil, err
	}
	r.notify(Event{Job: j.ID, What: EventState, State: j.State, Text: "found in no block yet"})
	return j, r.supersede(ctx, j)
}
