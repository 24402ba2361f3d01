package step

import "github.com/btcsuite/btcd/chainhash/v2"

// Facts are what the chain and the index show about a job at one moment.
type Facts struct {
	// Tip is the node's; Synced says that the index stands on it.
	Tip    int32
	Synced bool
	// Txs are the job's transactions by txid.
	Txs map[chainhash.Hash]TxFact
	// Taken says that somebody else has the name; TakenFor how many blocks so.
	Taken    bool
	TakenBy  string
	TakenFor int32
	// Held says that the wanted owner has the name already.
	Held bool
	// Met says that the record shows what an owner's operation wants; Barred why the index would
	// refuse it in the next block, empty: it would not; BarredFor for how many blocks that has been
	// so.
	Met       bool
	Barred    string
	BarredFor int32
	// Stale are the versions whose consensus hash a reorg took away.
	Stale map[chainhash.Hash]bool
	// Dead are versions that can never confirm; it is only looked for when the node refused one.
	Dead map[chainhash.Hash]bool
	// Cheap are versions that the node refused for their fee in this run; Unfit those that it
	// refused for a coin that is not there now.
	Cheap, Unfit map[chainhash.Hash]bool
	// Lent are versions that spend a coin which by now pays for something else of ours.
	Lent map[chainhash.Hash]bool
	// Sent are the transactions that were offered to the node in this run.
	Sent map[chainhash.Hash]bool
	// Lifetime is how many blocks a preorder can be used after its own; 0: for ever.
	Lifetime int32
	// CanPublish says that there is somewhere to publish to; CanSign that the wallet is unlocked.
	CanPublish, CanSign bool
}

// TxFact is where a transaction is and what the index made of it.
type TxFact struct {
	InMempool     bool
	Height        int32 // 0: in no block
	Confirmations int32
	Known         bool // the index has read the block
	Accepted      bool
	Reason        string // why not accepted
}

// verdict is a TxFact in one word.
type verdict int

const (
	absent   verdict = iota // in no block
	unread                  // in a block that the index has not read
	accepted                // it changed the state of names
	refused                 // it did not
)

func (t TxFact) verdict() verdict {
	switch {
	case t.Height == 0:
		return absent
	case !t.Known:
		return unread
	case t.Accepted:
		return accepted
	}
	return refused
}

// Mined says whether a transaction of the job is in a block.
func (f *Facts) Mined(txid chainhash.Hash) bool { return f.Txs[txid].Height > 0 }

// SeriesFacts are what the chain and the index show about a series.
type SeriesFacts struct {
	Tip    int32
	Synced bool
	// Orphan says that the split was never signed, Doomed that it can never confirm, Missing that
	// the journal does not have it though the series has spent its coin. Root is the version of it
	// that is in a block, zero: none; Newest the one to be sent, Pooled one that waits in the
	// memory pool.
	Orphan, Doomed, Missing bool
	Root, Newest, Pooled    chainhash.Hash
	// Txs are the series' own transactions, Names what is known of each name.
	Txs   map[chainhash.Hash]TxFact
	Names []NameFact
	Stale map[chainhash.Hash]bool
	Sent  map[chainhash.Hash]bool
	// Cheap are transactions that the node refused for their fee in this run.
	Cheap map[chainhash.Hash]bool
	// Lifetime is how many blocks a preorder can be used.
	Lifetime            int32
	CanPublish, CanSign bool
}

// NameFact is what Facts says of a single name.
type NameFact struct {
	Taken, Held bool
	TakenBy     string
	TakenFor    int32
	Barred      string
	BarredFor   int32
	Met         bool
}

// nameFact is what is known of an item; nothing before the index was asked.
func (f *SeriesFacts) nameFact(i int) NameFact {
	if i < len(f.Names) {
		return f.Names[i]
	}
	return NameFact{}
}
