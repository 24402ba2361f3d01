package state

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"blockstack/names"
	"blockstack/names/nameop"
)

// Serialize gives the text of an accepted operation that is hashed into the consensus hash, nothing
// for an announcement, which is never hashed (protocol 6.3).
//
//	text   = opcode ":" field *("," field)
//	field  = length ":" value              ; length: decimal count of the value's bytes
//
// opcode is the byte on the wire. The fields of each operation, and the values they have, are those
// of protocol 6.3.
func (r *OpRow) Serialize(p *names.Params) []byte {
	if r.Status != Accepted {
		return nil
	}
	s := serializer{p: p, b: make([]byte, 0, 768)}
	s.b = append(s.b, byte(r.Opcode), ':')
	switch {
	case r.Preorder != nil && r.Preorder.Namespace:
		s.namespacePreorder(r.Preorder)
	case r.Preorder != nil:
		s.namePreorder(r.Preorder)
	case r.Space != nil:
		s.space(r.Space)
	case r.Name != nil:
		s.name(r.Name)
	case r.Token != nil:
		s.token(r.Token)
	default:
		return nil
	}
	return s.b
}

// serializer builds the text.
type serializer struct {
	p     *names.Params
	b     []byte
	begun bool
}

func (s *serializer) open(length int) {
	if s.begun {
		s.b = append(s.b, ',')
	}
	s.begun = true
	s.b = strconv.AppendInt(s.b, int64(length), 10)
	s.b = append(s.b, ':')
}

func (s *serializer) text(v string) {
	s.open(len(v))
	s.b = append(s.b, v...)
}

func (s *serializer) hex(v []byte) {
	s.open(2 * len(v))
	s.b = hex.AppendEncode(s.b, v)
}

func (s *serializer) number(v int64) {
	var buf [20]byte
	t := strconv.AppendInt(buf[:0], v, 10)
	s.open(len(t))
	s.b = append(s.b, t...)
}

func (s *serializer) flag(v bool) {
	if v {
		s.text("True")
		return
	}
	s.text("False")
}

// address writes the base58 address of a script, nothing for no script.
func (s *serializer) address(script []byte) {
	if len(script) == 0 {
		s.text("")
		return
	}
	s.text(AddressOf(s.p, script))
}

// optional writes the hex of v, nothing when it is not there.
func (s *serializer) optional(there bool, v []byte) {
	if !there {
		v = nil
	}
	s.hex(v)
}

func (s *serializer) fee(f Fee) {
	if f.IsFloat {
		s.text(feeText(f.Float))
		return
	}
	s.number(f.Sat)
}

func (s *serializer) txid(at Place) {
	s.text(at.Txid.String())
	s.number(int64(at.Index))
}

func (s *serializer) namePreorder(r *PreorderRow) {
	s.hex(r.Hash[:])
	s.hex(r.Consensus[:])
	s.hex(r.Sender)
	s.hex(r.PubKey)
	s.address(r.Sender)
	s.number(int64(r.At.Height))
	s.text(string(ActPreorder))
	s.txid(r.At)
	s.number(r.Fee)
}

func (s *serializer) namespacePreorder(r *PreorderRow) {
	s.hex(r.Hash[:])
	s.hex(r.Consensus[:])
	s.text(string(ActNamespacePreorder))
	s.number(r.Fee)
	s.txid(r.At)
	s.number(int64(r.At.Height))
	s.hex(r.Sender)
	s.hex(r.PubKey)
	s.address(r.Sender)
}

func (s *serializer) space(r *NamespaceRow) {
	s.text(r.ID)
	s.hex(r.PreorderHash[:])
	s.number(int64(r.Version))
	if r.Ready() { // READY puts its own sender, the revealer, in the place of the payer
		s.hex(r.Recipient)
	} else {
		s.hex(r.Payer)
	}
	s.hex(r.PubKey)
	s.address(r.Payer)
	s.hex(r.Recipient)
	s.address(r.Recipient)
	s.number(int64(r.CreatedAt))
	s.number(int64(r.RevealedAt))
	s.text(string(r.Act))
	s.txid(r.At)
	s.number(int64(r.Lifetime))
	s.number(int64(r.Coeff))
	s.number(int64(r.Base))
	s.text(bucketText(r.Buckets))
	s.number(int64(r.NonAlpha))
	s.number(int64(r.NoVowel))
	if r.Ready() {
		s.number(int64(r.ReadyAt))
	}
}

func (s *serializer) name(r *NameRow) {
	s.text(r.Name)
	s.optional(r.HasValue, r.Value[:])
	s.hex(r.Owner)
	s.hex(r.PubKey)
	s.address(r.Owner)
	s.number(int64(r.CreatedAt))
	s.number(int64(r.PreorderedAt))
	s.number(int64(r.FirstRegistered))
	s.number(int64(r.LastRenewed))
	s.flag(r.Revoked)
	s.text(string(r.Act))
	s.txid(r.At)
	s.fee(r.Fee)
	s.hex(r.Importer)
	s.address(r.Importer)
	switch r.Act {
	case ActRegister, ActRenew, ActImport:
		s.hex(r.Owner)
		s.address(r.Owner)
	case ActUpdate:
		h := nameop.UpdateHash(r.Name, r.Consensus)
		s.hex(h[:])
		s.hex(r.Consensus[:])
	case ActTransferKeep, ActTransferErase:
		h := nameop.NameHash(r.Name)
		s.hex(h[:])
		s.hex(r.Consensus[:])
		s.flag(r.Act == ActTransferKeep)
	}
}

func (s *serializer) token(r *TokenRow) {
	s.hex(r.Sender)
	s.address(r.Sender)
	s.hex(r.Recipient)
	s.address(r.Recipient)
	s.text(r.Op.TokenType)
	s.text(strconv.FormatUint(r.Op.Amount, 10))
	s.number(int64(r.At.Height))
	s.text(string(ActToken))
	s.txid(r.At)
	s.hex(r.Op.Consensus[:])
	s.text(hex.EncodeToString([]byte(r.Op.Scratch)))
}

// bucketText is a list of price exponents as the reference prints it: [6, 5, 4, ...].
func bucketText(buckets [16]byte) string {
	b := []byte{'['}
	for i, v := range buckets {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(b, int64(v), 10)
	}
	return string(append(b, ']'))
}

// feeText is a double with twelve significant digits, as C's %.12g prints it, with ".0" when
// nothing else shows that it is one (protocol 6.4): 160000.0, 3333.3, 6.5536e+12.
func feeText(f float64) string {
	const digits = 12
	exp := fmt.Sprintf("%.*e", digits-1, f)
	mantissa, exponent, _ := strings.Cut(exp, "e")
	x, err := strconv.Atoi(exponent)
	if err != nil { // infinity or not a number, which no price is
		return strings.ToLower(strconv.FormatFloat(f, 'g', -1, 64))
	}
	if x < -4 || x >= digits-1 {
		return trimFraction(mantissa) + fmt.Sprintf("e%+03d", x)
	}
	s := trimFraction(strconv.FormatFloat(f, 'f', digits-1-x, 64))
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// trimFraction drops zeros at the end of a fraction, and the point when none is left.
func trimFraction(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// AddressOf is the base58 address of a script that the rules accepted; they take only p2pkh and
// p2sh.
func AddressOf(p *names.Params, script []byte) string {
	a, err := p.ScriptAddress(script)
	if err != nil {
		return ""
	}
	return a
}
