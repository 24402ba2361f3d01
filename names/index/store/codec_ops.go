package store

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/rules"
	"blockstack/names/state"
)

// op-row   = state opcode byte(reason) bytes(detail) bytes(subject) hash(txid) [located [op-state]]
// located  = kind body script(sender) bytes(pubkey) script(recipient) signed(burned) bytes(burn address)
// op-state = 0 / 1 bytes(name-row) / 2 bytes(namespace-row) / 3 / 4
//
// located is missing for unparsed operations, op-state for those that were not accepted. 3 stands
// for a preorder and 4 for a token transfer, whose rows follow from located. Height and index are
// in the key. Addresses are worked out from the scripts.
func encodeOp(r *state.OpRow) []byte {
	w := writer{b: make([]byte, 0, 512)}
	w.byte(byte(r.Status))
	w.byte(byte(r.Opcode))
	w.byte(byte(r.Reason))
	w.text(r.Detail)
	w.text(r.Subject)
	w.fixed(r.At.Txid[:])
	if r.Status == state.Unparsed {
		return w.b
	}
	w.located(r.Located)
	if r.Status != state.Accepted {
		return w.b
	}
	switch {
	case r.Name != nil:
		w.byte(1)
		w.bytes(encodeName(r.Name))
	case r.Space != nil:
		w.byte(2)
		w.bytes(encodeNamespace(r.Space))
	case r.Preorder != nil:
		w.byte(3)
	case r.Token != nil:
		w.byte(4)
	default:
		w.byte(0)
	}
	return w.b
}

func decodeOpRow(p *names.Params, height, index int32, b []byte) (*state.OpRow, error) {
	in, r := reader{b: b}, &state.OpRow{At: state.Place{Height: height, Index: index}}
	r.Status = state.OpState(in.byte())
	r.Opcode = nameop.Opcode(in.byte())
	r.OpName = r.Opcode.String()
	r.Reason = state.Reason(in.byte())
	r.Detail, r.Subject = in.text(), in.text()
	r.At.Txid = in.hash32()
	switch {
	case r.Status < state.Accepted || r.Status > state.Unparsed:
		in.fail("unknown state of an operation")
	case !r.Opcode.Valid():
		in.fail("unknown opcode")
	case (r.Reason == state.ReasonNone) != (r.Status == state.Accepted) || r.Reason >= state.ReasonEnd:
		in.fail("reason does not fit")
	}
	if r.Status != state.Unparsed && in.err == nil {
		r.Located = in.located(p, r.At)
	}
	if r.Located != nil {
		r.OpName = r.Located.Op.OpName()
	}
	if r.Status == state.Accepted && in.err == nil {
		in.opState(p, r)
	}
	return r, in.end()
}

// nameOfOpRow is the name-row in the op-row of an accepted operation on a name.
func nameOfOpRow(name string, at state.Place, b []byte) (*state.NameRow, error) {
	in := reader{b: b}
	status := state.OpState(in.byte())
	in.fixed(make([]byte, 2)) // opcode and reason
	_ = in.bytes()            // detail
	subject := in.text()
	at.Txid = in.hash32()
	if in.err == nil && (status != state.Accepted || subject != name) {
		in.fail("not an operation on this name")
	}
	if in.err == nil {
		in.locatedScripts(at)
	}
	if kind := in.byte(); kind != 1 {
		in.fail("it made no name-row")
	}
	raw := in.bytes()
	if err := in.end(); err != nil {
		return nil, err
	}
	row, err := decodeNameRow(name, raw)
	if err == nil && row.At != at {
		err = fmt.Errorf("%w: name-row of another operation", ErrCorrupt)
	}
	return row, err
}

// opState reads the row that an accepted operation made.
func (r *reader) opState(p *names.Params, row *state.OpRow) {
	var err error
	switch kind := r.byte(); kind {
	case 0:
	case 1:
		row.Name, err = decodeNameRow(row.Subject, r.bytes())
	case 2:
		row.Space, err = decodeNamespaceRow(row.Subject, r.bytes())
	case 3:
		if row.Preorder = rules.PreorderOf(p, row.Located); row.Preorder == nil {
			r.fail("not a preorder")
		}
	case 4:
		op, ok := row.Located.Op.(nameop.TokenTransfer)
		if !ok {
			r.fail("not a token transfer")
		}
		row.Token = &state.TokenRow{Sender: row.Located.Sender, Recipient: row.Located.Recipient, Op: op, At: row.At}
	default:
		r.fail("unknown kind of row")
	}
	if err != nil && r.err == nil {
		r.err = err
	}
}

func (w *writer) located(l *nameop.Located) {
	w.op(l.Op)
	w.script(l.Sender)
	w.bytes(l.SenderPubKey)
	w.script(l.Recipient)
	w.signed(int64(l.Burned))
	w.text(l.BurnAddress)
}

func (r *reader) located(p *names.Params, at state.Place) *nameop.Located {
	l := r.locatedScripts(at)
	if l != nil {
		l.SenderAddress, l.RecipientAddress = state.AddressOf(p, l.Sender), state.AddressOf(p, l.Recipient)
	}
	return l
}

// locatedScripts is located without the addresses, which take most of the time.
func (r *reader) locatedScripts(at state.Place) *nameop.Located {
	l := &nameop.Located{Op: r.op(), Txid: at.Txid, Height: at.Height, Index: int(at.Index)}
	l.Sender = r.script()
	l.SenderPubKey = r.bytes()
	l.Recipient = r.script()
	l.Burned = btcutil.Amount(r.signed())
	l.BurnAddress = r.text()
	if r.err != nil {
		return nil
	}
	return l
}

