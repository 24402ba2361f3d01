package nameop

import (
	"fmt"
	"math/big"
)

// base40Digits are the digits of base 40 in order of their value (protocol 5.2).
const base40Digits = "0123456789abcdefghijklmnopqrstuvwxyz-_.+"

// Base40 gives the number that a text stands for in base 40, most significant digit first, as the
// shortest big-endian byte string with a whole number of bytes; zero, also of the empty text, is
// the single byte 0. Leading "0" characters are therefore lost, so two names that differ only in
// them share a preorder hash. Characters that are no digits give ErrEncode.
func Base40(text string) ([]byte, error) {
	n, digit, base := new(big.Int), new(big.Int), big.NewInt(int64(len(base40Digits)))
	for i := range len(text) {
		v := base40Value(text[i])
		if v < 0 {
			return nil, fmt.Errorf("%w: %q is not in base 40", ErrEncode, text)
		}
		n.Mul(n, base)
		n.Add(n, digit.SetInt64(v))
	}
	if n.Sign() == 0 {
		return []byte{0}, nil
	}
	return n.Bytes(), nil
}

// base40Value is the value of a digit, -1 for other characters.
func base40Value(c byte) int64 {
	switch {
	case c >= '0' && c <= '9':
		return int64(c - '0')
	case c >= 'a' && c <= 'z':
		return int64(c-'a') + 10
	case c == '-':
		return 36
	case c == '_':
		return 37
	case c == '.':
		return 38
	case c == '+':
		return 39
	}
	return -1
}

// isBase40 reports whether all characters are digits of base 40.
func isBase40(text []byte) bool {
	for _, c := range text {
		if base40Value(c) < 0 {
			return false
		}
	}
	return true
}
