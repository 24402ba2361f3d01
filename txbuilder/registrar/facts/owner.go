package facts

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// lookOwner says whether an owner's operation would count in the next block, and whether its result
// is there.
func (r *Source) lookOwner(ctx context.Context, f *step.Facts, j *job.Job, rec *names.Record) error {
	req := &j.Request
	since, err := r.since(ctx, rec, f.Tip)
	if err != nil {
		return err
	}
	f.Met = f.Synced && job.Met(req, rec)
	if !f.Synced {
		return nil
	}
	n := req.Name
	switch {
	case rec.Status == names.Available:
		f.Barred = fmt.Sprintf("%s is not registered", n)
	case rec.Status == names.Expired:
		f.Barred, f.BarredFor = fmt.Sprintf("%s has expired", n), f.Tip-rec.GraceEnds
	case rec.Status == names.Revoked:
		f.Barred, f.BarredFor = fmt.Sprintf("%s was revoked", n), since
	case !bytes.Equal(rec.Owner, req.Owner):
		f.Barred, f.BarredFor = fmt.Sprintf("%s belongs to %s", n, rec.OwnerAddress), since
	case req.Kind != job.KindRenew && rec.ExpiresAt > 0 && f.Tip+1 >= rec.ExpiresAt:
		f.Barred, f.BarredFor = fmt.Sprintf("%s is in its grace period and can only be renewed", n), f.Tip-rec.ExpiresAt+1
	}
	return nil
}

// since is how many blocks ago a record became what it is, 0: unknown.
func (r *Source) since(ctx context.Context, rec *names.Record, tip int32) (int32, error) {
	if rec.LastTx == (chainhash.Hash{}) {
		return 0, nil
	}
	op, seen, err := r.Names.OpStatus(ctx, rec.LastTx)
	if err != nil || !seen {
		return 0, err
	}
	return tip - op.Height + 1, nil
}

// stale says whether a reorg took the consensus hash away that a version quotes.
func (r *Source) stale(ctx context.Context, v *job.Version, indexTip int32) (bool, error) {
	height := v.Window - r.Params.ConsensusWindow
	if v.Window == 0 || v.Quoted == (names.ConsensusHash{}) {
		return false, nil
	}
	if height > indexTip {
		return true, nil
	}
	now, err := r.Names.ConsensusHash(ctx, height)
	if err != nil {
		return false, fmt.Errorf("consensus hash of block %d: %w", height, err)
	}
	return now != v.Quoted, nil
}