// Kinds of operations in stored rows: never renumbered.
const (
	kindNamePreorder byte = 1 + iota
	kindRegistration
	kindRenewal
	kindUpdate
	kindTransfer
	kindRevoke
	kindImport
	kindNamespacePreorder
	kindReveal
	kindReady
	kindAnnounce
	kindToken
)

func (w *writer) op(op nameop.Op) {
	switch op := op.(type) {
	case nameop.NamePreorder:
		w.byte(kindNamePreorder)
		w.fixed(op.Hash[:])
		w.fixed(op.Consensus[:])
		w.flags(op.HasTokens)
		w.number(op.Tokens)
		w.text(op.TokenUnit)
	case nameop.NameRegistration:
		w.byte(kindRegistration)
		w.text(op.Name)
		w.fixed(op.ZoneFile[:])
		w.flags(op.HasZoneFile, op.HasTokens)
	case nameop.NameRenewal:
		w.byte(kindRenewal)
		w.text(op.Name)
		w.fixed(op.ZoneFile[:])
		w.flags(op.HasZoneFile, op.HasTokens)
		w.number(op.Tokens)
	case nameop.NameUpdate:
		w.byte(kindUpdate)
		w.fixed(op.NameConsensus[:])
		w.fixed(op.ZoneFile[:])
	case nameop.NameTransfer:
		w.byte(kindTransfer)
		w.flags(op.Keep)
		w.fixed(op.NameHash[:])
		w.fixed(op.Consensus[:])
	case nameop.NameRevoke:
		w.byte(kindRevoke)
		w.text(op.Name)
	case nameop.NameImport:
		w.byte(kindImport)
		w.text(op.Name)
		w.fixed(op.ZoneFile[:])
	case nameop.NamespacePreorder:
		w.byte(kindNamespacePreorder)
		w.fixed(op.Hash[:])
		w.fixed(op.Consensus[:])
		w.flags(op.HasTokens)
		w.number(op.Tokens)
	case nameop.NamespaceReveal:
		w.reveal(op)
	case nameop.NamespaceReady:
		w.byte(kindReady)
		w.text(op.ID)
	case nameop.Announce:
		w.byte(kindAnnounce)
		w.fixed(op.Message[:])
	case nameop.TokenTransfer:
		w.byte(kindToken)
		w.fixed(op.Consensus[:])
		w.text(op.TokenType)
		w.number(op.Amount)
		w.text(op.Scratch)
	default:
		panic(fmt.Sprintf("bug: no stored form for %T", op))
	}
}

func (w *writer) reveal(op nameop.NamespaceReveal) {
	w.byte(kindReveal)
	w.text(op.ID)
	w.number(uint64(op.Version))
	w.number(uint64(op.Lifetime))
	w.byte(op.Coeff)
	w.byte(op.Base)
	w.fixed(op.Buckets[:])
	w.byte(op.NonAlphaDiscount)
	w.byte(op.NoVowelDiscount)
}

func (r *reader) op() nameop.Op {
	switch kind := r.byte(); kind {
	case kindNamePreorder:
		var op nameop.NamePreorder
		r.fixed(op.Hash[:])
		r.fixed(op.Consensus[:])
		r.flags(&op.HasTokens)
		op.Tokens, op.TokenUnit = r.number(), r.text()
		return op
	case kindRegistration:
		op := nameop.NameRegistration{Name: r.text()}
		r.fixed(op.ZoneFile[:])
		r.flags(&op.HasZoneFile, &op.HasTokens)
		return op
	case kindRenewal:
		op := nameop.NameRenewal{Name: r.text()}
		r.fixed(op.ZoneFile[:])
		r.flags(&op.HasZoneFile, &op.HasTokens)
		op.Tokens = r.number()
		return op
	case kindUpdate:
		var op nameop.NameUpdate
		r.fixed(op.NameConsensus[:])
		r.fixed(op.ZoneFile[:])
		return op
	case kindTransfer:
		var op nameop.NameTransfer
		r.flags(&op.Keep)
		r.fixed(op.NameHash[:])
		r.fixed(op.Consensus[:])
		return op
	case kindRevoke:
		return nameop.NameRevoke{Name: r.text()}
	case kindImport:
		op := nameop.NameImport{Name: r.text()}
		r.fixed(op.ZoneFile[:])
		return op
	case kindNamespacePreorder:
		var op nameop.NamespacePreorder
		r.fixed(op.Hash[:])
		r.fixed(op.Consensus[:])
		r.flags(&op.HasTokens)
		op.Tokens = r.number()
		return op
	case kindReveal:
		return r.reveal()
	case kindReady:
		return nameop.NamespaceReady{ID: r.text()}
	case kindAnnounce:
		var op nameop.Announce
		r.fixed(op.Message[:])
		return op
	case kindToken:
		var op nameop.TokenTransfer
		r.fixed(op.Consensus[:])
		op.TokenType, op.Amount, op.Scratch = r.text(), r.number(), r.text()
		return op
	}
	r.fail("unknown kind of operation")
	return nil
}

func (r *reader) reveal() nameop.Op {
	op := nameop.NamespaceReveal{ID: r.text(), Version: uint16(r.number()), Lifetime: uint32(r.number())}
	op.Coeff, op.Base = r.byte(), r.byte()
	r.fixed(op.Buckets[:])
	op.NonAlphaDiscount, op.NoVowelDiscount = r.byte(), r.byte()
	return op
}
