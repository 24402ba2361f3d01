package bump

import (
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
)

// Waiting is a transaction that waits and may be bumped.
type Waiting struct {
	Entry paid.Entry
	// Signed is a replacement that was signed before, and whose fate is unknown: it is sent again
	// instead of signing another. nil: there is none.
	Signed *Signed

	history []paid.Entry
}

// Signed is a replacement that was signed before.
type Signed struct {
	Tx         *wire.MsgTx
	Fee, Extra btcutil.Amount // Extra: more than what it replaces
}

// Find finds a transaction, or what stands for it since it was replaced, and refuses those that
// must not be touched.
func (s *Service) Find(ctx context.Context, txid chainhash.Hash) (*Waiting, error) {
	history, err := s.cfg.Past.History(ctx)
	if err != nil {
		return nil, err
	}
	replaced, err := s.cfg.Past.Replaced(ctx)
	if err != nil {
		return nil, err
	}
	if txid = stands(history, replaced, txid); indexOf(history, txid) < 0 {
		return nil, fmt.Errorf("%w: %s", payments.ErrUnknownTx, txid)
	}
	w := &Waiting{Entry: history[indexOf(history, txid)], history: history}
	job, err := s.cfg.Jobs.JobOf(ctx, txid)
	if err != nil {
		return nil, err
	}
	if job != nil {
		return nil, &OfJob{txid, *job}
	}
	if err := mayBump(&w.Entry); err != nil {
		return nil, err
	}
	w.Signed, err = s.signedBefore(ctx, &w.Entry)
	return w, err
}

// stands is the transaction that stands for one of the wallet's now: that one, or what replaced it.
func stands(history []paid.Entry, replaced map[chainhash.Hash]chainhash.Hash, txid chainhash.Hash) chainhash.Hash {
	for range replaced { // each is followed once at most
		next, is := replaced[txid]
		if !is || indexOf(history, txid) >= 0 {
			break
		}
		txid = next
	}
	return txid
}

func indexOf(history []paid.Entry, txid chainhash.Hash) int {
	return slices.IndexFunc(history, func(e paid.Entry) bool { return e.Txid == txid })
}

// mayBump refuses what must not be bumped, whoever asks.
func mayBump(e *paid.Entry) error {
	for _, o := range e.Outputs {
		if txbuilder.KindOf(o.Script) == txbuilder.KindData && e.Spent > 0 {
			return &Refused{Txid: e.Txid, Why: CarriesData}
		}
	}
	switch {
	case e.Void:
		return &Refused{Txid: e.Txid, Why: IsVoid}
	case e.Height >= 0:
		return &Refused{Txid: e.Txid, Why: InBlock, Height: e.Height}
	}
	return nil
}

// signedBefore is a transaction of ours that was signed to replace another and is not known to have
// been accepted.
func (s *Service) signedBefore(ctx context.Context, e *paid.Entry) (*Signed, error) {
	kept, err := s.cfg.Kept.KeptTxs(ctx)
	if err != nil || !e.FeeKnown {
		return nil, err
	}
	same := func(a, b *wire.TxIn) bool { return a.PreviousOutPoint == b.PreviousOutPoint }
	for _, tx := range kept {
		// From the same coins alone, so that its fee is known, and a higher one.
		if tx.TxHash() != e.Txid && slices.EqualFunc(tx.TxIn, e.Tx.TxIn, same) && total(tx) < total(e.Tx) && paysSame(tx, e) {
			fee := e.Spent - total(tx)
			return &Signed{Tx: tx, Fee: fee, Extra: fee - e.Fee}, nil
		}
	}
	return nil, nil
}

// paysSame says whether a transaction pays everybody but ourselves what another one pays them.
func paysSame(tx *wire.MsgTx, e *paid.Entry) bool {
	for _, o := range e.Outputs {
		pays := func(out *wire.TxOut) bool { return string(out.PkScript) == string(o.Script) }
		i := slices.IndexFunc(tx.TxOut, pays)
		if !o.Ours && (i < 0 || tx.TxOut[i].Value != int64(o.Amount)) {
			return false
		}
	}
	return len(tx.TxOut) <= len(e.Outputs)
}

// total is what a transaction's outputs hold.
func total(tx *wire.MsgTx) (sum btcutil.Amount) {
	for _, o := range tx.TxOut {
		sum += btcutil.Amount(o.Value)
	}
	return sum
}
