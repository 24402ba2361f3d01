package node

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet/chain"
)

// TestCallBounded: a node that takes a question and says nothing is given up, however long the
// caller would wait for something else.
func TestCallBounded(t *testing.T) {
	never := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	n := node(t, answers{}.with("getbestblock", never), Btcd)
	n.rpc.patience = 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
	defer cancel()
	if _, _, err := n.Tip(ctx); !errors.Is(err, chain.ErrUnreachable) {
		t.Errorf("silence: %v", err)
	}
	n.rpc.slots = make(chan struct{}) // all of them are waiting
	if _, _, err := n.Tip(ctx); !errors.Is(err, chain.ErrUnreachable) {
		t.Errorf("silence towards all others: %v", err)
	}
}

// TestNodeCannotTell: a node that fails to answer has not said that there is no such thing.
func TestNodeCannotTell(t *testing.T) {
	hash := *chaincfg.MainNetParams.GenesisHash
	for _, kind := range []Kind{Btcd, Bitcoind} {
		for code, missing := range map[btcjson.RPCErrorCode]map[string]bool{
			btcjson.ErrRPCInternal.Code:       {},
			btcjson.ErrRPCDatabase:            {},
			btcjson.ErrRPCMethodNotFound.Code: {},
			btcjson.ErrRPCBlockNotFound:       {"getblock": true, "getblockheader": true},
			btcjson.ErrRPCInvalidParameter:    {"getblockhash": true},
			btcjson.ErrRPCMisc:                {"getblockhash": kind == Btcd},
		} {
			said := &btcjson.RPCError{Code: code, Message: "no"}
			a := answers{"getblock": said, "getblockheader": said}
			n := node(t, a.with("x", nil), kind)
			src := &nodeSource{Node: n}
			for method, ask := range map[string]func() error{
				"getblock":       func() error { _, err := n.RawBlock(t.Context(), hash); return err },
				"getblockheader": func() error { _, err := n.Header(t.Context(), hash); return err },
				"getblockhash": func() error {
					other := node(t, answers{"getblockhash": http.HandlerFunc(first(said))}, kind)
					_, err := other.HashAt(t.Context(), 7)
					return err
				},
			} {
				err := ask()
				if err == nil || errors.Is(err, chain.ErrBlockNotFound) != missing[method] {
					t.Errorf("%v, %s, code %d: %v", kind, method, code, err)
				}
			}
			if _, err := src.HeightOf(t.Context(), chainhash.Hash{}); err == nil || errors.Is(err, chain.ErrBlockNotFound) != missing["getblockheader"] {
				t.Errorf("%v, height, code %d: %v", kind, code, err)
			}
		}
	}
}

// first answers the first question with the block that all chains of the test begin with, every
// other one with an error.
func first(said *btcjson.RPCError) func(http.ResponseWriter, *http.Request) {
	asked := 0
	return func(w http.ResponseWriter, r *http.Request) {
		var a answers
		if asked++; asked == 1 {
			a = a.with("x", nil)
		} else {
			a = answers{"getblockhash": said}
		}
		a.ServeHTTP(w, r)
	}
}
