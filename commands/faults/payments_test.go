package faults

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/fault"
	"blockstack/txbuilder/payments"
	"blockstack/wallet/chain"
)

// Whoever is interrupted after a payment was sent, or loses the node, must not be told to run the
// same command again.
func TestSentAlready(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	txid := chainhash.Hash{1}
	for _, test := range []struct {
		ctx  context.Context
		err  error
		exit fault.ExitCode
	}{
		{ended, context.Canceled, fault.ExitInterrupted},
		{context.Background(), chain.ErrUnreachable, fault.ExitUnreachable},
		{context.Background(), errors.New("odd"), fault.ExitFailed},
	} {
		f := SentBut(test.ctx, &payments.SentBut{Txid: txid, Doing: "waiting for its block", Err: test.err})
		if f.Exit() != test.exit || f.Retryable || !errors.Is(f, test.err) {
			t.Errorf("%v: exit %d, retryable %v", test.err, f.Exit(), f.Retryable)
		}
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if s := string(text); !strings.Contains(s, txid.String()+" was sent") || strings.Contains(s, "again to go on") || !strings.Contains(s, "second time") {
			t.Errorf("%s", s)
		}
		if g := Of(test.ctx, f); g != f {
			t.Errorf("explained as %v", g)
		}
	}
}
