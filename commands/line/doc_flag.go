package line

import "github.com/urfave/cli/v2"

// Doc is what help says about a flag. Every flag of the program is of a kind that has it, which
// TestCommandTree checks.
func Doc(f cli.Flag) cli.DocGenerationFlag {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		panic("bug: a flag without a usage: " + f.String())
	}
	return d
}

// Repeats reports whether a flag may be given several times.
func Repeats(f cli.Flag) bool {
	_, many := f.(cli.DocGenerationSliceFlag)
	return many
}

// Category is the heading of a flag in the help.
func Category(f cli.Flag) string {
	if c, ok := f.(cli.CategorizableFlag); ok {
		return c.GetCategory()
	}
	return ""
}
