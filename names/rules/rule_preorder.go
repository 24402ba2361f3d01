package rules

import (
	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// checkNamePreorder applies protocol 8.1. That a hash is taken once per block is checked by the
// caller.
func checkNamePreorder(q *quota, recent *quotes, tokens *ledger, l *nameop.Located, op nameop.NamePreorder) (*state.PreorderRow, *state.Refused) {
	row := &state.PreorderRow{
		Hash: op.Hash, Consensus: op.Consensus, Sender: l.Sender, PubKey: l.SenderPubKey, BurnAddress: l.BurnAddress,
		Fee: int64(l.Burned), At: state.PlaceOf(l),
	}
	switch {
	case q.openPreorder(op.Hash) != nil:
		return nil, state.Refuse(state.ReasonDuplicate, "")
	case !recent.fresh(op.Consensus):
		return nil, state.Refuse(state.ReasonStale, "%s", op.Consensus)
	case q.full(l.Sender):
		return nil, state.Refuse(state.ReasonQuota, "%s", l.SenderAddress)
	}
	if !op.HasTokens || !q.epoch.Features.Has(names.FeatureNamesCostTokens) {
		return row, nil
	}
	if refused := tokens.check(l.SenderAddress, op.TokenUnit, op.Tokens); refused != nil {
		return nil, refused
	}
	switch {
	case l.BurnAddress != q.p.BurnAddress:
		return nil, state.Refuse(state.ReasonBurnAddress, "paid to %s, want %s", l.BurnAddress, q.p.BurnAddress)
	case op.TokenUnit != string(names.MicroStacks):
		return nil, state.Refuse(state.ReasonTokenUnit, "%q", op.TokenUnit)
	}
	row.PaidTokens, row.Tokens = true, op.Tokens
	return row, nil
}

// checkNamespacePreorder applies protocol 8.7.
func checkNamespacePreorder(s *standing, recent *quotes, tokens *ledger, l *nameop.Located, op nameop.NamespacePreorder) (*state.PreorderRow, *state.Refused) {
	row := &state.PreorderRow{
		Hash: op.Hash, Namespace: true, Consensus: op.Consensus, Sender: l.Sender, PubKey: l.SenderPubKey,
		BurnAddress: l.BurnAddress, Fee: int64(l.Burned), At: state.PlaceOf(l),
	}
	switch {
	case s.openNamespacePreorder(op.Hash) != nil:
		return nil, state.Refuse(state.ReasonDuplicate, "")
	case !recent.fresh(op.Consensus):
		return nil, state.Refuse(state.ReasonStale, "%s", op.Consensus)
	case l.BurnAddress != s.p.BurnAddress:
		return nil, state.Refuse(state.ReasonBurnAddress, "paid to %s, want %s", l.BurnAddress, s.p.BurnAddress)
	}
	if !s.epoch.Features.Has(names.FeatureStacksBuyNamespaces) {
		return row, nil
	}
	if !op.HasTokens {
		return nil, state.Refuse(state.ReasonTokensRequired, "")
	}
	if refused := tokens.check(l.SenderAddress, string(names.MicroStacks), op.Tokens); refused != nil {
		return nil, refused
	}
	row.PaidTokens, row.Tokens = true, op.Tokens
	return row, nil
}

// commitPreorder stores a preorder and debits its tokens at once, whether or not anything follows.
func commitPreorder(s *standing, tokens *ledger, l *nameop.Located, row *state.PreorderRow) {
	s.addPreorder(row)
	if row.PaidTokens {
		tokens.debit(l.SenderAddress, string(names.MicroStacks), row.Tokens, row.At)
	}
}

// PreorderOf is the row that an accepted preorder makes; nil for other operations.
func PreorderOf(p *names.Params, l *nameop.Located) *state.PreorderRow {
	row := &state.PreorderRow{
		Sender: l.Sender, PubKey: l.SenderPubKey, BurnAddress: l.BurnAddress, Fee: int64(l.Burned), At: state.PlaceOf(l),
	}
	_, epoch := p.Epoch(l.Height)
	switch op := l.Op.(type) {
	case nameop.NamePreorder:
		row.Hash, row.Consensus = op.Hash, op.Consensus
		if op.HasTokens && epoch.Features.Has(names.FeatureNamesCostTokens) {
			row.PaidTokens, row.Tokens = true, op.Tokens
		}
	case nameop.NamespacePreorder:
		row.Hash, row.Consensus, row.Namespace = op.Hash, op.Consensus, true
		if op.HasTokens && epoch.Features.Has(names.FeatureStacksBuyNamespaces) {
			row.PaidTokens, row.Tokens = true, op.Tokens
		}
	default:
		return nil
	}
	return row
}
