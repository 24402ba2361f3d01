package commands

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain/blockfiles"
)

// storedNode answers as a bitcoind without a transaction index does, from the block files of a real
// node, and may lie.
type storedNode struct {
	t     *testing.T
	files *blockfiles.Files
	made  map[chainhash.Hash]place // where each transaction is
	tip   int32
	mu    sync.Mutex // of the lie: a request that the program gave up may still be answered
	lie   func(method string, params []json.RawMessage, result any) any
	lies  int

	building, crude bool // its transaction index is being built; it says so even where it need not look there
}

type place struct {
	height int32
	tx     *wire.MsgTx
}

func newStoredNode(t *testing.T) *storedNode {
	t.Helper()
	files, err := blockfiles.Open(t.Context(), blockFolder(t), &chaincfg.RegressionNetParams, blockfiles.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := &storedNode{t: t, files: files, made: make(map[chainhash.Hash]place)}
	if n.tip, _, err = files.Tip(t.Context()); err != nil {
		t.Fatal(err)
	}
	for h := range n.tip + 1 {
		for _, tx := range n.block(h).Transactions {
			n.made[tx.TxHash()] = place{h, tx}
		}
	}
	return n
}

// tell changes the lie that is told, also while a request that was given up is still answered, and
// says how often the last one was.
func (n *storedNode) tell(lie func(method string, params []json.RawMessage, result any) any) (told int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	told = n.lies
	n.lie, n.lies = lie, 0
	return told
}

// serve starts the node and gives the flags that lead to it.
func (n *storedNode) serve() []string {
	srv := httptest.NewServer(n)
	n.t.Cleanup(srv.Close)
	return []string{"--backend", "bitcoind", "--node", srv.URL, "--node-auth-file", writeFile(n.t, "auth", []byte("user:word\n"))}
}

func (n *storedNode) hash(height int32) chainhash.Hash {
	hash, err := n.files.HashAt(n.t.Context(), height)
	if err != nil {
		n.t.Error(err)
	}
	return hash
}

func (n *storedNode) block(height int32) *wire.MsgBlock {
	raw, err := n.files.RawBlock(n.t.Context(), n.hash(height))
	if err != nil {
		n.t.Error(err)
	}
	var block wire.MsgBlock
	if err := block.Deserialize(bytes.NewReader(raw)); err != nil {
		n.t.Error(err)
	}
	return &block
}

// ServeHTTP answers one call.
func (n *storedNode) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req btcjson.Request
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		http.Error(w, "no request", http.StatusBadRequest)
		return
	}
	result, fault := n.answer(&req)
	n.mu.Lock()
	if n.lie != nil && fault == nil {
		if said := n.lie(req.Method, req.Params, result); said != nil {
			result = said
			n.lies++
		}
	}
	n.mu.Unlock()
	if fault != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"error": fault, "result": result, "id": req.ID})
}

func (n *storedNode) answer(req *btcjson.Request) (any, *btcjson.RPCError) {
	text := func(i int) (s string) {
		if i < len(req.Params) {
			_ = json.Unmarshal(req.Params[i], &s)
		}
		return s
	}
	at := func(hash string) int32 {
		for h := n.tip; h >= 0; h-- {
			if n.hash(h).String() == hash {
				return h
			}
		}
		return -1
	}
	switch req.Method {
	case "getblockchaininfo":
		return map[string]any{"blocks": n.tip, "headers": n.tip, "bestblockhash": n.hash(n.tip).String()}, nil
	case "getblockhash":
		var h int32
		if json.Unmarshal(req.Params[0], &h) != nil || h < 0 || h > n.tip {
			return nil, &btcjson.RPCError{Code: -8, Message: "Block height out of range"}
		}
		return n.hash(h).String(), nil
	case "getblockheader", "getblock":
		h := at(text(0))
		if h < 0 {
			return nil, &btcjson.RPCError{Code: -5, Message: "Block not found"}
		}
		var b bytes.Buffer
		switch block := n.block(h); {
		case req.Method == "getblockheader":
			_ = block.Header.Serialize(&b)
		case string(req.Params[1]) == "0":
			_ = block.Serialize(&b)
		default:
			return n.verbose(h), nil
		}
		return hex.EncodeToString(b.Bytes()), nil
	case "getrawtransaction":
		id, err := chainhash.NewHashFromStr(text(0))
		if err != nil {
			return nil, &btcjson.RPCError{Code: -8, Message: "no txid"}
		}
		p, known := n.made[*id]
		switch {
		case n.building && (text(2) == "" || n.crude):
			return nil, &btcjson.RPCError{Code: -5, Message: "No such mempool transaction. Blockchain transactions are still in the process of being indexed. Use gettransaction for wallet transactions."}
		case text(2) == "":
			return nil, &btcjson.RPCError{Code: -5, Message: "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries. Use gettransaction for wallet transactions."}
		case !known || p.height != at(text(2)):
			return nil, &btcjson.RPCError{Code: -5, Message: "No such transaction found in the provided block. Use gettransaction for wallet transactions."}
		}
		var b bytes.Buffer
		_ = p.tx.Serialize(&b)
		return hex.EncodeToString(b.Bytes()), nil
	}
	return nil, &btcjson.RPCError{Code: -32601, Message: "Method not found"}
}

