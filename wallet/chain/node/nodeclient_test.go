package node

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"golang.org/x/net/websocket"

	"blockstack/wallet/chain"
)

// silence is a method's answer on a websocket: none, and the connection stays. cut ends the
// connection.
type (
	silence struct{}
	cut     struct{}
)

// socket is a btcd that says what a test wants on its websocket; asked hears the methods.
func socket(t *testing.T, says map[string]any) (n *Node, asked chan string) {
	t.Helper()
	asked = make(chan string, 64)
	mux := http.NewServeMux()
	mux.Handle("/ws", websocket.Server{Handler: func(ws *websocket.Conn) {
		for {
			var req btcjson.Request
			if websocket.JSON.Receive(ws, &req) != nil {
				return
			}
			asked <- req.Method
			switch v := says[req.Method].(type) {
			case silence:
			case cut:
				return
			default:
				result, _ := json.Marshal(v)
				_ = websocket.JSON.Send(ws, map[string]any{"result": json.RawMessage(result), "error": nil, "id": req.ID})
			}
		}
	}})
	mux.Handle("/", answers{}.with("getbestblock", says["getbestblock"]))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.CloseClientConnections)
	n, err := Dial(t.Context(), Config{Host: srv.Listener.Addr().String(), User: "user", Pass: NewPassword("word"),
		Net: &chaincfg.RegressionNetParams})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n, asked
}

func talks() map[string]any {
	genesis := chaincfg.RegressionNetParams.GenesisHash.String()
	return map[string]any{
		"getcurrentnet": uint32(chaincfg.RegressionNetParams.Net),
		"getbestblock":  btcjson.GetBestBlockResult{Hash: genesis, Height: 0},
		"rescan":        nil,
	}
}

// TestFindConnectionLost: a node that goes away in the middle of a scan, and is back at once, ends
// the search.
func TestFindConnectionLost(t *testing.T) {
	says := talks()
	says["rescan"] = cut{}
	n, _ := socket(t, says)
	found, err := chain.Find(t.Context(), n, nil, nil, *chaincfg.RegressionNetParams.GenesisHash, nil)
	if !errors.Is(err, chain.ErrUnreachable) {
		t.Fatalf("%v, %v", found, err)
	}
}

// TestNodeClientStart: a node that does not talk on its websocket keeps nobody waiting.
func TestNodeClientStart(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		answer any
	}{
		"cut at the first question":       {"getcurrentnet", cut{}},
		"cut at the second":               {"getbestblock", cut{}},
		"silent from the beginning":       {"getcurrentnet", silence{}},
		"silent from the second question": {"getbestblock", silence{}},
	} {
		says := talks()
		says[test.method] = test.answer
		n, _ := socket(t, says)
		c, err := n.WalletClient(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := test.answer.(silence); ok {
			c.(*nodeClient).patience = 50 * time.Millisecond
		}
		if err := c.Start(t.Context()); !errors.Is(err, chain.ErrUnreachable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	says := talks()
	says["getcurrentnet"] = silence{}
	n, asked := socket(t, says)
	c, err := n.WalletClient(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if err := c.Start(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, chain.ErrUnreachable) {
		t.Errorf("called off: %v", err)
	}
}

// TestNodeClientLost: a connection that ends closes the notifications, and is told from a client
// that was stopped.
func TestNodeClientLost(t *testing.T) {
	says := talks()
	says["notifyblocks"] = cut{}
	for _, stop := range []bool{false, true} {
		n, _ := socket(t, says)
		c, err := n.WalletClient(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if stop {
			c.Stop()
		} else if err := c.NotifyBlocks(); err == nil {
			t.Error("a question without an answer was answered")
		}
		for range c.Notifications() { // until it is closed
		}
		c.Stop()
		c.WaitForShutdown()
		if c.(*nodeClient).Lost() == stop {
			t.Errorf("stopped %v, lost %v", stop, !stop)
		}
	}
}
