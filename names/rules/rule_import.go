package rules

import (
	"math/big"
	"slices"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// checkImport applies protocol 8.6. The first import of a namespace that comes from the revealer's
// address makes the ring of keys, already in the collision scan; the ring is kept for good,
// whatever becomes of the import or the namespace.
func checkImport(s *standing, rings *table[string, state.RingRow], l *nameop.Located, op nameop.NameImport) (*state.NameRow, *state.Refused) {
	if l.SenderPubKey == nil {
		return nil, state.Refuse(state.ReasonNoPubKey, "")
	}
	if _, err := names.Parse(op.Name); err != nil {
		return nil, state.Refuse(state.ReasonBadName, "%s", err)
	}
	space := s.revealed(state.SpaceOf(op.Name))
	if space == nil {
		return nil, state.Refuse(state.ReasonNotRevealed, "")
	}
	ring := rings.now(space.ID)
	if ring == nil {
		if string(l.Sender) != string(space.Recipient) {
			return nil, state.Refuse(state.ReasonNotRevealer, "the first import must come from it")
		}
		made, err := makeRing(space.ID, l.SenderPubKey, s.p.ImportKeys)
		if err != nil {
			return nil, state.Refuse(state.ReasonNoPubKey, "%s", err)
		}
		ring = made
		rings.put(space.ID, ring)
	}
	if _, hash := names.ScriptHash160(l.Sender); !slices.Contains(ring.Hashes, [20]byte(hash)) {
		return nil, state.Refuse(state.ReasonImportKey, "%s", l.SenderAddress)
	}
	return importedRow(s, l, op, space)
}

// importedRow is the row of an imported name. Its fee is the price as a double, 0 when the
// namespace is priced in tokens.
func importedRow(s *standing, l *nameop.Located, op nameop.NameImport, space *state.NamespaceRow) (*state.NameRow, *state.Refused) {
	price, err := s.p.NamePrice(state.LabelOf(op.Name), state.PriceTerms(space), s.height)
	if err != nil {
		return nil, state.Refuse(state.ReasonNoPrice, "%s", err)
	}
	h, err := nameop.HashPreorder(op.Name, l.Sender, l.RecipientAddress)
	if err != nil {
		return nil, state.Refuse(state.ReasonBadName, "%s", err)
	}
	row := &state.NameRow{
		Name: op.Name, Owner: l.Recipient, PubKey: l.SenderPubKey, Value: op.ZoneFile, HasValue: true, PreorderHash: h,
		CreatedAt: s.height, PreorderedAt: s.height, FirstRegistered: s.height, LastRenewed: s.height,
		SpaceCreatedAt: space.CreatedAt, Imported: true, Fee: state.Fee{IsFloat: true}, Tokens: new(big.Int),
		Importer: l.Sender, Act: state.ActImport, At: state.PlaceOf(l),
	}
	if space.Version == nameop.VersionStacks {
		row.Tokens = price.Floor()
	} else {
		row.Fee.Float = price.Float64()
	}
	if before := s.live(op.Name); before != nil { // known before this block
		row.PreorderHash = before.PreorderHash
		row.CreatedAt, row.PreorderedAt = before.CreatedAt, before.PreorderedAt
		row.FirstRegistered, row.LastRenewed = before.FirstRegistered, before.LastRenewed
	}
	return row, nil
}
