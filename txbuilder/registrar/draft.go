package registrar

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
)

// A job whose request is External is signed elsewhere: by a machine that is
// offline, by several people, by a device. Where another job would sign, it keeps
// a draft and waits until Accept gets a signed copy of exactly that transaction.

// Draft is a transaction of a job that waits for signatures.
type Draft struct {
	Role Role `json:"role"`
	// Unsigned is the txid without signatures, by which a signed copy is known.
	Unsigned chainhash.Hash `json:"unsigned"`
	// Packet is the PSBT while it waits.
	Packet []byte `json:"packet,omitempty"`
	// Version is what it becomes. Its txid is zero where signatures change it.
	Version Version `json:"version"`
	// To is the state that signing leads to; zero: it was drafted ahead.
	To     State  `json:"to,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Over is the version that it replaces; zero: none.
	Over   chainhash.Hash `json:"over,omitzero"`
	Status DraftStatus    `json:"status,omitempty"`
}

// DraftStatus says what became of a draft. The values are stored.
type DraftStatus string

// The statuses.
const (
	DraftWaiting  DraftStatus = ""
	DraftSigned   DraftStatus = "signed"
	DraftReplaced DraftStatus = "replaced"
)

// Errors of Accept.
var (
	// ErrNoDraft says that no job has planned a transaction.
	ErrNoDraft = errors.New("no job has planned this transaction")
	// ErrOldDraft says that a signed draft would not count any more, or that a
	// newer one took its place.
	ErrOldDraft = errors.New("this PSBT is out of date")
	// ErrNotExternal says that a job signs with the wallet's own keys.
	ErrNotExternal = errors.New("the job signs with the keys of this wallet")
)

// draftLife is how many blocks a draft that quotes no consensus hash is good: terms
// such as a price are looked at again after it.
const draftLife = 144

// Annotator adds to a packet what a signer elsewhere needs: where keys of the
// wallet are derived, and redeem scripts (BIP 174). A Wallet may be one.
type Annotator interface {
	Annotate(ctx context.Context, p *psbt.Packet) error
}

// Drafts are the packets that wait for signatures, in the order of the chain.
func (j *Job) Drafts() []*Draft {
	var list []*Draft
	if !j.Open() {
		return nil
	}
	for _, d := range j.Drafted {
		if d.Status == DraftWaiting {
			list = append(list, d)
		}
	}
	return list
}

// PSBT reads the packet.
func (d *Draft) PSBT() (*psbt.Packet, error) {
	p, err := txbuilder.DecodePacket(d.Packet)
	if err != nil {
		return nil, fmt.Errorf("%w: draft %s: %w", ErrBadJournal, d.Unsigned, err)
	}
	if p.UnsignedTx.TxHash() != d.Unsigned {
		return nil, fmt.Errorf("%w: draft %s is not what its bytes say", ErrBadJournal, d.Unsigned)
	}
	return p, nil
}

// check holds a stored draft to its packet.
func (d *Draft) check() error {
	if d == nil || d.To != 0 && stateName(d.To) == "" {
		return errors.New("empty draft")
	}
	if d.Status != DraftWaiting {
		return nil
	}
	_, err := d.PSBT()
	return err
}

// reserve adds the outpoints that a waiting draft needs.
func (d *Draft) reserve(j *Job, kept Reservations) error {
	p, err := d.PSBT()
	if err != nil {
		return err
	}
	for _, in := range p.UnsignedTx.TxIn {
		kept.add(in.PreviousOutPoint, j, PurposeDraft)
	}
	if d.Version.Next >= 0 && d.Version.Txid != (chainhash.Hash{}) {
		kept.add(wire.OutPoint{Hash: d.Version.Txid, Index: uint32(d.Version.Next)}, j, PurposeDraft)
	}
	return nil
}

// addDraft keeps a plan as a draft. The transaction is nil when its txid is not
// known before it is signed.
func (m *maker) addDraft(ctx context.Context, role Role, p *txbuilder.Plan, v *Version) (*wire.MsgTx, error) {
	if a, ok := m.r.cfg.Wallet.(Annotator); ok {
		if err := a.Annotate(ctx, p.Packet); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Operation, err)
		}
	}
	if err := txbuilder.AddClaim(p.Packet, m.claim()); err != nil {
		return nil, err
	}
	d := &Draft{Role: role, Unsigned: p.Packet.UnsignedTx.TxHash()}
	var err error
	if d.Packet, err = txbuilder.EncodePacket(p.Packet); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Operation, err)
	}
	tx, fixed := txbuilder.FixedTx(p.Packet)
	v.VSize = p.VSize
	if fixed {
		v.Txid = tx.TxHash()
	}
	d.Version = *v
	for i, o := range m.j.Drafted {
		if o.Unsigned == d.Unsigned { // the same once more: it is as good as new
			m.j.Drafted[i], d = d, nil
			break
		}
	}
	if d != nil {
		m.j.Drafted = append(m.j.Drafted, d)
	}
	if !fixed {
		return nil, nil
	}
	return tx, nil
}

// claim is what the packets of the job say about themselves.
func (m *maker) claim() txbuilder.Claim {
	req := &m.j.Request
	c := txbuilder.Claim{Job: string(m.j.ID), Consensus: hex.EncodeToString(m.t.consensus[:])}
	if req.Kind == KindLaunch {
		c.Namespace = string(req.NamespaceID())
	} else {
		c.Name = req.Name.String()
	}
	if addr, err := m.r.cfg.Params.ScriptAddress(req.Owner); err == nil && !req.Kind.ofOwner() {
		c.Owner = addr
	}
	return c
}

// draftFor finds the draft that is to be signed for an action.
func (j *Job) draftFor(a Action, parent chainhash.Hash) *Draft {
	for i := len(j.Drafted) - 1; i >= 0; i-- {
		d := j.Drafted[i]
		if d.Status == DraftWaiting && d.Role == a.Role && d.Over == j.replaces(a) &&
			(d.Version.Parent == parent || a.Replace || a.Role == RoleReturn) {
			return d
		}
	}
	return nil
}

// waiting is draftFor, or, for a job's first transaction, the draft of the move that
// comes before it.
func (j *Job) waiting(a Action, parent chainhash.Hash) *Draft {
	if d := j.draftFor(a, parent); d != nil || j.State != Planned || a.Role != j.flow().first() {
		return d
	}
	return j.draftFor(Action{Role: RoleMove}, chainhash.Hash{})
}

// goodWith is good for a draft and for those that wait with it and spend it.
func (r *Registrar) goodWith(ctx context.Context, j *Job, d *Draft, f Facts) (bool, error) {
	good, err := r.good(ctx, d, f, f.Tip)
	if d.Role != RoleMove || d.Version.Txid == (chainhash.Hash{}) {
		return good, err
	}
	for _, o := range j.Drafts() {
		if err == nil && good && o.Version.Parent == d.Version.Txid {
			good, err = r.good(ctx, o, f, f.Tip)
		}
	}
	return good, err
}

// replaces is the version that an action takes the place of, zero for none.
func (j *Job) replaces(a Action) chainhash.Hash {
	role := a.Role
	if role == RoleReturn {
		role = j.flow().first()
	}
	st := j.stage(role)
	if st == nil || !a.Replace && a.Role != RoleReturn {
		return chainhash.Hash{}
	}
	return st.Versions[st.Current].Txid
}

// good says whether a draft would still count if it were signed now.
func (r *Registrar) good(ctx context.Context, d *Draft, f Facts, indexTip int32) (bool, error) {
	v := &d.Version
	if v.Window == 0 {
		return f.Tip-v.Signed <= draftLife, nil
	}
	if f.Tip+replaceMargin >= v.Window && f.Tip > v.Signed {
		return false, nil
	}
	stale, err := r.stale(ctx, v, indexTip)
	return !stale, err
}

// draftStep makes the draft that an action needs, or waits for its signatures.
func (r *Registrar) draftStep(ctx context.Context, j *Job, f Facts, a Action) (*Job, error) {
	parent, err := r.draftParent(ctx, j, a)
	if err != nil {
		return nil, err
	}
	if d := j.waiting(a, parent); d != nil {
		good, err := r.goodWith(ctx, j, d, f)
		if err != nil {
			return nil, err
		}
		if good {
			return r.waitSignatures(j, d, a)
		}
	}
	var made *Draft
	next, err := r.change(ctx, j, j.State, func(n *Job) error {
		m, err := r.makerFor(ctx, n, a)
		if err != nil {
			return err
		}
		m.drafting = true
		if old := n.waiting(a, parent); old != nil {
			p, err := old.PSBT()
			if err != nil {
				return err
			}
			// Whoever has the old one may still sign it: only one of the two may ever
			// confirm.
			if m.reuse, err = txbuilder.PacketInputs(p); err != nil {
				return err
			}
			m.moving = old.Role == RoleMove
		}
		old := n.Drafted
		n.Drafted = nil
		if err := m.make(ctx, a); err != nil {
			return err
		}
		if len(n.Drafted) == 0 {
			return j.nothingNewer(a.Role, f.mined)
		}
		made = n.Drafted[0]
		made.To, made.Reason, made.Over = a.To, a.Reason, j.replaces(a)
		switch {
		case made.Role == RoleMove:
			made.To = MoveSigned
		case made.Role.isImport() && !a.Replace: // one of many, which come back in any order
			made.To = 0
		}
		n.Drafted = append(n.superseded(old, made), n.Drafted...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, d := range next.Drafts() {
		r.notify(Event{Job: j.ID, What: EventDrafted, State: next.State, Role: d.Role, Txid: d.Unsigned.String(), Text: words(d.Role)})
	}
	return r.waitSignatures(next, made, a)
}

// superseded marks the drafts that new ones take the place of: those for the same
// transaction, and those drafted ahead that would spend it. Their packets are not
// needed any more; their ids are, to tell who hands one back.
func (j *Job) superseded(old []*Draft, by *Draft) []*Draft {
	gone := make(map[chainhash.Hash]bool)
	fresh := make(map[chainhash.Hash]bool)
	for _, d := range j.Drafted {
		fresh[d.Unsigned] = true
	}
	kept := make([]*Draft, 0, len(old))
	for _, d := range old {
		if fresh[d.Unsigned] {
			continue // the same transaction again
		}
		same := d.Role == by.Role && d.Over == by.Over && d.Version.Parent == by.Version.Parent
		if d.Status == DraftWaiting && (same || gone[d.Version.Parent]) {
			if d.Version.Txid != (chainhash.Hash{}) {
				gone[d.Version.Txid] = true
			}
			d.Status, d.Packet = DraftReplaced, nil
		}
		kept = append(kept, d)
	}
	return kept
}

// draftParent is the transaction that the one of an action spends: the version that
// is in a block, zero for a job's first.
func (r *Registrar) draftParent(ctx context.Context, j *Job, a Action) (chainhash.Hash, error) {
	fl := j.flow()
	parent := fl.preorder
	switch {
	case a.Role.isImport():
		parent = RoleFund
	case a.Role == fl.first() && !a.Replace && j.stage(RoleMove) != nil:
		parent = RoleMove
	case a.Replace || a.Role == RoleReturn || a.Role == RoleMove || a.Role == fl.first():
		return chainhash.Hash{}, nil
	case a.Role == fl.update:
		parent = fl.register
	}
	m := &maker{r: r, j: j, t: &terms{}}
	var err error
	if m.t.tip, _, err = r.cfg.Chain.Tip(ctx); err != nil {
		return chainhash.Hash{}, fmt.Errorf("chain tip: %w", err)
	}
	v, _, err := m.minedVersion(ctx, parent)
	if err != nil {
		return chainhash.Hash{}, err
	}
	return v.Txid, nil
}

// waitSignatures lets a job stand still until a draft comes back.
func (r *Registrar) waitSignatures(j *Job, d *Draft, a Action) (*Job, error) {
	next, err := clone(j)
	if err != nil {
		return nil, err
	}
	w := &Wait{For: "the signed PSBT of " + words(d.Role), Signatures: true, Deadline: d.Version.Window}
	if a.Optional && a.Wait != nil {
		w.For, w.Blocks, w.Txid = a.Wait.For+", or for the signed PSBT of a version with a higher fee", a.Wait.Blocks, a.Wait.Txid
	}
	next.Wait = w
	r.notify(Event{Job: j.ID, What: EventWaiting, State: j.State, Wait: w, Text: w.For})
	return next, nil
}

// findDraft finds the job that has planned a transaction.
func (r *Registrar) findDraft(ctx context.Context, unsigned chainhash.Hash) (*Job, *Draft, error) {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, nil, err
	}
	return FindDraft(jobs, unsigned)
}

// FindDraft finds the job that has planned a transaction, by its txid without
// signatures, or ErrNoDraft.
func FindDraft(jobs []*Job, unsigned chainhash.Hash) (*Job, *Draft, error) {
	for i := len(jobs) - 1; i >= 0; i-- {
		for _, d := range jobs[i].Drafted {
			if d.Unsigned == unsigned {
				return jobs[i], d, nil
			}
		}
	}
	return nil, nil, ErrNoDraft
}
