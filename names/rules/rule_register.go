package rules

import (
	"math/big"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// checkRegister applies protocol 8.2 without the collisions, which are the caller's. It gives the
// name's new row and the preorder that it uses up.
func checkRegister(q *quota, l *nameop.Located, op nameop.NameRegistration) (*state.NameRow, *state.PreorderRow, *state.Refused) {
	space, refused := checkCreation(q, l, op.Name)
	if refused != nil {
		return nil, nil, refused
	}
	preorder, refused := preorderFor(q.standing, l, op.Name, space)
	if refused != nil {
		return nil, nil, refused
	}
	paid, refused := q.checkPayment(space, state.LabelOf(op.Name), preorder.At.Height, payment{
		burnAddress: preorder.BurnAddress, sat: preorder.Fee, inTokens: preorder.PaidTokens, tokens: preorder.Tokens,
	})
	switch {
	case refused != nil:
		return nil, nil, refused
	case op.HasZoneFile && !q.epoch.Features.Has(names.FeatureRegisterUpdate):
		return nil, nil, state.Refuse(state.ReasonFeature, "registration with a zone-file hash")
	}
	row := &state.NameRow{
		Name: op.Name, Owner: l.Recipient, PubKey: l.SenderPubKey, Value: op.ZoneFile, HasValue: op.HasZoneFile,
		PreorderHash: preorder.Hash, CreatedAt: preorder.At.Height, PreorderedAt: preorder.At.Height,
		FirstRegistered: q.height, LastRenewed: q.height, SpaceCreatedAt: space.CreatedAt,
		Fee: state.Fee{Sat: preorder.Fee}, Tokens: new(big.Int), Act: state.ActRegister, At: state.PlaceOf(l),
	}
	if paid {
		row.Tokens.SetUint64(preorder.Tokens)
	}
	if before := q.name(op.Name); before != nil { // an expired one: its first block number stays
		row.CreatedAt = before.CreatedAt
	}
	return row, preorder, nil
}

// checkCreation is what a registration must fulfil before its preorder is looked at.
func checkCreation(q *quota, l *nameop.Located, name string) (*state.NamespaceRow, *state.Refused) {
	if _, err := names.Parse(name); err != nil {
		return nil, state.Refuse(state.ReasonBadName, "%s", err)
	}
	if row := q.live(name); row != nil && row.Revoked {
		return nil, state.Refuse(state.ReasonRevoked, "")
	}
	space := q.ready(state.SpaceOf(name))
	switch {
	case space == nil:
		return nil, state.Refuse(state.ReasonNamespaceNotReady, "")
	case q.full(l.Recipient):
		return nil, state.Refuse(state.ReasonQuota, "%s", l.RecipientAddress)
	case isScriptHash(l.Recipient) && !q.epoch.Features.Has(names.FeatureMultisig):
		return nil, state.Refuse(state.ReasonScriptHash, "%s", l.RecipientAddress)
	}
	return space, nil
}

// preorderFor finds the preorder that a registration needs.
func preorderFor(s *standing, l *nameop.Located, name string, space *state.NamespaceRow) (*state.PreorderRow, *state.Refused) {
	if s.live(name) != nil {
		return nil, state.Refuse(state.ReasonRegistered, "")
	}
	h, err := nameop.HashPreorder(name, l.Sender, l.RecipientAddress)
	if err != nil {
		return nil, state.Refuse(state.ReasonBadName, "%s", err)
	}
	preorder := s.openPreorder(h)
	if preorder == nil {
		return nil, state.Refuse(state.ReasonNoPreorder, "hash %s", h)
	}
	life := int64(space.Lifetime) * int64(s.atLast.Rules(names.NamespaceID(space.ID)).LifetimeMultiplier)
	expires := s.epoch.Features.Has(names.FeaturePreorderExpire)
	switch at := int64(preorder.At.Height); {
	case at+life <= int64(s.last), expires && at+int64(s.p.NamePreorderLifetime) < int64(s.height):
		return nil, state.Refuse(state.ReasonPreorderExpired, "preordered at height %d", at)
	case at < int64(space.ReadyAt):
		return nil, state.Refuse(state.ReasonPreorderEarly, "preordered at height %d, namespace ready at height %d", at, space.ReadyAt)
	case string(preorder.Sender) != string(l.Sender):
		return nil, state.Refuse(state.ReasonOtherSender, "")
	}
	return preorder, nil
}

// commitRegister stores a registered name and uses up its preorder.
func commitRegister(s *standing, row *state.NameRow) {
	s.dropPreorders(row.PreorderHash)
	s.putName(row)
}

// isScriptHash reports whether a script is p2sh.
func isScriptHash(script []byte) bool {
	t, _ := names.ScriptHash160(script)
	return t == names.ScriptHash
}
