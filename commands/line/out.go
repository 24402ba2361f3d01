package line

import (
	"github.com/urfave/cli/v2"
)

// OutFlag names the file that a result is written to.
func OutFlag() cli.Flag {
	return &cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write to the new file `FILE` instead of standard output"}
}
