package commands

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/fault"
	"blockstack/wallet/chain"
)

// Whoever is interrupted after a payment was sent, or loses the node, must not be told to run the same command again.
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
		f := sentAlready(test.ctx, test.err, txid)
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
		if g := explain(test.ctx, f); g != f {
			t.Errorf("explained as %v", g)
		}
	}
}

// An address is one of another network, or none at all, in every format.
func TestForeignAddresses(t *testing.T) {
	for text, foreign := range map[string]bool{
		"1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk":           true,
		"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy":           true,
		"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq":   true,
		"mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8":           true,
		"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx":   true,
		"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080": true,
		"":                                   false,
		"xyz":                                false,
		"1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSj": false,
		"SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7": false,
	} {
		if isForeign(text) != foreign {
			t.Errorf("%q: %v", text, !foreign)
		}
	}
}
