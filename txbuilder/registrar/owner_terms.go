package registrar

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
)

// Renewal is what a renewal does to a name's lifetime. Heights are the first
// block after it; 0: never.
type Renewal struct {
	Expires    int32 // as things stand
	NewExpires int32 // if the renewal is in the next block
	Wasted     int32 // blocks thrown away: a renewal restarts the lifetime
}

// lastCall is how many blocks before a deadline an operation is not begun any
// more.
const lastCall = 6

// ownerTerms makes the checks before an owner's operation: the name is theirs and
// alive, the operation would count, nobody gets too many names; and finds what a
// renewal costs.
func (r *Registrar) ownerTerms(ctx context.Context, j *job.Job, t *terms) error {
	req := &j.Request
	rec, err := r.cfg.Names.Record(ctx, req.Name)
	if err != nil {
		return err
	}
	ns, err := r.cfg.Names.Namespace(ctx, req.Name.Namespace())
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
	if t.deadline, err = r.ownerDeadline(req, &rec, t); err != nil {
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

// ownerDeadline is the last block in which the operation counts: all but a
// renewal are refused in the grace period (protocol 8.3 to 8.6).
func (r *Registrar) ownerDeadline(req *job.Request, rec *names.Record, t *terms) (int32, error) {
	if rec.ExpiresAt == 0 {
		return 0, nil
	}
	if req.Kind == job.KindRenew {
		return rec.GraceEnds, nil
	}
	if rec.Status == names.Grace || t.tip+lastCall >= rec.ExpiresAt {
		return 0, &MustRenew{Name: req.Name, Expires: rec.ExpiresAt, GraceEnds: rec.GraceEnds}
	}
	return rec.ExpiresAt - 1, nil
}

// ownerEpoch holds a request to the rules of the next block.
func (r *Registrar) ownerEpoch(req *job.Request, t *terms) error {
	n, e := r.cfg.Params.Epoch(t.tip + 1)
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

// ownerQuota holds an operation to the number of names that a script may own: a
// renewal is refused when who has the name after it owns that many, the name
// itself included; a transfer when the new owner does; an update only above it
// (protocol 7.5).
func (r *Registrar) ownerQuota(ctx context.Context, j *job.Job) error {
	req := &j.Request
	switch req.Kind {
	case job.KindRenew:
		if req.To == nil {
			return r.ownQuota(ctx, req, r.cfg.Params.MaxNamesPerOwner-1)
		}
		return r.quota(ctx, j, req.To)
	case job.KindTransfer:
		return r.quota(ctx, j, req.To)
	case job.KindUpdate:
		return r.ownQuota(ctx, req, r.cfg.Params.MaxNamesPerOwner)
	}
	return nil
}

// ownQuota holds an owner to the most names with which an operation on one of them
// counts.
func (r *Registrar) ownQuota(ctx context.Context, req *job.Request, limit int) error {
	owned, err := r.cfg.Names.NamesOf(ctx, req.Owner)
	if err != nil || len(owned) <= limit {
		return err
	}
	addr, err := r.cfg.Params.ScriptAddress(req.Owner)
	return errors.Join(err, &Quota{Owner: addr, Names: len(owned), Limit: limit})
}

// renewTerms finds price and payee of a renewal, by the rules of the blocks where
// it may land.
func (r *Registrar) renewTerms(ctx context.Context, j *job.Job, ns *names.Namespace, t *terms) (err error) {
	if t.record.ExpiresAt == 0 {
		return &NeverExpires{Name: j.Request.Name}
	}
	if err = r.notRenewed(ctx, j, &t.record, t.tip); err != nil {
		return err
	}
	if t.price, err = r.namePrice(&j.Request, ns, t); err != nil {
		return err
	}
	to := r.cfg.Params.BurnAddress
	if creator, until := r.creatorPaid(ns, t.tip+1); creator {
		if until < t.tip+lastCall {
			return &PayeeChanging{ID: ns.ID, After: until}
		}
		to = ns.PayerAddress
		t.deadline = min(t.deadline, until)
	}
	if t.payee, err = r.cfg.Params.AddressScript(to); err != nil {
		return fmt.Errorf("payee of %s: %w", ns.ID, err)
	}
	_, e := r.cfg.Params.Epoch(t.tip + 1)
	life := int64(ns.Lifetime) * int64(e.Rules(ns.ID).LifetimeMultiplier)
	t.renewal = &Renewal{Expires: t.record.ExpiresAt, Wasted: max(0, t.record.ExpiresAt-t.tip-1)}
	if end := int64(max(ns.ReadyHeight, t.tip+1)) + life; end <= math.MaxInt32 {
		t.renewal.NewExpires = int32(end)
	}
	if t.price.Unit != names.MicroStacks {
		return nil
	}
	// Tokens are debited from the owner's own account.
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	short := &TokensShort{Have: new(big.Int)}
	enough, err := r.hasTokens(ctx, j, jobs, j.Request.Owner, t.price.Amount, short)
	if err == nil && !enough {
		short.Address = t.record.OwnerAddress
		return short
	}
	return err
}
