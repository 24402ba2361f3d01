package line

import (
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
)

// mostTarget is the farthest target that nodes estimate for, a week of blocks.
const mostTarget = 1008

// CheckTarget refuses a --target that no block can be.
func CheckTarget(c *cli.Context) error {
	if t := c.Int("target"); t < 1 || t > mostTarget {
		return fault.Usage("--target %d is not in 1..%d blocks", t, mostTarget)
	}
	return nil
}
