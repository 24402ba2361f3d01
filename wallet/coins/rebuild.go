package coins

import (
	"errors"

	"blockstack/storage/dbfile"
)

// OnRebuild has f told when wallet.db is built again though nobody asked for it: it was damaged, or it did not say what the
// chain and the keys say. To be called before a sync.
func (c *Coins) OnRebuild(f func(why error)) { c.rebuilt = f }

// tell says why wallet.db is built again.
func (c *Coins) tell(why error) {
	if c.rebuilt != nil {
		c.rebuilt(why)
	}
}

// Why the tracker is built again after it was connected.
var (
	errNoRepair = errors.New("repairing in place did not help")
	errRefuses  = errors.New("the tracker refuses what the chain says")
)

// rebuild makes the next connection build the tracker again, and says why.
func (c *Coins) rebuild(why error) error {
	c.tell(why)
	return c.book.update(func(tx *dbfile.Tx) error { return setRescan(tx, why.Error()) })
}
