package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/btcsuite/btcd/btcjson"

	"blockstack/wallet/chain"
)

// batchSize is how many questions are put into one request. Some proxies refuse more than a
// hundred.
const batchSize = 100

// errNoBatch means that a node, or a proxy before it, did not answer a batch as one.
var errNoBatch = errors.New("many questions at once are not answered")

// batch asks the same question about several things in one request, and returns the answers in the
// order of the questions. Whatever is not the answer to a whole batch is errNoBatch, an error of
// one question too: what it means is found out by asking by itself.
func (r *rpc) batch(ctx context.Context, method string, params [][]any) ([]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("node %s: %s: %w", r.cfg.Host, method, chain.Unreachable(ctx, ctx.Err()))
	}
	first := r.id.Add(uint64(len(params))) - uint64(len(params)) + 1
	requests := make([]*btcjson.Request, len(params))
	for i, p := range params {
		var err error
		if requests[i], err = btcjson.NewRequest(btcjson.RpcVersion1, first+uint64(i), method, p); err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
	}
	body, err := json.Marshal(requests)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	for try := 0; ; try++ {
		raw, status, err := r.post(ctx, body)
		if err != nil {
			return nil, fmt.Errorf("node %s: %s: %w", r.cfg.Host, method, err)
		}
		if status != http.StatusServiceUnavailable || try >= busyRetries {
			return batchAnswers(raw, first, len(params))
		}
		select {
		case <-time.After(busyWait):
		case <-ctx.Done():
			return nil, fmt.Errorf("node %s: %s: %w", r.cfg.Host, method, chain.Unreachable(ctx, ctx.Err()))
		}
	}
}

// batchAnswers reads the answers to questions whose ids begin with first; their order is the node's
// choice.
func batchAnswers(raw []byte, first uint64, count int) ([]json.RawMessage, error) {
	var list []struct {
		ID     uint64          `json:"id"`
		Result json.RawMessage `json:"result"`
		Error  json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(raw, &list); err != nil || len(list) != count {
		return nil, errNoBatch
	}
	results := make([]json.RawMessage, count)
	for _, a := range list {
		at := a.ID - first
		if a.ID < first || at >= uint64(count) || results[at] != nil {
			return nil, errNoBatch
		}
		if wrong := bytes.TrimSpace(a.Error); len(wrong) > 0 && string(wrong) != "null" || len(a.Result) == 0 || string(a.Result) == "null" {
			return nil, errNoBatch
		}
		results[at] = a.Result
	}
	return results, nil
}
