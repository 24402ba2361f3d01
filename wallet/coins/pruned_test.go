package coins

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/chain/node"
	"blockstack/wallet/chainsync"
)

// A node that has deleted the blocks that a scan needs is an error that says so, at once.
func TestPrunedNode(t *testing.T) {
	c, s := followed(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	core := chaintest.Core(t, s.Config(), false)
	behind := core.Host
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && bytes.Contains(body, []byte(`"getblock"`)) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, `{"result":null,"error":{"code":-1,"message":"Block not available (pruned data)"},"id":1}`)
			return
		}
		req, err := http.NewRequest(http.MethodPost, "http://"+behind+"/", bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header = r.Header
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	defer srv.Close()
	core.Host = srv.Listener.Addr().String()
	n, err := node.Dial(context.Background(), core)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := c.Sync.Rescan(context.Background(), n); !errors.Is(err, chain.ErrPruned) {
		t.Errorf("error %v", err)
	}
	for range 5 { // whatever is asked of a connection after its end
		err := c.Sync.Once(context.Background(), n)
		if !errors.Is(err, chain.ErrPruned) || !errors.Is(err, chainsync.ErrDisconnected) || strings.Contains(err.Error(), chainsync.ErrDisconnected.Error()) {
			t.Errorf("error %v", err)
		}
	}
	if err := c.Sync.Once(context.Background(), s.Chain()); err != nil { // with a whole node it goes on
		t.Fatal(err)
	}
	check(t, c, 3)
}
