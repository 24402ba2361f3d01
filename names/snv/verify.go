package snv

import (
	"context"
	"fmt"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// What Prove writes and Verify reads. Every value has one form and every octet counts. For the
// headers only work and a trusted block hash speak, for all else a trusted consensus hash too.
//
//	proof    = rules name anchor last included-list headers earlier blocks space
//	rules    = 32OCTET                    ; digest of the rules that the proof depends on, see Rules
//	name     = length *OCTET
//	anchor   = height                     ; what is proven is the state after this block
//	last     = height                     ; of the last operation on the name, not above anchor
//	included-list = number 1*included     ; of operations on the name, ascending; the last one is the last operation
//	headers  = see headers; of the blocks from the first included one to anchor
//	earlier  = *consensus                 ; hashes below last that those of last to anchor are made of, by height
//	blocks   = 1*block                    ; last to anchor
//	block    = number *operation          ; by position in the block; announcements, which are not hashed, are left out
//	space    = number [step]              ; height of the last operation on the namespace; 0, and no step, if it is in blocks
//	step     = opshash *consensus step    ; down the skip list to that height; hashes that are not known yet, descending
//	         / block *consensus           ; at that height
//	opshash  = 32OCTET  consensus = 16OCTET  hash = 32OCTET
//	height, position, number, length, depth = unsigned LEB128 in its shortest form

// maxBlockOps is more operations than a block has room for: without witness data it has at most
// 1,000,000 bytes, a transaction at least 60.
const maxBlockOps = 20_000

// MaxSize bounds a proof: more than 200,000 blocks with five operations each.
const MaxSize = 256 << 20

// Verify judges a proof by what is trusted. It looks at nothing else, no index and no network. The
// statement is given with a nil error only; errors wrap ErrMalformed, ErrRefused, ErrOtherRules or
// ErrNoTrust, or are *UntrustedError, *UntrustedBlockError or *OtherHeightError.
func Verify(ctx context.Context, p *names.Params, raw []byte, trust Trust) (*Statement, error) {
	if trust.Empty() {
		return nil, ErrNoTrust
	}
	if len(raw) > MaxSize {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, MaxSize)
	}
	v := &verifier{ctx: ctx, p: p, trust: trust, codec: newCodec(p), r: newReader(raw)}
	if err := v.run(); err != nil {
		return nil, err
	}
	s, err := v.statement()
	if err != nil {
		return nil, err
	}
	if s.Ownership, s.Inclusion, err = trust.check(s.Height, s.Consensus, s.Block); err != nil {
		return nil, err
	}
	s.Operations[len(s.Operations)-1].Accepted = s.Ownership
	return s, nil
}

// verifier reads a proof once, from front to back. The height and the block that it is about are
// compared with what is trusted before the operations are read: a forger chooses them freely, and
// could make the reader compute hashes for longer than anybody waits.
type verifier struct {
	ctx   context.Context
	p     *names.Params
	trust Trust
	codec *codec
	r     *reader

	name         names.Name
	anchor, last int32
	included     []included
	headers      *headers
	window       *window
	ops          int
	name1        *operation // the last one on the name
	space1       *operation // the last one on its namespace
	spaceAt      int32      // height of space1
}

func (v *verifier) run() error {
	for _, step := range []func() error{v.readHead, v.readIncluded, v.readBlocks, v.readSpace} {
		if err := step(); err != nil {
			return err
		}
		if v.r.err != nil {
			return v.r.err
		}
	}
	if len(v.r.b) > 0 {
		return fmt.Errorf("%w: %d bytes follow it", ErrMalformed, len(v.r.b))
	}
	return nil
}

func (v *verifier) readHead() error {
	rules := v.r.hash()
	name := v.r.bytes()
	v.anchor, v.last = v.r.height(), v.r.height()
	if v.r.err != nil {
		return v.r.err
	}
	if rules != Rules(v.p) {
		return ErrOtherRules
	}
	var err error
	if v.name, err = names.Parse(string(name)); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if v.last < v.p.FirstBlock || v.last > v.anchor {
		return fmt.Errorf("%w: last operation at block %d, anchor at %d", ErrMalformed, v.last, v.anchor)
	}
	return v.trust.checkHeight(v.anchor)
}

