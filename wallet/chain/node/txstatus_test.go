package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet/chain"
)

// outputs answers gettxout by the number of the output; null past the last.
func outputs(texts []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var req btcjson.Request
		var n int
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil || len(req.Params) != 3 || json.Unmarshal(req.Params[1], &n) != nil {
			http.Error(w, "not a request", http.StatusBadRequest)
			return
		}
		text := "null"
		if n < len(texts) {
			text = texts[n]
		}
		fmt.Fprintf(w, `{"error":null,"id":1,"result":%s}`, text)
	}
}

// TestUnspentStatus finds a confirmed transaction on a bitcoind without a transaction index.
func TestUnspentStatus(t *testing.T) {
	genesis := chaincfg.RegressionNetParams.GenesisHash
	none := &btcjson.RPCError{Code: -5, Message: "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries."}
	base := answers{"getrawtransaction": none, "getblockheader": map[string]any{"height": 12}}
	for name, c := range map[string]struct {
		outs []string // what gettxout says, by output
		want chain.TxStatus
		err  error
	}{
		"second output is unspent": {
			outs: []string{`null`, fmt.Sprintf(`{"bestblock":"%s","confirmations":3,"value":0.1,"scriptPubKey":{}}`, genesis)},
			want: chain.TxStatus{Found: true, Height: 10, BlockHash: *genesis, Confirmations: 3},
		},
		"all are spent, or it is nowhere": {want: chain.TxStatus{Height: -1}, err: chain.ErrNoTxIndex},
		"in the memory pool after all":    {outs: []string{`{"bestblock":"","confirmations":0}`}, want: chain.TxStatus{Height: -1}, err: chain.ErrBadAnswer},
		"deeper than the chain":           {outs: []string{`{"bestblock":"","confirmations":14}`}, want: chain.TxStatus{Height: -1}, err: chain.ErrBadAnswer},
	} {
		n := node(t, base.with("gettxout", outputs(c.outs)), Bitcoind)
		got, err := n.TxStatus(t.Context(), chainhash.Hash{1})
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	n := node(t, base.with("x", nil), Btcd)
	if _, err := n.TxStatus(t.Context(), chainhash.Hash{1}); !errors.Is(err, chain.ErrNoTxIndex) {
		t.Errorf("btcd: %v", err)
	}
}
