package snv

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// operation is a serialized operation, and the values of its fields.
type operation struct {
	opcode nameop.Opcode
	fields []field
	values [][]byte // as they are serialized, one for each field
	at     int32    // position in the block
}

// codec writes and reads operations.
type codec struct {
	p       *names.Params
	layouts layouts
}

func newCodec(p *names.Params) *codec { return &codec{p: p, layouts: makeLayouts()} }

// Operations stand in a proof without what follows from the rest, which is a quarter of the
// serialized text. Reading makes the text again; every operation has one form only.
//
//	operation = opcode *value               ; the opcode's byte, then the fields of its layout in order, except those not written
//	value     = text / hex / hash16 / hash20 / hash32 / script / number / bool / act
//	text, hex = length *OCTET               ; the value itself; the bytes of the value
//	hash16    = 16OCTET  hash20 = 20OCTET  hash32 = 32OCTET                 ; the bytes of the value
//	script    = %x00 / %x01 20OCTET / %x02 20OCTET                      ; none, p2pkh, p2sh
//	bool, act = %x00 / %x01                 ; False, True; first, second of the values that op may have
//	number, length = unsigned LEB128 in its shortest form

// Forms of a script.
const (
	scriptNone byte = iota
	scriptPubKeyHash
	scriptScriptHash
)

// read takes one operation off r. What is no operation is noted there.
func (c *codec) read(r *reader) *operation {
	op := &operation{opcode: nameop.Opcode(r.octet())}
	op.fields = c.layouts[op.opcode]
	if op.fields == nil {
		r.fail("no operation that is hashed begins with byte %02x", byte(op.opcode))
		return op
	}
	op.values = make([][]byte, len(op.fields))
	for i, f := range op.fields {
		op.values[i] = c.readValue(r, op.opcode, f)
	}
	for i, f := range op.fields {
		if f.kind.derived() && r.err == nil {
			op.values[i] = c.derive(op, f)
		}
	}
	if r.err != nil {
		return op
	}
	at := op.number("vtxindex")
	if at > math.MaxInt32 {
		r.fail("%d is no position in a block", at)
	}
	op.at = int32(at)
	return op
}

// readValue gives the text of a field, nil for one that is not written.
func (c *codec) readValue(r *reader, o nameop.Opcode, f field) []byte {
	switch f.kind {
	case kindText:
		return r.value()
	case kindHex:
		return toHex(r.value())
	case kindHash16:
		return toHex(r.take(16))
	case kindHash20:
		return toHex(r.take(20))
	case kindHash32:
		return toHex(r.take(32))
	case kindScript:
		return readScript(r)
	case kindNumber:
		return strconv.AppendUint(make([]byte, 0, 20), r.number(), 10)
	case kindBool:
		if readChoice(r, 2) == 1 {
			return []byte("True")
		}
		return []byte("False")
	case kindAct:
		list := acts(o)
		if len(list) == 1 {
			return []byte(list[0])
		}
		return []byte(list[readChoice(r, len(list))])
	}
	return nil
}

func readChoice(r *reader, n int) int {
	v := int(r.octet())
	if v >= n {
		r.fail("%d is none of %d choices", v, n)
		return 0
	}
	return v
}

func readScript(r *reader) []byte {
	var script []byte
	switch form := r.octet(); form {
	case scriptNone:
	case scriptPubKeyHash, scriptScriptHash:
		var hash [20]byte
		copy(hash[:], r.take(20))
		if script = names.PubKeyHashScript(hash); form == scriptScriptHash {
			script = names.ScriptHashScript(hash)
		}
	default:
		r.fail("%d is no form of a script", form)
	}
	return toHex(script)
}

// derive gives the text of a field that follows from others.
func (c *codec) derive(op *operation, f field) []byte {
	switch f.kind {
	case kindAddress:
		script := fromHex(op.value(f.of))
		if len(script) == 0 {
			return []byte{}
		}
		text, err := c.p.ScriptAddress(script)
		if err != nil {
			panic("bug: a script of a known form has no address: " + err.Error())
		}
		return []byte(text)
	case kindCopy:
		return op.value(f.of)
	case kindUpdateHash:
		h := nameop.UpdateHash(string(op.value("name")), names.ConsensusHash(fromHex(op.value("consensus_hash"))))
		return toHex(h[:])
	case kindNameHash:
		h := nameop.NameHash(string(op.value("name")))
		return toHex(h[:])
	case kindKeep:
		if string(op.value("op")) == string(state.ActTransferKeep) {
			return []byte("True")
		}
		return []byte("False")
	}
	panic("bug: field without a value")
}

