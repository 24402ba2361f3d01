package state

import (
	"blockstack/names"
)

// RecordAt is what the rows of a name and its namespace say at a height: the last operation on each
// up to there decides. space is nil for a namespace without any. The row's name must be
// well-formed.
func RecordAt(p *names.Params, row *NameRow, space *NamespaceRow, height int32, consensus names.ConsensusHash) (names.Record, error) {
	n, err := names.Parse(row.Name)
	if err != nil {
		return names.Record{}, err
	}
	rec := names.Record{
		Name: n, Status: statusOf(p, row, space, height), Owner: row.Owner, OwnerAddress: AddressOf(p, row.Owner),
		ZoneFile: row.Value, HasZoneFile: row.HasValue, FirstRegistered: row.FirstRegistered, RenewedAt: row.LastRenewed,
		Revoked: row.Revoked, LastTx: row.At.Txid, Height: height, Consensus: consensus,
	}
	if expires, ends, ok := deadlines(p, row, space, height); ok {
		rec.ExpiresAt, rec.GraceEnds = heightOrNever(expires), heightOrNever(ends)
	} else if space != nil { // waits for its namespace to be made ready
		rec.ExpiresAt = heightOrNever(int64(space.RevealedAt) + int64(p.NamespaceRevealLifetime))
		rec.GraceEnds = rec.ExpiresAt
	}
	return rec, nil
}

// statusOf says how a name stands at a height.
func statusOf(p *names.Params, row *NameRow, space *NamespaceRow, height int32) names.Status {
	switch {
	case !Alive(p, row, space, height):
		return names.Expired
	case row.Revoked:
		return names.Revoked
	case InGrace(p, row, space, height):
		return names.Grace
	}
	return names.Registered
}

// PriceTerms are the fields of a namespace that prices depend on.
func PriceTerms(space *NamespaceRow) *names.Namespace {
	return &names.Namespace{
		ID: names.NamespaceID(space.ID), Version: int(space.Version), Lifetime: space.Lifetime,
		Coeff: space.Coeff, Base: space.Base, Buckets: space.Buckets,
		NonAlphaDiscount: space.NonAlpha, NoVowelDiscount: space.NoVowel,
	}
}

// NamespaceAt is what the row of a namespace says at a height.
func NamespaceAt(p *names.Params, row *NamespaceRow, height int32) names.Namespace {
	ns := *PriceTerms(row)
	ns.RevealHeight, ns.ReadyHeight, ns.Height = row.RevealedAt, row.ReadyAt, height
	ns.RevealerScript, ns.RevealerAddress = row.Recipient, AddressOf(p, row.Recipient)
	ns.PayerAddress = AddressOf(p, row.Payer)
	switch {
	case row.Ready():
		ns.Status = names.NamespaceIsReady
	case RevealedAt(p, row, height):
		ns.Status = names.NamespaceRevealed
	default:
		ns.Status = names.NamespaceExpired
	}
	return ns
}
