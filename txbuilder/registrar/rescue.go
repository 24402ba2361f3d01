package registrar

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"slices"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder/registrar/job"
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
	Template job.Request
}

// Rescue finds the preorders that our scripts have sent and nothing has used up, those in
// no block too, tests what is remembered against them, and makes a job that goes on with
// each that fits. Nothing is signed; with dry nothing is written either.
func (r *Registrar) Rescue(ctx context.Context, req RescueRequest, dry bool) ([]*Pending, error) {
	tip, err := r.syncedTip(ctx)
	if err != nil {
		return nil, err
	}
	list, err := r.pending(ctx, req.Scripts, tip)
	if err != nil {
		return nil, err
	}
	copied, err := r.copied.read(ctx)
	if err != nil {
		return nil, err
	}
	if list, err = r.withCopied(ctx, list, copied, req.Scripts, tip); err != nil {
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
			var c job.Coded
			if !errors.As(err, &c) && !errors.Is(err, names.ErrNotFound) {
				return nil, err
			}
			p.Job, p.Err = nil, err
		}
		if p.Job != nil && p.Copied == nil && !dry {
			if err := r.keepAgreed(ctx, p.Job); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// recall tests what is remembered against the hash of a preorder.
func (r *Registrar) recall(ctx context.Context, p *Pending, req *RescueRequest) (*job.Request, error) {
	found := req.Template
	owners := req.Owners
	if p.Copied != nil {
		owners = append(slices.Clone(owners), p.Owner)
	}
	for _, owner := range owners {
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
					p.Namespace, p.Owner = ns.ID, owner
					found.Kind, found.Namespace, found.Owner, found.ZoneFile = job.KindLaunch, ns, owner, nil
					return &found, nil
				}
			}
			continue
		}
		for _, n := range req.Names {
			if h, err := nameop.HashPreorder(n.String(), p.Sender, addr); err == nil && h == p.Hash {
				p.Name, p.Owner = n, owner
				found.Kind, found.Name, found.Owner = job.KindRegister, n, owner
				return &found, nil
			}
		}
	}
	return nil, nil
}

// stillOpen refuses to go on with a name that somebody has.
func (r *Registrar) stillOpen(ctx context.Context, req *job.Request) error {
	if req.Kind != job.KindRegister {
		return nil
	}
	rec, err := r.cfg.Names.Record(ctx, req.Name)
	if err != nil {
		return err
	}
	if job.Live(rec.Status) {
		return &NameTaken{Name: req.Name, Status: rec.Status, Owner: rec.OwnerAddress}
	}
	return nil
}

// paidBy is what a preorder or a renewal has paid.
func (r *Registrar) paidBy(op nameop.Op, sat int64, payee []byte) *job.Price {
	price := &job.Price{Unit: names.Satoshi, Amount: big.NewInt(sat), Payee: bytes.Clone(payee)}
	tokens, paid := uint64(0), false
	switch o := op.(type) {
	case nameop.NamePreorder:
		tokens, paid = o.Tokens, o.HasTokens && o.Tokens > 0
	case nameop.NamespacePreorder:
		tokens, paid = o.Tokens, o.HasTokens
	case nameop.NameRenewal:
		tokens, paid = o.Tokens, o.HasTokens && o.Tokens > 0
	}
	if paid {
		price.Unit, price.Amount = names.MicroStacks, new(big.Int).SetUint64(tokens)
	}
	return price
}
