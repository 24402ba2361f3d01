package commands

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/session"
	"blockstack/home/jobports"
	"blockstack/names"
	"blockstack/testdata"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain/node"
)

// recordedChain is a recorded chain with the reference's answers.
type recordedChain struct {
	Settings map[string]json.RawMessage `json:"settings"`
	Blocks   []struct {
		Height int32  `json:"height"`
		Hash   string `json:"hash"`
		Header string `json:"header"`
		Txs    []struct {
			Hex        string `json:"hex"`
			HexWitness string `json:"hex_witness"`
			Prevouts   []struct {
				Value  int64  `json:"value"`
				Script string `json:"script"`
			} `json:"prevouts"`
		} `json:"txs"`
		Expected struct {
			Consensus string            `json:"consensus_hash"`
			Ops       []json.RawMessage `json:"ops"`
		} `json:"expected"`
	} `json:"blocks"`
}

func readChain(t *testing.T, file string) *recordedChain {
	t.Helper()
	var c recordedChain
	if err := json.Unmarshal(testdata.Vectors(t, file), &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

// consensus is the reference's consensus hash of a height.
func (c *recordedChain) consensus(height int32) string {
	return c.Blocks[height-c.Blocks[0].Height].Expected.Consensus
}

// registry writes the chain's rules into a file; unknown forgets its grants.
func (c *recordedChain) registry(t *testing.T, unknown bool) string {
	t.Helper()
	settings, err := json.Marshal(c.Settings)
	if err != nil {
		t.Fatal(err)
	}
	p, err := names.ParseSettings(settings)
	if err != nil {
		t.Fatal(err)
	}
	if unknown {
		p.Genesis, p.GenesisPatches, p.GenesisUnknown = nil, nil, true
	}
	var b bytes.Buffer
	if err := names.WriteRegistry(&b, p); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, "registry.json", b.Bytes())
}

func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// recordedNode answers as a bitcoind without a transaction index would, from a recorded chain, and
// notes what it was asked.
type recordedNode struct {
	t     *testing.T
	chain *recordedChain

	mu    sync.Mutex
	tip   int            // last of the chain's blocks that it has
	asked map[string]int // method, for getblock with its verbosity and block
}

// serve starts the node and gives the flags that lead to it.
func (n *recordedNode) serve() []string {
	srv := httptest.NewServer(n)
	n.t.Cleanup(srv.Close)
	return []string{"--backend", "bitcoind", "--node", srv.URL, "--node-auth-file", writeFile(n.t, "auth", []byte("user:word\n"))}
}

func (n *recordedNode) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req btcjson.Request
	if user, pass, _ := r.BasicAuth(); user != "user" || pass != "word" || json.NewDecoder(r.Body).Decode(&req) != nil {
		http.Error(w, "who are you", http.StatusUnauthorized)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	result, err := n.answer(&req)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"error": err, "result": result, "id": req.ID})
}

func (n *recordedNode) answer(req *btcjson.Request) (any, *btcjson.RPCError) {
	blocks := n.chain.Blocks[:n.tip+1]
	first := blocks[0].Height
	var height int32
	var hash string
	var verbosity int
	switch req.Method {
	case "getblockchaininfo":
		last := blocks[len(blocks)-1]
		return map[string]any{"blocks": last.Height, "bestblockhash": last.Hash}, nil
	case "getblockhash":
		switch err := json.Unmarshal(req.Params[0], &height); {
		case err == nil && height == 0:
			return chaincfg.RegressionNetParams.GenesisHash.String(), nil
		case err == nil && height >= first && int(height-first) < len(blocks):
			return blocks[height-first].Hash, nil
		}
		return nil, &btcjson.RPCError{Code: -8, Message: "Block height out of range"}
	case "getblock":
		if json.Unmarshal(req.Params[0], &hash) != nil || json.Unmarshal(req.Params[1], &verbosity) != nil {
			return nil, &btcjson.RPCError{Code: -3, Message: "JSON value of type"}
		}
		for i := range blocks {
			if blocks[i].Hash != hash {
				continue
			}
			n.asked[fmt.Sprintf("getblock %d %d", verbosity, blocks[i].Height)]++
			if verbosity == 0 {
				return n.raw(i), nil
			}
			return n.verbose(i), nil
		}
		return nil, &btcjson.RPCError{Code: -5, Message: "Block not found"}
	}
	n.asked[req.Method]++
	switch req.Method {
	case "getrawtransaction":
		return nil, &btcjson.RPCError{Code: -5, Message: "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries."}
	case "gettxout":
		return nil, nil
	}
	return nil, &btcjson.RPCError{Code: -32601, Message: "Method not found"}
}

