package payments

import (
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder/payments/bills"
)

// Payee is who is paid, and how that is known.
type Payee struct {
	Name    names.Name // zero: an address was given
	Address string
	Script  []byte
	How     How

	Amount btcutil.Amount
	All    bool // everything there is
	Label  string
	Before *LastPayee // where the name was paid last, if that was elsewhere
	// ExactUntil is the last height at which the name's record is certain; nil: up to the tip.
	ExactUntil *int32

	// Choices are the addresses that the profile names, where there are several: Choose takes one.
	Choices []string
	// Instead says why the owner would be paid, where the profile names no address: PayOwner
	// agrees.
	Instead string
}

// How says how it is known who is paid.
type How string

// The ways. Open: the payer has to decide it first.
const (
	ByAddress How = "address"
	ByProfile How = "profile"
	ByOwner   How = "owner"
	Open      How = ""
)

// String says who is paid and how that is known.
func (p *Payee) String() string {
	switch p.How {
	case ByProfile:
		return fmt.Sprintf("%s, the payment address in the profile of %s", p.Address, p.Name)
	case ByOwner:
		return fmt.Sprintf("%s, the owner address of %s", p.Address, p.Name)
	}
	return p.Address
}

// PayOwner decides to pay the owner of a name.
func (p *Payee) PayOwner() {
	if p.Instead != "" {
		p.How = ByOwner
	}
}

// Choose decides which of several addresses of a profile is paid.
func (s *Service) Choose(p *Payee, address string) error {
	if !slices.Contains(p.Choices, address) {
		return fmt.Errorf("%w: the profile of %s does not name the address %.100q", ErrOpen, p.Name, address)
	}
	script, err := s.profileScript(p.Name, address)
	if err != nil {
		return err
	}
	p.Address, p.Script, p.How = address, script, ByProfile
	return nil
}

// Payees finds out who is paid. One whose How is Open has to be decided before a payment is
// planned.
func (s *Service) Payees(ctx context.Context, o Order) ([]Payee, error) {
	var list []Payee
	for _, b := range o.Bills {
		p, err := s.payee(ctx, b)
		if err != nil {
			if len(o.Bills) > 1 {
				err = fmt.Errorf("%.100s: %w", b.Target, err)
			}
			return nil, err
		}
		if o.ToOwner {
			p.PayOwner()
		}
		p.Amount, p.All, p.Label = b.Amount, b.All, b.Label
		list = append(list, p)
	}
	return list, nil
}

// payee finds out who the target of a bill is.
func (s *Service) payee(ctx context.Context, b bills.Bill) (Payee, error) {
	n, err := names.Parse(b.Target)
	if err != nil {
		script, err := s.script(b.Target)
		return Payee{Address: b.Target, Script: script, How: ByAddress}, err
	}
	found, err := s.cfg.Names.Payee(ctx, n)
	if err != nil {
		return Payee{}, err
	}
	p := Payee{Name: n, ExactUntil: found.ExactUntil}
	switch len(found.Addresses) {
	case 0:
		p.Address, p.Script, p.Instead = found.OwnerAddress, found.Owner, found.Why
		return p, nil
	case 1:
		p.Choices = found.Addresses
		err := s.Choose(&p, found.Addresses[0])
		p.Choices = nil
		return p, err
	}
	p.Choices = found.Addresses
	return p, nil
}

// profileScript reads an address that a profile names.
func (s *Service) profileScript(n names.Name, address string) ([]byte, error) {
	script, err := s.script(address)
	if err != nil {
		return nil, &BadProfileAddress{Name: n, Err: err}
	}
	return script, nil
}

// settle holds payees to what can be paid by one transaction: all are decided, and no two are paid
// at the same address, which is more likely a slip. It looks up where names were paid last.
func (s *Service) settle(ctx context.Context, list []Payee) ([]Payee, error) {
	list = slices.Clone(list)
	at := map[string]*Payee{}
	for i := range list {
		p := &list[i]
		if p.How == Open {
			return nil, fmt.Errorf("%w: %s", ErrOpen, p.Name)
		}
		if other, twice := at[string(p.Script)]; twice {
			return nil, &SamePayee{other.target(), p.target()}
		}
		at[string(p.Script)] = p
		if p.Name.IsZero() {
			continue
		}
		last, found, err := s.cfg.Past.LastPayee(ctx, p.Name.String())
		if err != nil {
			return nil, err
		}
		if p.Before = nil; found && last.Address != p.Address {
			p.Before = &last
		}
	}
	return list, nil
}

// target is who is paid, as it was asked for.
func (p *Payee) target() string {
	if p.Name.IsZero() {
		return p.Address
	}
	return p.Name.String()
}
