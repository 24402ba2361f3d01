package reserve

import (
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
)

// reserveBatch adds what a job of a batch needs beyond what its transactions spend: the coin of a
// series that has not begun to spend it, and the coins of owners that were chosen for it.
func reserveBatch(j *job.Job, jobs []*job.Job, kept Reservations) error {
	if j.Request.Kind != job.KindSeries || !j.Open() {
		return nil
	}
	for i := range j.Items {
		c := j.Items[i].Coin
		if c == nil || j.Items[i].State.Final() {
			continue
		}
		in, err := c.Input()
		if err != nil {
			return fmt.Errorf("job %s: %w", j.ID, err)
		}
		kept.Add(in.OutPoint, j, PurposeOwner)
	}
	for _, o := range jobs {
		if o.ID != j.Request.Series.Split {
			continue
		}
		for _, st := range o.Stages {
			for _, v := range st.Versions {
				tx, err := v.Tx()
				if err != nil {
					return err
				}
				if i, ok := o.Output(tx, j.Request.Series.Output); ok {
					kept.Add(wire.OutPoint{Hash: v.Txid, Index: uint32(i)}, j, PurposeNext)
				}
			}
		}
	}
	return nil
}