// blockstack runs a command with the node as it is: a recorded chain begins in the middle, and its
// headers lead nowhere.
func (n *recordedNode) blockstack(t *testing.T, args ...string) (code int, out, fault map[string]any, said string) {
	t.Helper()
	env, stdout, stderr := testEnv()
	n.attach(t, env, args)
	code = Run(t.Context(), env, append([]string{"blockstack", "--json", "--no-input"}, args...))
	out, fault = documents(t, stdout.Bytes(), stderr.Bytes())
	return code, out, fault, stderr.String()
}

// attach connects a program to the node that its arguments name, without holding its chain to any
// headers.
func (n *recordedNode) attach(t *testing.T, env *session.Session, args []string) {
	t.Helper()
	host := strings.TrimPrefix(args[slices.Index(args, "--node")+1], "http://")
	btcd, err := node.Dial(t.Context(), node.Config{Kind: node.Bitcoind, Host: host, User: "user", Pass: node.NewPassword("word"), Net: &chaincfg.RegressionNetParams})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(btcd.Close)
	env.Given.Node = btcd
}

// raw is a block in hex.
func (n *recordedNode) raw(i int) string {
	b := n.chain.Blocks[i]
	var count bytes.Buffer
	if err := wire.WriteVarInt(&count, 0, uint64(len(b.Txs))); err != nil {
		n.t.Error(err)
	}
	text := b.Header + hex.EncodeToString(count.Bytes())
	for _, tx := range b.Txs {
		if tx.HexWitness != "" {
			text += tx.HexWitness
		} else {
			text += tx.Hex
		}
	}
	return text
}

// verbose is a block as verbosity 3 shows it, as far as members matter.
func (n *recordedNode) verbose(i int) any {
	b := n.chain.Blocks[i]
	var txs []any
	for _, tx := range b.Txs {
		raw, err := hex.DecodeString(tx.Hex)
		var msg wire.MsgTx
		if err == nil {
			err = msg.DeserializeNoWitness(bytes.NewReader(raw))
		}
		if err != nil {
			n.t.Error(err)
			return nil
		}
		var vin []any
		for j, in := range msg.TxIn {
			if in.PreviousOutPoint.Index == wire.MaxPrevOutIndex {
				vin = append(vin, map[string]any{"coinbase": hex.EncodeToString(in.SignatureScript)})
				continue
			}
			p := tx.Prevouts[j]
			vin = append(vin, map[string]any{
				"txid": in.PreviousOutPoint.Hash.String(), "vout": in.PreviousOutPoint.Index,
				"prevout": map[string]any{
					"generated": false, "height": 1, "value": json.Number(fmt.Sprintf("%d.%08d", p.Value/1e8, p.Value%1e8)),
					"scriptPubKey": map[string]any{"hex": p.Script},
				},
			})
		}
		txs = append(txs, map[string]any{"txid": msg.TxHash().String(), "vin": vin})
	}
	return map[string]any{"hash": b.Hash, "tx": txs}
}

// blockstack runs a command with --json and gives its exit code and the last document of each
// stream.
func blockstack(t *testing.T, args ...string) (code int, out, fault map[string]any, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(t.Context(), append([]string{"blockstack", "--json", "--no-input"}, args...), strings.NewReader(""), &stdout, &stderr)
	out, fault = documents(t, stdout.Bytes(), stderr.Bytes())
	return code, out, fault, stderr.String()
}

// documents are the last document of each stream.
func documents(t *testing.T, stdout, stderr []byte) (out, fault map[string]any) {
	t.Helper()
	last := func(b []byte) (doc map[string]any) {
		lines := strings.Split(strings.TrimSpace(string(b)), "\n")
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &doc); err != nil && len(b) > 0 {
			t.Errorf("%s: %v", b, err)
		}
		return doc
	}
	out = last(stdout)
	if doc := last(stderr); doc["error"] != nil {
		fault = doc["error"].(map[string]any)
	}
	return out, fault
}

