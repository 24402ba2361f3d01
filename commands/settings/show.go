package settings

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/config"
)

// ShowCommand is `config show`.
func ShowCommand() *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "every choice in force, and where it comes from",
		Description: line.Examples("blockstack config show", "BLOCKSTACK_NETWORK=sandbox blockstack config show --json"),
		Action:      line.Verb(line.NoOptions, runConfigShow),
	}
}

// configShowDoc is what `config show` prints.
type configShowDoc struct {
	File   string            `json:"file"`
	Home   string            `json:"home"`
	Values config.Values     `json:"values"`
	Origin map[string]string `json:"origin"`
}

// runConfigShow prints the choices after file, environment and flags.
func runConfigShow(_ context.Context, env *session.Session, _ line.None) error {
	d := configShowDoc{env.Config.File, env.Config.Home, env.Config.Choices(), env.Config.Origins()}
	var rows [][]string
	for _, k := range config.Keys() {
		if values := k.Get(&d.Values); len(values) > 0 {
			rows = append(rows, []string{k.Name, strings.Join(values, " "), d.Origin[k.Name]})
		}
	}
	return env.Out.Result("config.show", d, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "key"}, {Title: "value"}, {Title: "from"}}, rows)
	})
}
