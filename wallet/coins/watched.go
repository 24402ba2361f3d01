package coins

import (
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"

	"blockstack/storage/dbfile"
)

// checkWatched holds the keys that the tracker watches to those that are believed. wallet.db has account keys of its own: who
// replaces one there, or takes an address out, hides what is received. errRebuild: a key of ours is not watched.
func (c *Coins) checkWatched(ns walletdb.ReadBucket, m *waddrmgr.Manager) error {
	watched := make(map[string]bool)
	err := m.ForEachActiveAddress(ns, func(a address.Address) error {
		script, err := txscript.PayToAddrScript(a)
		watched[string(script)] = true
		return err
	})
	if err != nil {
		return fmt.Errorf("%w: the keys that %s watches: %w", errRebuild, c.tracker, err)
	}
	return c.book.view(func(tx *dbfile.Tx) error {
		for _, b := range branches() {
			if b.role() == Payment && c.scripts.account(b.kind()) == nil {
				continue
			}
			n, err := c.derived(tx, b)
			if err != nil {
				return err
			}
			for i := range n {
				k, err := c.scripts.key(b, i)
				switch {
				case isInvalidChild(err) || isMissing(err):
				case err != nil:
					return err
				case !watched[string(k.Script)]:
					return fmt.Errorf("%w: %s does not watch the key %d of branch %x", errRebuild, c.tracker, i, b)
				}
			}
		}
		return nil
	})
}
