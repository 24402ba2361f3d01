package node_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"blockstack/wallet/chain/headers"
	"blockstack/wallet/chain/node"
	"blockstack/wallet/sandbox"
	"blockstack/wallet/sandboxtest"
)

// proxy stands before the node of a sandbox, and counts requests. Batches go through change, single
// questions through as they are.
type proxy struct {
	node    node.Config
	batches atomic.Int32
	singles atomic.Int32
	// change gives what is answered to a batch whose true answers are these; nil: a request that is
	// refused.
	change func(w http.ResponseWriter, answers []map[string]any)
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	single := bytes.HasPrefix(body, []byte("{"))
	if single {
		p.singles.Add(1)
	} else {
		p.batches.Add(1)
	}
	scheme := "http"
	if len(p.node.Cert) > 0 {
		scheme = "https"
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, scheme+"://"+p.node.Host+"/", bytes.NewReader(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	req.Header = r.Header
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if single || p.change == nil {
		w.WriteHeader(resp.StatusCode)
		_, _ = w.Write(answer)
		return
	}
	var answers []map[string]any
	if err := json.Unmarshal(answer, &answers); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	p.change(w, answers)
}

// dialProxy asks a node as a bitcoind is asked, through the proxy.
func dialProxy(t *testing.T, s *sandbox.Sandbox, p *proxy) *node.Node {
	t.Helper()
	p.node = s.Chain().Config()
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	cfg := p.node
	cfg.Kind, cfg.Host, cfg.Cert = node.Bitcoind, srv.Listener.Addr().String(), nil
	var err error
	if cfg.Headers, err = headers.Open(filepath.Join(t.TempDir(), "headers.dat"), cfg.Net); err != nil {
		t.Fatal(err)
	}
	n, err := node.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// Headers come a hundred at a time, and one by one from what does not answer that. What is fetched
// is the same, and what is wrong is found out in either way.
func TestHeadersInBatches(t *testing.T) {
	s := sandboxtest.Start(t)
	if _, err := s.Mine(t.Context(), 250); err != nil {
		t.Fatal(err)
	}
	height, hash, err := s.Chain().Tip(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	write := func(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }
	refusals := map[string]func(w http.ResponseWriter, answers []map[string]any){
		"status 400": func(w http.ResponseWriter, _ []map[string]any) { http.Error(w, "one at a time", http.StatusBadRequest) },
		"status 413": func(w http.ResponseWriter, _ []map[string]any) { w.WriteHeader(http.StatusRequestEntityTooLarge) },
		"status 403": func(w http.ResponseWriter, _ []map[string]any) { w.WriteHeader(http.StatusForbidden) },
		"one error": func(w http.ResponseWriter, _ []map[string]any) {
			write(w, map[string]any{"error": map[string]any{"code": -32600}})
		},
		"nothing":          func(http.ResponseWriter, []map[string]any) {},
		"the first answer": func(w http.ResponseWriter, a []map[string]any) { write(w, a[:1]) },
		"one twice":        func(w http.ResponseWriter, a []map[string]any) { write(w, append(a[1:], a[1])) },
		"other ids": func(w http.ResponseWriter, a []map[string]any) {
			for i := range a {
				a[i]["id"] = i
			}
			write(w, a)
		},
		"an error in it": func(w http.ResponseWriter, a []map[string]any) {
			a[len(a)/2] = map[string]any{"id": a[len(a)/2]["id"], "error": map[string]any{"code": -32005, "message": "too fast"}}
			write(w, a)
		},
		"no result":      func(w http.ResponseWriter, a []map[string]any) { a[0]["result"] = nil; write(w, a) },
		"another result": func(w http.ResponseWriter, a []map[string]any) { a[0]["result"] = 7; write(w, a) },
		"an end":         func(http.ResponseWriter, []map[string]any) { panic(http.ErrAbortHandler) },
	}
	for name, change := range refusals {
		t.Run(name, func(t *testing.T) {
			p := &proxy{change: change}
			n := dialProxy(t, s, p)
			if h, got, err := n.Tip(t.Context()); err != nil || h != height || got != hash {
				t.Errorf("tip %d %s, %v", h, got, err)
			}
			if b := p.batches.Load(); b == 0 || b > 12 || p.singles.Load() < 2*height {
				t.Errorf("%d batches and %d single questions", b, p.singles.Load())
			}
		})
	}
	for name, change := range map[string]func(w http.ResponseWriter, answers []map[string]any){
		"as the node answers": nil,
		"in another order": func(w http.ResponseWriter, a []map[string]any) {
			for i := range len(a) / 2 {
				a[i], a[len(a)-1-i] = a[len(a)-1-i], a[i]
			}
			write(w, a)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := &proxy{change: change}
			n := dialProxy(t, s, p)
			if h, got, err := n.Tip(t.Context()); err != nil || h != height || got != hash {
				t.Errorf("tip %d %s, %v", h, got, err)
			}
			if b, one := p.batches.Load(), p.singles.Load(); b != 2*((height+99)/100) || one > 10 {
				t.Errorf("%d batches and %d single questions for %d headers", b, one, height)
			}
		})
	}
	t.Run("another header", func(t *testing.T) {
		p := &proxy{change: func(w http.ResponseWriter, a []map[string]any) {
			if text := fmt.Sprint(a[len(a)/2]["result"]); len(text) == 160 {
				a[len(a)/2]["result"] = text[:40] + strings.Repeat("0", 8) + text[48:]
			}
			write(w, a)
		}}
		n := dialProxy(t, s, p)
		var lying *node.Lying
		if _, _, err := n.Tip(t.Context()); !errors.As(err, &lying) {
			t.Errorf("a header that does not follow: %v", err)
		}
	})
}
