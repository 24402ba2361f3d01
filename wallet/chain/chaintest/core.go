package chaintest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/btcsuite/btcd/btcjson"

	"blockstack/wallet/chain/node"
)

// Core puts a server in front of a btcd that answers as a bitcoind 28 without a transaction index
// does, as far as our client asks it: the calls that btcd does not have are translated, the answers
// that differ are given Core's shape, and every error comes with HTTP status 500. filters says
// whether the node keeps an index of block filters (-blockfilterindex=1).
func Core(tb testing.TB, btcd node.Config, filters bool) node.Config {
	tb.Helper()
	srv := httptest.NewServer(&core{btcd: btcd, filters: filters})
	tb.Cleanup(srv.Close)
	cfg := btcd
	cfg.Kind, cfg.Host, cfg.Cert = node.Bitcoind, srv.Listener.Addr().String(), nil
	return cfg
}

type core struct {
	btcd    node.Config
	filters bool
}

// ServeHTTP answers one call.
func (c *core) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req btcjson.Request
	user, pass, _ := r.BasicAuth()
	switch {
	case user != c.btcd.User || pass != c.btcd.Pass.Reveal():
		w.WriteHeader(http.StatusUnauthorized)
		return
	case r.Method != http.MethodPost || json.NewDecoder(io.LimitReader(r.Body, 64<<20)).Decode(&req) != nil:
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	result, err := c.answer(&req)
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"result": result, "error": err, "id": req.ID})
}

// answer translates a call.
func (c *core) answer(req *btcjson.Request) (any, *btcjson.RPCError) {
	switch req.Method {
	case "getblockchaininfo":
		var best btcjson.GetBestBlockResult
		if err := c.ask("getbestblock", &best); err != nil {
			return nil, err
		}
		return map[string]any{"chain": "regtest", "blocks": best.Height, "headers": best.Height, "bestblockhash": best.Hash, "initialblockdownload": false, "pruned": false}, nil
	case "getblockfilter":
		if !c.filters {
			return nil, &btcjson.RPCError{Code: -1, Message: "Index is not enabled for filtertype basic"}
		}
		var filter string
		if err := c.ask("getcfilter", &filter, raw(req, 0), json.RawMessage("0")); err != nil {
			return nil, &btcjson.RPCError{Code: -5, Message: "Block not found"}
		}
		return map[string]any{"filter": filter, "header": ""}, nil
	case "getblock":
		if v := string(raw(req, 1)); v != "0" {
			return nil, &btcjson.RPCError{Code: -8, Message: "only verbosity 0 is translated, not " + v}
		}
	case "getrawtransaction":
		var tx btcjson.TxRawResult
		if err := c.ask(req.Method, &tx, raw(req, 0), json.RawMessage("1")); err != nil || tx.BlockHash != "" {
			return nil, &btcjson.RPCError{Code: -5, Message: "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries. Use gettransaction for wallet transactions."}
		}
	case "estimatesmartfee":
		return map[string]any{"errors": []string{"Insufficient data or no feerate found"}, "blocks": 2}, nil
	case "getmempoolinfo":
		return map[string]any{"loaded": true, "mempoolminfee": 0.00001, "minrelaytxfee": 0.00001, "incrementalrelayfee": 0.00001}, nil
	case "getbestblock", "getcfilter", "estimatefee", "getinfo":
		return nil, &btcjson.RPCError{Code: -32601, Message: "Method not found"}
	}
	var result json.RawMessage
	if err := c.ask(req.Method, &result, req.Params...); err != nil {
		return nil, err
	}
	return result, nil
}

// raw is a parameter as it was sent.
func raw(req *btcjson.Request, i int) json.RawMessage {
	if i >= len(req.Params) {
		return json.RawMessage("null")
	}
	return req.Params[i]
}

// ask asks the btcd.
func (c *core) ask(method string, result any, params ...json.RawMessage) *btcjson.RPCError {
	failed := func(err error) *btcjson.RPCError {
		return &btcjson.RPCError{Code: -32603, Message: fmt.Sprintf("behind: %v", err)}
	}
	if params == nil {
		params = []json.RawMessage{}
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "1.0", "id": 1, "method": method, "params": params})
	if err != nil {
		return failed(err)
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+c.btcd.Host+"/", bytes.NewReader(body))
	if err != nil {
		return failed(err)
	}
	req.SetBasicAuth(c.btcd.User, c.btcd.Pass.Reveal())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return failed(err)
	}
	defer resp.Body.Close()
	var answer btcjson.Response
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return failed(err)
	}
	if answer.Error != nil {
		return answer.Error
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return failed(err)
	}
	return nil
}