// verbose is a block as verbosity 3 shows it, as far as members matter.
func (n *storedNode) verbose(height int32) any {
	var txs []any
	for _, tx := range n.block(height).Transactions {
		var vin []any
		for _, in := range tx.TxIn {
			p, known := n.made[in.PreviousOutPoint.Hash]
			if !known {
				vin = append(vin, map[string]any{"coinbase": hex.EncodeToString(in.SignatureScript)})
				continue
			}
			out := p.tx.TxOut[in.PreviousOutPoint.Index]
			vin = append(vin, map[string]any{
				"txid": in.PreviousOutPoint.Hash.String(), "vout": in.PreviousOutPoint.Index,
				"prevout": map[string]any{
					"height": p.height, "value": json.Number(fmt.Sprintf("%d.%08d", out.Value/1e8, out.Value%1e8)),
					"scriptPubKey": map[string]any{"hex": hex.EncodeToString(out.PkScript)},
				},
			})
		}
		txs = append(txs, map[string]any{"vin": vin})
	}
	return map[string]any{"hash": n.hash(height).String(), "tx": txs}
}

// TestLyingNode: whatever a node changes about its blocks is noticed, and the index stays as it
// was.
func TestLyingNode(t *testing.T) {
	const at = 699 // a block that is changed
	n := newStoredNode(t)
	recorded := readChain(t, "blockfiles/scenario.json")
	registry, node := recorded.registry(t, false), n.serve()
	honest := n.block(at)
	hash := honest.BlockHash().String()
	other := n.hash(at - 1).String()
	op := honest.Transactions[len(honest.Transactions)-1]
	hexOf := func(change func(b *wire.MsgBlock)) string {
		b := n.block(at)
		change(b)
		var raw bytes.Buffer
		_ = b.Serialize(&raw)
		return hex.EncodeToString(raw.Bytes())
	}
	mine := func(b *wire.MsgBlock) {
		for ; ; b.Header.Nonce++ {
			if h := b.BlockHash(); blockchain.HashToBig(&h).Cmp(chaincfg.RegressionNetParams.PowLimit) <= 0 {
				return
			}
		}
	}
	// block changes the bytes of the block, of its header alone, or of one that is named instead of
	// it.
	block := func(change func(b *wire.MsgBlock)) func(string, []json.RawMessage, any) any {
		said := hexOf(change)
		return func(method string, p []json.RawMessage, _ any) any {
			if method == "getblock" && string(p[0]) == `"`+hash+`"` && string(p[1]) == "0" {
				return said
			}
			return nil
		}
	}
	verbose := func(change func(in map[string]any)) func(string, []json.RawMessage, any) any {
		return func(method string, p []json.RawMessage, result any) any {
			if method != "getblock" || string(p[1]) == "0" || string(p[0]) != `"`+hash+`"` {
				return nil
			}
			for _, tx := range result.(map[string]any)["tx"].([]any) {
				for _, in := range tx.(map[string]any)["vin"].([]any) {
					if shown, ok := in.(map[string]any)["prevout"].(map[string]any); ok {
						change(shown)
					}
				}
			}
			return result
		}
	}
	cases := map[string]struct {
		lie  func(string, []json.RawMessage, any) any
		says string
	}{
		"an output pays somebody else": {block(func(b *wire.MsgBlock) { b.Transactions[len(b.Transactions)-1].TxOut[1].PkScript[5] ^= 1 }), "merkle root"},
		"an operation is left out":     {block(func(b *wire.MsgBlock) { b.Transactions = b.Transactions[:len(b.Transactions)-1] }), "merkle root"},
		"a transaction stands twice": {block(func(b *wire.MsgBlock) {
			b.Transactions = append(b.Transactions, op)
		}), ""},
		"no coinbase":         {block(func(b *wire.MsgBlock) { b.Transactions = b.Transactions[1:] }), "coinbase"},
		"a changed witness":   {block(func(b *wire.MsgBlock) { b.Transactions[0].TxIn[0].Witness = wire.TxWitness{make([]byte, 31)} }), "witness"},
		"another merkle root": {block(func(b *wire.MsgBlock) { b.Header.MerkleRoot[3] ^= 1; mine(b) }), "another block"},
		"another block": {func(m string, p []json.RawMessage, _ any) any {
			if m == "getblock" && string(p[0]) == `"`+hash+`"` && string(p[1]) == "0" {
				var raw bytes.Buffer
				_ = n.block(at - 1).Serialize(&raw)
				return hex.EncodeToString(raw.Bytes())
			}
			return nil
		}, "another block"},
		"another hash at a height": {func(m string, p []json.RawMessage, _ any) any {
			if m == "getblockhash" && string(p[0]) == fmt.Sprint(at) {
				return other
			}
			return nil
		}, "does not follow"},
		"another height for the tip": {func(m string, _ []json.RawMessage, result any) any {
			if m == "getblockchaininfo" {
				result.(map[string]any)["blocks"] = n.tip - 1
				return result
			}
			return nil
		}, "calls its best"},
		"a header without work": {func(m string, p []json.RawMessage, _ any) any {
			if m == "getblockheader" && string(p[0]) == `"`+hash+`"` {
				h := honest.Header
				for hash := h.BlockHash(); blockchain.HashToBig(&hash).Cmp(chaincfg.RegressionNetParams.PowLimit) <= 0; hash = h.BlockHash() {
					h.Nonce++
				}
				var b bytes.Buffer
				_ = h.Serialize(&b)
				return hex.EncodeToString(b.Bytes())
			}
			return nil
		}, "rules"},
		"a header of another difficulty": {func(m string, p []json.RawMessage, _ any) any {
			if m == "getblockheader" && string(p[0]) == `"`+hash+`"` {
				b := n.block(at)
				b.Header.Bits = 0x207ffffe
				mine(b)
				var raw bytes.Buffer
				_ = b.Header.Serialize(&raw)
				return hex.EncodeToString(raw.Bytes())
			}
			return nil
		}, "rules"},
		"another sender": {verbose(func(p map[string]any) {
			s := p["scriptPubKey"].(map[string]any)
			s["hex"] = strings.Replace(s["hex"].(string), s["hex"].(string)[8:10], "00", 1)
		}), "another output"},
		"another amount":             {verbose(func(p map[string]any) { p["value"] = json.Number("0.00000001") }), "another output"},
		"a sender of another height": {verbose(func(p map[string]any) { p["height"] = 1 }), "not there"},
	}
	home := t.TempDir()
	flags := append([]string{"--network", "regtest", "--registry", registry}, node...)
	n.tip = at - 5 // the index is below the lie
	if code, _, _, said := blockstack(t, append(flags, "--home", home, "index", "sync")...); code != 0 {
		t.Fatalf("honest: exit code %d\n%s", code, said)
	}
	n.tip = recorded.Blocks[len(recorded.Blocks)-1].Height
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "home")
			if err := os.CopyFS(dir, os.DirFS(home)); err != nil {
				t.Fatal(err)
			}
			n.tell(c.lie)
			defer n.tell(nil)
			code, _, fault, said := blockstack(t, append(flags, "--home", dir, "index", "sync")...)
			lies := n.tell(nil)
			if code != 1 || fault["code"] != "lying_node" || !strings.Contains(said, c.says) || lies == 0 {
				t.Errorf("exit code %d after %d lies\n%s", code, lies, said)
			}
			code, out, _, said := blockstack(t, append(flags, "--home", dir, "index", "sync")...)
			if last := n.tip; code != 0 || out["consensus_hash"] != recorded.consensus(last) {
				t.Errorf("honest again: exit code %d, %v\n%s", code, out, said)
			}
		})
	}
}

