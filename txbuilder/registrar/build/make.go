package build

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// senderCoin is the coin that the transaction after a preorder spends: the preorder's change; or
// another coin of the same script, where a block shows that the change was spent while no journal
// kept it, as a payment from another machine does, or another job spends it, as the next preorder
// of a list does whose journal was lost. Any other spender that is in no block yet may be the very
// transaction that is wanted, so then there is no other coin.
func (m *Txs) senderCoin(ctx context.Context, parent *job.Version, tx *wire.MsgTx) (txbuilder.Input, error) {
	change := txbuilder.InputOf(tx, parent.Next)
	credits, err := m.Wallet.CoinsAt(ctx, m.Job.Sender)
	if err != nil {
		return txbuilder.Input{}, fmt.Errorf("coins of the preorder's sender: %w", err)
	}
	for _, c := range credits {
		if c.OutPoint == change.OutPoint {
			return change, nil
		}
	}
	gone, err := m.spentByJob(ctx, m.Job, change.OutPoint)
	if err == nil && !gone {
		gone, err = m.spentInBlock(ctx, parent, change.OutPoint, m.Terms.Tip)
	}
	if err != nil || !gone {
		return change, err
	}
	reserved, err := m.Search.Reserved(ctx)
	if err != nil {
		return txbuilder.Input{}, err
	}
	best := -1
	for i, c := range credits {
		if _, taken := reserved[c.OutPoint]; !taken && (best < 0 || c.Amount > credits[best].Amount) {
			best = i
		}
	}
	if best < 0 {
		addr, err := m.Params.ScriptAddress(m.Job.Sender)
		if err != nil {
			return txbuilder.Input{}, err
		}
		return txbuilder.Input{}, &NoSenderCoin{Sender: addr, What: m.Job.Request.Subject()}
	}
	prev, err := m.Wallet.PrevTx(ctx, credits[best].OutPoint)
	if err != nil {
		return txbuilder.Input{}, fmt.Errorf("previous transaction of %s: %w", credits[best].OutPoint, err)
	}
	return txbuilder.Input{OutPoint: credits[best].OutPoint, Tx: prev}, nil
}

// Make builds and signs what an action asks for.
func (m *Txs) Make(ctx context.Context, a step.Action) error {
	fl := m.Job.Flow()
	m.Forced = m.Forced || a.Dearer
	switch a.Role {
	case job.RoleMove:
		return m.moveAgain(ctx)
	case fl.First():
		switch {
		case !a.Replace && m.Job.Stage(job.RoleMove) != nil:
			if err := m.useMoved(ctx); err != nil {
				return err
			}
			return m.start(ctx)
		case !a.Replace:
			return m.Begin(ctx)
		case m.Job.Request.Kind.OfOwner():
			return m.owned(ctx, true)
		}
		if m.Job.Request.Kind == job.KindImport {
			return m.fund(ctx, true)
		}
		return m.first(ctx, true)
	case job.RoleReturn:
		return m.giveBack(ctx)
	}
	if a.Role.IsImport() && a.Dearer {
		return m.dearerImport(ctx, a.Role)
	}
	if a.Role.IsImport() {
		return m.reimport(ctx, a.Role)
	}
	parentRole := fl.Preorder
	if a.Role == fl.Update {
		parentRole = fl.Register
	}
	if a.Replace {
		f, err := m.Funding(ctx, a.Role, true)
		if err != nil {
			return err
		}
		st := m.Job.Stage(a.Role)
		if err := m.withinBudget(st, f); err != nil {
			return err
		}
		return m.follow(ctx, a.Role, f, st.Versions[st.Current].Parent)
	}
	parent, tx, err := m.Facts.MinedVersion(ctx, m.Job, parentRole, m.Terms.Tip)
	if err != nil {
		return err
	}
	in := txbuilder.InputOf(tx, parent.Next)
	if a.Role == job.RoleRegister || a.Role == job.RoleReveal {
		if in, err = m.senderCoin(ctx, parent, tx); err != nil {
			return err
		}
		if shared, err := m.sharesSender(ctx, m.Job); err != nil {
			return err
		} else if shared { // what is left is needed there
			if m.change, err = m.Job.Sender, m.ours(ctx, m.Job, m.Job.Sender); err != nil {
				return err
			}
		}
	}
	for _, rate := range m.rates() {
		f := txbuilder.Funding{Rate: rate, Inputs: []txbuilder.Input{in}}
		if len(m.Reuse) > 0 {
			f.Inputs = m.Reuse
		}
		if err := m.follow(ctx, a.Role, f, parent.Txid); err != nil {
			return err
		}
		if a.Role == job.RoleUpdate {
			break // it quotes a consensus hash; a higher fee comes with a newer one
		}
	}
	return nil
}
