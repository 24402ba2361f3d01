package registrar

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// terms are what a job has to keep to at this moment.
type terms struct {
	tip       int32
	consensus names.ConsensusHash
	window    int32 // last block in which the consensus hash is good
	price     txbuilder.Price
	payee     []byte
	carries   bool // the registration may carry a zone-file hash
	// For an owner's operation: the record, the last block that is good, and what
	// a renewal does.
	record   names.Record
	deadline int32
	renewal  *Renewal
	rivals   rivals // in the memory pool
}

// maxQuoteDepth is how far below the tip, in blocks, the quoted consensus hash is
// taken: preorders survive reorgs of so many blocks.
const maxQuoteDepth = 5

// quote finds the consensus hash to quote at this moment.
func (r *Registrar) quote(ctx context.Context) (*terms, error) {
	tip, hash, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("chain tip: %w", err)
	}
	indexTip, indexHash, err := r.cfg.Names.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("index tip: %w", err)
	}
	if indexTip != tip || indexHash != hash {
		return nil, fmt.Errorf("%w: it has read block %d of %d", job.ErrIndexBehind, indexTip, tip)
	}
	// A hash of a block that a reorg takes away may be worth nothing, and with it
	// the preorder, so an older one is quoted however few confirmations the job
	// asks for. It costs blocks of the window, not money.
	quoted := max(tip-maxQuoteDepth, min(tip, r.cfg.Params.FirstBlock))
	t := &terms{tip: tip, window: quoted + r.cfg.Params.ConsensusWindow}
	if t.consensus, err = r.cfg.Names.ConsensusHash(ctx, quoted); err != nil {
		return nil, fmt.Errorf("consensus hash of block %d: %w", quoted, err)
	}
	_, e := r.cfg.Params.Epoch(tip + 1)
	t.carries = e.Features.Has(names.FeatureRegisterUpdate)
	return t, nil
}

// terms makes all the checks before money moves: the name is free, its namespace
// open, the owner below the quota; and finds price and payee.
func (r *Registrar) terms(ctx context.Context, j *job.Job) (*terms, error) {
	t, err := r.quote(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case j.Request.Kind.OfOwner():
		return t, r.ownerTerms(ctx, j, t)
	case j.Request.Kind == job.KindImport:
		return t, r.importTerms(ctx, j, t)
	case j.Request.Kind == job.KindLaunch:
		err = r.launchTerms(ctx, j, t)
	default:
		err = r.registerTerms(ctx, j, t)
	}
	if err == nil {
		err = r.notPreordered(ctx, j, t)
	}
	if err == nil {
		t.rivals, err = r.rivals(ctx, j, t)
	}
	return t, err
}

// registerTerms checks a registration.
func (r *Registrar) registerTerms(ctx context.Context, j *job.Job, t *terms) error {
	req := &j.Request
	rec, err := r.cfg.Names.Record(ctx, req.Name)
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
	ns, err := r.cfg.Names.Namespace(ctx, req.Name.Namespace())
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
	if t.price, err = r.namePrice(req, &ns, t); err != nil {
		return err
	}
	t.payee, err = r.payee(&ns, t)
	return err
}

// namePrice is the highest price in the blocks where the preorder may land.
func (r *Registrar) namePrice(req *job.Request, ns *names.Namespace, t *terms) (txbuilder.Price, error) {
	unit := ns.PriceUnit()
	if req.PayWith != "" && req.PayWith != unit {
		if unit == names.MicroStacks {
			return txbuilder.Price{}, fmt.Errorf("%w: names in %s are paid in STACKS", job.ErrBadRequest, ns.ID)
		}
		if creator, _ := r.creatorPaid(ns, t.tip+1); creator {
			return txbuilder.Price{}, fmt.Errorf("%w: names in %s are paid in bitcoin to its creator until block %d", job.ErrBadRequest, ns.ID, r.creatorUntil(ns, t.tip+1))
		}
		unit = names.MicroStacks
	}
	best := new(big.Int)
	for _, height := range []int32{t.tip + 1, t.window} {
		var n names.Number
		var err error
		if unit == names.MicroStacks {
			n, err = r.cfg.Params.NamePriceStacks(req.Name.Label(), ns, height)
		} else {
			n, err = r.cfg.Params.NamePrice(req.Name.Label(), ns, height)
		}
		if err != nil {
			return txbuilder.Price{}, fmt.Errorf("%s: %w", req.Name, err)
		}
		if m := n.Minimum(); m.Cmp(best) > 0 {
			best = m
		}
	}
	return txbuilder.Price{Unit: unit, Amount: best}, nil
}