func (v *verifier) readIncluded() error {
	const least = 5
	count := v.r.count(least)
	if count == 0 {
		v.r.fail("no transaction of the name's operations")
	}
	for range count {
		in := readIncluded(v.r)
		if v.r.err != nil {
			return v.r.err
		}
		if n := len(v.included); n > 0 {
			if before := v.included[n-1]; in.height < before.height || in.height == before.height && in.index <= before.index {
				return fmt.Errorf("%w: transactions do not ascend", ErrMalformed)
			}
		}
		v.included = append(v.included, in)
	}
	if v.r.err != nil {
		return v.r.err
	}
	var err error
	if at := v.included[len(v.included)-1].height; at != v.last {
		return fmt.Errorf("%w: last transaction at block %d, last operation at %d", ErrRefused, at, v.last)
	}
	if v.headers, err = readHeaders(v.r, v.included[0].height, v.anchor); err != nil {
		return err
	}
	if err := v.trust.checkBlock(v.anchor, v.headers.last); err != nil {
		return err
	}
	for i := range v.included {
		if err := v.headers.holds(&v.included[i]); err != nil {
			return err
		}
	}
	return nil
}

// readBlocks computes the consensus hashes of the range, and finds the last operations on the name
// and its namespace.
func (v *verifier) readBlocks() error {
	v.window = newWindow(v.r, v.p.FirstBlock, v.last, v.anchor)
	blocks := int64(v.anchor) - int64(v.last) + 1
	if blocks > int64(len(v.r.b)) {
		v.r.fail("it ends within the blocks")
	}
	for h := v.last; v.r.err == nil; h++ {
		if (h-v.last)%1024 == 0 && v.ctx.Err() != nil {
			return v.ctx.Err()
		}
		hash, ops, err := v.readBlock(h)
		if err != nil {
			return err
		}
		if err := v.window.push(hash); err != nil {
			return err
		}
		v.ops += ops
		if h == v.last && v.name1 == nil {
			return fmt.Errorf("%w: block %d has no operation on %s", ErrRefused, h, v.name)
		}
		if h == v.anchor {
			break
		}
	}
	return v.r.err
}

// readBlock reads the operations of a block and keeps those that matter.
func (v *verifier) readBlock(height int32) (state.OpsHash, int, error) {
	const least = 20 // bytes of an operation
	count := v.r.count(least)
	if count > maxBlockOps {
		v.r.fail("%d operations in a block", count)
		count = 0
	}
	texts := make([][]byte, 0, min(count, 1000))
	before := int32(-1)
	for i := range count {
		if i%1024 == 0 && v.ctx.Err() != nil {
			return state.OpsHash{}, 0, v.ctx.Err()
		}
		op := v.codec.read(v.r)
		if v.r.err != nil {
			return state.OpsHash{}, 0, v.r.err
		}
		if op.at <= before {
			return state.OpsHash{}, 0, fmt.Errorf("%w: operations of block %d do not ascend", ErrMalformed, height)
		}
		before = op.at
		if err := v.keep(op, height); err != nil {
			return state.OpsHash{}, 0, err
		}
		texts = append(texts, op.text(make([]byte, 0, 768)))
	}
	return state.HashOps(texts), count, v.r.err
}

func (v *verifier) keep(op *operation, height int32) error {
	switch {
	case isRecord(op.opcode) && string(op.value("name")) == v.name.String() && height >= v.last:
		if height > v.last {
			return fmt.Errorf("%w: block %d has a later operation on %s", ErrRefused, height, v.name)
		}
		v.name1 = op
	case isNamespace(op.opcode) && string(op.value("namespace_id")) == string(v.name.Namespace()):
		v.space1, v.spaceAt = op, height
	}
	return nil
}

