package node

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// answers is a node that says what a test wants, by method: a result as JSON, or an error.
type answers map[string]any

func (a answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req btcjson.Request
	raw, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(raw, &req) != nil || req.Jsonrpc != btcjson.RpcVersion1 || req.ID == nil {
		http.Error(w, "not a request", http.StatusBadRequest)
		return
	}
	if user, pass, _ := r.BasicAuth(); user != "user" || pass != "word" {
		http.Error(w, "who are you", http.StatusUnauthorized)
		return
	}
	switch v := a[req.Method].(type) {
	case nil:
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, `{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":1}`)
	case *btcjson.RPCError:
		w.WriteHeader(http.StatusInternalServerError) // as bitcoind does
		_ = json.NewEncoder(w).Encode(map[string]any{"error": v, "result": nil, "id": 1})
	case http.HandlerFunc:
		r.Body = io.NopCloser(bytes.NewReader(raw))
		v(w, r)
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"error": nil, "result": v, "id": 1})
	}
}

func (a answers) with(method string, answer any) answers {
	out := answers{"getblockhash": chaincfg.RegressionNetParams.GenesisHash.String()}
	for k, v := range a {
		out[k] = v
	}
	out[method] = answer
	return out
}

func dialTest(t *testing.T, a answers, kind Kind) (*Node, error) {
	t.Helper()
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	return Dial(t.Context(), Config{Kind: kind, Host: srv.Listener.Addr().String(), User: "user", Pass: NewPassword("word"),
		Net: &chaincfg.RegressionNetParams})
}

