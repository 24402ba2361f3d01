package registrar

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// A renewal burns a price as a preorder does. So before one is planned or signed, those of
// its name are looked for that its owner has sent and no job here knows: in the memory
// pool, in what the wallet remembers, and in the record.

// RenewalOurs says that a renewal of a name was sent already, and is in no block yet.
type RenewalOurs struct {
	Name names.Name
	Txid chainhash.Hash
	Job  job.ID // that sent it and is over; empty: no job knows it
}

// Error says what is there.
func (e *RenewalOurs) Error() string {
	return fmt.Sprintf("%s is being renewed already, with transaction %s, which is in no block yet; another renewal would be paid for nothing", e.Name, e.Txid)
}

// Code is renewal_outstanding.
func (e *RenewalOurs) Code() string { return "renewal_outstanding" }

// notRenewed refuses a renewal of a name whose renewal was sent, or has just been mined.
func (r *Registrar) notRenewed(ctx context.Context, j *job.Job, rec *names.Record, tip int32) error {
	if len(j.Stages)+len(j.Drafted) > 0 {
		return nil
	}
	if rec.RenewedAt > rec.FirstRegistered && job.Met(&j.Request, rec) {
		return r.renewedAlready(ctx, &j.Request, rec)
	}
	tx, err := r.sentRenewal(ctx, &j.Request, tip)
	if err != nil || tx == nil {
		return err
	}
	return &RenewalOurs{Name: j.Request.Name, Txid: tx.TxHash()}
}

// renewedAlready is the refusal of another renewal, with the transaction of the one there is where that can be told.
func (r *Registrar) renewedAlready(ctx context.Context, req *job.Request, rec *names.Record) error {
	tx, err := r.minedRenewal(ctx, req.Name, rec)
	if err != nil {
		return err
	}
	with := ""
	if tx != nil {
		with = fmt.Sprintf(", with transaction %s", tx.TxHash())
	}
	return &Unchanged{Name: req.Name, What: fmt.Sprintf("was renewed in block %d already%s; another renewal would throw that term away", rec.RenewedAt, with)}
}

// minedRenewal is the transaction that a record has its term from, where that is a renewal whose block can be had; nil: it cannot
// be told.
func (r *Registrar) minedRenewal(ctx context.Context, name names.Name, rec *names.Record) (found *wire.MsgTx, err error) {
	block, err := r.cfg.Chain.BlockAt(ctx, rec.RenewedAt)
	if err != nil {
		return nil, ctx.Err() // pruned, or out of reach: that the name was renewed is known all the same
	}
	for _, tx := range block.Transactions {
		if op, is := renewalIn(r.cfg.Params, tx, rec.RenewedAt); !is || op.Name != name.String() {
			continue
		}
		at, seen, err := r.cfg.Names.OpStatus(ctx, tx.TxHash())
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", tx.TxHash(), err)
		}
		if seen && at.Accepted && at.Height == rec.RenewedAt {
			found = tx
		}
	}
	return found, nil
}

// ownMined is the renewal in a block that has done just now what is asked for, sent by the owner. Nil: there is none.
func (r *Registrar) ownMined(ctx context.Context, req *job.Request) (*wire.MsgTx, int32, error) {
	rec, err := r.cfg.Names.Record(ctx, req.Name)
	if err != nil || rec.RenewedAt <= rec.FirstRegistered || !job.Met(req, &rec) {
		return nil, 0, err
	}
	tx, err := r.minedRenewal(ctx, req.Name, &rec)
	if err != nil || tx == nil || !isSender(tx, req.Owner) {
		return nil, 0, err
	}
	return tx, rec.RenewedAt, nil
}

// isSender says whether a transaction's first input may have spent a coin of a script.
func isSender(tx *wire.MsgTx, script []byte) bool {
	return slices.ContainsFunc(sendersOf(tx), func(s []byte) bool { return bytes.Equal(s, script) })
}

