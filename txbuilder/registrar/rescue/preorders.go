package rescue

import (
	"context"
	"errors"
	"slices"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
)

// RescueRequest says what somebody who has lost the journal remembers. The rest is in the seed and
// on the chain: a preorder shows the script that sent it, and commits to hash160(name, that script,
// address of the owner) (protocol 4.1).
type RescueRequest struct {
	// Scripts are those that may have sent a preorder: all of the wallet.
	Scripts [][]byte
	// Names and Namespaces are what may have been preordered.
	Names      []names.Name
	Namespaces []nameop.NamespaceReveal
	// Owners are the scripts that a name may have been meant for, or that may be the revealer of a
	// namespace.
	Owners [][]byte
	// Template has what the chain does not know: fee rates, ceiling, confirmations, and the zone
	// file when there is one name.
	Template job.Request
}

// Rescue finds the preorders that our scripts have sent and nothing has used up, those in no block
// too, tests what is remembered against them, and makes a job that goes on with each that fits.
// Nothing is signed; with dry nothing is written either.
func (r *Finds) Rescue(ctx context.Context, req RescueRequest, dry bool) ([]*own.Pending, error) {
	tip, err := r.Facts.SyncedTip(ctx)
	if err != nil {
		return nil, err
	}
	list, err := r.Search.Pending(ctx, req.Scripts, tip)
	if err != nil {
		return nil, err
	}
	copied, err := r.Search.Copied.Read(ctx)
	if err != nil {
		return nil, err
	}
	if list, err = r.Search.WithCopied(ctx, list, copied, req.Scripts, tip); err != nil {
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
			if err := r.Book.KeepAgreed(ctx, p.Job); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// recall tests what is remembered against the hash of a preorder.
func (r *Finds) recall(ctx context.Context, p *own.Pending, req *RescueRequest) (*job.Request, error) {
	found := req.Template
	owners := req.Owners
	if p.Copied != nil {
		owners = append(slices.Clone(owners), p.Owner)
	}
	for _, owner := range owners {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		addr, err := r.Params.ScriptAddress(owner)
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