func node(t *testing.T, a answers, kind Kind) *Node {
	t.Helper()
	n, err := dialTest(t, a, kind)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func TestDialFailures(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	off := l.Addr().String()
	l.Close()
	params := &chaincfg.RegressionNetParams
	good := answers{}.with("x", nil)
	srv := httptest.NewServer(good)
	defer srv.Close()
	host := srv.Listener.Addr().String()
	for _, test := range []struct {
		name string
		cfg  Config
		want error
	}{
		{"nothing listens", Config{Host: off, Net: params}, chain.ErrUnreachable},
		{"wrong password", Config{Host: host, User: "user", Pass: NewPassword("battery"), Net: params}, chain.ErrUnauthorized},
		{"no password", Config{Host: host, Net: params}, chain.ErrUnauthorized},
		{"another machine", Config{Host: "192.0.2.1:8332", Net: params}, chain.ErrPlaintext},
		{"another machine by name", Config{Host: "node.example:8332", Net: params}, chain.ErrPlaintext},
		{"TLS where there is none", Config{Host: host, Net: params, Cert: certificate(t)}, chain.ErrUnreachable},
	} {
		if _, err := Dial(t.Context(), test.cfg); !errors.Is(err, test.want) || strings.Contains(err.Error(), "battery") {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	for name, cfg := range map[string]Config{
		"no network": {Host: host}, "no port": {Host: "127.0.0.1", Net: params},
		"no certificate in it": {Host: host, Net: params, Cert: []byte("x")}, "kind": {Kind: 7, Host: host, Net: params},
	} {
		if _, err := Dial(t.Context(), cfg); err == nil {
			t.Errorf("%s: dialled", name)
		}
	}
	var wrong *chain.WrongNetwork
	_, err = dialTest(t, answers{"getblockhash": chaincfg.MainNetParams.GenesisHash.String()}, Btcd)
	if !errors.As(err, &wrong) || wrong.GotBlock != *chaincfg.MainNetParams.GenesisHash {
		t.Errorf("mainnet for regtest: %v", err)
	}
	if _, err = dialTest(t, answers{"getblockhash": &btcjson.RPCError{Code: -28, Message: "Loading"}}, Bitcoind); !errors.Is(err, chain.ErrNotReady) {
		t.Errorf("warming up: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Dial(ctx, Config{Host: host, User: "user", Pass: NewPassword("word"), Net: params})
	if !errors.Is(err, context.Canceled) || errors.Is(err, chain.ErrUnreachable) {
		t.Errorf("called off: %v", err)
	}
}

func certificate(t *testing.T) []byte {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
}

func TestTLS(t *testing.T) {
	srv := httptest.NewTLSServer(answers{}.with("getbestblock", map[string]any{"height": 3, "hash": strings.Repeat("ab", 32)}))
	defer srv.Close()
	n, err := Dial(t.Context(), Config{Host: srv.Listener.Addr().String(), User: "user", Pass: NewPassword("word"),
		Cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), Net: &chaincfg.RegressionNetParams})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if height, _, err := n.Tip(t.Context()); err != nil || height != 3 {
		t.Errorf("%d, %v", height, err)
	}
}

// TestHostileAnswers asks a node that lies; every answer must become an error that says so, never a
// value.
func TestHostileAnswers(t *testing.T) {
	ctx := t.Context()
	id := chainhash.Hash{1}
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: id}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(1, nil))
	other, err := encodeTx(tx)
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range []any{
		"", "zz", other, other + "00", other[:20], 5, -1, true, []string{"x"}, map[string]any{"hash": "zz", "height": -5},
		map[string]any{"height": 1e12}, map[string]any{"blockhash": "zz"}, map[string]any{"relayfee": 1e9},
		map[string]any{"relayfee": 1e-30}, 1e300, strings.Repeat("ab", 32), strings.Repeat("a", 100),
		raw(""), raw("{"), raw("null"), raw(`{"result":null,"error":null,"id":1}`), raw("<html>"), raw(`{"result":{},"error":null}`),
		raw(strings.Repeat("[", 20000)),
	} {
		for _, call := range []struct {
			method string
			ask    func(n *Node) error
		}{
			{"getblock", func(n *Node) error { _, err := n.RawBlock(ctx, id); return err }},
			{"getblockheader", func(n *Node) error { _, err := n.Header(ctx, id); return err }},
			{"getrawtransaction", func(n *Node) error { _, err := n.Tx(ctx, id); return err }},
			{"getrawtransaction", func(n *Node) error { _, err := n.PrevOut(ctx, wire.OutPoint{Hash: id}); return err }},
			{"sendrawtransaction", func(n *Node) error { _, err := n.Broadcast(ctx, tx); return err }},
			{"testmempoolaccept", func(n *Node) error { return n.CheckAccept(ctx, tx) }},
			{"getrawmempool", func(n *Node) error {
				ids, err := n.MempoolTxs(ctx)
				if len(ids) == 0 && err == nil {
					return chain.ErrBadAnswer // an empty list is a fair answer
				}
				return err
			}},
			{"getinfo", func(n *Node) error { _, err := n.RelayFees(ctx); return err }},
			{"generate", func(n *Node) error { _, err := n.Generate(ctx, 2); return err }},
		} {
			if err := call.ask(node(t, answers{}.with(call.method, answer), Btcd)); err == nil {
				t.Errorf("%s: took %v", call.method, answer)
			} else if len(err.Error()) > 3*chain.MaxReason {
				t.Errorf("%s: an error of %d bytes", call.method, len(err.Error()))
			}
		}
		n := node(t, answers{}.with("getbestblock", answer), Btcd)
		if h, _, err := n.Tip(ctx); err == nil {
			t.Errorf("tip: took %v as %d", answer, h)
		}
		n = node(t, answers{}.with("estimatefee", answer), Btcd)
		if rate, known, err := n.EstimateFeeRate(ctx, 1); known || rate != 0 {
			t.Errorf("fee: took %v as %d (%v)", answer, rate, err)
		}
	}
}

func TestAnswerTooLong(t *testing.T) {
	long := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := strings.Repeat("a", 1<<20)
		for range maxAnswer>>20 + 2 {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	})
	if _, err := node(t, answers{}.with("getblock", long), Btcd).RawBlock(t.Context(), chainhash.Hash{}); !errors.Is(err, chain.ErrBadAnswer) {
		t.Error(err)
	}
}

func TestBusyNode(t *testing.T) {
	var calls atomic.Int32
	busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) < 3 {
			http.Error(w, "503 Too busy.  Try again later.", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"result":["`+strings.Repeat("ab", 32)+`"],"error":null,"id":1}`)
	})
	ids, err := node(t, answers{}.with("getrawmempool", busy), Btcd).MempoolTxs(t.Context())
	if err != nil || len(ids) != 1 || calls.Load() != 3 {
		t.Errorf("%v, %v after %d calls", ids, err, calls.Load())
	}
}

func TestContextEndsCall(t *testing.T) {
	asked := make(chan struct{})
	hang := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	n := node(t, answers{}.with("getrawmempool", hang), Btcd)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := n.MempoolTxs(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNoIndex(t *testing.T) {
	tx := wire.NewMsgTx(2)
	tx.AddTxOut(wire.NewTxOut(1, nil))
	said := func(text string) *btcjson.RPCError { return &btcjson.RPCError{Code: -5, Message: text} }
	for text, want := range map[string]error{
		"The transaction index must be enabled to query the blockchain (specify --txindex)":                           chain.ErrNoTxIndex,
		"No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries.": chain.ErrNoTxIndex,
		"No such mempool or blockchain transaction. Use gettransaction for wallet transactions.":                      chain.ErrTxNotFound,
		"No information available about transaction 0100000000000000000000000000000000000000000000000000000000000000": chain.ErrTxNotFound,
	} {
		n := node(t, answers{}.with("getrawtransaction", said(text)), Btcd)
		if _, err := n.Tx(t.Context(), tx.TxHash()); !errors.Is(err, want) {
			t.Errorf("%s: %v", text, err)
		}
		s, err := n.TxStatus(t.Context(), tx.TxHash())
		if s.Found || s.Height != -1 || (want == chain.ErrNoTxIndex) != errors.Is(err, chain.ErrNoTxIndex) {
			t.Errorf("%s: %+v, %v", text, s, err)
		}
	}
	// Without the index, the node's words have to do.
	for _, test := range []struct {
		code btcjson.RPCErrorCode
		text string
		want chain.Outcome
	}{
		{-26, "TX rejected: already have transaction in mempool 01", chain.AlreadyKnown},
		{-27, "TX rejected: transaction already exists in blockchain", chain.AlreadyConfirmed},
		{-27, "Transaction already in block chain", chain.AlreadyConfirmed},
		{-27, "Transaction outputs already in utxo set", chain.AlreadyConfirmed},
		{-25, "TX rejected: orphan transaction 01 references outputs of …", 0},
	} {
		n := node(t, answers{"getrawtransaction": said("specify --txindex")}.with("sendrawtransaction",
			&btcjson.RPCError{Code: test.code, Message: test.text}), Btcd)
		got, err := n.Broadcast(t.Context(), tx)
		var no *chain.Refused
		if got != test.want || (test.want == 0) != errors.As(err, &no) {
			t.Errorf("%s: %v, %v", test.text, got, err)
		}
	}
}

func TestFeeRates(t *testing.T) {
	ctx := t.Context()
	for _, test := range []struct {
		kind   Kind
		method string
		answer any
		rate   int64
		known  bool
		fails  bool
	}{
		{Btcd, "estimatefee", 0.00012345, 12345, true, false},
		{Btcd, "estimatefee", -1, 0, false, false},
		{Btcd, "estimatefee", 0, 0, false, false},
		{Btcd, "estimatefee", &btcjson.RPCError{Code: -32603, Message: "not enough blocks have been observed"}, 0, false, false},
		{Btcd, "estimatefee", 2, 0, false, true},
		{Bitcoind, "estimatesmartfee", map[string]any{"feerate": 0.0001, "blocks": 2}, 10000, true, false},
		{Bitcoind, "estimatesmartfee", map[string]any{"errors": []string{"Insufficient data or no feerate found"}, "blocks": 2}, 0, false, false},
	} {
		rate, known, err := node(t, answers{}.with(test.method, test.answer), test.kind).EstimateFeeRate(ctx, 2)
		if int64(rate) != test.rate || known != test.known || (err != nil) != test.fails {
			t.Errorf("%v: %d, %v, %v", test.answer, rate, known, err)
		}
	}
}

// TestRelayFees reads what a memory pool asks for. What a node leaves out is what nodes have by
// default, and never 0.
func TestRelayFees(t *testing.T) {
	ctx := t.Context()
	for _, test := range []struct {
		kind   Kind
		method string
		answer any
		want   chain.RelayFees
		fails  bool
	}{
		{Bitcoind, "getmempoolinfo", map[string]any{"mempoolminfee": 0.00002, "minrelaytxfee": 0.00001, "incrementalrelayfee": 0.000005}, chain.RelayFees{Floor: 2000, Increment: 500}, false},
		{Bitcoind, "getmempoolinfo", map[string]any{"mempoolminfee": 0.00002, "minrelaytxfee": 0.00004, "incrementalrelayfee": 0.00001}, chain.RelayFees{Floor: 4000, Increment: 1000}, false},
		{Bitcoind, "getmempoolinfo", map[string]any{"mempoolminfee": 0.00002}, chain.RelayFees{Floor: 2000, Increment: 1000}, false},
		{Bitcoind, "getmempoolinfo", map[string]any{"mempoolminfee": 2}, chain.RelayFees{}, true},
		{Bitcoind, "getmempoolinfo", map[string]any{}, chain.RelayFees{}, true},
		{Btcd, "getinfo", map[string]any{"relayfee": 0.00003}, chain.RelayFees{Floor: 3000, Increment: 3000}, false},
		{Btcd, "getinfo", map[string]any{}, chain.RelayFees{}, true},
	} {
		got, err := node(t, answers{}.with(test.method, test.answer), test.kind).RelayFees(ctx)
		if got != test.want || errors.Is(err, chain.ErrBadAnswer) != test.fails || (err != nil) != test.fails {
			t.Errorf("%v: %+v, %v", test.answer, got, err)
		}
	}
}

// TestHangingFees adds up what a replacement would take out of the pool beside what it replaces.
func TestHangingFees(t *testing.T) {
	id := func(c string) string { return strings.Repeat(c, 64) }
	hash, err := parseHash(id("a"))
	if err != nil {
		t.Fatal(err)
	}
	entry := func(fee float64, parents ...string) map[string]any {
		return map[string]any{"fee": fee, "depends": parents}
	}
	pool := map[string]any{id("a"): entry(0.00001), id("b"): entry(0.00002, id("a")), id("c"): entry(0.00004, id("b"), id("f")), id("d"): entry(0.5), id("f"): entry(0.1)}
	loop := map[string]any{id("a"): entry(0.00001, id("b")), id("b"): entry(0.00002, id("a"))}
	gone := &btcjson.RPCError{Code: -5, Message: "Transaction not in mempool"}
	for _, test := range []struct {
		kind   Kind
		method string
		answer any
		want   btcutil.Amount
		fails  bool
	}{
		{Bitcoind, "getmempoolentry", map[string]any{"fees": map[string]any{"base": 0.00001, "descendant": 0.00007}}, 6000, false},
		{Bitcoind, "getmempoolentry", gone, 0, false},
		{Bitcoind, "getmempoolentry", map[string]any{"fees": map[string]any{"base": 0.00007, "descendant": 0.00001}}, 0, true},
		{Bitcoind, "getmempoolentry", map[string]any{"fees": map[string]any{"base": 0, "descendant": 1e300}}, 0, true},
		{Bitcoind, "getmempoolentry", map[string]any{}, 0, true},
		{Btcd, "getrawmempool", pool, 6000, false},
		{Btcd, "getrawmempool", loop, 2000, false},
		{Btcd, "getrawmempool", map[string]any{}, 0, false},
		{Btcd, "getrawmempool", map[string]any{id("a"): entry(0.1), id("b"): entry(-1, id("a"))}, 0, true},
	} {
		got, err := node(t, answers{}.with(test.method, test.answer), test.kind).HangingFees(t.Context(), hash)
		if got != test.want || (err != nil) != test.fails {
			t.Errorf("%v: %d, %v", test.answer, got, err)
		}
	}
}

func TestBitcoindTip(t *testing.T) {
	hash := strings.Repeat("ab", 32)
	n := node(t, answers{}.with("getblockchaininfo", map[string]any{"blocks": 7, "bestblockhash": hash}), Bitcoind)
	if height, got, err := n.Tip(t.Context()); err != nil || height != 7 || got.String() != hash {
		t.Errorf("%d %s, %v", height, got, err)
	}
}

func TestPasswordIsNeverShown(t *testing.T) {
	const word = "correct-horse-battery"
	cfg := Config{Host: "127.0.0.1:1", User: "u", Pass: NewPassword(word), Net: &chaincfg.RegressionNetParams}
	n := &Node{link: &link{cfg: cfg}}
	for _, v := range []any{cfg, &cfg, cfg.Pass, &cfg.Pass, n, *n, n.link, *n.link, struct{ c Config }{cfg}, []Password{cfg.Pass}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			text := fmt.Sprintf(verb, v)
			if strings.Contains(text, word) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", word)) {
				t.Errorf("%T under %s: %s", v, verb, text)
			}
		}
	}
	if out, err := json.Marshal(cfg.Pass); err == nil {
		t.Errorf("marshalled: %s", out)
	}
	if cfg.Pass.Reveal() != word || (Password{}).Reveal() != "" {
		t.Error("the password itself is lost")
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"result":"00","error":null,"id":1}`), 200)
	f.Add([]byte(`{"result":null,"error":{"code":-5,"message":"no"},"id":1}`), 500)
	f.Add([]byte(`[]`), 401)
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		var text string
		err := decodeAnswer(body, status, &text)
		if err != nil && len(err.Error()) > 8*chain.MaxReason {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
	})
}
