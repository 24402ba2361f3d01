package nameop

import (
	"bytes"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
)

// ownerScript is a p2pkh script that differs by n.
func ownerScript(n byte) []byte { return names.PubKeyHashScript([20]byte{19: n}) }

// opTx is a transaction with an operation's OP_RETURN output before others, and one input.
func opTx(t testing.TB, p *names.Params, op Op, outs ...*wire.TxOut) *wire.MsgTx {
	t.Helper()
	script, err := Script(p.Magic, op)
	if err != nil {
		t.Fatal(err)
	}
	tx := wire.NewMsgTx(1)
	tx.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&chainhash.Hash{1}, 0), nil, nil))
	tx.AddTxOut(wire.NewTxOut(0, script))
	for _, out := range outs {
		tx.AddTxOut(out)
	}
	return tx
}

// spends answers that every input spends a script.
func spends(script []byte) func(int) (*wire.TxOut, error) {
	return func(int) (*wire.TxOut, error) { return wire.NewTxOut(10000, script), nil }
}

func TestFindPayload(t *testing.T) {
	magic := [2]byte{'i', 'd'}
	good := append([]byte{scriptReturn, 6}, "id~a.b"...)
	for _, c := range []struct {
		what string
		outs [][]byte
		want string
	}{
		{"none", [][]byte{ownerScript(1)}, ""},
		{"first", [][]byte{good, ownerScript(1)}, "id~a.b"},
		{"last", [][]byte{ownerScript(1), good}, "id~a.b"},
		{"hidden by other data", [][]byte{good, append([]byte{scriptReturn, 5}, "hello"...)}, ""},
		{"hidden by a bare OP_RETURN", [][]byte{good, {scriptReturn}}, ""},
		{"hidden by a small number", [][]byte{good, {scriptReturn, 0x51}}, ""},
		{"hidden by an empty push", [][]byte{good, {scriptReturn, 0}}, ""},
		{"after other data", [][]byte{{scriptReturn}, good}, "id~a.b"},
		{"two pushes", [][]byte{append(append([]byte{}, good...), 1, 1)}, ""},
		{"a push that runs past the end", [][]byte{append([]byte{scriptReturn, 75}, "id~a.b"...)}, "id~a.b"},
		{"a push cut off in its length", [][]byte{good, {scriptReturn, 0x4d, 1}}, ""},
		{"pushdata 1", [][]byte{append([]byte{scriptReturn, 0x4c, 6}, "id~a.b"...)}, "id~a.b"},
		{"pushdata 2", [][]byte{append([]byte{scriptReturn, 0x4d, 6, 0}, "id~a.b"...)}, "id~a.b"},
		{"pushdata 4", [][]byte{append([]byte{scriptReturn, 0x4e, 6, 0, 0, 0}, "id~a.b"...)}, "id~a.b"},
		{"pushdata 4 of 4 GiB", [][]byte{append([]byte{scriptReturn, 0x4e, 255, 255, 255, 255}, "id~a.b"...)}, "id~a.b"},
		{"other magic", [][]byte{append([]byte{scriptReturn, 6}, "di~a.b"...)}, ""},
		{"unknown opcode", [][]byte{append([]byte{scriptReturn, 6}, "id@a.b"...)}, ""},
		{"magic alone", [][]byte{append([]byte{scriptReturn, 2}, "id"...)}, ""},
		{"opcode alone", [][]byte{append([]byte{scriptReturn, 3}, "id~"...)}, "id~"},
		{"empty script", [][]byte{good, {}}, "id~a.b"},
	} {
		tx := wire.NewMsgTx(1)
		for _, script := range c.outs {
			tx.AddTxOut(wire.NewTxOut(0, script))
		}
		payload, ok := FindPayload(tx, magic)
		if string(payload) != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v, want %q", c.what, payload, ok, c.want)
		}
	}
}

