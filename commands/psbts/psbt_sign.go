package psbts

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/commands/owned"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/money"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/signing"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/labels"
)

// packetToSign is a PSBT as those judge it who sign by hand.
func packetToSign(w *wallet.Wallet, p *psbt.Packet, r *wallet.Inspection, op *txbuilder.Reading) *signing.Packet {
	out := &signing.Packet{Unsigned: p.UnsignedTx.TxHash(), Ours: r.Ours, Paid: r.Paid(), Fee: r.Fee, FeeKnown: r.FeeKnown, Op: op}
	out.Holder = labels.HolderOf(out.Unsigned)
	for _, in := range r.Inputs {
		x := signing.Input{OutPoint: in.OutPoint, Ours: in.Ours, Role: money.Role(in.Key.Role)}
		if in.Ours {
			x.Path = w.Path(in.Key).String()
		}
		out.Inputs = append(out.Inputs, x)
	}
	return out
}

// signingJobs know which transactions and coins are theirs.
type signingJobs struct {
	payments.Jobs
	env    *session.Session
	wallet *wallet.Wallet
}

// Planned says whether a job of this home has planned a transaction.
func (j signingJobs) Planned(ctx context.Context, unsigned chainhash.Hash) (bool, error) {
	jobs, err := j.env.Jobs(ctx)
	if err != nil {
		return false, err
	}
	if _, _, err = registrar.FindDraft(jobs, unsigned); errors.Is(err, registrar.ErrNoDraft) {
		return false, nil
	}
	return err == nil, err
}

// Uses says whether a coin is the change of a preorder that no job here follows, and an operation
// is what that was sent for.
func (j signingJobs) Uses(ctx context.Context, coin *payments.Coin, op *txbuilder.Reading) (bool, error) {
	if j.env.Reserved()[coin.OutPoint].Purpose != registrar.PurposeFollow || op == nil {
		return false, nil
	}
	return owned.UsesPreorder(ctx, j.env, j.wallet, coin.OutPoint.Hash, op)
}

// maySign refuses what must not be signed by hand, and warns of what a name may need.
func maySign(ctx context.Context, e *session.Session, w *wallet.Wallet, p *signing.Packet) error {
	needed, err := signing.Check(ctx, p, money.Wallet{Wallet: w}, signingJobs{e.JobCoins(w, e.KeepReserved), e, w})
	for _, in := range needed {
		e.Out.Warn("it spends a coin at your %s key %s, which a name may need", in.Role, in.Path)
	}
	return err
}

// confirmSigning asks before the key is touched; for what cannot be undone by the name's name.
func confirmSigning(ctx context.Context, e *session.Session, p *signing.Packet) error {
	if err := session.AgreeToFee(ctx, e, false, p.Cost()); err != nil {
		return err
	}
	if name := voice.Clean(p.Revokes()); name != "" {
		return e.ConfirmDangerous(ctx, "revoke "+name+" for good", name)
	}
	return e.Confirm(ctx, "Sign it")
}