// TestSourceBitcoind makes an index of a bitcoind that has no transaction index. What blocks spend
// is asked for where operations are, once per block, and for no other block.
func TestSourceBitcoind(t *testing.T) {
	for file, network := range map[string]string{"chain/d01-lifecycle.json": "regtest", "chain/d27-mainnet-constants.json": "mainnet"} {
		t.Run(network, func(t *testing.T) {
			recorded := readChain(t, file)
			n := &recordedNode{t: t, chain: recorded, tip: len(recorded.Blocks) - 1, asked: make(map[string]int)}
			flags := append([]string{"--home", t.TempDir(), "--network", network}, n.serve()...)
			if network == "regtest" { // mainnet's rules are built in
				flags = append(flags, "--registry", recorded.registry(t, false))
			}
			last := recorded.Blocks[n.tip].Height
			code, out, _, said := n.blockstack(t, append(flags, "index", "sync")...)
			if code != 0 || out["consensus_hash"] != recorded.consensus(last) || out["height"] != float64(last) || out["exact_until_height"] != nil {
				t.Fatalf("exit code %d, %v, want consensus hash %s at %d\n%s", code, out, recorded.consensus(last), last, said)
			}
			for _, b := range recorded.Blocks {
				want := 0
				if len(b.Expected.Ops) > 0 {
					want = 1
				}
				raw, verbose := n.asked[fmt.Sprintf("getblock 0 %d", b.Height)], n.asked[fmt.Sprintf("getblock 3 %d", b.Height)]
				if raw != 1 || verbose > 1 || verbose < want {
					t.Errorf("block %d with %d operations: asked %d times for its bytes, %d times for what it spends",
						b.Height, len(b.Expected.Ops), raw, verbose)
				}
				delete(n.asked, fmt.Sprintf("getblock 0 %d", b.Height))
				delete(n.asked, fmt.Sprintf("getblock 3 %d", b.Height))
			}
			if len(n.asked) > 0 {
				t.Errorf("also asked: %v", n.asked)
			}
		})
	}
}

