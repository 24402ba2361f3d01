package signing

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/nameop"
	"blockstack/txbuilder"
)

// Packet is what a PSBT does, judged by the wallet's own keys.
type Packet struct {
	Unsigned chainhash.Hash
	Holder   string // what coins are held for that wait for it
	Inputs   []Input
	Ours     btcutil.Amount // of the inputs
	Paid     btcutil.Amount // to others
	Fee      btcutil.Amount // valid with FeeKnown
	FeeKnown bool
	Op       *txbuilder.Reading // the name operation in it; nil: there is none
}

// Input is one of its inputs.
type Input struct {
	OutPoint wire.OutPoint
	Ours     bool
	Role     string // of its key, if it is ours: payments.RolePayment and others
	Path     string
}

var (
	// ErrNotOurs says that no input is of the wallet.
	ErrNotOurs = errors.New("no input of this PSBT is of this wallet; nothing to sign")
	// ErrFeeUnknown says that the PSBT does not say what all of its inputs spend.
	ErrFeeUnknown = errors.New("the PSBT does not say what all of its inputs spend, so its fee is unknown")
)

// Unread says that nobody would read the name operation of a PSBT.
type Unread struct{ Problem string }

// Error says why.
func (e *Unread) Error() string {
	return fmt.Sprintf("the name operation in it would not be read, and what it pays would be lost: %s", e.Problem)
}

// CheckFee refuses a fee that cannot have been meant.
func (p *Packet) CheckFee() error {
	if p.Fee > txbuilder.DefaultMaxFee {
		return &txbuilder.FeeTooHigh{Fee: p.Fee, Ceiling: txbuilder.DefaultMaxFee}
	}
	return nil
}

// check refuses what must not be signed whoever has it.
func (p *Packet) check() error {
	switch {
	case p.Ours == 0:
		return ErrNotOurs
	case !p.FeeKnown:
		return ErrFeeUnknown
	}
	if err := p.CheckFee(); err != nil {
		return err
	}
	if p.Op != nil && p.Op.Problem != "" {
		return &Unread{p.Op.Problem}
	}
	return nil
}

// Cost is the fee beside what is paid to others.
func (p *Packet) Cost() txbuilder.Cost { return txbuilder.Cost{Fee: p.Fee, Moved: p.Paid} }

// Revokes is the name that is revoked for good; empty: none is.
func (p *Packet) Revokes() string {
	if p.Op == nil {
		return ""
	}
	if _, revokes := p.Op.Op.(nameop.NameRevoke); !revokes {
		return ""
	}
	return p.Op.Subject
}
