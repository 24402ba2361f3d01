package step

import (
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// TestOldVersionMined goes on with the version that a miner took, whichever was to be sent, and
// follows it alone.
func TestOldVersionMined(t *testing.T) {
	low, high, onLow, onHigh := chainhash.Hash{1}, chainhash.Hash{2}, chainhash.Hash{3}, chainhash.Hash{4}
	for what, c := range map[string]struct {
		state   job.State
		mined   chainhash.Hash
		current int
		do      Deed
		to      job.State
		version int
	}{
		"the one that was sent last":  {job.PreorderSigned, high, 1, DoEnter, job.PreorderConfirmed, 0},
		"an older one":                {job.PreorderSigned, low, 1, DoUse, job.PreorderConfirmed, 0},
		"a dearer one than was sent":  {job.PreorderSigned, high, 0, DoUse, job.PreorderConfirmed, 1},
		"an older one is followed":    {job.PreorderConfirmed, low, 1, DoUse, job.RegisterSigned, 0},
		"a dearer one is followed":    {job.PreorderConfirmed, high, 0, DoUse, job.RegisterSigned, 1},
		"what follows is of that one": {job.RegisterSigned, low, 1, DoUse, job.RegisterSigned, 0},
	} {
		j := &job.Job{State: c.state, Request: job.Request{Kind: job.KindRegister, Confirmations: 3}, Stages: []*job.Stage{
			{Role: job.RolePreorder, Used: true, Current: c.current, Versions: []*job.Version{{Txid: low}, {Txid: high}}},
			{Role: job.RoleRegister, Used: c.state == job.RegisterSigned, Current: 1, Versions: []*job.Version{{Txid: onLow, Parent: low}, {Txid: onHigh, Parent: high}}}}}
		f := Facts{Tip: 1000, Synced: true, Lifetime: 144, Txs: map[chainhash.Hash]TxFact{c.mined: {Height: 998, Confirmations: 3, Known: true, Accepted: true}}}
		if a := Step(j, f); a.Do != c.do || a.To != c.to || a.Do == DoUse && a.Version != c.version {
			t.Errorf("%s: %s to %s, version %d", what, a.Do, a.To, a.Version)
		}
	}
}
