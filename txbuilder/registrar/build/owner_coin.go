package build

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// ours makes sure that a script which the journal names for change is one of the wallet's.
func (r *Config) ours(ctx context.Context, j *job.Job, script []byte) error {
	scripts, err := r.Wallet.Scripts(ctx)
	if err != nil {
		return fmt.Errorf("scripts of the wallet: %w", err)
	}
	if !slices.ContainsFunc(scripts, func(s []byte) bool { return bytes.Equal(s, script) }) {
		return fmt.Errorf("%w: job %s: its sender %x is not of this wallet", job.ErrBadJournal, j.ID, script)
	}
	return nil
}

// checkPayee makes sure that a price which the journal has is paid to somebody whom the rules name.
func (r *Config) checkPayee(j *job.Job, ns *names.Namespace, p *job.Price) error {
	for _, to := range []string{r.Params.BurnAddress, ns.PayerAddress} {
		if script, err := r.Params.AddressScript(to); err == nil && bytes.Equal(script, p.Payee) {
			return nil
		}
	}
	return fmt.Errorf("%w: job %s: its price is paid to %x, to which the rules pay nothing", job.ErrBadJournal, j.ID, p.Payee)
}

// chooseOwnerCoin chooses among the owner's coins that are free.
func (r *Config) chooseOwnerCoin(ctx context.Context, owner []byte, name names.Name, free func(wire.OutPoint) bool) (txbuilder.Input, error) {
	credits, err := r.Wallet.CoinsAt(ctx, owner)
	if err != nil {
		return txbuilder.Input{}, fmt.Errorf("coins of the owner: %w", err)
	}
	owned, err := r.Names.NamesOf(ctx, owner)
	if err != nil {
		return txbuilder.Input{}, err
	}
	rank := make(map[chainhash.Hash]int)
	for _, rec := range owned {
		rank[rec.LastTx] = 2
	}
	for _, rec := range owned {
		if rec.Name == name {
			rank[rec.LastTx] = -1
		}
	}
	taken := len(credits)
	credits = slices.DeleteFunc(credits, func(c wtxmgr.Credit) bool { return !free(c.OutPoint) })
	if taken -= len(credits); len(credits) == 0 {
		addr, err := r.Params.ScriptAddress(owner)
		if err != nil {
			return txbuilder.Input{}, err
		}
		return txbuilder.Input{}, &NoOwnerCoin{Owner: addr, Need: txbuilder.DustLimit(owner), Reserved: taken}
	}
	best := slices.MinFunc(credits, func(a, b wtxmgr.Credit) int {
		return cmp.Or(cmp.Compare(rank[a.Hash], rank[b.Hash]), cmp.Compare(a.Amount, b.Amount),
			bytes.Compare(a.Hash[:], b.Hash[:]), cmp.Compare(a.Index, b.Index))
	})
	tx, err := r.Wallet.PrevTx(ctx, best.OutPoint)
	if err != nil {
		return txbuilder.Input{}, fmt.Errorf("previous transaction of %s: %w", best.OutPoint, err)
	}
	return txbuilder.Input{OutPoint: best.OutPoint, Tx: tx}, nil
}
