package rules

import (
	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// checkReveal applies protocol 8.8 without the collisions, which are the caller's. It gives the
// namespace's new row and the preorder that it uses up.
func checkReveal(s *standing, l *nameop.Located, op nameop.NamespaceReveal) (*state.NamespaceRow, *state.PreorderRow, *state.Refused) {
	if _, err := names.ParseNamespaceID(op.ID); err != nil {
		return nil, nil, state.Refuse(state.ReasonBadName, "%s", err)
	}
	h, err := nameop.HashPreorder(op.ID, l.Sender, l.RecipientAddress)
	if err != nil {
		return nil, nil, state.Refuse(state.ReasonBadName, "%s", err)
	}
	switch {
	case s.revealed(op.ID) != nil:
		return nil, nil, state.Refuse(state.ReasonNamespaceRevealed, "")
	case s.ready(op.ID) != nil:
		return nil, nil, state.Refuse(state.ReasonNamespaceReady, "")
	}
	preorder := s.openNamespacePreorder(h)
	f := s.epoch.Features
	switch {
	case preorder == nil:
		return nil, nil, state.Refuse(state.ReasonNoPreorder, "hash %s", h)
	case string(preorder.Sender) != string(l.Sender):
		return nil, nil, state.Refuse(state.ReasonOtherSender, "")
	case op.Version == nameop.VersionCreator && !f.Has(names.FeaturePayToCreator),
		op.Version == nameop.VersionStacks && !f.Has(names.FeaturePayWithStacks):
		return nil, nil, state.Refuse(state.ReasonFeature, "namespaces of version %d", op.Version)
	}
	if refused := s.checkNamespacePayment(op.ID, preorder); refused != nil {
		return nil, nil, refused
	}
	row := &state.NamespaceRow{
		ID: op.ID, PreorderHash: preorder.Hash, Version: op.Version, Payer: l.Sender, PubKey: l.SenderPubKey,
		Recipient: l.Recipient, CreatedAt: preorder.At.Height, RevealedAt: s.height, Lifetime: op.Lifetime,
		Coeff: op.Coeff, Base: op.Base, Buckets: op.Buckets, NonAlpha: op.NonAlphaDiscount, NoVowel: op.NoVowelDiscount,
		Fee: preorder.Fee, Act: state.ActReveal, At: state.PlaceOf(l),
	}
	if preorder.PaidTokens {
		row.Tokens = preorder.Tokens
	}
	if before := s.space(op.ID); before != nil { // an expired reveal: its first block number stays
		row.CreatedAt = before.CreatedAt
	}
	return row, preorder, nil
}

// commitReveal stores a revealed namespace and uses up its preorder.
func commitReveal(s *standing, row *state.NamespaceRow) {
	s.dropPreorders(row.PreorderHash)
	s.putSpace(row)
}

// checkReady applies protocol 8.9.
func checkReady(s *standing, l *nameop.Located, op nameop.NamespaceReady) (*state.NamespaceRow, *state.Refused) {
	row := s.revealed(op.ID)
	switch {
	case row == nil:
		return nil, state.Refuse(state.ReasonNotRevealed, "")
	case string(row.Recipient) != string(l.Sender):
		return nil, state.Refuse(state.ReasonNotRevealer, "%s", l.SenderAddress)
	}
	next := *row
	next.ReadyAt = s.height
	next.Act, next.At = state.ActReady, state.PlaceOf(l)
	return &next, nil
}