func TestFromTxOutputRules(t *testing.T) {
	p := names.Mainnet()
	owner, segwit := wire.NewTxOut(5500, ownerScript(1)), wire.NewTxOut(5500, append([]byte{0, 20}, make([]byte, 20)...))
	data := wire.NewTxOut(0, []byte{scriptReturn})
	hidden := func(outs ...*wire.TxOut) []*wire.TxOut { return outs }
	preorder := NamePreorder{}
	ns := NamespacePreorder{HasTokens: true}
	reveal := NamespaceReveal{ID: "id", Version: 1, NonAlphaDiscount: 1, NoVowelDiscount: 1}
	register := NameRegistration{Name: "alice.id"}
	renew := NameRenewal{Name: "alice.id"}
	for _, c := range []struct {
		what   string
		op     Op
		outs   []*wire.TxOut
		reason string // empty: good
	}{
		{"preorder", preorder, hidden(owner, owner), ""},
		{"preorder with 2 outputs", preorder, hidden(owner), "wrong number of outputs"},
		{"preorder with 4 outputs", preorder, hidden(owner, owner, owner), "wrong number of outputs"},
		{"preorder with segwit change", preorder, hidden(segwit, owner), "output 1 is p2wpkh"},
		{"preorder with segwit burn", preorder, hidden(owner, segwit), "output 2 is p2wpkh"},
		{"namespace preorder with 4 outputs", ns, hidden(owner, owner, segwit), ""},
		{"reveal with 3 outputs", reveal, hidden(owner, segwit), ""},
		{"reveal with 4 outputs", reveal, hidden(owner, owner, owner), "wrong number of outputs"},
		{"registration with one more output", register, hidden(owner), ""},
		{"registration without owner", register, hidden(), "wrong number of outputs"},
		{"registration to segwit", register, hidden(segwit, owner), "output 1 is p2wpkh"},
		{"renewal", renew, hidden(owner, owner, owner), ""},
		{"renewal with segwit burn", renew, hidden(owner, owner, segwit), ""},
		{"renewal with data for burn", renew, hidden(owner, owner, wire.NewTxOut(0, nil)), "output 3 has no address"},
		{"transfer", NameTransfer{}, hidden(owner), ""},
		{"transfer to nobody", NameTransfer{}, hidden(), "wrong number of outputs"},
		{"import", NameImport{Name: "alice.id"}, hidden(owner, owner), ""},
		{"import without hash", NameImport{Name: "alice.id"}, hidden(owner), "wrong number of outputs"},
		{"update", NameUpdate{}, hidden(segwit), ""},
		{"revoke", NameRevoke{Name: "alice.id"}, hidden(), ""},
		{"ready", NamespaceReady{ID: "id"}, hidden(segwit, segwit), ""},
		{"announce", Announce{}, hidden(), ""},
		{"token transfer", TokenTransfer{TokenType: "STACKS", Amount: 1}, hidden(owner), ""},
		{"token transfer to segwit", TokenTransfer{TokenType: "STACKS", Amount: 1}, hidden(segwit), "output 1 is p2wpkh"},
	} {
		tx := opTx(t, p, c.op, c.outs...)
		_, err := FromTx(p, inEpoch5, 1, tx, spends(ownerScript(2)))
		checkUnparsed(t, c.what, err, c.reason)
	}

	// The recipient is output 1, wherever the data stands: data there is no recipient.
	tx := opTx(t, p, register, owner)
	tx.TxOut[0], tx.TxOut[1] = tx.TxOut[1], tx.TxOut[0]
	_, err := FromTx(p, inEpoch5, 1, tx, spends(ownerScript(2)))
	checkUnparsed(t, "data second", err, "output 1 has no address")
	tx = opTx(t, p, NameImport{Name: "alice.id"}, owner, owner)
	tx.TxOut = []*wire.TxOut{data, tx.TxOut[1], tx.TxOut[0]}
	_, err = FromTx(p, inEpoch5, 1, tx, spends(ownerScript(2)))
	checkUnparsed(t, "data for hash", err, "output 2 carries no zone-file hash")
}

func checkUnparsed(t *testing.T, what string, err error, reason string) {
	t.Helper()
	var unparsed *Unparsed
	switch {
	case reason == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case reason != "" && (!errors.As(err, &unparsed) || unparsed.Reason != reason):
		t.Errorf("%s: %v, want %q", what, err, reason)
	}
}

func TestFromTxSenders(t *testing.T) {
	p := names.Mainnet()
	p2sh := names.ScriptHashScript([20]byte{1})
	segwit := append([]byte{0, 20}, make([]byte, 20)...)
	pubKey := append([]byte{33, 2}, append(make([]byte, 32), scriptCheckSig)...)
	for _, c := range []struct {
		what    string
		scripts [][]byte
		reason  string
	}{
		{"p2pkh", [][]byte{ownerScript(1)}, ""},
		{"p2sh", [][]byte{p2sh}, ""},
		{"both", [][]byte{p2sh, ownerScript(1)}, ""},
		{"segwit", [][]byte{segwit}, "input 0 spends a p2wpkh output"},
		{"second segwit", [][]byte{ownerScript(1), segwit}, "input 1 spends a p2wpkh output"},
		{"bare key", [][]byte{pubKey}, "input 0 spends a p2pk output"},
		{"nothing", [][]byte{nil}, "input 0 spends a nonstandard output"},
	} {
		tx := opTx(t, p, NameRevoke{Name: "alice.id"})
		for range len(c.scripts) - 1 {
			tx.AddTxIn(tx.TxIn[0])
		}
		l, err := FromTx(p, inEpoch5, 1, tx, func(i int) (*wire.TxOut, error) { return wire.NewTxOut(1, c.scripts[i]), nil })
		checkUnparsed(t, c.what, err, c.reason)
		if err == nil && !bytes.Equal(l.Sender, c.scripts[0]) {
			t.Errorf("%s: sender %x", c.what, l.Sender)
		}
	}

	tx := opTx(t, p, NameRevoke{Name: "alice.id"})
	lost := errors.New("lost")
	if _, err := FromTx(p, inEpoch5, 1, tx, func(int) (*wire.TxOut, error) { return nil, lost }); !errors.Is(err, lost) {
		t.Errorf("error of prev is lost: %v", err)
	}
	tx.TxIn[0].PreviousOutPoint = wire.OutPoint{Index: wire.MaxPrevOutIndex}
	_, err := FromTx(p, inEpoch5, 0, tx, func(int) (*wire.TxOut, error) { t.Error("asked for the coinbase's output"); return nil, lost })
	checkUnparsed(t, "coinbase", err, "the coinbase spends no output")
	tx.TxIn = nil
	_, err = FromTx(p, inEpoch5, 0, tx, spends(p2sh))
	checkUnparsed(t, "no inputs", err, "no inputs")
}
