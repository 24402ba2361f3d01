package line

import "github.com/urfave/cli/v2"

// The headings of the list of commands, in its order.
const (
	Names    = "Names"
	Profiles = "Profiles and zone files"
	Money    = "Money and keys"
	Chain    = "Chain and node"
	Program  = "This program"
)

// Headings are the headings in order.
func Headings() []string {
	return []string{Names, Profiles, Money, Chain, Program}
}

// Each calls f for every command below a name, parents first.
func Each(list []*cli.Command, parent string, f func(c *cli.Command, fullName string)) {
	for _, c := range list {
		f(c, parent+" "+c.Name)
		Each(c.Subcommands, parent+" "+c.Name, f)
	}
}
