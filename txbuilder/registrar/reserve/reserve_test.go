package reserve

import (
	"bytes"
	"context"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// jobs are a journal that is only read.
type jobs struct {
	ports.Journal
	list []*job.Job
}

func (j jobs) Jobs(context.Context) ([]*job.Job, error) { return j.list, nil }

// version is a transaction that spends some coins.
func version(t *testing.T, next int, coins ...wire.OutPoint) *job.Version {
	t.Helper()
	tx := wire.NewMsgTx(2)
	for i := range coins {
		tx.AddTxIn(wire.NewTxIn(&coins[i], nil, nil))
	}
	tx.AddTxOut(wire.NewTxOut(1000, []byte{0x51}))
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		t.Fatal(err)
	}
	return &job.Version{Txid: tx.TxHash(), Raw: raw.Bytes(), Next: next}
}

// TestReserved keeps what the transactions of open and of done jobs spend, and what the next one of
// an open job will; it gives free what only a version spends whose rival is settled.
func TestReserved(t *testing.T) {
	a, b, c, d := wire.OutPoint{Hash: chainhash.Hash{1}}, wire.OutPoint{Hash: chainhash.Hash{2}}, wire.OutPoint{Hash: chainhash.Hash{3}}, wire.OutPoint{Hash: chainhash.Hash{4}}
	open, done, gone := version(t, 0, a), version(t, 0, b), version(t, 0, c)
	rival := version(t, -1, b, d)
	one := func(id job.ID, state job.State, versions ...*job.Version) *job.Job {
		return &job.Job{ID: id, State: state, Request: job.Request{Kind: job.KindUpdate, Confirmations: 2}, Stages: []*job.Stage{{Role: job.RoleUpdate, Used: true, Versions: versions}}}
	}
	journal := jobs{list: []*job.Job{one("open", job.UpdateSigned, open), one("done", job.Done, done, rival), one("gone", job.Rejected, gone)}}
	for depth, free := range map[int32]bool{0: false, 1: false, 2: true} {
		kept, err := Reserved(t.Context(), journal, func(_ context.Context, txid chainhash.Hash) (int32, error) {
			if txid == done.Txid {
				return depth, nil
			}
			return 0, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := kept[a]; r.Holder != "open" || r.Purpose != PurposeSpends || r.Until != UntilOver {
			t.Errorf("what an open job spends: %+v", r)
		}
		if r := kept[wire.OutPoint{Hash: open.Txid}]; r.Purpose != PurposeNext {
			t.Errorf("what it will spend: %+v", r)
		}
		if r := kept[b]; r.Holder != "done" || r.Until != UntilSpent {
			t.Errorf("what a done job has spent: %+v", r)
		}
		if _, is := kept[c]; is {
			t.Error("a job that is over for nothing keeps its coin")
		}
		if _, is := kept[d]; is == free {
			t.Errorf("with %d confirmations the coin of the version that lost is free: %v", depth, !is)
		}
		kept.Hold(a)
		if kept.Hold(c); kept[a].Purpose != PurposeSpends || kept[c].Purpose != PurposeFollow {
			t.Errorf("held: %+v, %+v", kept[a], kept[c])
		}
	}
}
