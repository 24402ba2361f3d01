package wallet

import (
	"github.com/btcsuite/btcd/btcutil/v2"
)

// Paid is what a PSBT gives to others.
func (r *Inspection) Paid() (sum btcutil.Amount) {
	for _, o := range r.Outputs {
		if !o.Ours {
			sum += o.Amount
		}
	}
	return sum
}

// Net is what a PSBT gives us, which is below 0 where it takes more.
func (r *Inspection) Net() btcutil.Amount { return r.Back - r.Ours }
