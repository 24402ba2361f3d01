package txbuilder

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
)

// plan turns a funded layout into a plan, after holding it once more to all that must be true of
// it.
func (b *Builder) plan(ctx context.Context, d outline, r *result) (*Plan, error) {
	packet, err := b.packet(ctx, d, r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.operation, err)
	}
	return planOf(d, r, packet, b.addressOf), nil
}

// packet is the transaction of a funded layout, unsigned.
func (b *Builder) packet(ctx context.Context, d outline, r *result) (*psbt.Packet, error) {
	if err := checkResult(r, d.named, b.maxFee); err != nil {
		return nil, err
	}
	if err := b.funds.load(ctx, r.coins); err != nil {
		return nil, err
	}
	packet, err := packetOf(r, d.lockTime)
	if err != nil {
		return nil, err
	}
	return packet, b.rules.readBack(r, packet.UnsignedTx)
}

// Every transaction built here has version 2 and inputs that signal replacement (BIP 125); a lock
// time has only what asks for one (LockTime).
const (
	txVersion   = 2
	replaceable = wire.MaxTxInSequenceNum - 2
)

// planOf says what the packet of a funded layout is for; addressOf shows scripts.
func planOf(d outline, r *result, packet *psbt.Packet, addressOf func([]byte) string) *Plan {
	p := &Plan{
		Operation: d.operation, Packet: packet, Fee: r.fee, Burn: r.layout.burn(), BurnTokens: d.tokens,
		Change: r.change, Weight: r.size.weight(), VSize: r.size.vsize(),
		Sender: r.coins[0].script, Keep: r.keep, unsigned: packet.UnsignedTx.Copy(),
	}
	for i, o := range r.layout.Outputs {
		p.Lines = append(p.Lines, Line{Output: i, Role: o.Role, Address: addressOf(o.Script), Amount: o.Value, Text: o.Text})
	}
	p.Lines = append(p.Lines, Line{Output: -1, Role: RoleFee, Amount: r.fee,
		Text: fmt.Sprintf("miner fee, %d vB at %s", p.VSize, p.Rate())})
	return p
}

// checkResult is the last guard before a transaction exists: inputs equal outputs plus fee, nothing
// is dust, nothing is of a kind the name system does not read, the fee is sane.
func checkResult(r *result, named bool, maxFee btcutil.Amount) error {
	out := btcutil.Amount(0)
	for _, o := range r.layout.Outputs {
		out += o.Value
	}
	if in := sum(r.coins); in != out+r.fee || r.fee <= 0 {
		panic(fmt.Sprintf("bug: inputs of %d against outputs of %d and a fee of %d", in, out, r.fee))
	}
	if r.fee > maxFee {
		return &FeeTooHigh{Fee: r.fee, Ceiling: maxFee}
	}
	if err := r.layout.check(); err != nil {
		return err
	}
	if r.change >= 0 {
		o := r.layout.Outputs[r.change]
		if least := DustLimit(o.Script); o.Value < least {
			return &DustAmount{Where: "change", Amount: o.Value, Minimum: least}
		}
	}
	if w := r.size.weight(); w > maxStandardWeight {
		return fmt.Errorf("%w: weight of %d, at most %d is relayed; it needs fewer inputs", ErrBadRequest, w, maxStandardWeight)
	}
	if !named {
		return nil
	}
	for i, c := range r.coins {
		if err := checkNamed(fmt.Sprintf("input %d", i), c.script); err != nil {
			return err
		}
	}
	for i, o := range r.layout.Outputs {
		if o.Role == RoleData {
			continue
		}
		if err := checkNamed(fmt.Sprintf("output %d (%s)", i, o.Role), o.Script); err != nil {
			return err
		}
	}
	return nil
}

// maxStandardWeight is the largest weight that nodes relay.
const maxStandardWeight = 400_000

// packetOf writes the unsigned transaction as a PSBT. Every input carries its previous transaction;
// witness programs, and P2SH that is not a bare script, carry the output as well.
func packetOf(r *result, lockTime uint32) (*psbt.Packet, error) {
	ops := make([]*wire.OutPoint, len(r.coins))
	seqs := make([]uint32, len(r.coins))
	for i, c := range r.coins {
		op := c.op
		ops[i], seqs[i] = &op, replaceable
	}
	p, err := psbt.New(ops, r.layout.txOuts(), txVersion, lockTime, seqs)
	if err != nil {
		return nil, fmt.Errorf("packet: %w", err)
	}
	for i, c := range r.coins {
		in := &p.Inputs[i]
		in.NonWitnessUtxo = c.tx
		in.RedeemScript = c.redeem
		bare := len(c.redeem) > 0 && !outscript.IsWitness(c.redeem)
		if c.wit > 0 && !bare {
			in.WitnessUtxo = c.tx.TxOut[c.op.Index]
		}
	}
	if err := p.SanityCheck(); err != nil {
		return nil, fmt.Errorf("packet: %w", err)
	}
	return p, nil
}
