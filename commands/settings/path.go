package settings

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet/agent"
)

// PathCommand is `config path`.
func PathCommand() *cli.Command {
	return &cli.Command{
		Name:   "path",
		Usage:  "where the configuration file and everything else is",
		Action: line.PlainVerb(line.NoOptions, runConfigPath),
	}
}

// configPathDoc is what `config path` prints.
type configPathDoc struct {
	File string `json:"file"`
	Home string `json:"home"`
	// Agent is the socket of the agent that wallet unlock starts; empty where there are none.
	Agent string `json:"agent_socket,omitempty"`
}

// runConfigPath prints the places.
func runConfigPath(_ context.Context, env *session.Session, _ line.None) error {
	d := configPathDoc{env.Config.File, env.Config.Home, agent.Socket(env.Config.Home)}
	return env.Out.Result("config.path", d, func(t *voice.Text) {
		t.Field("file", "%s", d.File)
		t.Field("home", "%s", d.Home)
		t.Field("agent", "%s", d.Agent)
	})
}
