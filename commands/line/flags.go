package line

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/prompt"
	"blockstack/home/config"
)

// Flags are the flags of every command. Those that the configuration file knows too have the same
// name there, with underscores.
func Flags() []cli.Flag {
	const where, chain, how, say = "Where things are:", "The Bitcoin network and the name rules:", "Questions and passwords:", "Output:"
	return []cli.Flag{
		&cli.StringFlag{Name: "home", Category: where, EnvVars: []string{"BLOCKSTACK_HOME"}, Usage: "keep wallet, index and configuration in `DIR` (default: the XDG data and config folders)"},
		&cli.StringFlag{Name: "journal-copy", Category: where, EnvVars: []string{"BLOCKSTACK_JOURNAL_COPY"}, Usage: "keep an encrypted copy of the journal in `DIR`, written before anything is sent; blockstack job import reads it"},
		&cli.BoolFlag{Name: "journal-copy-optional", Category: where, Usage: "go on with a warning when that copy cannot be written"},
		&cli.StringSliceFlag{Name: "zonefiles", Category: where, Usage: "read zone files from `DIR|URL`, by hash; may be repeated"},

		&cli.StringFlag{Name: "network", Category: chain, EnvVars: []string{"BLOCKSTACK_NETWORK"}, Usage: "use `NETWORK`: " + strings.Join(config.Networks(), ", ")},
		&cli.StringFlag{Name: "registry", Category: chain, EnvVars: []string{"BLOCKSTACK_REGISTRY"}, Usage: "take the name rules from `FILE`"},
		&cli.StringFlag{Name: "sandbox", Category: chain, Usage: "use the running sandbox whose home is `DIR`"},
		&cli.StringFlag{Name: "backend", Category: chain, EnvVars: []string{"BLOCKSTACK_BACKEND"}, Usage: "reach Bitcoin through `KIND`: " + strings.Join(append(config.Backends(), config.BackendPeers), ", ")},
		&cli.StringFlag{Name: "node", Category: chain, EnvVars: []string{"BLOCKSTACK_NODE"}, Usage: "reach the node's RPC at `URL`, without a password in it; with --backend files, the node's folder"},
		&cli.StringFlag{Name: "node-auth-file", Category: chain, EnvVars: []string{"BLOCKSTACK_NODE_AUTH_FILE"}, Usage: "read the node's user:password from `FILE`"},
		&cli.StringFlag{Name: "node-cert-file", Category: chain, EnvVars: []string{"BLOCKSTACK_NODE_CERT_FILE"}, Usage: "read the node's TLS certificate from `FILE`"},
		&cli.BoolFlag{Name: "insecure-node", Category: chain, EnvVars: []string{"BLOCKSTACK_INSECURE_NODE"}, Usage: "speak to a node on another machine without TLS: whoever is on the way reads its password and changes its answers"},
		&cli.StringSliceFlag{Name: "peer", Category: chain, EnvVars: []string{"BLOCKSTACK_PEER"}, Usage: "ask only the peer at `HOST`, or HOST:PORT; may be repeated"},
		&cli.StringFlag{Name: "proxy", Category: chain, EnvVars: []string{"BLOCKSTACK_PROXY"}, Usage: "make every connection through the SOCKS5 proxy at `URL`, such as Tor's socks5://127.0.0.1:9050"},
		&cli.IntFlag{Name: "confirmations", Category: chain, Usage: "a job is done at `N` confirmations (default: 6, on the sandbox 1)", DefaultText: " "},
		&cli.BoolFlag{Name: "offline", Category: chain, Usage: "make no network connection at all"},

		&cli.BoolFlag{Name: "no-input", Category: how, EnvVars: []string{"BLOCKSTACK_NO_INPUT"}, Usage: "never ask; fail and name the flag that would have answered"},
		&cli.BoolFlag{Name: "yes", Category: how, Usage: "answer ordinary questions with yes"},
		&cli.StringSliceFlag{Name: "confirm", Category: how, Usage: "agree to the dangerous act on `NAME|TXID`, or to a fee out of proportion with the word fee; may be repeated"},
		&cli.StringFlag{Name: "password-file", Category: how, EnvVars: []string{"BLOCKSTACK_PASSWORD_FILE"}, Usage: "read the wallet password from the first line of `FILE`"},
		&cli.IntFlag{Name: "password-fd", Category: how, Value: -1, DefaultText: " ", Usage: "read the wallet password from the open file descriptor `N`"},
		&cli.StringFlag{Name: "password-command", Category: how, Usage: "read the wallet password from the output of `COMMAND`"},

		&cli.BoolFlag{Name: "json", Category: say, Usage: "print one JSON document, or JSON lines for streams; errors as JSON too"},
		&cli.BoolFlag{Name: "quiet", Category: say, Usage: "say nothing but results, warnings and errors"},
		&cli.BoolFlag{Name: "verbose", Category: say, Usage: "say more about what is being done"},
		&cli.BoolFlag{Name: "no-color", Category: say, Usage: "no colours; the variable NO_COLOR does the same"},
	}
}

// given reports whether a flag was given, or its environment variable is there and not empty.
func given(c *cli.Context, name string) bool {
	return c.IsSet(name) && fmt.Sprint(c.Value(name)) != ""
}

// Chosen is what flags and environment choose for this run.
func Chosen(c *cli.Context) (config.Given, error) {
	g := config.Given{CopyOptional: c.Bool("journal-copy-optional")}
	if given(c, "home") {
		g.Home = c.String("home")
	}
	if given(c, "password-fd") {
		fd := c.Int("password-fd")
		g.PasswordFD = &fd
	}
	for _, k := range config.Keys() {
		name := k.Flag()
		if !given(c, name) {
			continue
		}
		values := []string{fmt.Sprint(c.Value(name))}
		if k.List {
			values = c.StringSlice(name)
		}
		if err := k.Set(&g.Values, values); err != nil {
			return g, fault.Usage("--%s: %v", name, err)
		}
	}
	return g, nil
}

// Config makes the configuration of a command line; with file false the configuration file is not
// read.
func Config(c *cli.Context, file bool) (*config.Config, error) {
	g, err := Chosen(c)
	if err != nil {
		return nil, err
	}
	return config.Load(g, file)
}

// Answers are what the command line says to questions before they are asked.
func Answers(c *cli.Context) prompt.Answers {
	return prompt.Answers{Yes: c.Bool("yes"), Confirm: c.StringSlice("confirm"), NoInput: c.Bool("no-input")}
}

// NoMineFlag is the flag of every verb that mines on the sandbox.
func NoMineFlag() cli.Flag {
	return &cli.BoolFlag{Name: "no-mine", Usage: "on the sandbox, do not mine the blocks that are waited for"}
}
