package rules

import (
	"math/big"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// checkTokenTransfer applies protocol 8.11.
func checkTokenTransfer(m *moment, recent *quotes, tokens *ledger, l *nameop.Located, op nameop.TokenTransfer) (*state.TokenRow, *state.Refused) {
	f := m.epoch.Features
	anyConsensus := f.Has(names.FeatureOptionalConsensus) && op.Consensus.IsZero()
	switch {
	case !f.Has(names.FeatureTokenTransfer):
		return nil, state.Refuse(state.ReasonFeature, "token transfers")
	case op.Amount == 0:
		return nil, state.Refuse(state.ReasonZero, "")
	case l.SenderAddress == l.RecipientAddress:
		return nil, state.Refuse(state.ReasonSelf, "%s", l.SenderAddress)
	case !anyConsensus && !recent.fresh(op.Consensus):
		return nil, state.Refuse(state.ReasonStale, "%s", op.Consensus)
	}
	sender := tokens.account(l.SenderAddress, op.TokenType)
	if sender != nil && m.height < sender.LockSend {
		return nil, state.Refuse(state.ReasonLocked, "until height %d", sender.LockSend)
	}
	if refused := tokens.check(l.SenderAddress, op.TokenType, op.Amount); refused != nil {
		return nil, refused
	}
	recipient := tokens.account(l.RecipientAddress, op.TokenType)
	switch {
	case recipient != nil && !recipient.MayReceive:
		return nil, state.Refuse(state.ReasonMayNotReceive, "%s", l.RecipientAddress)
	case op.TokenType != string(names.MicroStacks):
		return nil, state.Refuse(state.ReasonTokenUnit, "%q", op.TokenType)
	}
	return &state.TokenRow{Sender: l.Sender, Recipient: l.Recipient, Op: op, At: state.PlaceOf(l)}, nil
}

// commitTokenTransfer moves the tokens; they can be spent later in the same block.
func commitTokenTransfer(tokens *ledger, l *nameop.Located, row *state.TokenRow) {
	tokens.debit(l.SenderAddress, row.Op.TokenType, row.Op.Amount, row.At)
	tokens.credit(l.RecipientAddress, row.Op.TokenType, new(big.Int).SetUint64(row.Op.Amount), row.At)
}

// checkAnnounce applies protocol 8.10: the sender owns a name that may announce, a revoked one
// counts. The hash of the message is not looked at; an announcement changes nothing.
func checkAnnounce(s *standing, l *nameop.Located) *state.Refused {
	for _, name := range s.p.Announcers {
		if _, err := names.Parse(name); err != nil {
			continue
		}
		if row := s.live(name); row != nil && string(row.Owner) == string(l.Sender) {
			return nil
		}
	}
	return state.Refuse(state.ReasonNotAnnouncer, "%s", l.SenderAddress)
}
