package settings

import (
	"context"
	"slices"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/config"
)

// SetCommand is `config set`.
func SetCommand() *cli.Command {
	return &cli.Command{
		Name:      "set",
		Usage:     "write a choice into the configuration file; without a value, take it out",
		ArgsUsage: "KEY [VALUE...]",
		Description: "KEY is one of the keys in docs/formats.md. Only zonefiles and peer take several values; without one the key is removed.\n\n" + line.Examples(
			"blockstack config set network sandbox",
			"blockstack config set zonefiles ~/zonefiles https://example.org/zonefiles",
			"blockstack config set node"),
		Action: line.PlainVerb(func(c *cli.Context) (configSetOptions, error) {
			key, err := config.FindKey(c.Args().First())
			return configSetOptions{Key: key, Values: c.Args().Tail()}, err
		}, runConfigSet),
	}
}

// configSetOptions are a key and its new values.
type configSetOptions struct {
	Key    config.Key
	Values []string
}

// runConfigSet changes one key and replaces the file.
func runConfigSet(_ context.Context, env *session.Session, o configSetOptions) error {
	if len(o.Values) > 1 && !o.Key.List {
		return fault.Usage("%s takes one value, got %d", o.Key.Name, len(o.Values))
	}
	file, err := config.Read(env.Config.File)
	if err != nil {
		return err
	}
	for _, v := range o.Values {
		if err := o.Key.CheckTyped(v, env.Out.Warn); err != nil {
			return fault.Usage("%s: %v", o.Key.Name, err).Hint("what it may be: blockstack config explain %s", o.Key.Name)
		}
	}
	if len(o.Values) > 0 && o.Key.IsPath(o.Values[0]) {
		for i, v := range o.Values {
			if o.Values[i], err = config.Absolute("", v); err != nil {
				return err
			}
		}
	}
	if err := o.Key.Set(file, o.Values); err != nil {
		return fault.Usage("%s: %v", o.Key.Name, err)
	}
	if err := file.Check(); err != nil {
		return fault.Usage("%v", err)
	}
	if file.NodeInPlaintext() && slices.Contains([]string{"node", "node_cert_file", "proxy", "insecure_node"}, o.Key.Name) {
		return fault.Usage("node: %s is on another machine and spoken to without TLS: whoever is on the way reads its password and changes its answers", *file.Node).
			Hint("give its certificate first: blockstack config set node_cert_file FILE, with https in the URL; or reach it through a tunnel to this machine").
			Hint("or take the risk: blockstack config set insecure_node true, and then the same command again")
	}
	if err := config.Write(env.Config.File, file); err != nil {
		return err
	}
	doc := map[string]any{"file": env.Config.File, "key": o.Key.Name, "values": append([]string{}, o.Values...)}
	return env.Out.Result("config.set", doc, func(t *voice.Text) {
		t.Field("file", "%s", env.Config.File)
		if len(o.Values) == 0 {
			t.Field(o.Key.Name, "(removed)")
		}
		for _, v := range o.Values {
			t.Field(o.Key.Name, "%s", v)
		}
	})
}