// TestJobsWithoutTxIndex: a bitcoind without a transaction index cannot say where a transaction is,
// but the index knows every operation, and what neither it nor the wallet knows is in no block.
func TestJobsWithoutTxIndex(t *testing.T) {
	recorded := readChain(t, "chain/d01-lifecycle.json")
	n := &recordedNode{t: t, chain: recorded, tip: len(recorded.Blocks) - 1, asked: make(map[string]int)}
	flags := append([]string{"--network", "regtest", "--registry", recorded.registry(t, false), "--password-file", writeFile(t, "pw", []byte("correct horse\n"))}, n.serve()...)
	home := t.TempDir()
	words := filepath.Join(home, "words")
	if code, _, _, said := blockstack(t, append(flags, "--home", home, "--offline", "wallet", "create", "--words-file", words)...); code != 0 {
		t.Fatalf("exit code %d\n%s", code, said)
	}
	env, _, stderr := testEnv()
	n.attach(t, env, flags)
	code := runVerb(t.Context(), env, append([]string{"blockstack", "test", "--home", home}, flags...), func(ctx context.Context, env *session.Session) error {
		x, err := env.Index(ctx)
		if err != nil {
			return err
		}
		btcd, err := env.Node(ctx)
		if err != nil {
			return err
		}
		w, err := env.Wallet(ctx)
		if err != nil {
			return err
		}
		c := jobports.NewChain(btcd, w, x)
		for _, b := range recorded.Blocks {
			for _, raw := range b.Expected.Ops {
				var op struct {
					Txid, Status string
				}
				if err := json.Unmarshal(raw, &op); err != nil {
					return err
				}
				txid, err := chainhash.NewHashFromStr(op.Txid)
				if err != nil {
					return err
				}
				want := registrar.TxStatus{Height: b.Height}
				if op.Status == "ignored" {
					want.Height = 0
				}
				if s, err := c.TxStatus(ctx, *txid); err != nil || s != want {
					t.Errorf("%s: %+v, %v, want %+v", op.Txid, s, err, want)
				}
			}
		}
		if s, err := c.TxStatus(ctx, chainhash.Hash{1}); err != nil || s != (registrar.TxStatus{}) {
			t.Errorf("a transaction of nobody: %+v, %v", s, err)
		}
		return nil
	})
	if code != 0 {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// TestExactUntil shows both sides of the first operation that depends on who holds tokens, with
// rules that know it and with rules that do not.
func TestExactUntil(t *testing.T) {
	recorded := readChain(t, "chain/d23-epochs.json")
	const before = 724 // the last block without such an operation
	first := recorded.Blocks[0].Height
	n := &recordedNode{t: t, chain: recorded, tip: before - int(first), asked: make(map[string]int)}
	flags := append([]string{"--home", t.TempDir(), "--network", "regtest"}, n.serve()...)
	known := append([]string{"--registry", recorded.registry(t, false)}, flags...)
	unknown := append([]string{"--registry", recorded.registry(t, true)}, flags...)
	unknown[2], unknown[3] = "--home", t.TempDir()

	code, out, _, said := n.blockstack(t, append(unknown, "index", "sync")...)
	if code != 0 || out["consensus_hash"] != recorded.consensus(before) || out["exact_until_height"] != nil || strings.Contains(said, "certain") {
		t.Fatalf("before: exit code %d, %v\n%s", code, out, said)
	}
	n.mu.Lock()
	n.tip = len(recorded.Blocks) - 1
	n.mu.Unlock()
	last := recorded.Blocks[n.tip].Height
	code, out, _, said = n.blockstack(t, append(unknown, "index", "sync")...)
	if code != 0 || out["exact_until_height"] != float64(before) || out["height"] != float64(last) || !strings.Contains(said, "certain up to block 724 only") {
		t.Fatalf("after: exit code %d, %v\n%s", code, out, said)
	}
	if out["consensus_hash"] == recorded.consensus(last) {
		t.Error("the unknown grants made no difference: the chain shows nothing")
	}
	code, out, _, _ = n.blockstack(t, append(unknown, "index", "consensus", fmt.Sprint(before))...)
	if code != 0 || out["consensus_hash"] != recorded.consensus(before) {
		t.Errorf("at the last certain height: exit code %d, %v, want %s", code, out, recorded.consensus(before))
	}
	if code, out, _, _ = n.blockstack(t, append(unknown, "index", "verify")...); code != 0 {
		t.Errorf("verify: exit code %d, %v", code, out)
	}
	code, out, _, said = n.blockstack(t, append(known, "index", "sync")...)
	if code != 0 || out["consensus_hash"] != recorded.consensus(last) || out["exact_until_height"] != nil || strings.Contains(said, "certain") {
		t.Errorf("with the grants: exit code %d, %v\n%s", code, out, said)
	}
}

// blockFolder unpacks the block files of a real node.
func blockFolder(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "regtest", "blocks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"blk00000.dat", "rev00000.dat", "xor.dat"} {
		var content []byte
		if name == "xor.dat" {
			content = testdata.Vectors(t, "blockfiles/"+name)
		} else {
			z, err := gzip.NewReader(bytes.NewReader(testdata.Vectors(t, "blockfiles/"+name+".gz")))
			if err == nil {
				content, err = io.ReadAll(z)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestSourceFiles makes an index of a node's block files, with no node there, and says what cannot
// be done without one.
func TestSourceFiles(t *testing.T) {
	const file = "blockfiles/scenario.json"
	recorded := readChain(t, file)
	dir := blockFolder(t)
	flags := []string{"--home", t.TempDir(), "--network", "regtest", "--registry", recorded.registry(t, false), "--backend", "files", "--node"}
	last := recorded.Blocks[len(recorded.Blocks)-1].Height
	for _, at := range []string{filepath.Dir(filepath.Dir(dir)), dir} {
		code, out, _, said := blockstack(t, append(flags, at, "index", "sync")...)
		if code != 0 || out["consensus_hash"] != recorded.consensus(last) || out["node_height"] != float64(last) {
			t.Fatalf("%s: exit code %d, %v, want consensus hash %s\n%s", at, code, out, recorded.consensus(last), said)
		}
	}
	pruned := t.TempDir()
	if err := os.WriteFile(filepath.Join(pruned, "blk00007.dat"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, fault, said := blockstack(t, append(flags, pruned, "name", "show", "alice.id")...); code != 9 || fault["code"] != "unreachable" || !strings.Contains(said, "pruned") {
		t.Errorf("a pruned node's files: exit code %d\n%s", code, said)
	}
	code, out, _, said := blockstack(t, append(flags, dir, "namespace", "list")...)
	if list, _ := out["namespaces"].([]any); code != 0 || len(list) == 0 {
		t.Errorf("namespaces: exit code %d, %v\n%s", code, out, said)
	}
	var addr = "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8"
	for _, c := range []struct {
		args []string
		exit int
		code string
	}{
		{append(flags, dir, "pay", addr, "0.1"), 9, "unreachable"},
		{append(flags, t.TempDir(), "name", "show", "alice.id"), 5, "not_found"},
		{append(flags, "http://127.0.0.1:1", "name", "show", "alice.id"), 2, "usage"},
		{append(flags[:len(flags)-3:len(flags)-3], "name", "show", "alice.id"), 9, "unreachable"},
		{append(flags[:len(flags)-1:len(flags)-1], "name", "show", "alice.id"), 2, "usage"},
		{append(flags[:len(flags)-3:len(flags)-3], "--backend", "neutrino", "name", "show", "alice.id"), 9, "unreachable"},
		{append(flags[:len(flags)-3:len(flags)-3], "--backend", "neutrino", "pay", addr, "0.1"), 9, "unreachable"},
		{append(flags[:len(flags)-3:len(flags)-3], "--backend", "btcd", "--node", dir, "name", "show", "alice.id"), 2, "usage"},
		{append(flags[:len(flags)-3:len(flags)-3], "--backend", "doge", "name", "show", "alice.id"), 2, "usage"},
	} {
		code, _, fault, said := blockstack(t, c.args...)
		if code != c.exit || fault["code"] != c.code || c.exit == 9 && fault["hints"] == nil {
			t.Errorf("%q: exit code %d, want %d %s\n%s", c.args, code, c.exit, c.code, said)
		}
	}
}
