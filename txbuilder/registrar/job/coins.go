package job

import (
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Follows says whether a job sees to what comes after its preorder.
func Follows(j *Job) bool { return j != nil && (j.Open() || j.State == Done) }

// ExtraCoins are, by version, the coins that other versions of the same transaction do not spend.
func (j *Job) ExtraCoins() (map[chainhash.Hash][]wire.OutPoint, error) {
	extra := make(map[chainhash.Hash][]wire.OutPoint)
	for _, s := range j.Stages {
		spends, coins := make(map[wire.OutPoint]int), make(map[chainhash.Hash][]wire.OutPoint)
		for _, v := range s.Versions {
			tx, err := v.Tx()
			if err != nil {
				return nil, err
			}
			for _, in := range tx.TxIn {
				spends[in.PreviousOutPoint]++
				coins[v.Txid] = append(coins[v.Txid], in.PreviousOutPoint)
			}
		}
		for txid, ops := range coins {
			for _, op := range ops {
				if spends[op] < len(s.Versions) {
					extra[txid] = append(extra[txid], op)
				}
			}
		}
	}
	return extra, nil
}

// OneCoin holds a job to the rule that keeps it from paying twice: all versions of a transaction
// that come from the same parent spend the same coin at input 0.
func (j *Job) OneCoin() error {
	for _, s := range j.Stages {
		if s.Role == RoleReturn {
			continue
		}
		coins := make(map[[32]byte]wire.OutPoint)
		for _, v := range s.Versions {
			tx, err := v.Tx()
			if err != nil {
				return err
			}
			if len(tx.TxIn) == 0 {
				return fmt.Errorf("%w: transaction %s spends nothing", ErrBadJournal, v.Txid)
			}
			op := tx.TxIn[0].PreviousOutPoint
			if first, known := coins[v.Parent]; known && first != op {
				return fmt.Errorf("%w: two versions of %s spend different coins, %s and %s", ErrBadCopy, Words(s.Role), first, op)
			}
			coins[v.Parent] = op
		}
	}
	return nil
}

// FollowedBy are the jobs that have a transaction, the open one where several have it.
func FollowedBy(jobs []*Job) map[chainhash.Hash]*Job {
	followed := make(map[chainhash.Hash]*Job)
	for _, j := range jobs {
		for _, st := range j.Stages {
			for _, v := range st.Versions {
				if o := followed[v.Txid]; o == nil || !o.Open() {
					followed[v.Txid] = j
				}
			}
		}
	}
	return followed
}

// Reserves says whether a job keeps coins.
func (j *Job) Reserves() bool {
	return j.Open() || j.State == Done || j.Request.Kind == KindSeries
}

// CoinsDiffer says whether there is a coin that some versions of one of the job's transactions
// spend and others do not. What the job itself makes is no such coin: it is there only when what
// made it is. A list goes one of several ways, so that each coin is one that stands beside its own:
// those of owners, above all.
func (j *Job) CoinsDiffer() (bool, error) {
	made := make(map[chainhash.Hash]bool)
	for _, s := range j.Stages {
		for _, v := range s.Versions {
			made[v.Txid] = true
		}
	}
	for _, s := range j.Stages {
		if s.Role == RoleReturn && len(j.Stages) > 1 {
			return true, nil // a rival of the job's first transaction
		}
		var first []wire.OutPoint
		for i, v := range s.Versions {
			tx, err := v.Tx()
			if err != nil {
				return false, err
			}
			var coins []wire.OutPoint
			for _, in := range tx.TxIn {
				if !made[in.PreviousOutPoint.Hash] {
					coins = append(coins, in.PreviousOutPoint)
				}
			}
			if j.Request.Kind == KindSeries && slices.ContainsFunc(coins, func(op wire.OutPoint) bool { return op.Hash != v.Parent }) {
				return true, nil
			}
			if i == 0 {
				first = coins
				continue
			}
			if len(coins) != len(first) || slices.ContainsFunc(coins, func(op wire.OutPoint) bool { return !slices.Contains(first, op) }) {
				return true, nil
			}
		}
	}
	return false, nil
}

// NeverConfirm are those of some transactions that cannot be in a block any more: another one has
// spent a coin of theirs for good, or they spend an output of such a one.
func NeverConfirm(txs map[chainhash.Hash]*wire.MsgTx, spent map[wire.OutPoint]chainhash.Hash) map[chainhash.Hash]bool {
	dead := make(map[chainhash.Hash]bool)
	for grown := true; grown; {
		grown = false
		for txid, tx := range txs {
			for _, in := range tx.TxIn {
				by, taken := spent[in.PreviousOutPoint]
				if !dead[txid] && (taken && by != txid || dead[in.PreviousOutPoint.Hash]) {
					dead[txid], grown = true, true
				}
			}
		}
	}
	return dead
}