// creatorUntil is the last block in which the creator of a version-2 namespace is
// paid (protocol 9.3).
func (r *Registrar) creatorUntil(ns *names.Namespace, height int32) int32 {
	_, e := r.cfg.Params.Epoch(height)
	return ns.RevealHeight + e.Rules(ns.ID).ReceiveFeesPeriod
}

// creatorPaid says whether a registration in a block pays the creator.
func (r *Registrar) creatorPaid(ns *names.Namespace, height int32) (bool, int32) {
	until := r.creatorUntil(ns, height)
	return ns.Version == 2 && until >= height, until
}

// payee is who must be paid. What counts is the registration's block, which is
// not known yet, so a change within the blocks where it may land is refused.
func (r *Registrar) payee(ns *names.Namespace, t *terms) ([]byte, error) {
	now, until := r.creatorPaid(ns, t.tip+1)
	later, _ := r.creatorPaid(ns, t.window+r.cfg.Params.NamePreorderLifetime)
	if now != later {
		return nil, &PayeeChanging{ID: ns.ID, After: until}
	}
	to := r.cfg.Params.BurnAddress
	if now {
		to = ns.PayerAddress
	}
	script, err := r.cfg.Params.AddressScript(to)
	if err != nil {
		return nil, fmt.Errorf("payee of %s: %w", ns.ID, err)
	}
	return script, nil
}

// launchTerms checks a namespace launch.
func (r *Registrar) launchTerms(ctx context.Context, j *job.Job, t *terms) error {
	id := j.Request.NamespaceID()
	ns, err := r.cfg.Names.Namespace(ctx, id)
	switch {
	case errors.Is(err, names.ErrNotFound):
	case err != nil:
		return err
	case ns.Status != names.NamespaceExpired:
		return &NamespaceTaken{ID: id, Status: ns.Status}
	}
	_, e := r.cfg.Params.Epoch(t.tip + 1)
	switch v := j.Request.Namespace.Version; {
	case v == 2 && !e.Features.Has(names.FeaturePayToCreator), v == 3 && !e.Features.Has(names.FeaturePayWithStacks):
		return fmt.Errorf("%w: namespaces of version %d do not exist at block %d", job.ErrBadRequest, v, t.tip+1)
	}
	for _, height := range []int32{t.tip + 1, t.window} {
		n, unit, err := r.cfg.Params.NamespacePrice(id, height)
		if err != nil {
			return err
		}
		if t.price.Amount != nil && unit != t.price.Unit {
			return fmt.Errorf("%w: the currency of namespaces changes before block %d; try again after it", job.ErrBadRequest, height)
		}
		t.price.Unit = unit
		if m := n.Minimum(); t.price.Amount == nil || m.Cmp(t.price.Amount) > 0 {
			t.price.Amount = m
		}
	}
	t.payee, err = r.cfg.Params.AddressScript(r.cfg.Params.BurnAddress)
	return err
}

// quota holds an owner who gets another name to the number of names that a script may
// own less one, counting those on their way: with as many as the rules allow an owner
// could not renew any of them (protocol 7.5).
func (r *Registrar) quota(ctx context.Context, j *job.Job, owner []byte) error {
	own, flying, err := r.load(ctx, owner, func(o *job.Job, n names.Name) bool { return o.ID == j.ID && n == j.Request.Name })
	if err != nil {
		return err
	}
	if limit := r.cfg.Params.MaxNamesPerOwner - 1; own+flying >= limit {
		addr, err := r.cfg.Params.ScriptAddress(owner)
		return errors.Join(err, &Quota{Owner: addr, Names: own, Flying: flying, Limit: limit})
	}
	return nil
}

// load counts the names that an owner has, and those that open jobs bring, but for
// what is left out.
func (r *Registrar) load(ctx context.Context, owner []byte, except func(*job.Job, names.Name) bool) (own, flying int, err error) {
	owned, err := r.cfg.Names.NamesOf(ctx, owner)
	if err != nil {
		return 0, 0, err
	}
	have := make(map[names.Name]bool)
	for _, rec := range owned {
		have[rec.Name] = true
	}
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, o := range jobs {
		for _, n := range o.Arrivals(owner) {
			if !have[n] && !except(o, n) {
				flying++
				have[n] = true
			}
		}
	}
	return len(owned), flying, nil
}
