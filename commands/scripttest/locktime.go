package scripttest

import (
	"context"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"blockstack/wallet/sandbox"
)

// scriptLockTime holds the lock time of a transaction that waits to what a payment made now has:
// locktime NODE TXID. Negated, it has none.
func scriptLockTime(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: locktime NODE TXID")
	}
	ctx := context.Background()
	s, err := sandbox.Open(ctx, ts.MkAbs(args[0]))
	ts.Check(err)
	defer s.Close()
	txid, err := chainhash.NewHashFromStr(args[1])
	ts.Check(err)
	tx, err := s.Chain().Tx(ctx, *txid)
	ts.Check(err)
	tip, _, err := s.Chain().Tip(ctx)
	ts.Check(err)
	at := int64(tx.LockTime)
	if neg && at != 0 || !neg && (at == 0 || at > int64(tip) || at < int64(tip)-99) {
		ts.Fatalf("%s has a lock time of %d at block %d", txid, at, tip)
	}
}
