package names

import (
	"fmt"
	"math/big"
)

// NamePrice is the price of a name in the namespace's unit (NamespaceRules and price tables of the
// epoch of height).
//
// With label, its length n, the namespace's coeff, base, buckets and discounts, unit = UnitSat or
// UnitMicroStacks (protocol 9.1):
//
//	e = buckets[n-1], or buckets[15] if n > 16
//	d = the largest of 1, the no-vowel discount (no a e i o u y), the non-alpha discount (any of 0-9 - _)
//	floating point (epochs 1 to 3):  p = double(coeff*base^e) / double(d) * unit, at least unit; price = p * multiplier
//	integers (epochs 4 and 5):       p = coeff*base^e*unit div d, at least unit;                price = p div divisor
//
// Discounts do not multiply. The numbers of the second form have no size limit.
func (p *Params) NamePrice(label string, ns *Namespace, height int32) (Number, error) {
	if label == "" {
		return Number{}, fmt.Errorf("%w: empty label", ErrNoPrice)
	}
	_, epoch := p.Epoch(height)
	rules := epoch.Rules(ns.ID)
	unit, multiplier, divisor := p.UnitSat, rules.PriceMultiplier, rules.PriceDivisor
	if ns.PriceUnit() == MicroStacks {
		unit, multiplier, divisor = p.UnitMicroStacks, rules.PriceMultiplierStacks, rules.PriceDivisorStacks
	}

	exponent := ns.Buckets[min(len(label), len(ns.Buckets))-1]
	power := new(big.Int).Exp(big.NewInt(int64(ns.Base)), big.NewInt(int64(exponent)), nil)
	power.Mul(power, big.NewInt(int64(ns.Coeff)))
	discount := nameDiscount(label, ns)

	if !epoch.Features.Has(FeatureIntegerPrices) {
		price := toFloat(power) / float64(discount) * float64(unit)
		price = max(price, float64(unit)) * multiplier
		return FloatNumber(price), nil
	}
	if divisor <= 0 {
		return Number{}, fmt.Errorf("%w: namespace %s is not priced in %s at height %d", ErrNoPrice, ns.ID, ns.PriceUnit(), height)
	}
	power.Mul(power, big.NewInt(unit))
	power.Div(power, big.NewInt(discount))
	if smallest := big.NewInt(unit); power.Cmp(smallest) < 0 {
		power = smallest
	}
	return Number{integer: power.Div(power, big.NewInt(divisor))}, nil
}

// NamePriceStacks is the price in microSTACKS for a buyer who pays in tokens: the price itself in a
// namespace priced in STACKS, else the price in satoshi, its fraction cut off, times 650 div 15
// (protocol 9.1).
func (p *Params) NamePriceStacks(label string, ns *Namespace, height int32) (Number, error) {
	price, err := p.NamePrice(label, ns, height)
	if err != nil || ns.PriceUnit() == MicroStacks {
		return price, err
	}
	if _, epoch := p.Epoch(height); !epoch.Features.Has(FeatureNamesCostTokens) {
		return Number{}, fmt.Errorf("%w: names cannot be bought with STACKS at height %d", ErrNoPrice, height)
	}
	n := price.Floor()
	n.Mul(n, big.NewInt(stacksPerSatNumerator))
	return Number{integer: n.Div(n, big.NewInt(stacksPerSatDenominator))}, nil
}

// microSTACKS per satoshi when a name priced in BTC is paid in STACKS.
const (
	stacksPerSatNumerator   = 650
	stacksPerSatDenominator = 15
)

// NamespacePrice is the price of a namespace in the unit of the epoch.
func (p *Params) NamespacePrice(id NamespaceID, height int32) (Number, Unit, error) {
	_, epoch := p.Epoch(height)
	price, err := p.NamespacePriceIn(id, epoch.NamespacePriceUnit, height)
	return price, epoch.NamespacePriceUnit, err
}

// NamespacePriceIn is the price of a namespace in a unit; ErrNoPrice if it is not sold for it
// (protocol 9.2).
func (p *Params) NamespacePriceIn(id NamespaceID, unit Unit, height int32) (Number, error) {
	_, epoch := p.Epoch(height)
	table := epoch.NamespacePrices
	if unit == MicroStacks {
		table = epoch.NamespacePricesStacks
	}
	if n := len(id); n > 0 && n < len(table) && n <= MaxNamespaceLen && !table[n].IsZero() {
		return table[n], nil
	}
	return Number{}, fmt.Errorf("%w: namespace %s is not sold for %s at height %d", ErrNoPrice, quote(string(id)), unit, height)
}

// nameDiscount is what the price of a label is divided by.
func nameDiscount(label string, ns *Namespace) int64 {
	hasVowel, hasNonAlpha := false, false
	for i := range len(label) {
		switch c := label[i]; {
		case c == 'a', c == 'e', c == 'i', c == 'o', c == 'u', c == 'y':
			hasVowel = true
		case c >= '0' && c <= '9', c == '-', c == '_':
			hasNonAlpha = true
		}
	}
	d := int64(1)
	if !hasVowel {
		d = max(d, int64(ns.NoVowelDiscount))
	}
	if hasNonAlpha {
		d = max(d, int64(ns.NonAlphaDiscount))
	}
	return d
}
