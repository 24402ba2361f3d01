package node

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/mined"
)

// The output that the second transaction of the blocks below spends, and its transaction.
func spentTx() *wire.MsgTx {
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: 7}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(546, []byte{0x51}))
	tx.AddTxOut(wire.NewTxOut(12_345_678_901, []byte{0x52, 0x53}))
	return tx
}

// verboseAnswer is getblock's answer in the form of Bitcoin Core's RPC help for verbosity 3: a
// coinbase, and a transaction with one input.
func verboseAnswer(hash, input string) string {
	return `{"hash":"` + hash + `","confirmations":1,"height":5,"nTx":2,"tx":[
	{"txid":"` + strings.Repeat("11", 32) + `","vin":[{"coinbase":"550101","txinwitness":["00"],"sequence":4294967295}],
	 "vout":[{"value":50.00000000,"n":0,"scriptPubKey":{"asm":"","hex":"51","type":"nonstandard"}}],"hex":"00"},
	{"txid":"` + strings.Repeat("22", 32) + `","vin":[` + input + `],"vout":[],"fee":0.00001,"hex":"00"}]}`
}

// TestSpentBy reads what a block's transactions spend, with one question per block.
func TestSpentBy(t *testing.T) {
	prev := spentTx()
	block := chainhash.Hash{1, 2, 3}
	var mu sync.Mutex
	asked := map[string]int{}
	text, err := encodeTx(prev)
	if err != nil {
		t.Fatal(err)
	}
	input := func(prevout string) string {
		return fmt.Sprintf(`{"txid":"%s","vout":1,"scriptSig":{"asm":"","hex":""}%s,"sequence":1}`, prev.TxHash(), prevout)
	}
	shown := `,"prevout":{"generated":false,"height":4,"value":123.45678901,"scriptPubKey":{"asm":"2 3","desc":"raw(5253)","hex":"5253","type":"nonstandard"}}`
	for name, prevout := range map[string]string{"prevouts in the block": shown, "older node with an index": ""} {
		t.Run(name, func(t *testing.T) {
			clear(asked)
			a := answers{}.with("getrawtransaction", text)
			a["getblock"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				mu.Lock()
				asked["getblock"]++
				mu.Unlock()
				fmt.Fprint(w, `{"error":null,"id":1,"result":`+verboseAnswer(block.String(), input(prevout))+`}`)
			})
			b, ok := node(t, a, Bitcoind).Blocks().(*BlocksWithSpent)
			if !ok {
				t.Fatal("a bitcoind does not show what blocks spend")
			}
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if outs, err := b.SpentBy(t.Context(), block, 0); err != nil || len(outs) != 0 {
						t.Errorf("coinbase: %v, %v", outs, err)
					}
					outs, err := b.SpentBy(t.Context(), block, 1)
					if err != nil || len(outs) != 1 || outs[0].Value != 12_345_678_901 || hex.EncodeToString(outs[0].PkScript) != "5253" {
						t.Errorf("spent %+v, %v", outs, err)
					}
				})
			}
			wg.Wait()
			if asked["getblock"] != 1 {
				t.Errorf("the block was asked for %d times", asked["getblock"])
			}
			if _, err := b.SpentBy(t.Context(), block, 2); !errors.Is(err, chain.ErrBadAnswer) {
				t.Errorf("a transaction that is not there: %v", err)
			}
			for i := range spentBlocks + 1 { // other blocks push it out
				_, _ = b.SpentBy(t.Context(), chainhash.Hash{9, byte(i)}, 1)
			}
			if len(b.kept) > spentBlocks || len(b.kept) != len(b.order) {
				t.Errorf("%d blocks are kept, %d in order", len(b.kept), len(b.order))
			}
		})
	}
	if _, ok := node(t, answers{}.with("x", nil), Btcd).Blocks().(*BlocksWithSpent); ok {
		t.Error("a btcd is thought to show what blocks spend")
	}
}

