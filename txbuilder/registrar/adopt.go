package registrar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// adopted adds to a job the transactions in blocks that are its own and that this
// journal does not know. Another machine with the same seed may have replaced a
// preorder, or gone on to the registration; or an older journal was brought back. What
// is found is saved before it is believed.
func (r *Registrar) adopted(ctx context.Context, j *job.Job) (*job.Job, error) {
	f, err := r.look(ctx, j, nil)
	if err != nil || !f.Synced {
		return j, err
	}
	return r.adopt(ctx, j, f)
}

// adopt is adopted with the facts at hand.
func (r *Registrar) adopt(ctx context.Context, j *job.Job, f step.Facts) (*job.Job, error) {
	if !f.Synced || len(j.Stages) == 0 && len(j.Drafted) == 0 {
		return j, nil
	}
	next, err := job.Clone(j)
	if err != nil {
		return j, err
	}
	a := adopter{r: r, j: next, f: f}
	if err := a.drafts(ctx); err != nil {
		return j, err
	}
	switch {
	case j.Request.Kind.OfOwner():
		err = a.ownerOp(ctx)
	case j.Request.Kind == job.KindRegister:
		err = a.registration(ctx)
	case j.Request.Kind == job.KindLaunch:
		err = a.launch(ctx)
	}
	if err != nil || !a.found {
		return j, err
	}
	return r.change(ctx, j, j.State, func(n *job.Job) error {
		*n = *a.j
		return nil
	})
}

// adopter looks for one job's transactions.
type adopter struct {
	r     *Registrar
	j     *job.Job
	f     step.Facts
	found bool
}

// ignoreMissing drops the error about a name or namespace that is not there.
func ignoreMissing(err error) error {
	if errors.Is(err, names.ErrNotFound) {
		return nil
	}
	return err
}

// mined says whether a version that the journal knows is in a block.
func (a *adopter) mined(role job.Role) bool {
	if st := a.j.Stage(role); st != nil {
		for _, v := range st.Versions {
			if a.f.Txs[v.Txid].Height > 0 {
				return true
			}
		}
	}
	return false
}

// registration looks for preorder and registration.
func (a *adopter) registration(ctx context.Context) error {
	if len(a.j.Sender) == 0 || a.mined(job.RoleRegister) {
		return nil
	}
	hash, err := txbuilder.PreorderHash(a.r.cfg.Params, a.j.Request.Name, a.j.Sender, a.j.Request.Owner)
	if err != nil {
		return err
	}
	if !a.mined(job.RolePreorder) {
		if err := a.outstanding(ctx, job.RolePreorder, hash); err != nil {
			return err
		}
	}
	if !a.f.Held {
		return nil
	}
	rec, err := a.r.cfg.Names.Record(ctx, a.j.Request.Name)
	if err != nil {
		return err
	}
	isIt := func(op nameop.Op) bool {
		reg, ok := op.(nameop.NameRegistration)
		return ok && reg.Name == a.j.Request.Name.String()
	}
	if err := a.successor(ctx, rec.FirstRegistered, job.RolePreorder, job.RoleRegister, isIt, func(op nameop.Op) bool {
		pre, ok := op.(nameop.NamePreorder)
		return ok && pre.Hash == hash
	}); err != nil || a.mined(job.RoleRegister) || !a.mined(job.RolePreorder) {
		return err
	}
	return a.elsewhereRegistered(ctx, rec.FirstRegistered, isIt)
}

// elsewhereRegistered adds the registration that used the job's preorder and does not spend
// its change: in a list of names it spends that of the registration before it. The sender is
// the same, and with it what the preorder commits to.
func (a *adopter) elsewhereRegistered(ctx context.Context, height int32, isIt func(nameop.Op) bool) error {
	tx, err := a.find(ctx, height, func(tx *wire.MsgTx) bool {
		op := a.operation(tx, height)
		return op != nil && isIt(op)
	})
	if err != nil || tx == nil || a.j.Stage(job.RoleRegister).Knows(tx.TxHash()) {
		return err
	}
	if !slices.ContainsFunc(sendersOf(tx), func(s []byte) bool { return bytes.Equal(s, a.j.Sender) }) {
		return nil
	}
	return a.add(ctx, job.RoleRegister, tx, height, tx.TxIn[0].PreviousOutPoint.Hash, 1)
}

