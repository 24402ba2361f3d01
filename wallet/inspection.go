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