// TestIndexBeingBuilt: a node that is still building its transaction index is enough to follow
// names.
func TestIndexBeingBuilt(t *testing.T) {
	n := newStoredNode(t)
	n.building = true
	recorded := readChain(t, "blockfiles/scenario.json")
	for _, n.crude = range []bool{false, true} {
		flags := append([]string{"--home", t.TempDir(), "--network", "regtest", "--registry", recorded.registry(t, false)}, n.serve()...)
		code, out, _, said := blockstack(t, append(flags, "index", "sync")...)
		if code != 0 || out["consensus_hash"] != recorded.consensus(n.tip) {
			t.Errorf("exit code %d, %v\n%s", code, out, said)
		}
	}
}

// TestNodeBehind: a node that shows less of a chain than was seen is refused, and nothing is
// undone.
func TestNodeBehind(t *testing.T) {
	n := newStoredNode(t)
	recorded := readChain(t, "blockfiles/scenario.json")
	last := n.tip
	flags := append([]string{"--home", t.TempDir(), "--network", "regtest", "--registry", recorded.registry(t, false)}, n.serve()...)
	if code, _, _, said := blockstack(t, append(flags, "index", "sync")...); code != 0 {
		t.Fatalf("exit code %d\n%s", code, said)
	}
	n.tip = last - 4
	code, _, fault, said := blockstack(t, append(flags, "index", "sync")...)
	if details, _ := fault["details"].(map[string]any); code != 9 || details["known_height"] != float64(last) || !strings.Contains(said, "is behind") {
		t.Errorf("exit code %d\n%s", code, said)
	}
	if code, out, _, said := blockstack(t, append(flags, "--offline", "index", "status")...); code != 0 || out["height"] != float64(last) {
		t.Errorf("exit code %d, %v\n%s", code, out, said)
	}
}