// launch looks for namespace preorder, reveal and ready.
func (a *adopter) launch(ctx context.Context) error {
	if len(a.j.Sender) == 0 || a.mined(job.RoleReady) {
		return nil
	}
	id := a.j.Request.NamespaceID()
	hash, err := txbuilder.NamespacePreorderHash(a.r.cfg.Params, id, a.j.Sender, a.j.Request.Owner)
	if err != nil {
		return err
	}
	if !a.mined(job.RoleNamespacePreorder) {
		if err := a.outstanding(ctx, job.RoleNamespacePreorder, hash); err != nil {
			return err
		}
	}
	ns, err := a.r.cfg.Names.Namespace(ctx, id)
	if err != nil || !bytes.Equal(ns.RevealerScript, a.j.Request.Owner) {
		return ignoreMissing(err)
	}
	if !a.mined(job.RoleReveal) {
		if err := a.successor(ctx, ns.RevealHeight, job.RoleNamespacePreorder, job.RoleReveal, func(op nameop.Op) bool {
			rev, ok := op.(nameop.NamespaceReveal)
			return ok && rev.ID == id.String()
		}, func(op nameop.Op) bool {
			pre, ok := op.(nameop.NamespacePreorder)
			return ok && pre.Hash == hash
		}); err != nil {
			return err
		}
	}
	if ns.ReadyHeight == 0 {
		return nil
	}
	return a.successor(ctx, ns.ReadyHeight, job.RoleReveal, job.RoleReady, func(op nameop.Op) bool {
		ready, ok := op.(nameop.NamespaceReady)
		return ok && ready.ID == id.String()
	}, nil)
}

// ownerOp looks whether what is wanted was done by an operation that spends the same
// coin at input 0.
func (a *adopter) ownerOp(ctx context.Context) error {
	role := a.j.Flow().Update
	if !a.f.Met || a.mined(role) {
		return nil
	}
	rec, err := a.r.cfg.Names.Record(ctx, a.j.Request.Name)
	if err != nil {
		return err
	}
	at, seen, err := a.r.cfg.Names.OpStatus(ctx, rec.LastTx)
	if err != nil || !seen {
		return err
	}
	tx, err := a.find(ctx, at.Height, func(tx *wire.MsgTx) bool { return tx.TxHash() == rec.LastTx })
	if err != nil || tx == nil {
		return err
	}
	known, err := a.j.FirstCoin(role)
	if err != nil || known != tx.TxIn[0].PreviousOutPoint {
		return err
	}
	return a.add(ctx, role, tx, at.Height, chainhash.Hash{}, -1)
}

// outstanding adds the preorder that the index holds.
func (a *adopter) outstanding(ctx context.Context, role job.Role, hash names.PreorderHash) error {
	list, err := a.r.cfg.Names.PreordersBy(ctx, a.j.Sender)
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.Hash != hash {
			continue
		}
		tx, err := a.find(ctx, o.Height, func(tx *wire.MsgTx) bool { return tx.TxHash() == o.Txid })
		if err != nil || tx == nil {
			return err
		}
		return a.add(ctx, role, tx, o.Height, chainhash.Hash{}, 1)
	}
	return nil
}

// successor adds the operation of a block that follows a transaction of the job, which
// isParent recognizes when the journal does not know it; nil: it must know it.
func (a *adopter) successor(ctx context.Context, height int32, parentRole, role job.Role, isIt, isParent func(nameop.Op) bool) error {
	tx, err := a.find(ctx, height, func(tx *wire.MsgTx) bool {
		op := a.operation(tx, height)
		return op != nil && isIt(op)
	})
	if err != nil || tx == nil {
		return err
	}
	from := tx.TxIn[0].PreviousOutPoint
	if st := a.j.Stage(parentRole); st == nil || !st.Has(from.Hash) {
		at, seen, err := a.r.cfg.Names.OpStatus(ctx, from.Hash)
		if err != nil || !seen || isParent == nil {
			return err
		}
		parent, err := a.find(ctx, at.Height, func(tx *wire.MsgTx) bool { return tx.TxHash() == from.Hash })
		if err != nil || parent == nil {
			return err
		}
		if op := a.operation(parent, at.Height); op == nil || !isParent(op) {
			return nil
		}
		if err := a.add(ctx, parentRole, parent, at.Height, chainhash.Hash{}, int(from.Index)); err != nil {
			return err
		}
	}
	next := 1
	if role == job.RoleReady {
		next = -1
	}
	return a.add(ctx, role, tx, height, from.Hash, next)
}

