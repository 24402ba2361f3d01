package registrar

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// A journal is a file that other programs may write. Bytes that are signed cannot be changed, but what a job is for can be,
// and so can a job be made up that has signed nothing yet. So an intention gets a mark by the seed when the user has agreed
// to it, and nothing is signed for an intention without one. Stored bytes are sent, and coins are returned to where they came from, all
// the same.

// NotAgreed says that nothing shows that what a job is for was agreed to with this seed. Nothing new is signed for it.
type NotAgreed struct{ Job *job.Job }

// Error says what the job is for.
func (e *NotAgreed) Error() string {
	return fmt.Sprintf("nothing shows that job %s (%s %s) was agreed to in this home: its journal is of an older version, or another program has written there; nothing new was signed",
		e.Job.ID, e.Job.Request.Kind, e.Job.Request.Subject())
}

// Code is for programs.
func (e *NotAgreed) Code() string { return "needs_input" }

// agree marks a job that the user has agreed to.
func (r *Registrar) agree(ctx context.Context, j *job.Job) error {
	n, ok := r.cfg.Wallet.(ports.Notary)
	if !ok {
		return nil
	}
	text, err := j.Intention()
	if err != nil {
		return err
	}
	mark, err := n.Agree(ctx, text)
	if err != nil {
		return fmt.Errorf("mark job %s: %w", j.ID, err)
	}
	if mark != nil {
		j.Mark = mark
	}
	return nil
}

// keepAgreed is agree for a job that is in the journal.
func (r *Registrar) keepAgreed(ctx context.Context, j *job.Job) error {
	had := j.Mark
	if err := r.agree(ctx, j); err != nil || bytes.Equal(had, j.Mark) {
		return err
	}
	return r.cfg.Journal.Save(ctx, j)
}

// agreed makes sure that the user has agreed to what a job is for, before something new is signed. *NotAgreed.
func (r *Registrar) agreed(ctx context.Context, j *job.Job) error {
	n, ok := r.cfg.Wallet.(ports.Notary)
	if !ok || j.Request.External {
		return nil
	}
	text, err := j.Intention()
	if err != nil {
		return err
	}
	switch ok, err := n.Agreed(ctx, text, j.Mark); {
	case err != nil:
		return fmt.Errorf("mark of job %s: %w", j.ID, err)
	case !ok:
		return &NotAgreed{Job: j}
	}
	return r.agree(ctx, j) // the keys are at hand now
}

// Agree notes that the user has agreed to what a job is for, whoever wrote it into the journal.
func (r *Registrar) Agree(ctx context.Context, id job.ID) error {
	j, err := r.cfg.Journal.Job(ctx, id)
	if err != nil {
		return err
	}
	return r.keepAgreed(ctx, j)
}

// ours makes sure that a script which the journal names for change is one of the wallet's.
func (m *maker) ours(ctx context.Context, script []byte) error {
	scripts, err := m.r.cfg.Wallet.Scripts(ctx)
	if err != nil {
		return fmt.Errorf("scripts of the wallet: %w", err)
	}
	if !slices.ContainsFunc(scripts, func(s []byte) bool { return bytes.Equal(s, script) }) {
		return fmt.Errorf("%w: job %s: its sender %x is not of this wallet", job.ErrBadJournal, m.j.ID, script)
	}
	return nil
}

// checkPayee makes sure that a price which the journal has is paid to somebody whom the rules name.
func (m *maker) checkPayee(ns *names.Namespace, p *job.Price) error {
	for _, to := range []string{m.r.cfg.Params.BurnAddress, ns.PayerAddress} {
		if script, err := m.r.cfg.Params.AddressScript(to); err == nil && bytes.Equal(script, p.Payee) {
			return nil
		}
	}
	return fmt.Errorf("%w: job %s: its price is paid to %x, to which the rules pay nothing", job.ErrBadJournal, m.j.ID, p.Payee)
}

// priceAnew takes amount and unit of a renewal's price from the rules for each version, whatever the journal says.
func (m *maker) priceAnew(ctx context.Context) error {
	ns, err := m.r.cfg.Names.Namespace(ctx, m.j.Request.Name.Namespace())
	if err != nil {
		return err
	}
	if err := m.checkPayee(&ns, m.j.Price); err != nil {
		return err
	}
	price, err := m.r.namePrice(&m.j.Request, &ns, m.t)
	if err != nil {
		return err
	}
	m.j.Price = &job.Price{Unit: price.Unit, Amount: price.Amount, Payee: m.j.Price.Payee}
	return nil
}
