package chain

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/rpcclient"
	"github.com/btcsuite/btcd/wire/v2"
)

// Outcome says how a broadcast succeeded.
type Outcome int

// The outcomes of a broadcast. With the first three the network has the
// transaction. Offered is the best that peers let one know: they were sent it, and
// nobody objected.
const (
	Accepted Outcome = iota + 1
	AlreadyKnown
	AlreadyConfirmed
	Offered
)

// String names the outcome.
func (o Outcome) String() string {
	switch o {
	case Accepted:
		return "accepted"
	case AlreadyKnown:
		return "already known"
	case AlreadyConfirmed:
		return "already confirmed"
	case Offered:
		return "offered"
	}
	return fmt.Sprintf("outcome %d", int(o))
}

// Broadcast hands a transaction to the node, which passes it on. Sending the
// same transaction again is harmless. A transaction that the node will not have
// is a *Refused error; any other error means that its fate is unknown, so that
// sending it again is right.
func (n *Node) Broadcast(ctx context.Context, tx *wire.MsgTx) (Outcome, error) {
	txid := tx.TxHash()
	text, err := encodeTx(tx)
	if err != nil {
		return 0, fmt.Errorf("broadcast %s: %w", txid, err)
	}
	var answer string
	err = n.rpc.call(ctx, "sendrawtransaction", &answer, text)
	if err == nil {
		if answer != txid.String() {
			return 0, fmt.Errorf("broadcast %s: %w: sent as %q", txid, ErrBadAnswer, clip(answer))
		}
		return Accepted, nil
	}
	var said *btcjson.RPCError
	if !errors.As(err, &said) {
		return 0, fmt.Errorf("broadcast %s: %w", txid, err)
	}
	// What the node has decides, not how it words the refusal: a transaction
	// whose outputs are all spent again is "missing inputs" to some.
	s, err := n.TxStatus(ctx, txid)
	switch {
	case err == nil && s.Confirmed():
		return AlreadyConfirmed, nil
	case err == nil && s.InMempool:
		return AlreadyKnown, nil
	case err != nil && !errors.Is(err, ErrNoTxIndex):
		return 0, fmt.Errorf("broadcast: %w", err)
	}
	switch mapped := rpcclient.MapRPCErr(said); {
	case errors.Is(mapped, rpcclient.ErrTxAlreadyInMempool), errors.Is(mapped, rpcclient.ErrSameNonWitnessData):
		return AlreadyKnown, nil
	case err != nil && said.Code == btcjson.ErrRPCVerifyAlreadyInChain: // only where the index cannot tell
		return AlreadyConfirmed, nil
	}
	return 0, refused(txid, said)
}

// CheckAccept asks the node whether it would accept a transaction, without
// sending it: nil, or a *Refused error. One that it already has unconfirmed or
// in a block is accepted.
func (n *Node) CheckAccept(ctx context.Context, tx *wire.MsgTx) error {
	txid := tx.TxHash()
	text, err := encodeTx(tx)
	if err != nil {
		return fmt.Errorf("check %s: %w", txid, err)
	}
	var answers []struct {
		Allowed bool   `json:"allowed"`
		Reason  string `json:"reject-reason"`
	}
	err = n.rpc.call(ctx, "testmempoolaccept", &answers, []string{text}, 0) // 0: any fee
	var said *btcjson.RPCError
	switch {
	case errors.As(err, &said) && said.Code == btcjson.ErrRPCDeserialization:
		return refused(txid, said)
	case err != nil:
		return fmt.Errorf("check %s: %w", txid, err)
	case len(answers) != 1:
		return fmt.Errorf("check %s: %w: %d results", txid, ErrBadAnswer, len(answers))
	case answers[0].Allowed:
		return nil
	}
	if s, err := n.TxStatus(ctx, txid); err == nil && s.Found {
		return nil
	}
	return refused(txid, &btcjson.RPCError{Message: clip(answers[0].Reason)})
}
