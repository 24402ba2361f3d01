package reserve

import (
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
)

// reserve adds the outpoints that a waiting draft needs.
func reserveDraft(d *job.Draft, j *job.Job, kept Reservations) error {
	p, err := d.PSBT()
	if err != nil {
		return err
	}
	for _, in := range p.UnsignedTx.TxIn {
		kept.Add(in.PreviousOutPoint, j, PurposeDraft)
	}
	if d.Version.Next >= 0 && d.Version.Txid != (chainhash.Hash{}) {
		kept.Add(wire.OutPoint{Hash: d.Version.Txid, Index: uint32(d.Version.Next)}, j, PurposeDraft)
	}
	return nil
}
