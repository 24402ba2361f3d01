package rules

import (
	"fmt"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// Outcome is what a block does to the state.
type Outcome struct {
	Height    int32
	Ops       []state.OpRow // one per BlockOp, in block order
	OpsHash   state.OpsHash
	Consensus names.ConsensusHash
	// Doubt: an operation was refused with ReasonGenesisUnknown, so what follows may not be what
	// others have.
	Doubt bool

	// Rows before and after the block. Rows that did not change are not here.
	Names     []RowChange[state.NameRow]
	Spaces    []RowChange[state.NamespaceRow]
	Preorders []RowChange[state.PreorderSet]
	Accounts  []RowChange[state.AccountRow]
	Rings     []RowChange[state.RingRow]
	// AccountLog is every state that accounts went through, in order.
	AccountLog []state.AccountRow
}

// RowChange is a row before and after. Old is nil for a row that is new, New for one that is gone.
type RowChange[T any] struct{ Old, New *T }

// Apply computes what the operations of the block at a height do to the state after the block
// before it: a scan for collisions over the creating operations, then each operation checked and
// applied in order, then the hashes, then the tokens that are due at the next height (protocol
// 7.1). It changes nothing. An error is one of the state; refused operations are in the outcome.
func Apply(p *names.Params, s State, schedule *Schedule, height int32, ops []state.BlockOp) (*Outcome, error) {
	w := newWork(p, s, height)
	out := &Outcome{Height: height, Ops: make([]state.OpRow, 0, len(ops))}
	taken := w.scanCollisions(ops)
	clear(w.quota.registered)
	var serialized [][]byte
	for i := range ops {
		row := w.apply(&ops[i], taken)
		if w.src.err != nil {
			return nil, fmt.Errorf("transaction %s at height %d: %w", row.At.Txid, height, w.src.err)
		}
		if text := row.Serialize(p); text != nil {
			serialized = append(serialized, text)
		}
		if row.Reason == state.ReasonGenesisUnknown {
			out.Doubt = true
		}
		out.Ops = append(out.Ops, row)
	}
	schedule.due(w.ledger, height+1)
	out.OpsHash = state.HashOps(serialized)
	var earlier []names.ConsensusHash
	for _, h := range state.EarlierHeights(p.FirstBlock, height) {
		hash, ok := w.src.consensus(h)
		if !ok && w.src.err == nil {
			w.src.err = fmt.Errorf("%w: height %d", ErrNoConsensus, h)
		}
		earlier = append(earlier, hash)
	}
	out.Consensus = state.HashConsensus(out.OpsHash, earlier)
	if w.src.err != nil {
		return nil, fmt.Errorf("block at height %d: %w", height, w.src.err)
	}
	w.collect(out)
	return out, nil
}

// work is a State with the changes of the block that is being applied on top, by what the rules ask
// of it.
type work struct {
	*standing
	quota  *quota
	quotes *quotes
	ledger *ledger
	rings  table[string, state.RingRow]
}

func newWork(p *names.Params, s State, height int32) *work {
	src := &source{State: s}
	at := momentOf(p, height)
	standing := newStanding(at, src)
	return &work{
		standing: standing, quota: newQuota(standing), quotes: newQuotes(at, src), ledger: newLedger(p, src),
		rings: newTable(src, src.Ring),
	}
}

// claims are names, namespace ids and preorder hashes that this block has given away, or that
// nobody gets.
type claims map[string]bool

// take claims a key once.
func (c claims) take(key string) *state.Refused {
	if c[key] {
		return state.Refuse(state.ReasonCollision, "")
	}
	c[key] = true
	return nil
}

// Keys of claims. A namespace id, a name and a hash cannot be mistaken for each other.
func nameClaim(name string) string              { return "n" + name }
func spaceClaim(id string) string               { return "s" + id }
func preorderClaim(h names.PreorderHash) string { return "p" + string(h[:]) }

// scanCollisions checks registrations, imports and reveals against the state before the block and
// gives what two of them would both get: nobody gets that (protocol 7.1, step 2). As the reference
// did, the quota counts a registration that failed its check for its sender, one that passed for
// its recipient.
func (w *work) scanCollisions(ops []state.BlockOp) claims {
	seen, taken := make(claims), make(claims)
	for i := range ops {
		l := ops[i].Located
		if l == nil {
			continue
		}
		switch op := l.Op.(type) {
		case nameop.NameRegistration:
			_, _, refused := checkRegister(w.quota, l, op)
			if refused == nil {
				if refused = seen.take(nameClaim(op.Name)); refused != nil {
					taken[nameClaim(op.Name)] = true
				}
			}
			if refused == nil {
				w.quota.registered[string(l.Recipient)]++
			} else {
				w.quota.registered[string(l.Sender)]++
			}
		case nameop.NamespaceReveal:
			if _, _, refused := checkReveal(w.standing, l, op); refused == nil {
				if seen.take(spaceClaim(op.ID)) != nil {
					taken[spaceClaim(op.ID)] = true
				}
			}
		case nameop.NameImport:
			checkImport(w.standing, &w.rings, l, op) // may make the ring of import keys
		}
	}
	return taken
}

// apply checks one operation of the main pass and applies it if it is accepted.
func (w *work) apply(b *state.BlockOp, taken claims) state.OpRow {
	row := state.OpRow{At: b.At, Status: state.Accepted, Located: b.Located}
	if b.Located == nil {
		row.Status, row.Opcode, row.OpName = state.Unparsed, b.Unparsed.Opcode, b.Unparsed.Opcode.String()
		row.Reason, row.Detail = state.ReasonMalformed, b.Unparsed.Reason
		return row
	}
	row.Opcode, row.OpName = b.Located.Op.Opcode(), b.Located.Op.OpName()
	if refused := w.applyOp(b.Located, taken, &row); refused != nil {
		row.Status, row.Reason, row.Detail = state.Rejected, refused.Reason, refused.Detail
		row.Name, row.Space, row.Preorder, row.Token = nil, nil, nil, nil
	}
	return row
}

// applyOp applies the rule of an operation and notes the row that it made.
func (w *work) applyOp(l *nameop.Located, taken claims, row *state.OpRow) (refused *state.Refused) {
	switch op := l.Op.(type) {
	case nameop.NamePreorder:
		if row.Preorder, refused = checkNamePreorder(w.quota, w.quotes, w.ledger, l, op); refused == nil {
			refused = w.preorder(l, row.Preorder, taken)
		}
	case nameop.NamespacePreorder:
		if row.Preorder, refused = checkNamespacePreorder(w.standing, w.quotes, w.ledger, l, op); refused == nil {
			refused = w.preorder(l, row.Preorder, taken)
		}
	case nameop.NameRegistration:
		row.Subject = op.Name
		var preorder *state.PreorderRow
		if row.Name, preorder, refused = checkRegister(w.quota, l, op); refused == nil {
			if refused = taken.take(nameClaim(op.Name)); refused == nil {
				row.Used = &preorder.At
				commitRegister(w.standing, row.Name)
				w.quota.registered[string(l.Recipient)]++
			}
		}
	case nameop.NameRenewal:
		row.Subject = op.Name
		if row.Name, refused = checkRenew(w.quota, w.ledger, l, op); refused == nil {
			commitRenew(w.standing, w.ledger, l, row.Name, op.Tokens)
		}
	case nameop.NameUpdate:
		row.Name, refused = checkUpdate(w.standing, w.quotes, l, op)
		w.change(row, refused)
	case nameop.NameTransfer:
		row.Name, refused = checkTransfer(w.standing, w.quotes, l, op)
		w.change(row, refused)
	case nameop.NameRevoke:
		row.Subject = op.Name
		row.Name, refused = checkRevoke(w.standing, l, op)
		w.change(row, refused)
	case nameop.NameImport:
		row.Subject = op.Name
		row.Name, refused = checkImport(w.standing, &w.rings, l, op)
		w.change(row, refused)
	case nameop.NamespaceReveal:
		row.Subject = op.ID
		var preorder *state.PreorderRow
		if row.Space, preorder, refused = checkReveal(w.standing, l, op); refused == nil {
			if refused = taken.take(spaceClaim(op.ID)); refused == nil {
				row.Used = &preorder.At
				commitReveal(w.standing, row.Space)
			}
		}
	case nameop.NamespaceReady:
		row.Subject = op.ID
		if row.Space, refused = checkReady(w.standing, l, op); refused == nil {
			w.putSpace(row.Space)
		}
	case nameop.TokenTransfer:
		if row.Token, refused = checkTokenTransfer(&w.moment, w.quotes, w.ledger, l, op); refused == nil {
			commitTokenTransfer(w.ledger, l, row.Token)
		}
	case nameop.Announce:
		refused = checkAnnounce(w.standing, l)
	default:
		panic(fmt.Sprintf("bug: no rule for %T", l.Op))
	}
	return refused
}

// preorder takes a preorder unless this block had one with the same hash.
func (w *work) preorder(l *nameop.Located, row *state.PreorderRow, taken claims) *state.Refused {
	if taken.take(preorderClaim(row.Hash)) != nil {
		return state.Refuse(state.ReasonDuplicate, "earlier in this block")
	}
	commitPreorder(w.standing, w.ledger, l, row)
	return nil
}

// change stores a name's new row.
func (w *work) change(row *state.OpRow, refused *state.Refused) {
	if refused == nil {
		row.Subject = row.Name.Name
		w.putName(row.Name)
	}
}
