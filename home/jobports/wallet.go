package jobports

import (
	"bytes"
	"context"
	"crypto/subtle"
	"slices"
	"sync"

	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
)

// Wallet is the wallet as jobs see it.
type Wallet struct {
	*wallet.Wallet
	// Given is what the user has agreed to for this request. Nil: nothing.
	Given *Agreed
}

// CanSign says whether the wallet is unlocked.
func (w Wallet) CanSign(context.Context) bool { return !w.Locked() }

// CoinsAt lists the confirmed coins of one script that the user has not frozen, also of an owner,
// whose coins never pay: the wallet shows those as frozen by the role of their key.
func (w Wallet) CoinsAt(ctx context.Context, script []byte) ([]wtxmgr.Credit, error) {
	all, err := w.Wallet.CoinsAt(ctx, script)
	if err != nil {
		return nil, err
	}
	var credits []wtxmgr.Credit
	for _, c := range all {
		frozen := c.Frozen != "" && c.Frozen != string(c.Key.Role)+" key"
		if c.Confirmations > 0 && !frozen && !c.Immature {
			credits = append(credits, c.Credit)
		}
	}
	return credits, nil
}

// Unsettled are the transactions of the wallet that are in no block and may still be mined.
func (w Wallet) Unsettled(ctx context.Context) ([]*wire.MsgTx, error) {
	return w.Wallet.Unmined(ctx)
}

// SpentBy finds in the history of the wallet which transactions in blocks have spent some coins.
func (w Wallet) SpentBy(ctx context.Context, coins []wire.OutPoint) (map[wire.OutPoint]registrar.Spender, error) {
	entries, err := w.History(ctx)
	if err != nil {
		return nil, err
	}
	wanted := make(map[wire.OutPoint]bool, len(coins))
	for _, op := range coins {
		wanted[op] = true
	}
	by := make(map[wire.OutPoint]registrar.Spender)
	for i := range entries {
		e := &entries[i]
		if e.Height <= 0 || e.Void {
			continue
		}
		for _, in := range e.Tx.TxIn {
			if wanted[in.PreviousOutPoint] {
				by[in.PreviousOutPoint] = registrar.Spender{Txid: e.Txid, Height: e.Height}
			}
		}
	}
	return by, nil
}

// Owners are the keys of ours that import names: those of the rings of the revealers that the chain
// has seen.
func (w Wallet) Owners(ctx context.Context) ([][]byte, error) { return w.RingScripts(ctx) }

// Agreed are the intentions that the user has agreed to in one request, or one command, while the
// wallet was locked.
type Agreed struct {
	mu   sync.Mutex
	list [][]byte
}

// add remembers one.
func (a *Agreed) add(intention []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, bytes.Clone(intention))
}

// has looks for one.
func (a *Agreed) has(intention []byte) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(a.list, func(b []byte) bool { return bytes.Equal(b, intention) })
}

// Agree marks an intention with the seed, or remembers it while the wallet is locked.
func (w Wallet) Agree(ctx context.Context, intention []byte) (mark []byte, err error) {
	if w.WatchOnly() {
		return nil, nil // whoever signs is asked there
	}
	if !w.Locked() {
		return wallet.Mark(ctx, w.Wallet, intention)
	}
	if w.Given != nil {
		w.Given.add(intention)
	}
	return nil, nil
}

// Agreed holds an intention to its mark.
func (w Wallet) Agreed(ctx context.Context, intention, mark []byte) (bool, error) {
	if w.Given != nil && w.Given.has(intention) {
		return true, nil
	}
	want, err := wallet.Mark(ctx, w.Wallet, intention)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(want, mark) == 1, nil
}
