package rules

import (
	"errors"
	"math/big"

	"blockstack/names"
	"blockstack/names/state"
)

// payment is what was paid for a name.
type payment struct {
	burnAddress string
	sat         int64
	inTokens    bool // only the tokens count, even if there are none
	tokens      uint64
}

// checkPayment applies protocol 9.3: prices are those of priceHeight, who is paid is decided at
// this block. It tells whether tokens paid.
func (m *moment) checkPayment(space *state.NamespaceRow, label string, priceHeight int32, pay payment) (inTokens bool, refused *state.Refused) {
	f := m.epoch.Features
	to, tokensAllowed := m.p.BurnAddress, f.Has(names.FeatureNamesCostTokens)
	inTokens = pay.inTokens && tokensAllowed
	switch space.Version {
	case 1:
	case 2:
		if !f.Has(names.FeaturePayToCreator) {
			return false, state.Refuse(state.ReasonFeature, "namespaces of version 2")
		}
		period := m.epoch.Rules(names.NamespaceID(space.ID)).ReceiveFeesPeriod
		if int64(space.RevealedAt)+int64(period) >= int64(m.height) {
			to, tokensAllowed = state.AddressOf(m.p, space.Payer), false
		}
	case 3:
		if !f.Has(names.FeaturePayWithStacks) {
			return false, state.Refuse(state.ReasonFeature, "namespaces of version 3")
		}
	default:
		return false, state.Refuse(state.ReasonFeature, "namespaces of version %d", space.Version)
	}
	switch {
	case pay.burnAddress != to:
		return false, state.Refuse(state.ReasonBurnAddress, "paid to %q, want %s", pay.burnAddress, to)
	case space.Version == 3 && !pay.inTokens:
		return false, state.Refuse(state.ReasonTokensRequired, "")
	case inTokens && !tokensAllowed && space.Version != 3:
		return false, state.Refuse(state.ReasonTokensRefused, "fees go to the creator of the namespace")
	case inTokens || space.Version == 3:
		refused := m.checkAmount(space, label, priceHeight, names.MicroStacks, new(big.Int).SetUint64(pay.tokens))
		if refused == nil && !f.Has(names.FeatureNamesCostTokens) {
			refused = state.Refuse(state.ReasonFeature, "names paid in tokens")
		}
		return true, refused
	}
	return false, m.checkAmount(space, label, priceHeight, names.Satoshi, big.NewInt(pay.sat))
}

// checkAmount compares an amount with the price of a name.
func (m *moment) checkAmount(space *state.NamespaceRow, label string, height int32, unit names.Unit, amount *big.Int) *state.Refused {
	ns := state.PriceTerms(space)
	price, err := m.p.NamePrice(label, ns, height)
	if unit == names.MicroStacks {
		price, err = m.p.NamePriceStacks(label, ns, height)
	}
	if err != nil {
		return state.Refuse(state.ReasonNoPrice, "%s", err)
	}
	if !price.PaidBy(amount) {
		return state.Refuse(state.ReasonUnderpaid, "paid %s %s, want %s", amount, unit, price)
	}
	return nil
}

// checkNamespacePayment applies protocol 8.8 to what the preorder of a namespace paid, with the
// prices of this block. Where an epoch has no price in BTC, any amount passes.
func (m *moment) checkNamespacePayment(id string, preorder *state.PreorderRow) *state.Refused {
	unit, amount := names.Satoshi, big.NewInt(preorder.Fee)
	if preorder.PaidTokens {
		unit, amount = names.MicroStacks, new(big.Int).SetUint64(preorder.Tokens)
	}
	price, err := m.p.NamespacePriceIn(names.NamespaceID(id), unit, m.height)
	switch {
	case errors.Is(err, names.ErrNoPrice) && unit == names.Satoshi:
		return nil
	case err != nil:
		return state.Refuse(state.ReasonNoPrice, "%s", err)
	case !price.PaidBy(amount):
		return state.Refuse(state.ReasonUnderpaid, "paid %s %s, want %s", amount, unit, price)
	}
	return nil
}