// TestSpentByRefuses gives answers that say something else, or nothing.
func TestSpentByRefuses(t *testing.T) {
	block := chainhash.Hash{1, 2, 3}
	hash, txid := block.String(), strings.Repeat("ab", 32)
	in := func(rest string) string { return verboseAnswer(hash, `{"txid":"`+txid+`","vout":0`+rest+`}`) }
	prevout := func(value, script string) string {
		return in(`,"prevout":{"value":` + value + `,"scriptPubKey":{` + script + `}}`)
	}
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"another block":      {verboseAnswer(txid, ``), chain.ErrBadAnswer},
		"no hash":            {`{"tx":[]}`, chain.ErrBadAnswer},
		"raw hex":            {`"00ff"`, chain.ErrBadAnswer},
		"txids only":         {`{"hash":"` + hash + `","tx":["` + txid + `"]}`, chain.ErrBadAnswer},
		"too few":            {`{"hash":"` + hash + `","tx":[]}`, chain.ErrBadAnswer},
		"no txid":            {verboseAnswer(hash, `{"vout":0}`), chain.ErrBadAnswer},
		"bad txid":           {verboseAnswer(hash, `{"txid":"zz","vout":0}`), chain.ErrBadAnswer},
		"no output number":   {verboseAnswer(hash, `{"txid":"`+txid+`"}`), chain.ErrBadAnswer},
		"negative number":    {verboseAnswer(hash, `{"txid":"`+txid+`","vout":-1}`), chain.ErrBadAnswer},
		"no value":           {in(`,"prevout":{"scriptPubKey":{"hex":"51"}}`), chain.ErrBadAnswer},
		"value as text":      {prevout(`"x"`, `"hex":"51"`), chain.ErrBadAnswer},
		"negative value":     {prevout(`-1.0`, `"hex":"51"`), chain.ErrBadAnswer},
		"fractions of a sat": {prevout(`0.000000001`, `"hex":"51"`), chain.ErrBadAnswer},
		"exponent":           {prevout(`1e-8`, `"hex":"51"`), chain.ErrBadAnswer},
		"more than exists":   {prevout(`21000001`, `"hex":"51"`), chain.ErrBadAnswer},
		"no script":          {prevout(`1`, ``), chain.ErrBadAnswer},
		"script no hex":      {prevout(`1`, `"hex":"5"`), chain.ErrBadAnswer},
		"script too long":    {prevout(`1`, `"hex":"`+strings.Repeat("51", maxScript+1)+`"`), chain.ErrBadAnswer},
		"no index either":    {in(``), chain.ErrNoTxIndex},
	} {
		a := answers{}.with("getblock", json.RawMessage(c.answer))
		a["getrawtransaction"] = &btcjson.RPCError{Code: -5, Message: "No such mempool transaction. Use -txindex or provide a block hash"}
		outs, err := node(t, a, Bitcoind).Blocks().(*BlocksWithSpent).SpentBy(t.Context(), block, 1)
		if outs != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v", name, outs, err)
		}
	}
	gone := answers{}.with("getblock", &btcjson.RPCError{Code: -1, Message: "Block not available (pruned data)"})
	if _, err := node(t, gone, Bitcoind).Blocks().(*BlocksWithSpent).SpentBy(t.Context(), block, 1); !errors.Is(err, chain.ErrPruned) {
		t.Errorf("pruned: %v", err)
	}
	if _, err := node(t, gone, Bitcoind).RawBlock(t.Context(), block); !errors.Is(err, chain.ErrPruned) {
		t.Errorf("pruned: %v", err)
	}
}

// TestSpentByOther asks a program that does not know the verbosity for the block, and then for each
// previous transaction.
func TestSpentByOther(t *testing.T) {
	var msg wire.MsgBlock
	coinbase := wire.NewMsgTx(1)
	coinbase.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&chainhash.Hash{}, wire.MaxPrevOutIndex), []byte{1, 1}, nil))
	coinbase.AddTxOut(wire.NewTxOut(1, nil))
	prev := spentTx()
	spender := wire.NewMsgTx(1)
	prevID := prev.TxHash()
	spender.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&prevID, 1), nil, nil))
	spender.AddTxOut(wire.NewTxOut(1, nil))
	msg.Transactions = []*wire.MsgTx{coinbase, spender}
	mined.Root(&msg)
	var raw strings.Builder
	if err := msg.Serialize(hex.NewEncoder(&raw)); err != nil {
		t.Fatal(err)
	}
	text, err := encodeTx(prev)
	if err != nil {
		t.Fatal(err)
	}
	other := answers{}.with("getrawtransaction", text)
	other["getblock"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req btcjson.Request
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil || string(req.Params[1]) != "0" {
			fmt.Fprint(w, `{"error":{"code":-3,"message":"Param #1 must be a boolean."},"id":1}`)
			return
		}
		fmt.Fprintf(w, `{"error":null,"id":1,"result":"%s"}`, raw.String())
	})
	b := node(t, other, Bitcoind).Blocks().(*BlocksWithSpent)
	if outs, err := b.SpentBy(t.Context(), msg.BlockHash(), 0); err != nil || len(outs) != 0 {
		t.Errorf("coinbase: %v, %v", outs, err)
	}
	if outs, err := b.SpentBy(t.Context(), msg.BlockHash(), 1); err != nil || len(outs) != 1 || outs[0].Value != 12_345_678_901 {
		t.Errorf("spent %v, %v", outs, err)
	}
}

// TestSpentByAsksAgain gets the answer the second time.
func TestSpentByAsksAgain(t *testing.T) {
	block := chainhash.Hash{1}
	fail := true
	a := answers{}.with("x", nil)
	a["getblock"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if fail {
			fmt.Fprint(w, `{"error":null,"id":1,"result":"00"}`)
			return
		}
		fmt.Fprint(w, `{"error":null,"id":1,"result":`+verboseAnswer(block.String(), ``)+`}`)
	})
	b := node(t, a, Bitcoind).Blocks().(*BlocksWithSpent)
	if _, err := b.SpentBy(t.Context(), block, 0); err == nil {
		t.Fatal("nonsense was read")
	}
	fail = false
	if _, err := b.SpentBy(t.Context(), block, 0); err != nil {
		t.Error(err)
	}
}

// FuzzSpentInput reads an input of any shape.
func FuzzSpentInput(f *testing.F) {
	f.Add([]byte(`{"txid":"` + strings.Repeat("ab", 32) + `","vout":0,"prevout":{"value":1.5,"scriptPubKey":{"hex":"51"}}}`))
	f.Add([]byte(`{"coinbase":""}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var in verboseInput
		if json.Unmarshal(raw, &in) != nil {
			return
		}
		s, err := in.spent()
		if err == nil && s.out != nil && (s.out.Value < 0 || s.out.Value > 21e14 || len(s.out.PkScript) > maxScript) {
			t.Errorf("%s: %+v", raw, s.out)
		}
		if err != nil && !errors.Is(err, chain.ErrBadAnswer) {
			t.Errorf("%s: %v", raw, err)
		}
	})
}
