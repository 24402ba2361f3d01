package registrar

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// PreorderOurs says that the wallet has preordered the same thing already, and that
// this can still be used: paying again would be for nothing. No job of this journal
// goes on with it.
type PreorderOurs struct {
	What   string
	Txid   chainhash.Hash
	Height int32
	Until  int32 // last block in which it can be used, 0: no limit
}

// Error says what is there.
func (e *PreorderOurs) Error() string {
	s := fmt.Sprintf("this wallet has preordered %s already, with transaction %s in block %d", e.What, e.Txid, e.Height)
	if e.Until > 0 {
		s += fmt.Sprintf("; it can be registered without paying again up to block %d", e.Until)
	}
	return s
}

// Code is preorder_outstanding.
func (e *PreorderOurs) Code() string { return "preorder_outstanding" }

// NoSenderCoin says that the script that sent a preorder has no coin any more, which
// the next transaction has to come from.
type NoSenderCoin struct{ Sender, What string }

// Error says what is missing.
func (e *NoSenderCoin) Error() string {
	return fmt.Sprintf("the change of the preorder of %s was spent, and %s, which must send what follows, has no other confirmed coin", e.What, e.Sender)
}

// Code is insufficient_funds.
func (e *NoSenderCoin) Code() string { return "insufficient_funds" }