// append writes the operation; the reader makes the same text of it, or else there is an error.
func (c *codec) append(b []byte, text []byte) ([]byte, error) {
	op, err := c.parse(text)
	if err != nil {
		return nil, fmt.Errorf("operation %.60q: %w", text, err)
	}
	start := len(b)
	b = append(b, byte(op.opcode))
	for i, f := range op.fields {
		if b, err = appendValue(b, op.opcode, f, op.values[i]); err != nil {
			return nil, fmt.Errorf("operation %.60q: field %s: %w", text, f.name, err)
		}
	}
	r := newReader(b[start:])
	if again := c.read(r); r.err != nil || len(r.b) > 0 || string(again.text(nil)) != string(text) {
		return nil, fmt.Errorf("operation %.60q: %w: its serialization is not of the known form", text, ErrNotProvable)
	}
	return b, nil
}

func appendValue(b []byte, o nameop.Opcode, f field, v []byte) ([]byte, error) {
	switch f.kind {
	case kindText:
		return appendBytes(b, v), nil
	case kindHex:
		return appendBytes(b, fromHex(v)), nil
	case kindHash16, kindHash20, kindHash32:
		return append(b, fromHex(v)...), nil
	case kindScript:
		return appendScript(b, fromHex(v))
	case kindNumber:
		n, err := strconv.ParseUint(string(v), 10, 64)
		return appendNumber(b, n), err
	case kindBool:
		if string(v) == "True" {
			return append(b, 1), nil
		}
		return append(b, 0), nil
	case kindAct:
		list := acts(o)
		if len(list) == 1 {
			return b, nil
		}
		return append(b, byte(max(0, slices.Index(list, state.Action(v))))), nil
	}
	return b, nil
}

func appendScript(b, script []byte) ([]byte, error) {
	t, hash := names.ScriptHash160(script)
	switch {
	case len(script) == 0:
		return append(b, scriptNone), nil
	case hash == nil:
		return b, fmt.Errorf("%w: script %x", ErrNotProvable, script)
	case t == names.PubKeyHash:
		return append(append(b, scriptPubKeyHash), hash...), nil
	}
	return append(append(b, scriptScriptHash), hash...), nil
}

// parse takes a serialized text apart (protocol 6.3).
//
//	text  = opcode ":" field *("," field)
//	field = length ":" value
func (c *codec) parse(text []byte) (*operation, error) {
	bad := fmt.Errorf("%w: its serialization is not of the known form", ErrNotProvable)
	if len(text) < 2 || text[1] != ':' {
		return nil, bad
	}
	op := &operation{opcode: nameop.Opcode(text[0])}
	if op.fields = c.layouts[op.opcode]; op.fields == nil {
		return nil, bad
	}
	rest := text[2:]
	for i := range op.fields {
		if i > 0 {
			if len(rest) == 0 || rest[0] != ',' {
				return nil, bad
			}
			rest = rest[1:]
		}
		colon := slices.Index(rest, ':')
		if colon < 0 {
			return nil, bad
		}
		n, err := strconv.Atoi(string(rest[:colon]))
		rest = rest[colon+1:]
		if err != nil || n < 0 || n > len(rest) {
			return nil, bad
		}
		op.values = append(op.values, rest[:n])
		rest = rest[n:]
	}
	if len(rest) > 0 {
		return nil, bad
	}
	return op, nil
}

// text appends the serialized text, which is what is hashed.
func (op *operation) text(b []byte) []byte {
	b = append(b, byte(op.opcode), ':')
	for i, v := range op.values {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(len(v)), 10)
		b = append(b, ':')
		b = append(b, v...)
	}
	return b
}

// value is the text of a field by its name; nothing when there is no such field.
func (op *operation) value(name string) []byte {
	if i := position(op.fields, name); i >= 0 {
		return op.values[i]
	}
	return nil
}

// number is the value of a field of kindNumber.
func (op *operation) number(name string) uint64 {
	n, err := strconv.ParseUint(string(op.value(name)), 10, 64)
	if err != nil {
		panic("bug: field " + name + " holds no number")
	}
	return n
}

func toHex(b []byte) []byte { return hex.AppendEncode(make([]byte, 0, 2*len(b)), b) }

// fromHex gives the bytes of a value that is hex; nothing for what is none, which the check after
// writing notices.
func fromHex(text []byte) []byte {
	b, err := hex.AppendDecode(nil, text)
	if err != nil {
		return nil
	}
	return b
}
