package registrar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// RescueRequest says what somebody who has lost the journal remembers. The rest is in
// the seed and on the chain: a preorder shows the script that sent it, and commits to
// hash160(name, that script, address of the owner) (protocol 4.1).
type RescueRequest struct {
	// Scripts are those that may have sent a preorder: all of the wallet.
	Scripts [][]byte
	// Names and Namespaces are what may have been preordered.
	Names      []names.Name
	Namespaces []nameop.NamespaceReveal
	// Owners are the scripts that a name may have been meant for, or that may be the
	// revealer of a namespace.
	Owners [][]byte
	// Template has what the chain does not know: fee rates, ceiling, confirmations, and
	// the zone file when there is one name.
	Template Request
}

// Pending is a preorder of ours that nothing has used up.
type Pending struct {
	Outstanding
	// Until is the last block in which it can be used, 0: no limit.
	Until int32
	// Lapsed says that it is too late.
	Lapsed bool
	// Owned is the job that has it already, nil: none.
	Owned *Job
	// Name and Namespace are what it is for, when that was among what is remembered.
	Name      names.Name
	Namespace string
	// Job goes on with it; nil: nobody remembers what it is for, it has lapsed, or
	// another job has it.
	Job *Job
	// Err says why no job was made for a preorder whose name is known.
	Err error
}

// Rescue finds the preorders that our scripts have sent and nothing has used up, tests
// what is remembered against them, and makes a job that goes on with the registration
// of each that fits. Nothing is signed; with dry nothing is written either.
func (r *Registrar) Rescue(ctx context.Context, req RescueRequest, dry bool) ([]*Pending, error) {
	tip, hash, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("chain tip: %w", err)
	}
	indexTip, indexHash, err := r.cfg.Names.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("index tip: %w", err)
	}
	if tip != indexTip || hash != indexHash {
		return nil, ErrIndexBehind
	}
	list, err := r.pending(ctx, req.Scripts, tip)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.Owned != nil {
			continue
		}
		found, err := r.recall(ctx, p, &req)
		if err != nil {
			return nil, err
		}
		if found == nil || p.Lapsed {
			continue
		}
		if p.Job, err = r.rescued(ctx, p, *found, dry); err != nil {
			var c Coded
			if !errors.As(err, &c) && !errors.Is(err, names.ErrNotFound) {
				return nil, err
			}
			p.Job, p.Err = nil, err
		}
	}
	return list, nil
}

// pending lists the preorders of scripts.
func (r *Registrar) pending(ctx context.Context, scripts [][]byte, tip int32) ([]*Pending, error) {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	owned := make(map[chainhash.Hash]*Job)
	for _, j := range jobs {
		for _, st := range j.Stages {
			for _, v := range st.Versions {
				if j.Open() && st.Role == j.flow().preorder {
					owned[v.Txid] = j
				}
			}
		}
	}
	list := []*Pending{}
	for _, script := range scripts {
		sent, err := r.cfg.Names.PreordersBy(ctx, script)
		if err != nil {
			return nil, err
		}
		for _, o := range sent {
			p := &Pending{Outstanding: o, Owned: owned[o.Txid]}
			life := int32(0)
			if !o.Namespace {
				life = r.lifetime(&Job{Request: Request{Kind: KindRegister}}, tip)
			}
			if life > 0 {
				p.Until = o.Height + life
				p.Lapsed = tip+1 > p.Until
			}
			list = append(list, p)
		}
	}
	return list, nil
}

