package state

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

// OpsHash is the root over a block's accepted operations, in the byte order in which its hex is
// written.
type OpsHash [32]byte

// String gives lower-case hex.
func (h OpsHash) String() string { return hex.EncodeToString(h[:]) }

// HashOps is the root over the serialized operations of a block, in any order (protocol 6.1, steps
// 1 to 4). None at all have a root too. Leaves are sorted as hex text, which is the order of their
// bytes.
func HashOps(serialized [][]byte) OpsHash {
	leaves := make([]string, 0, max(1, len(serialized)))
	for _, s := range serialized {
		leaves = append(leaves, string(chainhash.DoubleHashB(s)))
	}
	if len(leaves) == 0 {
		leaves = append(leaves, string(chainhash.DoubleHashB(nil)))
	}
	slices.Sort(leaves)
	return OpsHash([]byte(merkleRoot(leaves)))
}

// HashConsensus is the consensus hash of a block: its ops hash mixed with the consensus hashes of
// EarlierHeights, in any order (protocol 6.1, steps 6 and 7). Sorting is by hex text; the order of
// byte strings is the same.
func HashConsensus(ops OpsHash, earlier []names.ConsensusHash) names.ConsensusHash {
	items := make([]string, 0, len(earlier)+1)
	for _, h := range earlier {
		items = append(items, string(h[:]))
	}
	items = append(items, string(ops[:]))
	slices.Sort(items)
	root := merkleRoot(items)
	return names.ConsensusHash(address.Hash160([]byte(root))[:16])
}

// EarlierHeights are the heights whose consensus hashes go into the one of height, descending:
// height-1, height-3, height-7, … down to the registry's first block (protocol 6.1, step 5).
func EarlierHeights(first, height int32) []int32 {
	var out []int32
	for step := int64(1); int64(height)-step >= int64(first); step = 2*step + 1 {
		out = append(out, height-int32(step))
	}
	return out
}

// merkleRoot hashes items pairwise; each is reversed on the way in, the result on the way out
// (protocol 6.2). Items may differ in length. There is at least one.
func merkleRoot(items []string) string {
	row := make([][]byte, len(items))
	for i, s := range items {
		row[i] = reversed([]byte(s))
	}
	for len(row) > 1 {
		next := row[:0:len(row)]
		for i := 0; i < len(row); i += 2 {
			right := row[min(i+1, len(row)-1)]
			var buf [2 * sha256.Size]byte // items are hashes of 16 or 32 bytes; longer ones make append allocate
			first := sha256.Sum256(append(append(buf[:0], row[i]...), right...))
			second := sha256.Sum256(first[:])
			next = append(next, second[:])
		}
		row = next
	}
	return string(reversed(row[0]))
}

func reversed(b []byte) []byte {
	out := slices.Clone(b)
	slices.Reverse(out)
	return out
}
