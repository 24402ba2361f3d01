package names

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Number is a price as the protocol knows it: a whole number of any size, or, in epochs 1 to 3, an
// IEEE 754 double. The zero value means that there is no price.
type Number struct {
	integer *big.Int
	float   float64
	isFloat bool
}

// IntegerNumber is a whole number.
func IntegerNumber(n *big.Int) Number { return Number{integer: new(big.Int).Set(n)} }

// FloatNumber is a double, which must be finite.
func FloatNumber(f float64) Number { return Number{float: f, isFloat: true} }

// IsZero reports whether there is no number.
func (n Number) IsZero() bool { return n.integer == nil && !n.isFloat }

// IsFloat reports whether the number is a double.
func (n Number) IsFloat() bool { return n.isFloat }

// Float64 gives a double's value, or the nearest double to a whole number.
func (n Number) Float64() float64 {
	if n.isFloat || n.integer == nil {
		return n.float
	}
	return toFloat(n.integer)
}

// Minimum is the smallest whole amount that is not below the number. It is the callers' to keep.
func (n Number) Minimum() *big.Int {
	if !n.isFloat {
		if n.integer == nil {
			return nil
		}
		return new(big.Int).Set(n.integer)
	}
	i, _ := big.NewFloat(math.Ceil(n.float)).Int(nil)
	return i
}

// Floor is the whole part: what is left when the fraction is cut off.
func (n Number) Floor() *big.Int {
	if !n.isFloat {
		return n.Minimum()
	}
	i, _ := big.NewFloat(math.Trunc(n.float)).Int(nil)
	return i
}

// PaidBy reports whether an amount is not below the number, compared exactly. Nothing pays a number
// that is not there.
func (n Number) PaidBy(amount *big.Int) bool {
	return !n.IsZero() && amount.Cmp(n.Minimum()) >= 0
}

// String gives decimal digits for a whole number and the shortest text that reads back as the same
// double, with ".0" or an exponent, for a double.
func (n Number) String() string {
	switch {
	case n.isFloat:
		return floatText(n.float)
	case n.integer == nil:
		return ""
	}
	return n.integer.String()
}

// maxNumberText bounds the text of a number in a file.
const maxNumberText = 64

// parseNumber reads a JSON number: with a point or an exponent it is a double, else a whole number.
func parseNumber(s string) (Number, error) {
	if len(s) > maxNumberText {
		return Number{}, fmt.Errorf("number of %d characters is too long", len(s))
	}
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		switch {
		case err != nil:
			return Number{}, fmt.Errorf("%s: %w", s, err)
		case f < 0:
			return Number{}, errors.New("a price is below zero")
		}
		return FloatNumber(f), nil
	}
	i, ok := new(big.Int).SetString(s, 10)
	switch {
	case !ok:
		return Number{}, fmt.Errorf("%s is not a number", quote(s))
	case i.Sign() < 0:
		return Number{}, errors.New("a price is below zero")
	}
	return Number{integer: i}, nil
}

// floatText is the shortest decimal text of a double: plain from 1e-4 up to 1e16, else with an
// exponent of at least two digits.
func floatText(f float64) string {
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		format = 'e'
	}
	s := strconv.FormatFloat(f, format, -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// toFloat is the double nearest to a whole number, ties to even.
func toFloat(i *big.Int) float64 {
	f, _ := new(big.Float).SetInt(i).Float64()
	return f
}
