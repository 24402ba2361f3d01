package jobrun

import (
	"context"

	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
)

// RunOwnerRequest carries out an operation of a name's owner: req has all but the owner.
func RunOwnerRequest(ctx context.Context, env *session.Session, schema string, req registrar.Request, o Options) (err error) {
	if req.Owner, err = ownerOf(ctx, env, &req); err != nil {
		return err
	}
	if err := needsSigners(ctx, env, req.Owner, o); err != nil {
		return err
	}
	if err := o.Fill(ctx, env, &req); err != nil {
		return err
	}
	return Run(ctx, env, schema, req, o)
}

// ownerOf is the script of ours that a request speaks for.
func ownerOf(ctx context.Context, e *session.Session, req *registrar.Request) ([]byte, error) {
	var rec names.Record
	if err := e.WithIndex(ctx, func(x *index.Index) (err error) {
		rec, err = x.Record(ctx, req.Name)
		return err
	}); err != nil {
		return nil, err
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	if rec.Status != names.Available {
		if _, ours, err := w.ScriptAddress(ctx, rec.Owner); err != nil || ours {
			return rec.Owner, err
		}
	}
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	return conduct.OwnerOf(req, &rec, false, jobs)
}

// NewOwner reads the address that a name is given to, and warns when it is one of ours: that may be
// meant, or a slip.
func NewOwner(ctx context.Context, e *session.Session, text string) ([]byte, error) {
	script, err := session.AddressScript(e, text)
	if err != nil {
		return nil, err
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	if a, ours, err := w.ScriptAddress(ctx, script); err != nil {
		return nil, err
	} else if ours {
		e.Out.Warn("%s is an address of this wallet (%s)", a.Text, a.Role)
	}
	return script, nil
}
