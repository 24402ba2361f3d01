package rescue

import (
	"bytes"
	"context"
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
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
)

// adopted adds to a job the transactions in blocks that are its own and that this journal does not
// know. Another machine with the same seed may have replaced a preorder, or gone on to the
// registration; or an older journal was brought back. What is found is saved before it is believed.
func (r *Finds) adopted(ctx context.Context, j *job.Job) (*job.Job, error) {
	f, err := r.Facts.Single(ctx, j, nil)
	if err != nil || !f.Synced {
		return j, err
	}
	return r.Adopt(ctx, j, f)
}

// Adopt is adopted with the facts at hand.
func (r *Finds) Adopt(ctx context.Context, j *job.Job, f step.Facts) (*job.Job, error) {
	if !f.Synced || len(j.Stages) == 0 && len(j.Drafted) == 0 {
		return j, nil
	}
	next, err := job.Clone(j)
	if err != nil {
		return j, err
	}
	a := trail{r: r, j: next, f: f}
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
	return r.Book.Change(ctx, j, j.State, func(n *job.Job) error {
		*n = *a.j
		return nil
	})
}

// trail looks for one job's transactions.
type trail struct {
	r     *Finds
	j     *job.Job
	f     step.Facts
	found bool
}

// mined says whether a version that the journal knows is in a block.
func (a *trail) mined(role job.Role) bool {
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
func (a *trail) registration(ctx context.Context) error {
	if len(a.j.Sender) == 0 || a.mined(job.RoleRegister) {
		return nil
	}
	hash, err := txbuilder.PreorderHash(a.r.Params, a.j.Request.Name, a.j.Sender, a.j.Request.Owner)
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
	rec, err := a.r.Names.Record(ctx, a.j.Request.Name)
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

// elsewhereRegistered adds the registration that used the job's preorder and does not spend its
// change: in a list of names it spends that of the registration before it. The sender is the same,
// and with it what the preorder commits to.
func (a *trail) elsewhereRegistered(ctx context.Context, height int32, isIt func(nameop.Op) bool) error {
	tx, err := a.find(ctx, height, func(tx *wire.MsgTx) bool {
		op := a.operation(tx, height)
		return op != nil && isIt(op)
	})
	if err != nil || tx == nil || a.j.Stage(job.RoleRegister).Knows(tx.TxHash()) {
		return err
	}
	if !slices.ContainsFunc(own.SendersOf(tx), func(s []byte) bool { return bytes.Equal(s, a.j.Sender) }) {
		return nil
	}
	return a.add(ctx, job.RoleRegister, tx, height, tx.TxIn[0].PreviousOutPoint.Hash, 1)
}

// launch looks for namespace preorder, reveal and ready.
func (a *trail) launch(ctx context.Context) error {
	if len(a.j.Sender) == 0 || a.mined(job.RoleReady) {
		return nil
	}
	id := a.j.Request.NamespaceID()
	hash, err := txbuilder.NamespacePreorderHash(a.r.Params, id, a.j.Sender, a.j.Request.Owner)
	if err != nil {
		return err
	}
	if !a.mined(job.RoleNamespacePreorder) {
		if err := a.outstanding(ctx, job.RoleNamespacePreorder, hash); err != nil {
			return err
		}
	}
	ns, err := a.r.Names.Namespace(ctx, id)
	if err != nil || !bytes.Equal(ns.RevealerScript, a.j.Request.Owner) {
		return terms.IgnoreMissing(err)
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

// ownerOp looks whether what is wanted was done by an operation that spends the same coin at input
// 0.
func (a *trail) ownerOp(ctx context.Context) error {
	role := a.j.Flow().Update
	if !a.f.Met || a.mined(role) {
		return nil
	}
	rec, err := a.r.Names.Record(ctx, a.j.Request.Name)
	if err != nil {
		return err
	}
	at, seen, err := a.r.Names.OpStatus(ctx, rec.LastTx)
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
func (a *trail) outstanding(ctx context.Context, role job.Role, hash names.PreorderHash) error {
	list, err := a.r.Names.PreordersBy(ctx, a.j.Sender)
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

// successor adds the operation of a block that follows a transaction of the job, which isParent
// recognizes when the journal does not know it; nil: it must know it.
func (a *trail) successor(ctx context.Context, height int32, parentRole, role job.Role, isIt, isParent func(nameop.Op) bool) error {
	tx, err := a.find(ctx, height, func(tx *wire.MsgTx) bool {
		op := a.operation(tx, height)
		return op != nil && isIt(op)
	})
	if err != nil || tx == nil {
		return err
	}
	from := tx.TxIn[0].PreviousOutPoint
	if st := a.j.Stage(parentRole); st == nil || !st.Has(from.Hash) {
		at, seen, err := a.r.Names.OpStatus(ctx, from.Hash)
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
func (a *trail) find(ctx context.Context, height int32, is func(*wire.MsgTx) bool) (*wire.MsgTx, error) {
	block, err := a.r.Chain.BlockAt(ctx, height)
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
func (a *trail) operation(tx *wire.MsgTx, height int32) nameop.Op {
	payload, ours := nameop.FindPayload(tx, a.r.Params.Magic)
	if !ours {
		return nil
	}
	_, e := a.r.Params.Epoch(height)
	op, err := nameop.Decode(e, payload, len(tx.TxOut))
	if err != nil {
		return nil
	}
	return op
}

// add makes a version of a transaction in a block.
func (a *trail) add(ctx context.Context, role job.Role, tx *wire.MsgTx, height int32, parent chainhash.Hash, next int) error {
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
func (r *Finds) versionOf(ctx context.Context, op nameop.Op, tx *wire.MsgTx, height int32, parent chainhash.Hash, next int) (*job.Version, error) {
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		return nil, err
	}
	v := &job.Version{Txid: tx.TxHash(), Raw: raw.Bytes(), VSize: mempool.GetTxVirtualSize(btcutil.NewTx(tx)), Parent: parent, Next: next, Signed: height}
	in, err := r.Build.InputsOf(ctx, new(job.Job), nil, tx)
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
	for quoted := height - 1; quoted >= height-r.Params.ConsensusWindow && quoted >= r.Params.FirstBlock; quoted-- {
		h, err := r.Names.ConsensusHash(ctx, quoted)
		if err != nil {
			return nil, fmt.Errorf("consensus hash of block %d: %w", quoted, err)
		}
		if h == v.Quoted {
			v.Window = quoted + r.Params.ConsensusWindow
			break
		}
	}
	if v.Window == 0 {
		v.Quoted = names.ConsensusHash{}
	}
	return v, nil
}

// drafts adds what was signed elsewhere and sent past the job, as other programs do with a PSBT: of
// drafts, also replaced ones, whose txid is known before they are signed. Others are found by what
// they did to the name.
func (a *trail) drafts(ctx context.Context) error {
	for _, d := range a.j.Drafted {
		txid := d.Version.Txid
		if txid == (chainhash.Hash{}) || d.Status == job.DraftSigned {
			continue
		}
		st, err := a.r.Chain.TxStatus(ctx, txid)
		if err != nil {
			return fmt.Errorf("transaction %s: %w", txid, err)
		}
		if st.Height == 0 {
			continue
		}
		tx, err := a.find(ctx, st.Height, func(tx *wire.MsgTx) bool { return tx.TxHash() == txid })
		if err != nil {
			return err
		}
		if tx == nil {
			continue
		}
		if err := a.j.Take(d.Unsigned, tx, a.f.Tip); err != nil {
			return err
		}
		a.found = true
	}
	return nil
}

// first makes a preorder the first transaction of a job.
func (a *trail) first(ctx context.Context, p *own.Pending) error {
	role, height, tx := a.j.Flow().Preorder, p.Height, p.Tx
	if tx == nil {
		block, err := a.r.Chain.BlockAt(ctx, height)
		if err != nil {
			return fmt.Errorf("block %d: %w", height, err)
		}
		for _, t := range block.Transactions {
			if t.TxHash() == p.Txid {
				tx = t
			}
		}
		if tx == nil {
			return fmt.Errorf("%w: transaction %s left the chain meanwhile", job.ErrIndexBehind, p.Txid)
		}
	} else {
		height = a.f.Tip + 1
	}
	if err := a.add(ctx, role, tx, height, chainhash.Hash{}, 1); err != nil {
		return err
	}
	if v := a.j.Stage(role).Versions[0]; p.Tx != nil {
		// What quotes no hash that is good any more is replaced before it can burn for nothing.
		if v.Signed = 0; v.Window == 0 {
			v.Window = 1
		} else {
			v.Signed = v.Window - a.r.Params.ConsensusWindow
		}
	}
	a.j.Price = a.r.paidBy(a.operation(tx, height), tx.TxOut[2].Value, tx.TxOut[2].PkScript)
	return nil
}
