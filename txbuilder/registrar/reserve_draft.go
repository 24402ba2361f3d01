package registrar

import (
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// reserve adds the outpoints that a waiting draft needs.
func reserveDraft(d *Draft, j *Job, kept Reservations) error {
	p, err := d.PSBT()
	if err != nil {
		return err
	}
	for _, in := range p.UnsignedTx.TxIn {
		kept.add(in.PreviousOutPoint, j, PurposeDraft)
	}
	if d.Version.Next >= 0 && d.Version.Txid != (chainhash.Hash{}) {
		kept.add(wire.OutPoint{Hash: d.Version.Txid, Index: uint32(d.Version.Next)}, j, PurposeDraft)
	}
	return nil
}
