package terms

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"

	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
)

// notRenewed refuses a renewal of a name whose renewal was sent, or has just been mined.
func (r *Checks) notRenewed(ctx context.Context, j *job.Job, rec *names.Record, tip int32) error {
	if len(j.Stages)+len(j.Drafted) > 0 {
		return nil
	}
	if rec.RenewedAt > rec.FirstRegistered && job.Met(&j.Request, rec) {
		return r.renewedAlready(ctx, &j.Request, rec)
	}
	tx, err := r.Search.SentRenewal(ctx, &j.Request, tip)
	if err != nil || tx == nil {
		return err
	}
	return &own.RenewalOurs{Name: j.Request.Name, Txid: tx.TxHash()}
}

// renewedAlready is the refusal of another renewal, with the transaction of the one there is where
// that can be told.
func (r *Checks) renewedAlready(ctx context.Context, req *job.Request, rec *names.Record) error {
	tx, err := r.Search.MinedRenewal(ctx, req.Name, rec)
	if err != nil {
		return err
	}
	with := ""
	if tx != nil {
		with = fmt.Sprintf(", with transaction %s", tx.TxHash())
	}
	return &Unchanged{Name: req.Name, What: fmt.Sprintf("was renewed in block %d already%s; another renewal would throw that term away", rec.RenewedAt, with)}
}

// Renewal is what a renewal does to a name's lifetime. Heights are the first block after it; 0:
// never.
type Renewal struct {
	Expires    int32 // as things stand
	NewExpires int32 // if the renewal is in the next block
	Wasted     int32 // blocks thrown away: a renewal restarts the lifetime
}

// LastCall is how many blocks before a deadline an operation is not begun any more.
const LastCall = 6

// OwnerTerms makes the checks before an owner's operation: the name is theirs and alive, the
// operation would count, nobody gets too many names; and finds what a renewal costs.
func (r *Checks) OwnerTerms(ctx context.Context, j *job.Job, t *Terms) error {
	req := &j.Request
	rec, err := r.Names.Record(ctx, req.Name)
	if err != nil {
		return err
	}
	ns, err := r.Names.Namespace(ctx, req.Name.Namespace())
	switch {
	case errors.Is(err, names.ErrNotFound):
		return &NamespaceClosed{ID: req.Name.Namespace()}
	case err != nil:
		return err
	case !job.Live(rec.Status), rec.Status == names.Revoked, !bytes.Equal(rec.Owner, req.Owner):
		return &NotOwner{Name: req.Name, Status: rec.Status, Owner: rec.OwnerAddress}
	case ns.Status != names.NamespaceIsReady:
		return &NamespaceClosed{ID: ns.ID, Status: ns.Status}
	}
	t.record = rec
	if t.Deadline, err = r.ownerDeadline(req, &rec, t); err != nil {
		return err
	}
	if len(req.ZoneFile) > 0 {
		if _, err := zonefile.Parse(req.ZoneFile); err != nil {
			return fmt.Errorf("zone file: %w", err)
		}
	}
	if err := r.ownerEpoch(req, t); err != nil {
		return err
	}
	if err := changes(req, &rec); err != nil {
		return err
	}
	if err := r.ownerQuota(ctx, j); err != nil {
		return err
	}
	if req.Kind != job.KindRenew {
		return nil
	}
	return r.renewTerms(ctx, j, &ns, t)
}

// ownerDeadline is the last block in which the operation counts: all but a renewal are refused in
// the grace period (protocol 8.3 to 8.6).
func (r *Checks) ownerDeadline(req *job.Request, rec *names.Record, t *Terms) (int32, error) {
	if rec.ExpiresAt == 0 {
		return 0, nil
	}
	if req.Kind == job.KindRenew {
		return rec.GraceEnds, nil
	}
	if rec.Status == names.Grace || t.Tip+LastCall >= rec.ExpiresAt {
		return 0, &MustRenew{Name: req.Name, Expires: rec.ExpiresAt, GraceEnds: rec.GraceEnds}
	}
	return rec.ExpiresAt - 1, nil
}

// ownerEpoch holds a request to the rules of the next block.
func (r *Checks) ownerEpoch(req *job.Request, t *Terms) error {
	n, e := r.Params.Epoch(t.Tip + 1)
	if req.Kind == job.KindRenew && (req.To != nil || len(req.ZoneFile) > 0) && !e.Features.Has(names.FeatureRenewTransferUpdate) {
		return fmt.Errorf("%w: in epoch %d a renewal changes neither owner nor zone file; use a transfer or an update", job.ErrBadRequest, n)
	}
	return nil
}

// changes refuses what would change nothing.
func changes(req *job.Request, rec *names.Record) error {
	switch {
	case req.To != nil && bytes.Equal(req.To, rec.Owner):
		return &Unchanged{Name: req.Name, What: "belongs to " + rec.OwnerAddress + " already"}
	case req.Kind == job.KindUpdate && rec.HasZoneFile && rec.ZoneFile == names.HashZoneFile(req.ZoneFile):
		return &Unchanged{Name: req.Name, What: "has zone file " + rec.ZoneFile.String() + " already"}
	}
	return nil
}

// renewTerms finds price and payee of a renewal, by the rules of the blocks where it may land.
func (r *Checks) renewTerms(ctx context.Context, j *job.Job, ns *names.Namespace, t *Terms) (err error) {
	if t.record.ExpiresAt == 0 {
		return &NeverExpires{Name: j.Request.Name}
	}
	if err = r.notRenewed(ctx, j, &t.record, t.Tip); err != nil {
		return err
	}
	if t.Price, err = r.NamePrice(&j.Request, ns, t); err != nil {
		return err
	}
	to := r.Params.BurnAddress
	if creator, until := r.CreatorPaid(ns, t.Tip+1); creator {
		if until < t.Tip+LastCall {
			return &PayeeChanging{ID: ns.ID, After: until}
		}
		to = ns.PayerAddress
		t.Deadline = min(t.Deadline, until)
	}
	if t.Payee, err = r.Params.AddressScript(to); err != nil {
		return fmt.Errorf("payee of %s: %w", ns.ID, err)
	}
	_, e := r.Params.Epoch(t.Tip + 1)
	life := int64(ns.Lifetime) * int64(e.Rules(ns.ID).LifetimeMultiplier)
	t.Renewal = &Renewal{Expires: t.record.ExpiresAt, Wasted: max(0, t.record.ExpiresAt-t.Tip-1)}
	if end := int64(max(ns.ReadyHeight, t.Tip+1)) + life; end <= math.MaxInt32 {
		t.Renewal.NewExpires = int32(end)
	}
	if t.Price.Unit != names.MicroStacks {
		return nil
	}
	if err := r.grantsKnown(t); err != nil {
		return err
	}
	// Tokens are debited from the owner's own account.
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	short := &TokensShort{Have: new(big.Int)}
	enough, err := r.HasTokens(ctx, j, jobs, j.Request.Owner, t.Price.Amount, short)
	if err == nil && !enough {
		short.Address = t.record.OwnerAddress
		return short
	}
	return err
}
