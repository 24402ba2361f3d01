package terms

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
)

// IgnoreMissing drops the error about a name or namespace that is not there.
func IgnoreMissing(err error) error {
	if errors.Is(err, names.ErrNotFound) {
		return nil
	}
	return err
}

// Checks are those before money moves.
type Checks struct {
	ports.World
	Search *own.Search
	// Owner says which scripts own names; their coins never pay. Nil: none.
	Owner func(script []byte) bool
}

// Terms are what a job has to keep to at this moment.
type Terms struct {
	Tip       int32
	Consensus names.ConsensusHash
	Window    int32 // last block in which the consensus hash is good
	Price     txbuilder.Price
	Payee     []byte
	Carries   bool // the registration may carry a zone-file hash
	// For an owner's operation: the record, the last block that is good, and what a renewal does.
	record   names.Record
	Deadline int32
	Renewal  *Renewal
	Rivals   rivals // in the memory pool
}

// MaxQuoteDepth is how far below the tip, in blocks, the quoted consensus hash is taken: preorders
// survive reorgs of so many blocks.
const MaxQuoteDepth = 5

// Quote finds the consensus hash to quote at this moment.
func (r *Checks) Quote(ctx context.Context) (*Terms, error) {
	tip, err := ports.AgreedTip(ctx, r.Chain, r.Names)
	if err != nil {
		return nil, err
	}
	// A hash of a block that a reorg takes away may be worth nothing, and with it the preorder, so
	// an older one is quoted however few confirmations the job asks for. It costs blocks of the
	// window, not money.
	quoted := max(tip-MaxQuoteDepth, min(tip, r.Params.FirstBlock))
	t := &Terms{Tip: tip, Window: quoted + r.Params.ConsensusWindow}
	if t.Consensus, err = r.Names.ConsensusHash(ctx, quoted); err != nil {
		return nil, fmt.Errorf("consensus hash of block %d: %w", quoted, err)
	}
	_, e := r.Params.Epoch(tip + 1)
	t.Carries = e.Features.Has(names.FeatureRegisterUpdate)
	return t, nil
}

// Terms makes all the checks before money moves: the name is free, its namespace open, the owner
// below the quota; and finds price and payee.
func (r *Checks) Terms(ctx context.Context, j *job.Job) (*Terms, error) {
	t, err := r.Quote(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case j.Request.Kind.OfOwner():
		return t, r.OwnerTerms(ctx, j, t)
	case j.Request.Kind == job.KindImport:
		return t, r.importTerms(ctx, j, t)
	case j.Request.Kind == job.KindLaunch:
		err = r.launchTerms(ctx, j, t)
	default:
		err = r.RegisterTerms(ctx, j, t)
	}
	if err == nil {
		err = r.grantsKnown(t)
	}
	if err == nil {
		err = r.notPreordered(ctx, j, t)
	}
	if err == nil {
		t.Rivals, err = r.rivals(ctx, j, t)
	}
	return t, err
}

// RegisterTerms checks a registration.
func (r *Checks) RegisterTerms(ctx context.Context, j *job.Job, t *Terms) error {
	req := &j.Request
	rec, err := r.Names.Record(ctx, req.Name)
	if err != nil {
		return err
	}
	if job.Live(rec.Status) {
		free := rec.GraceEnds
		if rec.Status == names.Registered {
			free = 0
		}
		return &NameTaken{Name: req.Name, Status: rec.Status, Owner: rec.OwnerAddress, Free: free}
	}
	ns, err := r.Names.Namespace(ctx, req.Name.Namespace())
	switch {
	case errors.Is(err, names.ErrNotFound):
		return &NamespaceClosed{ID: req.Name.Namespace()}
	case err != nil:
		return err
	case ns.Status != names.NamespaceIsReady:
		return &NamespaceClosed{ID: ns.ID, Status: ns.Status}
	}
	if err := r.quota(ctx, j, req.Owner); err != nil {
		return err
	}
	if len(req.ZoneFile) > 0 {
		if _, err := zonefile.Parse(req.ZoneFile); err != nil {
			return fmt.Errorf("zone file: %w", err)
		}
	}
	if t.Price, err = r.NamePrice(req, &ns, t); err != nil {
		return err
	}
	t.Payee, err = r.payee(&ns, t)
	return err
}

