package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/rpcclient"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// sending hands transactions to the node.
type sending struct{ *transactions }

// Broadcast hands a transaction to the node, which passes it on. Sending the same transaction again
// is harmless. A transaction that the node will not have is a *Refused error; any other error means
// that its fate is unknown, so that sending it again is right.
func (n *sending) Broadcast(ctx context.Context, tx *wire.MsgTx) (chain.Outcome, error) {
	txid := tx.TxHash()
	text, err := encodeTx(tx)
	if err != nil {
		return 0, fmt.Errorf("broadcast %s: %w", txid, err)
	}
	var answer string
	err = n.rpc.call(ctx, "sendrawtransaction", &answer, text)
	if err == nil {
		if answer != txid.String() {
			return 0, fmt.Errorf("broadcast %s: %w: sent as %q", txid, chain.ErrBadAnswer, chain.Clip(answer))
		}
		return chain.Accepted, nil
	}
	var said *btcjson.RPCError
	if !errors.As(err, &said) {
		return 0, fmt.Errorf("broadcast %s: %w", txid, err)
	}
	// What the node has decides, not how it words the refusal: a transaction whose outputs are all
	// spent again is "missing inputs" to some.
	s, err := n.TxStatus(ctx, txid)
	switch {
	case err == nil && s.Confirmed():
		return chain.AlreadyConfirmed, nil
	case err == nil && s.InMempool:
		return chain.AlreadyKnown, nil
	case err != nil && !errors.Is(err, chain.ErrNoTxIndex):
		return 0, fmt.Errorf("broadcast: %w", err)
	}
	switch mapped := rpcclient.MapRPCErr(said); {
	case errors.Is(mapped, rpcclient.ErrTxAlreadyInMempool), errors.Is(mapped, rpcclient.ErrSameNonWitnessData):
		return chain.AlreadyKnown, nil
	case err != nil && said.Code == btcjson.ErrRPCVerifyAlreadyInChain: // only where the index cannot tell
		return chain.AlreadyConfirmed, nil
	}
	return 0, chain.Refusal(txid, said)
}

// CheckAccept asks the node whether it would accept a transaction, without sending it: nil, or a
// *Refused error. One that it already has unconfirmed or in a block is accepted.
func (n *sending) CheckAccept(ctx context.Context, tx *wire.MsgTx) error {
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
		return chain.Refusal(txid, said)
	case err != nil:
		return fmt.Errorf("check %s: %w", txid, err)
	case len(answers) != 1:
		return fmt.Errorf("check %s: %w: %d results", txid, chain.ErrBadAnswer, len(answers))
	case answers[0].Allowed:
		return nil
	}
	if s, err := n.TxStatus(ctx, txid); err == nil && s.Found {
		return nil
	}
	return chain.Refusal(txid, &btcjson.RPCError{Message: chain.Clip(answers[0].Reason)})
}

func encodeTx(tx *wire.MsgTx) (string, error) {
	var b bytes.Buffer
	b.Grow(tx.SerializeSize())
	if err := tx.Serialize(&b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b.Bytes()), nil
}