// find looks through a block.
func (a *adopter) find(ctx context.Context, height int32, is func(*wire.MsgTx) bool) (*wire.MsgTx, error) {
	block, err := a.r.cfg.Chain.BlockAt(ctx, height)
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", height, err)
	}
	for _, tx := range block.Transactions {
		if is(tx) {
			return tx, nil
		}
	}
	return nil, nil // the chain moved on meanwhile
}

// operation reads the operation of a transaction in a block.
func (a *adopter) operation(tx *wire.MsgTx, height int32) nameop.Op {
	payload, ours := nameop.FindPayload(tx, a.r.cfg.Params.Magic)
	if !ours {
		return nil
	}
	_, e := a.r.cfg.Params.Epoch(height)
	op, err := nameop.Decode(e, payload, len(tx.TxOut))
	if err != nil {
		return nil
	}
	return op
}

// add makes a version of a transaction in a block.
func (a *adopter) add(ctx context.Context, role job.Role, tx *wire.MsgTx, height int32, parent chainhash.Hash, next int) error {
	v, err := a.r.versionOf(ctx, a.operation(tx, height), tx, height, parent, next)
	if err != nil {
		return err
	}
	st := a.j.Stage(role)
	if st == nil {
		st = &job.Stage{Role: role, Since: a.f.Tip}
		a.j.Stages = append(a.j.Stages, st)
	}
	if st.Include(v) {
		st.Used, a.found = true, true
		a.j.Retire(role)
	}
	return nil
}

// versionOf describes a transaction that somebody else with our keys has signed.
func (r *Registrar) versionOf(ctx context.Context, op nameop.Op, tx *wire.MsgTx, height int32, parent chainhash.Hash, next int) (*job.Version, error) {
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		return nil, err
	}
	v := &job.Version{Txid: tx.TxHash(), Raw: raw.Bytes(), VSize: mempool.GetTxVirtualSize(btcutil.NewTx(tx)), Parent: parent, Next: next, Signed: height}
	m := &maker{r: r, j: new(job.Job)}
	in, err := m.inputsOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, i := range in {
		v.Fee += btcutil.Amount(i.Tx.TxOut[i.OutPoint.Index].Value)
	}
	for _, o := range tx.TxOut {
		v.Fee -= btcutil.Amount(o.Value)
	}
	v.Rate = txbuilder.RateOf(v.Fee, v.VSize)
	switch o := op.(type) {
	case nameop.NamePreorder:
		v.Burn, v.Quoted = btcutil.Amount(tx.TxOut[2].Value), o.Consensus
	case nameop.NamespacePreorder:
		v.Burn, v.Quoted = btcutil.Amount(tx.TxOut[2].Value), o.Consensus
	case nameop.NameRenewal:
		v.Burn = btcutil.Amount(tx.TxOut[3].Value)
	case nameop.NameRegistration:
		v.Given = btcutil.Amount(tx.TxOut[1].Value)
	}
	if v.Quoted == (names.ConsensusHash{}) {
		return v, nil
	}
	for quoted := height - 1; quoted >= height-r.cfg.Params.ConsensusWindow && quoted >= r.cfg.Params.FirstBlock; quoted-- {
		h, err := r.cfg.Names.ConsensusHash(ctx, quoted)
		if err != nil {
			return nil, fmt.Errorf("consensus hash of block %d: %w", quoted, err)
		}
		if h == v.Quoted {
			v.Window = quoted + r.cfg.Params.ConsensusWindow
			break
		}
	}
	if v.Window == 0 {
		v.Quoted = names.ConsensusHash{}
	}
	return v, nil
}
