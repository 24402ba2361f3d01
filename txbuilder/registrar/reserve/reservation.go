package reserve

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// Reservation says for whom a coin is kept, what for, and what ends that.
type Reservation struct {
	OutPoint wire.OutPoint
	Holder   job.ID // the job
	Subject  string // the name or namespace that the job is about
	Purpose  Purpose
	Until    Ending
}

// Purpose says what a job needs a coin for.
type Purpose string

// The purposes.
const (
	PurposeSpends Purpose = "spends" // a version of a transaction of the job spends it
	PurposeNext   Purpose = "next"   // its next transaction will
	PurposeOwner  Purpose = "owner"  // chosen for an operation of the coin's owner
	PurposeDraft  Purpose = "draft"  // a PSBT that waits for signatures spends it
)

// Ending says what ends a reservation.
type Ending string

// The endings. Both come earlier where another version of the transaction gets its confirmations:
// the coin is free at once then.
const (
	UntilOver  Ending = "job_over" // the job's end: done, expired, rejected or cancelled
	UntilSpent Ending = "spent"    // the job is done, and its transaction in a block has spent the coin; only a reorg brings it back
)

// Reservations are what is kept for jobs, by coin.
type Reservations map[wire.OutPoint]Reservation

// Depth says how many confirmations a transaction has: 0 when it is in no block, or when that is
// not known.
type Depth func(ctx context.Context, txid chainhash.Hash) (confirmations int32, err error)

// Add keeps a coin for a job.
func (k Reservations) Add(op wire.OutPoint, j *job.Job, what Purpose) {
	until := UntilOver
	if !j.Open() {
		until = UntilSpent
	}
	k[op] = Reservation{OutPoint: op, Holder: j.ID, Subject: j.Request.Subject(), Purpose: what, Until: until}
}

// Reserved computes from a journal which outpoints its jobs need: what their transactions spend,
// and, while a job is open, what its next transaction will spend. A finished job keeps what it
// spent, so that a reorg does not give it to somebody else. What only versions spend that can never
// confirm, because a rival has its confirmations, is free.
func Reserved(ctx context.Context, journal ports.Journal, depth Depth) (Reservations, error) {
	jobs, err := journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	dead, err := losers(ctx, jobs, depth)
	if err != nil {
		return nil, err
	}
	kept := make(Reservations)
	for _, j := range jobs {
		if !j.Reserves() {
			continue
		}
		if err := reserveBatch(j, jobs, kept); err != nil {
			return nil, err
		}
		for _, s := range j.Stages {
			if !j.Open() && !s.Used && j.Request.Kind == job.KindSeries {
				continue // its coin was never spent, and is free again
			}
			for _, v := range s.Versions {
				if dead[v.Txid] {
					continue
				}
				tx, err := v.Tx()
				if err != nil {
					return nil, err
				}
				for _, in := range tx.TxIn {
					kept.Add(in.PreviousOutPoint, j, PurposeSpends)
				}
				if v.Next >= 0 && j.Open() {
					kept.Add(wire.OutPoint{Hash: v.Txid, Index: uint32(v.Next)}, j, PurposeNext)
				}
			}
		}
		for _, d := range j.Drafts() {
			if err := reserveDraft(d, j, kept); err != nil {
				return nil, err
			}
		}
	}
	return kept, nil
}

// losers are the versions of jobs that lost to a rival with enough confirmations, or spend an
// output of such a one. It is asked only about jobs of whose versions some spend a coin that others
// do not, and about those that made such coins and are not settled.
func losers(ctx context.Context, jobs []*job.Job, depth Depth) (map[chainhash.Hash]bool, error) {
	l := &lostSearch{depth: depth, made: make(map[chainhash.Hash]*job.Job), asked: make(map[*job.Job]bool), spent: make(map[wire.OutPoint]chainhash.Hash),
		txs: make(map[chainhash.Hash]*wire.MsgTx)}
	splits := make(map[job.ID]bool)
	for _, j := range jobs {
		for _, s := range j.Stages {
			for _, v := range s.Versions {
				l.made[v.Txid] = j
			}
		}
		differ, err := j.CoinsDiffer()
		if err != nil {
			return nil, err
		}
		if !differ || !j.Reserves() {
			continue
		}
		l.ask(j)
		if j.Request.Kind == job.KindSeries {
			splits[j.Request.Series.Split] = true
		}
	}
	for _, j := range jobs {
		if splits[j.ID] {
			l.ask(j)
		}
	}
	for len(l.next) > 0 {
		j := l.next[0]
		l.next = l.next[1:]
		if err := l.look(ctx, j); err != nil {
			return nil, err
		}
	}
	return job.NeverConfirm(l.txs, l.spent), nil
}

// lostSearch is losers at work.
type lostSearch struct {
	depth Depth
	made  map[chainhash.Hash]*job.Job // by which job
	asked map[*job.Job]bool
	next  []*job.Job
	txs   map[chainhash.Hash]*wire.MsgTx
	spent map[wire.OutPoint]chainhash.Hash // by what has its confirmations
}

// ask has a job looked at, once.
func (l *lostSearch) ask(j *job.Job) {
	if !l.asked[j] {
		l.asked[j] = true
		l.next = append(l.next, j)
	}
}

// settled says whether a transaction has the confirmations that its job wants.
func (l *lostSearch) settled(ctx context.Context, j *job.Job, txid chainhash.Hash) (bool, error) {
	n, err := l.depth(ctx, txid)
	if err != nil {
		return false, fmt.Errorf("transaction %s: %w", txid, err)
	}
	return n > 0 && n >= j.Request.Confirmations, nil
}

// look reads the transactions of a job. What is not settled may spend what another job made, and
// has lost.
func (l *lostSearch) look(ctx context.Context, j *job.Job) error {
	for _, s := range j.Stages {
		for _, v := range s.Versions {
			tx, err := v.Tx()
			if err != nil {
				return err
			}
			l.txs[v.Txid] = tx
			settled, err := l.settled(ctx, j, v.Txid)
			if err != nil {
				return err
			}
			for _, in := range tx.TxIn {
				op := in.PreviousOutPoint
				if settled {
					l.spent[op] = v.Txid
					continue
				}
				maker := l.made[op.Hash]
				if maker == nil || l.asked[maker] {
					continue
				}
				good, err := l.settled(ctx, maker, op.Hash)
				if err != nil {
					return err
				}
				if !good {
					l.ask(maker)
				}
			}
		}
	}
	return nil
}

// Why and how long such a coin is kept.
const (
	PurposeFollow Purpose = "preorder"      // what follows a preorder that no job follows must be paid from it
	UntilUsed     Ending  = "preorder_used" // the preorder is used, or lapses
)

// Hold keeps a coin for what follows a preorder, unless a job has it.
func (k Reservations) Hold(op wire.OutPoint) {
	if _, is := k[op]; !is {
		k[op] = Reservation{OutPoint: op, Purpose: PurposeFollow, Until: UntilUsed}
	}
}