// readSpace finds the namespace, below the blocks if it is not in them.
func (v *verifier) readSpace() error {
	target := v.r.height()
	if v.r.err != nil {
		return v.r.err
	}
	if v.space1 != nil {
		if target != 0 {
			return fmt.Errorf("%w: namespace is shown twice", ErrMalformed)
		}
		return nil
	}
	if target < v.p.FirstBlock || target >= v.last {
		return fmt.Errorf("%w: block %d cannot show the namespace", ErrMalformed, target)
	}
	for at := v.window.lowest(target); at != target; {
		hash := state.OpsHash(v.r.hash())
		if err := v.window.learn(v.r, at, hash); err != nil {
			return err
		}
		next := at
		for _, earlier := range state.EarlierHeights(v.p.FirstBlock, at) {
			if earlier >= target {
				next = earlier
			}
		}
		at = next
	}
	hash, _, err := v.readBlock(target)
	if err != nil {
		return err
	}
	if v.space1 == nil {
		return fmt.Errorf("%w: block %d has no operation on namespace %s", ErrRefused, target, v.name.Namespace())
	}
	return v.window.learn(v.r, target, hash)
}

// statement puts together what was read.
func (v *verifier) statement() (*Statement, error) {
	in := &v.included[len(v.included)-1]
	if err := backs(v.p, in, v.name1, v.last); err != nil {
		return nil, err
	}
	row, err := nameRow(v.name1)
	if err != nil {
		return nil, err
	}
	row.At.Height = v.last
	space, err := v.space(row)
	if err != nil {
		return nil, err
	}
	s := &Statement{
		Consensus: v.window.hashes[len(v.window.hashes)-1], Height: v.anchor, Block: v.headers.last,
		From: v.last, Blocks: v.anchor - v.last + 1, Ops: v.ops,
	}
	if s.Record, err = state.RecordAt(v.p, row, space, v.anchor, s.Consensus); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	for i := range v.included {
		op, err := v.included[i].op(v.p)
		if err != nil {
			return nil, err
		}
		if err := v.concerns(op); err != nil {
			return nil, err
		}
		in := &v.included[i]
		s.Operations = append(s.Operations, Operation{OpName: op.OpName(), Txid: in.txid, Height: in.height, Index: in.index})
	}
	return s, nil
}

// space is the namespace as the name sees it at the anchor, once it is clear that the operation
// which shows it is the last one.
func (v *verifier) space(row *state.NameRow) (*state.NamespaceRow, error) {
	space, err := spaceRow(v.space1)
	if err != nil {
		return nil, err
	}
	at := space.RevealedAt
	if space.Ready() {
		at = space.ReadyAt
	}
	if at != v.spaceAt {
		return nil, fmt.Errorf("%w: namespace %s says block %d, and stands in %d", ErrRefused, space.ID, at, v.spaceAt)
	}
	if space.Ready() || v.spaceAt >= v.last {
		if !space.Ready() && row.Act != state.ActImport {
			return nil, fmt.Errorf("%w: namespace %s is not ready, and %s was not imported", ErrRefused, space.ID, v.name)
		}
		return space, nil
	}
	inForce := int64(v.last)-1 < int64(space.RevealedAt)+int64(v.p.NamespaceRevealLifetime)
	if row.Act != state.ActImport || !inForce {
		return nil, fmt.Errorf("%w: namespace %s is not shown as it was at block %d", ErrRefused, space.ID, v.last)
	}
	return space, nil
}

// concerns refuses the transaction of an operation that says by itself that it is about something
// else.
func (v *verifier) concerns(op nameop.Op) error {
	name, ok := v.name.String(), true
	switch op := op.(type) {
	case nameop.NamePreorder, nameop.NameUpdate: // hashes of more than the name
	case nameop.NameRegistration:
		ok = op.Name == name
	case nameop.NameRenewal:
		ok = op.Name == name
	case nameop.NameRevoke:
		ok = op.Name == name
	case nameop.NameImport:
		ok = op.Name == name
	case nameop.NameTransfer:
		ok = op.NameHash == nameop.NameHash(name)
	default:
		ok = false
	}
	if !ok {
		return fmt.Errorf("%w: it holds a transaction that is not about %s", ErrRefused, v.name)
	}
	return nil
}
