package rules

import (
	"math/big"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// checkRenew applies protocol 8.3. It gives the name's new row and the tokens to debit from the
// sender, nil for none.
func checkRenew(q *quota, tokens *ledger, l *nameop.Located, op nameop.NameRenewal) (*state.NameRow, *state.Refused) {
	mayMove := q.epoch.Features.Has(names.FeatureRenewTransferUpdate)
	if string(l.Sender) != string(l.Recipient) && !mayMove {
		return nil, state.Refuse(state.ReasonOwnerChange, "")
	}
	if _, err := names.Parse(op.Name); err != nil {
		return nil, state.Refuse(state.ReasonBadName, "%s", err)
	}
	row := q.live(op.Name)
	if row != nil && row.Revoked {
		return nil, state.Refuse(state.ReasonRevoked, "")
	}
	space := q.ready(state.SpaceOf(op.Name))
	switch {
	case space == nil:
		return nil, state.Refuse(state.ReasonNamespaceNotReady, "")
	case q.full(l.Recipient):
		return nil, state.Refuse(state.ReasonQuota, "%s", l.RecipientAddress)
	case row == nil:
		return nil, state.Refuse(state.ReasonNotRegistered, "")
	case string(row.Owner) != string(l.Sender):
		return nil, state.Refuse(state.ReasonNotOwner, "%s", l.SenderAddress)
	}
	paid, refused := q.checkPayment(space, state.LabelOf(op.Name), q.height, payment{
		burnAddress: l.BurnAddress, sat: int64(l.Burned), inTokens: op.Tokens > 0, tokens: op.Tokens,
	})
	if refused != nil {
		return nil, refused
	}
	next := *row
	next.Tokens = new(big.Int)
	if paid {
		if refused := tokens.check(l.SenderAddress, string(names.MicroStacks), op.Tokens); refused != nil {
			return nil, refused
		}
		next.Tokens.SetUint64(op.Tokens)
	}
	if op.HasZoneFile && mayMove {
		next.Value, next.HasValue = op.ZoneFile, true
	}
	next.Owner = l.Recipient
	next.LastRenewed = q.height
	next.SpaceCreatedAt = space.CreatedAt
	next.Fee = renewalFee(row, int64(l.Burned))
	next.Act, next.At = state.ActRenew, state.PlaceOf(l)
	return &next, nil
}

// renewalFee is the new fee in the form that the name's fee has: a double while its last creation
// was an import (protocol 6.4).
func renewalFee(row *state.NameRow, sat int64) state.Fee {
	if row.Imported {
		return state.Fee{Float: float64(sat), IsFloat: true}
	}
	return state.Fee{Sat: sat}
}

// commitRenew stores a renewed name and debits its tokens.
func commitRenew(s *standing, tokens *ledger, l *nameop.Located, row *state.NameRow, amount uint64) {
	s.putName(row)
	if row.Tokens.Sign() > 0 {
		tokens.debit(l.SenderAddress, string(names.MicroStacks), amount, row.At)
	}
}
