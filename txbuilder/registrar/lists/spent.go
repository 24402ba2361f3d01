package lists

import "github.com/btcsuite/btcd/btcutil/v2"

// Spent is what the jobs of a run have come to.
type Spent struct {
	Transactions int
	Fees, Burnt  btcutil.Amount
}

// Spent adds up the jobs of the run. What is signed ahead does not count.
func (r *Run) Spent() (s Spent) {
	for _, id := range r.IDs {
		for _, tx := range r.Jobs[id].Reached() {
			s.Transactions++
			s.Fees += tx.Fee
			s.Burnt += tx.Burn
		}
	}
	return s
}
