package commands

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"
)

// configShowCommand is `config show`.
func configShowCommand() *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "every choice in force, and where it comes from",
		Description: examples("blockstack config show", "BLOCKSTACK_NETWORK=sandbox blockstack config show --json"),
		Action:      verb(noOptions, runConfigShow),
	}
}

// configShowDoc is what `config show` prints.
type configShowDoc struct {
	File   string            `json:"file"`
	Home   string            `json:"home"`
	Values configFile        `json:"values"`
	Origin map[string]string `json:"origin"`
}

// runConfigShow prints the choices after file, environment and flags.
func runConfigShow(_ context.Context, env *Env, _ none) error {
	d := configShowDoc{env.Config.File, env.Config.Home, env.Config.choices, env.Config.origin}
	var rows [][]string
	for _, k := range configKeys() {
		if values := k.get(&d.Values); len(values) > 0 {
			rows = append(rows, []string{k.name, strings.Join(values, " "), d.Origin[k.name]})
		}
	}
	return env.Out.Result("config.show", d, func(t *Text) {
		t.Table([]Column{{Title: "key"}, {Title: "value"}, {Title: "from"}}, rows)
	})
}
