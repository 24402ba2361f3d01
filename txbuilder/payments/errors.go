package payments

import (
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/paid"
)

var (
	// ErrOpen says that the payer has not decided yet who is paid.
	ErrOpen = errors.New("it is not decided who is paid")
	// ErrAnswered says that another payment answered the request.
	ErrAnswered = errors.New("another payment answered that request")
	// ErrUnknownTx says that the wallet does not know a transaction.
	ErrUnknownTx = errors.New("the wallet does not know the transaction")
)

// BadProfileAddress says that a profile names an address that cannot be paid.
type BadProfileAddress struct {
	Name names.Name
	Err  error
}

// Error names the name and the reason.
func (e *BadProfileAddress) Error() string {
	return fmt.Sprintf("payment address in the profile of %s: %v", e.Name, e.Err)
}

// Unwrap returns the reason.
func (e *BadProfileAddress) Unwrap() error { return e.Err }

// SamePayee says that two targets are paid at the same address.
type SamePayee struct{ One, Other string }

// Error names both.
func (e *SamePayee) Error() string {
	return fmt.Sprintf("%.100s and %.100s are paid at the same address", e.One, e.Other)
}

// OverBudget says that a payment would cost more than it may.
type OverBudget struct{ Need, Most btcutil.Amount }

// Error names both amounts.
func (e *OverBudget) Error() string {
	return fmt.Sprintf("it would cost %s, and may cost %s at most", txbuilder.FormatAmount(e.Need), txbuilder.FormatAmount(e.Most))
}

// WithinBudget is an *OverBudget when something costs more than it may; most nil: there is no
// limit.
func WithinBudget(need btcutil.Amount, most *btcutil.Amount) error {
	if most != nil && need > *most {
		return &OverBudget{need, *most}
	}
	return nil
}

// NeedsApproval says that the payer has not agreed to all that a plan asks.
type NeedsApproval struct{ Concerns []Concern }

// Error counts them.
func (e *NeedsApproval) Error() string {
	return fmt.Sprintf("the payment needs to be agreed to first: %d open", len(e.Concerns))
}

// CoinsChanged says that the coins of the wallet are others now than those of the plan, so that it
// would cost more or pay less.
type CoinsChanged struct{}

// Error says that nothing was sent.
func (*CoinsChanged) Error() string {
	return "the coins of this wallet changed while you decided; nothing was sent"
}

// PaidMeanwhile says that another command has paid the same since the payer agreed.
type PaidMeanwhile struct{ Twin paid.Twin }

// Error names the payment.
func (e *PaidMeanwhile) Error() string {
	return fmt.Sprintf("%s was paid meanwhile, with transaction %s; nothing was sent", Describe([]paid.Target{e.Twin.Target}), e.Twin.Txid)
}

// OtherRequest says that the id of a request is that of another payment.
type OtherRequest struct {
	ID   string
	Paid paid.Record
}

// Error names what was paid.
func (e *OtherRequest) Error() string {
	return fmt.Sprintf("the request id %s is that of another payment: %s", e.ID, Describe(e.Paid.Targets))
}

// BadRecord says that what a home remembers of a request is not what its transaction pays.
type BadRecord struct {
	ID   string
	Txid chainhash.Hash
}

// Error names the request and the transaction.
func (e *BadRecord) Error() string {
	return fmt.Sprintf("what this home remembers of the request %s is not what its transaction %s pays", e.ID, e.Txid)
}

// AlteredRecord says that what was prepared for a request pays others than it was asked for.
type AlteredRecord struct{ ID string }

// Error names the request.
func (e *AlteredRecord) Error() string {
	return fmt.Sprintf("what this home remembers of the request %s pays somebody else, too; it is not handed out", e.ID)
}

// LostCoins says that the payment that answered a request lost its coins to another transaction.
type LostCoins struct {
	ID    string
	Rival chainhash.Hash
}

// Error names the transaction.
func (e *LostCoins) Error() string {
	return fmt.Sprintf("the payment of the request %s lost its coins to %s, which does not pay the same", e.ID, e.Rival)
}

// WaitsForSignature says that the payment of a request was prepared, and is signed elsewhere.
type WaitsForSignature struct {
	ID       string
	Unsigned chainhash.Hash
}

// Error names the request.
func (e *WaitsForSignature) Error() string {
	return fmt.Sprintf("the request %s was prepared to be signed elsewhere, and was not sent", e.ID)
}

// SentBut says that a transaction was sent, and what went wrong then. The same again would pay a
// second time.
type SentBut struct {
	Txid  chainhash.Hash
	Doing string
	Err   error
}

// Error says that it was sent, what was being done and what went wrong.
func (e *SentBut) Error() string { return fmt.Sprintf("%s was sent; %s: %v", e.Txid, e.Doing, e.Err) }

// Unwrap returns what went wrong.
func (e *SentBut) Unwrap() error { return e.Err }

// NoneToSpare says that all coins at an owner's address are needed by its names.
type NoneToSpare struct{ Free, Names int }

// Error counts both.
func (e *NoneToSpare) Error() string {
	return fmt.Sprintf("there are %s at that address, and each of its %s needs one to be renewed or changed", counted(e.Free, "free coin"), counted(e.Names, "name"))
}

// CoinReason is why a payment must not spend a coin.
type CoinReason string

// The reasons.
const (
	CoinUnknown     CoinReason = "unknown"
	CoinOfOwner     CoinReason = "owner"
	CoinNeverPays   CoinReason = "never_pays"
	CoinHeld        CoinReason = "held"
	CoinNeeded      CoinReason = "needed"
	CoinFrozen      CoinReason = "frozen"
	CoinImmature    CoinReason = "immature"
	CoinUnconfirmed CoinReason = "unconfirmed"
)

// CoinRefused says that a payment must not spend a coin that was named.
type CoinRefused struct {
	OutPoint wire.OutPoint
	Why      CoinReason
	Coin     Coin // but for an unknown one
}

// Error names the coin and the reason.
func (e *CoinRefused) Error() string {
	switch e.Why {
	case CoinOfOwner:
		return fmt.Sprintf("the coin %s is at the address of identity %d, whose names may need it", e.OutPoint, e.Coin.Identity)
	case CoinNeverPays:
		return fmt.Sprintf("the coin %s is at a %s key and never pays", e.OutPoint, e.Coin.Role)
	case CoinHeld:
		return fmt.Sprintf("the coin %s is held for %s until %s", e.OutPoint, e.Coin.Hold.Holder, e.Coin.Hold.Until.UTC().Format(time.RFC3339))
	case CoinNeeded:
		return fmt.Sprintf("the coin %s is needed by a job, or for what follows a preorder", e.OutPoint)
	case CoinFrozen:
		return fmt.Sprintf("the coin %s is frozen: %s", e.OutPoint, e.Coin.Frozen)
	case CoinImmature:
		return fmt.Sprintf("the coin %s was mined too recently to be spent", e.OutPoint)
	case CoinUnconfirmed:
		return fmt.Sprintf("the coin %s is not confirmed, and its sender can take it back", e.OutPoint)
	}
	return fmt.Sprintf("%s: not a coin of this wallet", e.OutPoint)
}

// Describe says who was to be paid what, in a few words.
func Describe(list []paid.Target) string {
	if len(list) != 1 {
		return counted(len(list), "payment")
	}
	who := list[0].Address
	if list[0].Name != "" {
		who = list[0].Name
	}
	if list[0].Max {
		return "everything to " + who
	}
	return txbuilder.FormatAmount(list[0].Amount) + " to " + who
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
