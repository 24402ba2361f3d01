package txbuilder

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
	"blockstack/txbuilder/psbtmap"
)

// Combine puts what several signers added to copies of one PSBT into one, like CombineDocuments.
func Combine(packets ...*psbt.Packet) (*psbt.Packet, error) {
	docs := make([]*psbtmap.Document, len(packets))
	for i, p := range packets {
		var err error
		if docs[i], err = DocumentOf(p); err != nil {
			return nil, err
		}
	}
	all, _, err := CombineDocuments(docs...)
	if err != nil {
		return nil, err
	}
	return PacketOf(all)
}

// CombineDocuments puts what several signers added to copies of one PSBT into one (BIP 174,
// combiner), with everything that this program does not know. The copies must be about the same
// unsigned transaction; where two disagree on what an input spends or on the type of its
// signatures, that is refused. Of two signatures of one key the valid one stays. Where two say
// different things otherwise, the first one's word counts, and leftOut has the place.
func CombineDocuments(docs ...*psbtmap.Document) (all *psbtmap.Document, leftOut []psbtmap.Place, err error) {
	if len(docs) == 0 {
		return nil, nil, fmt.Errorf("%w: nothing to combine", ErrBadRequest)
	}
	all = docs[0]
	for _, d := range docs[1:] {
		var places []psbtmap.Place
		judge := combiner{have: all, added: d}
		if all, places, err = psbtmap.Merge(all, d, judge.choose); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrBadRequest, err)
		}
		for _, at := range places {
			if !judge.settled(at) {
				leftOut = append(leftOut, at)
			}
		}
	}
	return all, leftOut, nil
}

// DocumentOf is a packet as the maps that it is written as.
func DocumentOf(p *psbt.Packet) (*psbtmap.Document, error) {
	raw, err := EncodePacket(p)
	if err != nil {
		return nil, err
	}
	return psbtmap.Parse(raw)
}

// PacketOf is a document as the packet that the rest of the program works with. What the packet
// cannot hold, such as signatures beside a finished script, is in the document alone.
func PacketOf(d *psbtmap.Document) (*psbt.Packet, error) { return DecodePacket(d.Bytes()) }

// Types of the fields of inputs that a combiner judges (BIP 174, 371).
const (
	fieldPreviousTx  = 0x00
	fieldPreviousOut = 0x01
	fieldSignature   = 0x02
	fieldSigHash     = 0x03
	fieldFinalScript = 0x07
	fieldFinalStack  = 0x08
	fieldKeySpend    = 0x13
)

// combiner judges what two documents say differently.
type combiner struct {
	have, added *psbtmap.Document
	done        map[placeKey]bool // where nothing of worth is left out
}

// choose says whether the added value of a field is to stand; an error refuses to combine.
func (c *combiner) choose(at psbtmap.Place, have, added []byte) (bool, error) {
	if at.Section != psbtmap.Input {
		return false, nil
	}
	switch kind := at.Key[0]; {
	case kind == fieldPreviousTx:
		if sameTx(have, added) { // with and without its witnesses
			c.settle(at)
			return false, nil
		}
		return false, errors.New("the packets disagree on what it spends")
	case kind == fieldPreviousOut:
		return false, errors.New("the packets disagree on what it spends")
	case kind == fieldSigHash:
		return false, errors.New("the packets disagree on the type of signature")
	case kind == fieldSignature || kind == fieldFinalScript || kind == fieldFinalStack || kind == fieldKeySpend:
		first, second := c.valid(c.have, at), c.valid(c.added, at)
		if first != second || first && second {
			c.settle(at) // a worthless signature must not keep a good one out; of two good ones either does
		}
		return !first && second, nil
	}
	return false, nil
}

// settle notes that nothing of worth was left out at a place; settled says so.
func (c *combiner) settle(at psbtmap.Place) {
	if c.done == nil {
		c.done = map[placeKey]bool{}
	}
	c.done[keyOfPlace(at)] = true
}

func (c *combiner) settled(at psbtmap.Place) bool { return c.done[keyOfPlace(at)] }

// placeKey is a place that can be the key of a map.
type placeKey struct {
	section psbtmap.Section
	index   int
	key     string
}

func keyOfPlace(at psbtmap.Place) placeKey { return placeKey{at.Section, at.Index, string(at.Key)} }

// valid says whether the signature that a document has at a place is good.
func (c *combiner) valid(d *psbtmap.Document, at psbtmap.Place) bool {
	p, err := PacketOf(d)
	if err != nil {
		return false
	}
	in := &p.Inputs[at.Index]
	if at.Key[0] == fieldSignature {
		i := slices.IndexFunc(in.PartialSigs, func(s *psbt.PartialSig) bool { return bytes.Equal(s.PubKey, at.Key[1:]) })
		return i >= 0 && validSignature(p, at.Index, in.PartialSigs[i])
	}
	return finishedInput(p, at.Index) == nil
}

// sameTx says whether two transactions have one txid.
func sameTx(a, b []byte) bool {
	var x, y wire.MsgTx
	if x.Deserialize(bytes.NewReader(a)) != nil || y.Deserialize(bytes.NewReader(b)) != nil {
		return false
	}
	return x.TxHash() == y.TxHash()
}

// signed says whether an input carries a signature.
func signed(in *psbt.PInput) bool {
	return len(in.PartialSigs) > 0 || len(in.TaprootKeySpendSig) > 0 || len(in.FinalScriptSig) > 0 || len(in.FinalScriptWitness) > 0
}

// Signed says whether input i of a packet carries a signature, valid or not.
func Signed(p *psbt.Packet, i int) bool { return signed(&p.Inputs[i]) }

// SignedSize is the virtual size that a packet's transaction has at most when all its inputs are
// signed by single keys; ok is false when an input is of another kind.
func SignedSize(p *psbt.Packet) (vsize int64, ok bool) {
	if checkShape(p) != nil {
		return 0, false
	}
	var s sizes
	for i := range p.Inputs {
		out, err := spends(p, i)
		if err != nil {
			return 0, false
		}
		c := &coin{script: out.PkScript}
		redeem := p.Inputs[i].RedeemScript
		if outscript.IsWitness(redeem) {
			redeem = nil
		}
		if c.base, c.wit, err = inputWeight(c.script, redeem); err != nil {
			return 0, false
		}
		s.add(c)
	}
	for _, o := range p.UnsignedTx.TxOut {
		s.output(o.PkScript)
	}
	return s.vsize(), true
}