// sentRenewal is the renewal of a request's name that its owner has sent and that is in no
// block yet; nil: there is none to be seen.
func (r *Registrar) sentRenewal(ctx context.Context, req *job.Request, tip int32) (*wire.MsgTx, error) {
	txs, err := r.unconfirmed(ctx)
	if err != nil {
		return nil, err
	}
	for _, tx := range txs {
		op, is := renewalIn(r.cfg.Params, tx, tip+1)
		if !is || op.Name != req.Name.String() || !isSender(tx, req.Owner) {
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
// job follows, where it is the one that is asked for: in no block yet, or in one and recent. Nil: there is none.
func (r *Registrar) ourRenewal(ctx context.Context, req *job.Request, dry bool) (*Pending, error) {
	tip, err := r.syncedTip(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := r.sentRenewal(ctx, req, tip)
	height := int32(0)
	if err == nil && tx == nil {
		tx, height, err = r.ownMined(ctx, req)
	}
	if err != nil || tx == nil {
		return nil, err
	}
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	p := &Pending{Outstanding: ports.Outstanding{Txid: tx.TxHash(), Height: height, Sender: req.Owner}, Tx: tx, Name: req.Name, Owner: req.Owner}
	other := &RenewalOurs{Name: req.Name, Txid: p.Txid}
	op, _ := renewalIn(r.cfg.Params, tx, cmp.Or(height, tip+1))
	to := req.Owner
	if req.To != nil {
		to = req.To
	}
	if o := job.FollowedBy(jobs)[p.Txid]; o != nil {
		other.Job = o.ID
	} else if bytes.Equal(tx.TxOut[1].PkScript, to) && (len(req.ZoneFile) == 0 || op.ZoneFile == names.HashZoneFile(req.ZoneFile)) {
		p.Job, err = r.renewalJob(ctx, p, *req, tip, dry)
		return p, err
	}
	if height > 0 {
		return nil, nil // it is refused as Unchanged
	}
	return nil, other
}

// renewalJob makes the job that follows a renewal. One for the same thing that has signed
// nothing yet becomes that job.
func (r *Registrar) renewalJob(ctx context.Context, p *Pending, req job.Request, tip int32, dry bool) (*job.Job, error) {
	now := r.cfg.Clock.Now().UTC()
	j := &job.Job{State: job.UpdateSigned, Request: req, Created: now, Updated: now, Sender: req.Owner}
	running, attempt, idle, err := r.find(ctx, &req)
	switch {
	case err != nil:
		return nil, err
	case running != nil && running.State == job.Planned && len(running.Stages)+len(running.Drafted) == 0:
		j.ID, j.Attempt, j.Request, j.Created, j.Supersedes = running.ID, running.Attempt, running.Request, running.Created, running.Supersedes
		j.Mark = running.Mark
	case running != nil && running.Open():
		return nil, &job.Conflict{ID: running.ID, What: "renewal"}
	default:
		j.ID, j.Attempt, j.Supersedes = job.NewID(&req, attempt), attempt, idle
	}
	a := adopter{r: r, j: j, f: step.Facts{Tip: tip}}
	if err := a.add(ctx, job.RoleRenew, p.Tx, cmp.Or(p.Height, tip+1), chainhash.Hash{}, -1); err != nil {
		return nil, err
	}
	if err := r.renewalTerms(ctx, j, p); err != nil {
		return nil, err
	}
	if dry {
		return j, nil
	}
	if err := r.cfg.Journal.Save(ctx, j); err != nil {
		return nil, err
	}
	where := "found in no block yet"
	if p.Height > 0 {
		where = "found on the chain"
	}
	r.notify(Event{Job: j.ID, What: EventState, State: j.State, Text: where})
	return j, r.supersede(ctx, j)
}

// renewalTerms fills in deadline and price of a renewal that was sent. One in a block has paid what it has paid, and counts already:
// its terms hold only if a reorg undoes it.
func (r *Registrar) renewalTerms(ctx context.Context, j *job.Job, p *Pending) error {
	if p.Height == 0 {
		t, err := r.terms(ctx, j)
		if err == nil {
			j.Deadline, j.Price = t.deadline, &job.Price{Unit: t.price.Unit, Amount: t.price.Amount, Payee: t.payee}
		}
		return err
	}
	rec, err := r.cfg.Names.Record(ctx, p.Name)
	if err != nil {
		return err
	}
	ns, err := r.cfg.Names.Namespace(ctx, p.Name.Namespace())
	if err != nil {
		return err
	}
	j.Deadline = rec.GraceEnds
	if creator, until := r.creatorPaid(&ns, p.Height); creator {
		j.Deadline = min(j.Deadline, until)
	}
	op, _ := renewalIn(r.cfg.Params, p.Tx, p.Height)
	j.Price = r.paidBy(op, p.Tx.TxOut[3].Value, p.Tx.TxOut[3].PkScript)
	return nil
}
