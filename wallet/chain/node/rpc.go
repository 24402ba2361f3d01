package node

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/btcsuite/btcd/btcjson"

	"blockstack/storage/dial"
	"blockstack/wallet/chain"
)

const (
	callTimeout = 60 * time.Second // for a call, whatever more the caller would wait
	maxAnswer   = 64 << 20         // bytes: a whole block in hex, or a large memory pool's txids
	maxInFlight = 6                // calls at once; btcd serves ten clients by default
	busyRetries = 40
	busyWait    = 50 * time.Millisecond
)

// rpc is JSON-RPC 1.0 over HTTP POST. The requests, answers and errors are btcjson's; only the
// transport is ours, because rpcclient's can be bounded neither in time (22 s of retries when
// nothing listens) nor in size.
type rpc struct {
	cfg   Config
	url   string
	http  *http.Client
	slots chan struct{}
	id    atomic.Uint64

	patience time.Duration // callTimeout, but in tests
}

func newRPC(cfg Config) (*rpc, error) {
	scheme := "http"
	rules := dial.Rules{
		Proxy: cfg.Proxy, Connect: dial.ConnectTimeout, Handshake: 5 * time.Second,
		Keep: maxInFlight, KeepFor: 10 * time.Second,
	}
	if len(cfg.Cert) > 0 {
		rules.Roots = x509.NewCertPool()
		if !rules.Roots.AppendCertsFromPEM(cfg.Cert) {
			return nil, errors.New("node certificate: no PEM certificate in it")
		}
		scheme = "https"
	}
	return &rpc{
		cfg:  cfg,
		url:  scheme + "://" + cfg.Host + "/",
		http: rules.Client(),
		slots: make(chan struct{},
			maxInFlight),
		patience: callTimeout,
	}, nil
}

func (r *rpc) close() { r.http.CloseIdleConnections() }

// call asks one question and decodes the answer into result (nil: ignored). An error that the node
// itself reports comes back as *btcjson.RPCError.
func (r *rpc) call(ctx context.Context, method string, result any, params ...any) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return fmt.Errorf("node %s: %s: %w", r.cfg.Host, method, chain.Unreachable(ctx, ctx.Err()))
	}
	if params == nil {
		params = []any{}
	}
	req, err := btcjson.NewRequest(btcjson.RpcVersion1, r.id.Add(1), method, params)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	body, err := json.Marshal(req)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	for try := 0; ; try++ {
		raw, status, err := r.post(ctx, body)
		if err != nil {
			return fmt.Errorf("node %s: %s: %w", r.cfg.Host, method, err)
		}
		if status == http.StatusServiceUnavailable && try < busyRetries {
			select {
			case <-time.After(busyWait):
				continue
			case <-ctx.Done():
				return fmt.Errorf("node %s: %s: %w", r.cfg.Host, method, chain.Unreachable(ctx, ctx.Err()))
			}
		}
		if err := decodeAnswer(raw, status, result); err != nil {
			var own *btcjson.RPCError
			if errors.As(err, &own) {
				return err // callers look at its code and add the context
			}
			return fmt.Errorf("node %s: %s: %w", r.cfg.Host, method, err)
		}
		return nil
	}
}

func (r *rpc) post(ctx context.Context, body []byte) ([]byte, int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth(r.cfg.User, r.cfg.Pass.Reveal())
	resp, err := r.http.Do(req)
	if err != nil {
		return nil, 0, chain.Unreachable(ctx, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, 0, chain.Unreachable(ctx, err)
	}
	if len(raw) > maxAnswer {
		return nil, 0, fmt.Errorf("%w: longer than %d bytes", chain.ErrBadAnswer, maxAnswer)
	}
	return raw, resp.StatusCode, nil
}

func decodeAnswer(raw []byte, status int, result any) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return chain.ErrUnauthorized
	}
	var ans btcjson.Response
	if err := json.Unmarshal(raw, &ans); err != nil {
		return fmt.Errorf("%w: HTTP status %d: %q", chain.ErrBadAnswer, status, chain.Clip(string(raw)))
	}
	if ans.Error != nil {
		if ans.Error.Code == btcjson.ErrRPCInWarmup {
			return chain.ErrNotReady
		}
		return &btcjson.RPCError{Code: ans.Error.Code, Message: chain.Clip(ans.Error.Message)}
	}
	if result == nil {
		return nil
	}
	if len(ans.Result) == 0 {
		return fmt.Errorf("%w: no result", chain.ErrBadAnswer)
	}
	if err := json.Unmarshal(ans.Result, result); err != nil {
		return fmt.Errorf("%w: %w", chain.ErrBadAnswer, err)
	}
	return nil
}
