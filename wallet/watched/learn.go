package watched

import (
	"fmt"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// Learn notes which keys are used, by the scripts that are paid on the chain, and derives further
// ones. late: keys were missing that the scan should have had. Without write it only says whether
// there is something to write.
func (c *Changes) Learn(tx *dbfile.Tx, paid map[string]bool, write bool) (changed, late bool, err error) {
	used, err := c.keys.usedIn(tx, paid)
	if err != nil {
		return false, false, err
	}
	for _, b := range scripts.Branches() {
		news, missed, err := c.learnBranch(tx, b, used[b], write)
		if err != nil {
			return false, false, err
		}
		changed, late = changed || news, late || missed
	}
	if write {
		err = updateShort(tx)
	}
	return changed, late, err
}

// learnBranch is Learn for one branch, of which so many keys are used.
func (c *Changes) learnBranch(tx *dbfile.Tx, b scripts.Branch, used uint32, write bool) (changed, late bool, err error) {
	n, err := getCounts(tx, b)
	if err != nil {
		return false, false, err
	}
	gap := labels.MetaOf(tx).Gap()
	if used > n.used {
		changed = true
		if n.used = used; write {
			if err := putCounts(tx, b, n); err != nil {
				return false, false, err
			}
		}
	}
	if n.derived == 0 || b.Role() != scripts.Payment || n.derived >= n.needed(gap)+gap/2 {
		return changed, false, nil
	}
	if !write {
		return true, false, nil
	}
	want := n.needed(gap) + gap
	if n.derived < n.used+gap {
		// Twice as many, because every further scan costs as much as this one.
		late, want = true, max(want, 2*n.derived)
		if err := labels.MetaOf(tx).SetRescan(fmt.Sprintf("%s addresses were used up to number %d", b.Kind(), n.used-1)); err != nil {
			return false, false, err
		}
	}
	return true, late, extendPayment(tx, c.keys.deriver, b, want)
}
