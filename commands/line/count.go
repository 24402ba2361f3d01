package line

import (
	"strconv"

	"blockstack/commands/fault"
)

// ParseCount reads a whole number between low and high.
func ParseCount(what, text string, low, high int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fault.Usage("%s is %.40q, not a whole number from %d to %d", what, text, low, high)
	}
	return n, nil
}

// MaxIdentity bounds the number of an identity, so that an address with a slip in it is not taken
// for one.
const MaxIdentity = 9999
