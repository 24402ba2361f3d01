package step

import (
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// TestSplitStep walks through what a split with two versions does next.
func TestSplitStep(t *testing.T) {
	low, high := chainhash.Hash{1}, chainhash.Hash{2}
	pool, deep, shallow := TxFact{InMempool: true}, TxFact{Height: 90, Confirmations: 3}, TxFact{Height: 92, Confirmations: 1}
	for what, c := range map[string]struct {
		state   job.State
		f       SplitFacts
		do      Deed
		to      job.State
		version int
	}{
		"not signed":                    {job.Planned, SplitFacts{}, DoNothing, job.Planned, 0},
		"given up":                      {job.Rejected, SplitFacts{}, DoNothing, job.Rejected, 0},
		"not sent":                      {job.Running, SplitFacts{}, DoBroadcast, job.Running, 1},
		"sent":                          {job.Running, SplitFacts{Sent: map[chainhash.Hash]bool{high: true}}, DoWait, job.Running, 0},
		"refused for its fee":           {job.Running, SplitFacts{Cheap: map[chainhash.Hash]bool{high: true}}, DoSign, job.Running, 0},
		"waits":                         {job.Running, SplitFacts{Txs: map[chainhash.Hash]TxFact{high: pool}}, DoWait, job.Running, 0},
		"waits too long":                {job.Running, SplitFacts{Tip: 100 + BumpAfter, CanSign: true, Txs: map[chainhash.Hash]TxFact{high: pool}}, DoSign, job.Running, 0},
		"waits too long without a key":  {job.Running, SplitFacts{Tip: 100 + BumpAfter, Txs: map[chainhash.Hash]TxFact{high: pool}}, DoWait, job.Running, 0},
		"an old one waits":              {job.Running, SplitFacts{Txs: map[chainhash.Hash]TxFact{low: pool}}, DoBroadcast, job.Running, 1},
		"an old one waits with a child": {job.Running, SplitFacts{Hangs: true, Txs: map[chainhash.Hash]TxFact{low: pool}}, DoUse, job.Running, 0},
		"mined":                         {job.Running, SplitFacts{Txs: map[chainhash.Hash]TxFact{low: shallow}}, DoWait, job.Running, 0},
		"deep":                          {job.Running, SplitFacts{Txs: map[chainhash.Hash]TxFact{low: deep}}, DoEnter, job.Done, 0},
		"done":                          {job.Done, SplitFacts{Txs: map[chainhash.Hash]TxFact{low: deep}}, DoNothing, job.Done, 0},
		"done, and gone in a reorg":     {job.Done, SplitFacts{}, DoEnter, job.Running, 0},
		"done, and less deep":           {job.Done, SplitFacts{Txs: map[chainhash.Hash]TxFact{high: shallow}}, DoWait, job.Done, 0},
	} {
		j := &job.Job{State: c.state, Request: job.Request{Kind: job.KindSplit, Confirmations: 3}, Stages: []*job.Stage{{Role: job.RoleSplit, Used: true, Current: 1,
			Since: 100, Versions: []*job.Version{{Txid: low}, {Txid: high}}}}}
		c.f.Tip = max(c.f.Tip, 100)
		a := SplitStep(j, c.f)
		if a.Do != c.do || a.To != c.to || (a.Do == DoBroadcast || a.Do == DoUse) && a.Version != c.version || a.Do == DoWait && (a.Wait == nil || a.Wait.Blocks < 1) {
			t.Errorf("%s: %s to %s, version %d, %+v", what, a.Do, a.To, a.Version, a.Wait)
		}
	}
}
