package tracker

import (
	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
)

// OnRebuild has f told when wallet.db is built again though nobody asked for it: it was damaged, or
// it did not say what the chain and the keys say. To be called before a sync.
func (t *Tracker) OnRebuild(f func(why error)) { t.rebuilt = f }

// tell says why wallet.db is built again.
func (t *Tracker) tell(why error) {
	if t.rebuilt != nil {
		t.rebuilt(why)
	}
}

// Rebuild makes the next connection build the tracker again, and says why.
func (t *Tracker) Rebuild(why error) error {
	t.tell(why)
	return t.book.Update(func(tx *dbfile.Tx) error { return labels.MetaOf(tx).SetRescan(why.Error()) })
}