// recall tests what is remembered against the hash of a preorder.
func (r *Registrar) recall(ctx context.Context, p *Pending, req *RescueRequest) (*Request, error) {
	found := req.Template
	for _, owner := range req.Owners {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		addr, err := r.cfg.Params.ScriptAddress(owner)
		if err != nil {
			continue // such a script owns no names
		}
		if p.Outstanding.Namespace {
			for i := range req.Namespaces {
				ns := &req.Namespaces[i]
				if h, err := nameop.HashPreorder(ns.ID, p.Sender, addr); err == nil && h == p.Hash {
					p.Namespace = ns.ID
					found.Kind, found.Namespace, found.Owner, found.ZoneFile = KindLaunch, ns, owner, nil
					return &found, nil
				}
			}
			continue
		}
		for _, n := range req.Names {
			if h, err := nameop.HashPreorder(n.String(), p.Sender, addr); err == nil && h == p.Hash {
				p.Name = n
				found.Kind, found.Name, found.Owner = KindRegister, n, owner
				return &found, nil
			}
		}
	}
	return nil, nil
}

// rescued makes the job of a preorder.
func (r *Registrar) rescued(ctx context.Context, p *Pending, req Request, dry bool) (*Job, error) {
	req, err := req.normal(r.cfg.Params, r.cfg.Confirmations)
	if err != nil {
		return nil, err
	}
	running, attempt, err := r.find(ctx, &req)
	if err != nil {
		return nil, err
	}
	if running != nil && running.Open() {
		return nil, &Conflict{ID: running.ID, What: "preorder"}
	}
	now := r.cfg.Clock.Now().UTC()
	j := &Job{ID: newID(&req, attempt), Attempt: attempt, State: PreorderSigned, Request: req, Created: now, Updated: now, Sender: p.Sender}
	if err := r.stillOpen(ctx, &req); err != nil {
		return nil, err
	}
	block, err := r.cfg.Chain.BlockAt(ctx, p.Height)
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", p.Height, err)
	}
	a := adopter{r: r, j: j}
	for _, tx := range block.Transactions {
		if tx.TxHash() != p.Txid {
			continue
		}
		if err := a.add(ctx, j.flow().preorder, tx, p.Height, chainhash.Hash{}, 1); err != nil {
			return nil, err
		}
		j.Price = r.paidBy(a.operation(tx, p.Height), int64(tx.TxOut[2].Value), tx.TxOut[2].PkScript)
	}
	st := j.stage(j.flow().preorder)
	if st == nil {
		return nil, fmt.Errorf("%w: transaction %s left the chain meanwhile", ErrIndexBehind, p.Txid)
	}
	tip, _, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("chain tip: %w", err)
	}
	st.Since = tip
	_, e := r.cfg.Params.Epoch(tip + 1)
	j.NeedsUpdate = len(req.ZoneFile) > 0 && !e.Features.Has(names.FeatureRegisterUpdate)
	if dry {
		return j, nil
	}
	if err := r.cfg.Journal.Save(ctx, j); err != nil {
		return nil, err
	}
	r.notify(Event{Job: j.ID, What: EventState, State: j.State, Text: "found on the chain"})
	return j, nil
}

// stillOpen refuses to go on with a name that somebody has.
func (r *Registrar) stillOpen(ctx context.Context, req *Request) error {
	if req.Kind != KindRegister {
		return nil
	}
	rec, err := r.cfg.Names.Record(ctx, req.Name)
	if err != nil {
		return err
	}
	if live(rec.Status) {
		return &NameTaken{Name: req.Name, Status: rec.Status, Owner: rec.OwnerAddress}
	}
	return nil
}

// paidBy is what a preorder has paid.
func (r *Registrar) paidBy(op nameop.Op, sat int64, payee []byte) *Price {
	price := &Price{Unit: names.Satoshi, Amount: big.NewInt(sat), Payee: bytes.Clone(payee)}
	tokens, paid := uint64(0), false
	switch o := op.(type) {
	case nameop.NamePreorder:
		tokens, paid = o.Tokens, o.HasTokens && o.Tokens > 0
	case nameop.NamespacePreorder:
		tokens, paid = o.Tokens, o.HasTokens
	}
	if paid {
		price.Unit, price.Amount = names.MicroStacks, new(big.Int).SetUint64(tokens)
	}
	return price
}
