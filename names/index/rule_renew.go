package index

import (
	"math/big"

	"blockstack/names"
	"blockstack/names/nameop"
)

// checkRenew applies protocol 8.3. It gives the name's new row and the tokens to debit from the sender, nil for none.
func (w *work) checkRenew(l *nameop.Located, op nameop.NameRenewal) (*NameRow, *Refused) {
	mayMove := w.epoch.Features.Has(names.FeatureRenewTransferUpdate)
	if string(l.Sender) != string(l.Recipient) && !mayMove {
		return nil, refuse(ReasonOwnerChange, "")
	}
	if _, err := names.Parse(op.Name); err != nil {
		return nil, refuse(ReasonBadName, "%s", err)
	}
	row := w.live(op.Name)
	if row != nil && row.Revoked {
		return nil, refuse(ReasonRevoked, "")
	}
	space := w.ready(nameSpace(op.Name))
	switch {
	case space == nil:
		return nil, refuse(ReasonNamespaceNotReady, "")
	case w.owned(l.Recipient) >= w.p.MaxNamesPerOwner:
		return nil, refuse(ReasonQuota, "%s", l.RecipientAddress)
	case row == nil:
		return nil, refuse(ReasonNotRegistered, "")
	case string(row.Owner) != string(l.Sender):
		return nil, refuse(ReasonNotOwner, "%s", l.SenderAddress)
	}
	paid, no := w.checkPayment(space, nameLabel(op.Name), w.height, payment{
		burnAddress: l.BurnAddress, sat: int64(l.Burned), inTokens: op.Tokens > 0, tokens: op.Tokens,
	})
	if no != nil {
		return nil, no
	}
	next := *row
	next.Tokens = new(big.Int)
	if paid {
		if no := w.checkBalance(l.SenderAddress, string(names.MicroStacks), op.Tokens); no != nil {
			return nil, no
		}
		next.Tokens.SetUint64(op.Tokens)
	}
	if op.HasZoneFile && mayMove {
		next.Value, next.HasValue = op.ZoneFile, true
	}
	next.Owner = l.Recipient
	next.LastRenewed = w.height
	next.SpaceCreatedAt = space.CreatedAt
	next.Fee = renewalFee(row, int64(l.Burned))
	next.Act, next.At = ActRenew, placeOf(l)
	return &next, nil
}

// renewalFee is the new fee in the form that the name's fee has: a double while its last creation was an import (protocol 6.4).
func renewalFee(row *NameRow, sat int64) Fee {
	if row.Imported {
		return Fee{Float: float64(sat), IsFloat: true}
	}
	return Fee{Sat: sat}
}

// commitRenew stores a renewed name and debits its tokens.
func (w *work) commitRenew(l *nameop.Located, row *NameRow, tokens uint64) {
	w.putName(row)
	if row.Tokens.Sign() > 0 {
		w.debit(l.SenderAddress, string(names.MicroStacks), tokens, row.At)
	}
}
