package nameop

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
)

// FindPayload gives the payload of a transaction that is relevant for a registry: the data of its
// last OP_RETURN output, if it begins with the magic bytes and a known opcode. A malformed last
// OP_RETURN output (no data, several pushes, a small number) hides every earlier one (protocol
// 2.1). The payload shares memory with the transaction.
func FindPayload(tx *wire.MsgTx, magic [2]byte) ([]byte, bool) {
	for i := len(tx.TxOut) - 1; i >= 0; i-- {
		script := tx.TxOut[i].PkScript
		if len(script) == 0 || script[0] != scriptReturn {
			continue
		}
		data := nullData(script)
		if len(data) < headerLen || data[0] != magic[0] || data[1] != magic[1] || !Opcode(data[2]).Valid() {
			return nil, false
		}
		return data, true
	}
	return nil, false
}

// Located is an operation where it was found, with what the transaction adds to the payload.
type Located struct {
	Op     Op
	Txid   chainhash.Hash
	Height int32
	Index  int // position in the block; the coinbase is 0

	Sender        []byte // output script that input 0 spends
	SenderAddress string
	SenderPubKey  []byte // as it stands in a scriptSig; nil: none visible, see ParsePubKey

	// Recipient is the script of output 1 of a registration, renewal, transfer, import, reveal or
	// token transfer; else nil.
	Recipient        []byte
	RecipientAddress string

	// Burned and BurnAddress are value and address of the burn output of a preorder, namespace
	// preorder (output 2) or renewal (output 3). The address is empty for other operations, and for
	// a renewal whose output 3 is native segwit: that is read, but no such address is ever the
	// right one.
	Burned      btcutil.Amount
	BurnAddress string
}

// shape is what the protocol demands of an operation's outputs (protocol 2.3).
type shape struct {
	checked   int  // leading outputs whose type is checked; at least as many must be there
	exactly   int  // number of outputs; 0: any
	recipient bool // output 1 must have an address
	burn      int  // index of the burn output; 0: none
}

func outputShape(op Op) shape {
	switch op.(type) {
	case NamePreorder:
		return shape{checked: 3, exactly: 3, burn: 2}
	case NamespacePreorder:
		return shape{checked: 3, burn: 2}
	case NameRegistration:
		return shape{checked: 2, recipient: true}
	case NameRenewal:
		return shape{checked: 2, recipient: true, burn: 3}
	case NameTransfer, TokenTransfer:
		return shape{checked: 2, recipient: true}
	case NameImport:
		return shape{checked: 3, recipient: true}
	case NamespaceReveal:
		return shape{checked: 2, exactly: 3, recipient: true}
	}
	return shape{} // update, revoke, ready, announce look at no output
}

// FromTx reads the operation of a transaction at a height by the rules of its epoch. index is the
// transaction's position in its block; prev gives the output that input i spends and is asked only
// when payload and outputs are good.
//
// The error is ErrNotOurs when the transaction holds no operation, *Unparsed when it holds a
// malformed one, and the error of prev wrapped when that fails.
func FromTx(p *names.Params, height int32, index int, tx *wire.MsgTx, prev func(i int) (*wire.TxOut, error)) (*Located, error) {
	payload, ok := FindPayload(tx, p.Magic)
	if !ok {
		return nil, ErrNotOurs
	}
	_, epoch := p.Epoch(height)
	op, err := Decode(epoch, payload, len(tx.TxOut))
	if err != nil {
		return nil, err
	}
	l := &Located{Op: op, Height: height, Index: index}
	reason, err := l.readOutputs(p, epoch, tx.TxOut)
	if reason == "" && err == nil {
		reason, err = l.readSenders(p, epoch, tx, prev)
	}
	switch {
	case err != nil:
		return nil, err
	case reason != "":
		return nil, &Unparsed{Opcode: op.Opcode(), Reason: reason}
	}
	l.Txid = tx.TxHash()
	return l, nil
}

// readOutputs checks the outputs and fills in what they say; the reason is empty if they are good.
func (l *Located) readOutputs(p *names.Params, epoch *names.Epoch, outs []*wire.TxOut) (reason string, err error) {
	s := outputShape(l.Op)
	if len(outs) < s.checked || s.exactly > 0 && len(outs) != s.exactly {
		return "wrong number of outputs", nil
	}
	for i, out := range outs[:s.checked] {
		if t := Classify(out.PkScript); !epoch.ScriptTypes.Has(t) {
			return fmt.Sprintf("output %d is %s", i, t), nil
		}
	}
	if s.recipient {
		l.Recipient = outs[1].PkScript
		if l.RecipientAddress, err = p.ScriptAddress(l.Recipient); err != nil {
			return "output 1 has no address", nil
		}
	}
	if s.burn > 0 {
		burn := outs[s.burn]
		l.Burned = btcutil.Amount(burn.Value)
		l.BurnAddress, err = p.ScriptAddress(burn.PkScript)
		if t := Classify(burn.PkScript); err != nil && t != names.WitnessPubKeyHash && t != names.WitnessScriptHash {
			return fmt.Sprintf("output %d has no address", s.burn), nil
		}
	}
	if op, ok := l.Op.(NameImport); ok {
		_, hash := names.ScriptHash160(outs[2].PkScript)
		if hash == nil {
			return "output 2 carries no zone-file hash", nil
		}
		op.ZoneFile = names.ZoneFileHash(hash)
		l.Op = op
	}
	return "", nil
}

// readSenders looks up every input; all of them must spend p2pkh or p2sh outputs, the first one is
// the sender (protocol 2.2).
func (l *Located) readSenders(p *names.Params, epoch *names.Epoch, tx *wire.MsgTx, prev func(i int) (*wire.TxOut, error)) (reason string, err error) {
	if len(tx.TxIn) == 0 {
		return "no inputs", nil
	}
	for i, in := range tx.TxIn {
		if isCoinbase(in) {
			return "the coinbase spends no output", nil
		}
		out, err := prev(i)
		if err != nil {
			return "", fmt.Errorf("output spent by input %d: %w", i, err)
		}
		t, hash := names.ScriptHash160(out.PkScript)
		if hash == nil || !epoch.SenderTypes.Has(t) {
			return fmt.Sprintf("input %d spends a %s output", i, Classify(out.PkScript)), nil
		}
		if i == 0 {
			l.Sender = out.PkScript
		}
	}
	if l.SenderAddress, err = p.ScriptAddress(l.Sender); err != nil {
		return "", err
	}
	if t, hash := names.ScriptHash160(l.Sender); t == names.PubKeyHash {
		l.SenderPubKey = findPubKey(tx.TxIn, hash)
	}
	return "", nil
}

// isCoinbase reports whether an input spends nothing.
func isCoinbase(in *wire.TxIn) bool {
	return in.PreviousOutPoint.Index == wire.MaxPrevOutIndex && in.PreviousOutPoint.Hash == chainhash.Hash{}
}
