package index

import (
	"blockstack/names"
)

// HashOps is the root over the serialized operations of a block, in any order (protocol 6.1, steps 1 to 4). None at all have a root
// too.
func HashOps(serialized [][]byte) OpsHash { return hashOps(serialized) }

// HashConsensus is the consensus hash of a block: its ops hash mixed with the consensus hashes of EarlierHeights, in any order
// (protocol 6.1, steps 6 and 7).
func HashConsensus(ops OpsHash, earlier []names.ConsensusHash) names.ConsensusHash {
	return hashConsensus(ops, earlier)
}

// EarlierHeights are the heights whose consensus hashes go into the one of height, descending: height-1, height-3, height-7, … down
// to the registry's first block (protocol 6.1, step 5).
func EarlierHeights(first, height int32) []int32 { return earlierHeights(first, height) }

// StateAt is what the rows of a name and its namespace say at a height: the last operation on each up to there decides. space is nil
// for a namespace without any. The row's name must be well-formed.
func StateAt(p *names.Params, row *NameRow, space *NamespaceRow, height int32, consensus names.ConsensusHash) (names.Record, error) {
	n, err := names.Parse(row.Name)
	if err != nil {
		return names.Record{}, err
	}
	rec := names.Record{
		Name: n, Status: statusOf(p, row, space, height), Owner: row.Owner, OwnerAddress: addressOf(p, row.Owner),
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