// launchTerms checks a namespace launch.
func (r *Checks) launchTerms(ctx context.Context, j *job.Job, t *Terms) error {
	id := j.Request.NamespaceID()
	ns, err := r.Names.Namespace(ctx, id)
	switch {
	case errors.Is(err, names.ErrNotFound):
	case err != nil:
		return err
	case ns.Status != names.NamespaceExpired:
		return &NamespaceTaken{ID: id, Status: ns.Status}
	}
	_, e := r.Params.Epoch(t.Tip + 1)
	switch v := j.Request.Namespace.Version; {
	case v == 2 && !e.Features.Has(names.FeaturePayToCreator), v == 3 && !e.Features.Has(names.FeaturePayWithStacks):
		return fmt.Errorf("%w: namespaces of version %d do not exist at block %d", job.ErrBadRequest, v, t.Tip+1)
	}
	for _, height := range []int32{t.Tip + 1, t.Window} {
		n, unit, err := r.Params.NamespacePrice(id, height)
		if err != nil {
			return err
		}
		if t.Price.Amount != nil && unit != t.Price.Unit {
			return fmt.Errorf("%w: the currency of namespaces changes before block %d; try again after it", job.ErrBadRequest, height)
		}
		t.Price.Unit = unit
		if m := n.Minimum(); t.Price.Amount == nil || m.Cmp(t.Price.Amount) > 0 {
			t.Price.Amount = m
		}
	}
	t.Payee, err = r.Params.AddressScript(r.Params.BurnAddress)
	return err
}

// importLife is how many blocks before a revealed namespace expires nothing is imported into it any
// more.
const importLife = 144

// importTerms makes the checks before an import: the namespace is revealed, by the key that
// imports, and will be there for a while.
func (r *Checks) importTerms(ctx context.Context, j *job.Job, t *Terms) error {
	id := j.Request.Import.Namespace
	ns, err := r.Names.Namespace(ctx, id)
	switch {
	case IgnoreMissing(err) != nil:
		return err
	case err != nil || ns.Status == names.NamespaceExpired:
		return &NamespaceClosed{ID: id, Status: ns.Status}
	case ns.Status == names.NamespaceIsReady:
		return &NamespaceTaken{ID: id, Status: ns.Status}
	case !bytes.Equal(ns.RevealerScript, j.Request.Owner):
		return fmt.Errorf("%w: namespace %s was revealed for %s, and only that key imports into it", job.ErrBadRequest, id, ns.RevealerAddress)
	}
	if end := ns.RevealHeight + r.Params.NamespaceRevealLifetime; t.Tip+importLife >= end {
		return fmt.Errorf("%w: namespace %s expires at block %d; open it before", job.ErrBadRequest, id, end)
	}
	return nil
}

// notPreordered refuses to pay for what this wallet has preordered and not yet used: a lost
// journal, or another machine, is no reason to pay twice. What fits the request was adopted before
// (ours); what is found only now is named.
func (r *Checks) notPreordered(ctx context.Context, j *job.Job, t *Terms) error {
	if len(j.Stages) > 0 {
		return nil
	}
	own, err := r.Search.EveryPreorder(ctx, t.Tip)
	if err != nil {
		return err
	}
	p, err := own.Choose(ctx, &j.Request)
	if err == nil && p != nil {
		err = own.Outstanding(&j.Request, p)
	}
	return err
}

// preordered is the hash that a sender would commit to, and whether it is recorded.
func (r *Checks) preordered(ctx context.Context, j *job.Job, sender []byte) (hash names.PreorderHash, held bool, err error) {
	if j.Request.Kind == job.KindLaunch {
		if hash, err = txbuilder.NamespacePreorderHash(r.Params, j.Request.NamespaceID(), sender, j.Request.Owner); err == nil {
			held, err = r.Names.NamespacePreordered(ctx, hash)
		}
		return hash, held, err
	}
	if hash, err = txbuilder.PreorderHash(r.Params, j.Request.Name, sender, j.Request.Owner); err == nil {
		held, err = r.Names.Preordered(ctx, hash)
	}
	return hash, held, err
}
