package commands

import (
	"context"
	"slices"

	"github.com/urfave/cli/v2"

	"blockstack/wallet/chain"
)

// configSetCommand is `config set`.
func configSetCommand() *cli.Command {
	return &cli.Command{
		Name:      "set",
		Usage:     "write a choice into the configuration file; without a value, take it out",
		ArgsUsage: "KEY [VALUE...]",
		Description: "KEY is one of the keys in docs/formats.md. Only zonefiles and peer take several values; without one the key is removed.\n\n" + examples(
			"blockstack config set network sandbox",
			"blockstack config set zonefiles ~/zonefiles https://example.org/zonefiles",
			"blockstack config set node"),
		Action: plainVerb(func(c *cli.Context) (configSetOptions, error) {
			key, err := findConfigKey(c.Args().First())
			return configSetOptions{Key: key, Values: c.Args().Tail()}, err
		}, runConfigSet),
	}
}

// configSetOptions are a key and its new values.
type configSetOptions struct {
	Key    configKey
	Values []string
}

// nodeInPlaintext says that the file names a node that is not spoken to unless somebody asks for it.
func (f *configFile) nodeInPlaintext() bool {
	if f.Node == nil || !isURL(*f.Node) || f.NodeCertFile != nil || f.InsecureNode != nil && *f.InsecureNode {
		return false
	}
	host, _, err := nodeHost(*f.Node, "1")
	cfg := chain.Config{Host: host}
	if f.Proxy != nil {
		cfg.Proxy, _ = chain.ParseProxy(*f.Proxy) // what is none was refused
	}
	return err == nil && cfg.Plaintext()
}

// runConfigSet changes one key and replaces the file.
func runConfigSet(_ context.Context, env *Env, o configSetOptions) error {
	if len(o.Values) > 1 && !o.Key.list {
		return usagef("%s takes one value, got %d", o.Key.name, len(o.Values))
	}
	file, err := readConfigFile(env.Config.File)
	if err != nil {
		return err
	}
	for _, v := range o.Values {
		if err := o.Key.checkTyped(v, env.Out.Warn); err != nil {
			return usagef("%s: %v", o.Key.name, err).hint("what it may be: blockstack config explain %s", o.Key.name)
		}
	}
	if len(o.Values) > 0 && o.Key.isPath(o.Values[0]) {
		for i, v := range o.Values {
			if o.Values[i], err = absolutePlace("", v); err != nil {
				return err
			}
		}
	}
	if err := o.Key.set(file, o.Values); err != nil {
		return usagef("%s: %v", o.Key.name, err)
	}
	if err := file.check(); err != nil {
		return usagef("%v", err)
	}
	if file.nodeInPlaintext() && slices.Contains([]string{"node", "node_cert_file", "proxy", "insecure_node"}, o.Key.name) {
		return usagef("node: %s is on another machine and spoken to without TLS: whoever is on the way reads its password and changes its answers", *file.Node).
			hint("give its certificate first: blockstack config set node_cert_file FILE, with https in the URL; or reach it through a tunnel to this machine").
			hint("or take the risk: blockstack config set insecure_node true, and then the same command again")
	}
	if err := writeConfigFile(env.Config.File, file); err != nil {
		return err
	}
	doc := map[string]any{"file": env.Config.File, "key": o.Key.name, "values": append([]string{}, o.Values...)}
	return env.Out.Result("config.set", doc, func(t *Text) {
		t.Field("file", "%s", env.Config.File)
		if len(o.Values) == 0 {
			t.Field(o.Key.name, "(removed)")
		}
		for _, v := range o.Values {
			t.Field(o.Key.name, "%s", v)
		}
	})
}
