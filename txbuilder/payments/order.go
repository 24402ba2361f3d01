package payments

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"golang.org/x/text/unicode/norm"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/bills"
)

// Order is what is to be paid, and how.
type Order struct {
	Bills []bills.Bill
	// SubtractFee takes the fee out of the amounts, in equal parts.
	SubtractFee bool
	// From says which coins are spent; its zero value leaves that to the coin selection.
	From From
	// Rate is what miners are paid; RateGiven says that the payer has chosen it, and so agreed to
	// what it costs.
	Rate      txbuilder.FeeRate
	RateGiven bool
	// Most is what may be spent, fee included; nil: there is no limit.
	Most *btcutil.Amount
	// Request is the id of the request, which is answered by one payment; empty: there is none.
	Request string
	// ToOwner agrees to paying the owner of a name whose profile names no address.
	ToOwner bool
}

// all says whether everything there is goes to the one payee.
func (o *Order) all() bool { return len(o.Bills) == 1 && o.Bills[0].All }

// From says which coins a payment spends.
type From struct {
	Coins    []wire.OutPoint // exactly these
	Identity *uint32         // those at its address, but for one for each name that it owns
}

// MaxRequest is the longest id of a request, in bytes.
const MaxRequest = 200

// The reasons for which an id of a request is refused.
var (
	errLongRequest   = errors.New("has more than 200 bytes, or is not UTF-8")
	errSpacedRequest = errors.New("begins or ends with a space, or has two in a row: it could not be told from the id without them")
	errHiddenRequest = errors.New("has characters that cannot be seen")
)

// ParseRequest refuses ids that could not be told apart on a screen, or are too long to be kept.
// Letters with accents have one spelling of several, NFC: one program types them as one character,
// another as two.
func ParseRequest(typed string) (id string, err error) {
	id = norm.NFC.String(typed)
	switch {
	case len(id) > MaxRequest || !utf8.ValidString(id):
		return "", errLongRequest
	case strings.Trim(id, " ") != id || strings.Contains(id, "  "):
		return "", errSpacedRequest
	}
	for _, r := range id {
		if !unicode.IsGraphic(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || unicode.IsSpace(r) && r != ' ' {
			return "", errHiddenRequest
		}
	}
	return id, nil
}
