package commands

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"
)

// Config is every choice that holds for all commands: the configuration file, over it the environment, over it the
// flags. It holds no secret.
type Config struct {
	// File is the configuration file, which need not exist.
	File string
	// Home is the folder of wallet, index and everything else on disk.
	Home string
	// Network is one of Networks.
	Network string
	// Registry is the file with the name rules; empty: the built-in rules of the network.
	Registry string
	// Sandbox is the home of the sandbox whose node is used; empty: Home.
	Sandbox string
	// Backend is where blocks come from, one of Backends or backendPeers; empty: btcd where a node is named, for money else peers.
	Backend string
	// Node is the URL of the node's RPC; empty: the sandbox's, or the default port on this machine.
	Node string
	// Peers are the only peers that are asked, HOST or HOST:PORT; empty: whoever is found.
	Peers []string
	// Proxy is the URL of the SOCKS5 proxy that connections go through; empty: none.
	Proxy string
	// NodeAuthFile is the file with the node's user:password; empty: none.
	NodeAuthFile string
	// NodeCertFile is the file with the node's TLS certificate; empty: the system's authorities.
	NodeCertFile string
	// InsecureNode lets a node on another machine be spoken to without TLS.
	InsecureNode bool
	// ZoneFiles are the folders and URLs where zone files are read from, in order.
	ZoneFiles []string
	// JournalCopy is the folder of the encrypted copy of the journal; empty: there is none.
	JournalCopy string
	// CopyOptional lets jobs go on when that copy cannot be written.
	CopyOptional bool
	// Confirmations is when a job counts as done; 0: the network's own (DoneConfirmations).
	Confirmations int
	// PasswordFile, PasswordFD and PasswordCommand say where the wallet password comes from; PasswordFD is -1 when not given.
	PasswordFile    string
	PasswordFD      int
	PasswordCommand string
	// Offline forbids every network connection.
	Offline bool
	// Yes answers ordinary questions; Confirm names the dangerous act that is agreed to.
	Yes     bool
	Confirm []string
	// NoInput forbids questions.
	NoInput bool

	choices configFile        // file, environment and flags laid over one another
	origin  map[string]string // key of the file → where its value came from
}

// Networks are the networks that --network takes. The sandbox is regtest with a node of our own.
func Networks() []string { return []string{"mainnet", "testnet", "signet", "regtest", "sandbox"} }

// Backends are where blocks may come from: the kinds of node that --backend takes, and a node's block files.
func Backends() []string { return []string{"btcd", "bitcoind", backendFiles} }

// Public reports whether the network is one that other people use.
func (c *Config) Public() bool { return c.Network != "sandbox" && c.Network != "regtest" }

// DoneConfirmations is how many confirmations make a job done.
func (c *Config) DoneConfirmations() int32 {
	switch {
	case c.Confirmations > 0:
		return int32(c.Confirmations)
	case c.Network == "sandbox":
		return 1
	}
	return 6
}

// The places on disk. Their meaning is in docs/formats.md; what may be deleted is in the README.

// Path is a file or folder in the home.
func (c *Config) Path(elem ...string) string {
	return filepath.Join(append([]string{c.Home}, elem...)...)
}

// NetworkPath is a file or folder of the chosen network: each network has a wallet, a journal and an index of its own.
func (c *Config) NetworkPath(elem ...string) string {
	return c.Path(append([]string{c.Network}, elem...)...)
}

// KeychainFile is the encrypted seed, the same for all networks.
func (c *Config) KeychainFile() string { return c.Path("keychain") }

// WalletDir is btcwallet's watch-only store.
func (c *Config) WalletDir() string { return c.NetworkPath("wallet") }

// LabelsFile holds labels, frozen coins and counters.
func (c *Config) LabelsFile() string { return c.NetworkPath("labels.db") }

// JournalFile holds the jobs.
func (c *Config) JournalFile() string { return c.NetworkPath("journal.db") }

// ProfilesFile holds the newest profile seen of each owner.
func (c *Config) ProfilesFile() string { return c.NetworkPath("profiles.db") }

// IndexFile holds the name index.
func (c *Config) IndexFile() string { return c.NetworkPath("index.db") }

// PeersDir holds the headers of blocks and filters that peers gave.
func (c *Config) PeersDir() string { return c.NetworkPath("peers") }

// CacheDir holds zone files and profiles by hash.
func (c *Config) CacheDir() string { return c.Path("cache") }

// SandboxHome is the home whose sandbox is used.
func (c *Config) SandboxHome() string {
	if c.Sandbox != "" {
		return c.Sandbox
	}
	return c.Home
}

// globalFlags are the flags of every command. Those that the configuration file knows too have the same name there,
// with underscores.
func globalFlags() []cli.Flag {
	const where, chain, how, say = "Where things are:", "The Bitcoin network and the name rules:", "Questions and passwords:", "Output:"
	return []cli.Flag{
		&cli.StringFlag{Name: "home", Category: where, EnvVars: []string{"BLOCKSTACK_HOME"}, Usage: "keep wallet, index and configuration in `DIR` (default: the XDG data and config folders)"},
		&cli.StringFlag{Name: "journal-copy", Category: where, EnvVars: []string{"BLOCKSTACK_JOURNAL_COPY"}, Usage: "keep an encrypted copy of the journal in `DIR`, written before anything is sent; blockstack job import reads it"},
		&cli.BoolFlag{Name: "journal-copy-optional", Category: where, Usage: "go on with a warning when that copy cannot be written"},
		&cli.StringSliceFlag{Name: "zonefiles", Category: where, Usage: "read zone files from `DIR|URL`, by hash; may be repeated"},

		&cli.StringFlag{Name: "network", Category: chain, EnvVars: []string{"BLOCKSTACK_NETWORK"}, Usage: "use `NETWORK`: " + strings.Join(Networks(), ", ")},
		&cli.StringFlag{Name: "registry", Category: chain, EnvVars: []string{"BLOCKSTACK_REGISTRY"}, Usage: "take the name rules from `FILE`"},
		&cli.StringFlag{Name: "sandbox", Category: chain, Usage: "use the running sandbox whose home is `DIR`"},
		&cli.StringFlag{Name: "backend", Category: chain, EnvVars: []string{"BLOCKSTACK_BACKEND"}, Usage: "reach Bitcoin through `KIND`: " + strings.Join(append(Backends(), backendPeers), ", ")},
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

// defaultFolders are the home and the configuration file when --home is not given.
func defaultFolders() (home, file string, err error) {
	user, err := os.UserHomeDir()
	if err != nil {
		return "", "", usagef("no home folder for the wallet: %v", err).hint("name one with --home DIR or BLOCKSTACK_HOME")
	}
	data, conf := filepath.Join(user, ".local", "share"), filepath.Join(user, ".config")
	switch runtime.GOOS {
	case "darwin":
		data = filepath.Join(user, "Library", "Application Support")
		conf = data
	case "windows":
		if d := os.Getenv("LocalAppData"); d != "" {
			data, conf = d, d
		}
	}
	if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		data = d
	}
	if d := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(d) {
		conf = d
	}
	return filepath.Join(data, "blockstack"), filepath.Join(conf, "blockstack", "config.json"), nil
}

// loadConfig makes the Config of a command line; with file false the configuration file is not read.
func loadConfig(c *cli.Context, file bool) (*Config, error) {
	cfg := &Config{origin: map[string]string{}}
	if given(c, "home") {
		home, err := filepath.Abs(c.String("home"))
		if err != nil {
			return nil, fmt.Errorf("home: %w", err)
		}
		cfg.Home, cfg.File = home, filepath.Join(home, "config.json")
	} else {
		var err error
		if cfg.Home, cfg.File, err = defaultFolders(); err != nil {
			return nil, err
		}
	}
	if file {
		values, err := readConfigFile(cfg.File)
		if err != nil {
			return nil, err
		}
		if err := cfg.merge(values, filepath.Dir(cfg.File), "file"); err != nil {
			return nil, err
		}
	}
	values, err := flagValues(c)
	if err != nil {
		return nil, err
	}
	if err := cfg.merge(values, "", "flag or environment"); err != nil {
		return nil, err
	}
	cfg.CopyOptional = c.Bool("journal-copy-optional")
	cfg.Yes, cfg.Confirm, cfg.NoInput, cfg.PasswordFD = c.Bool("yes"), c.StringSlice("confirm"), c.Bool("no-input"), c.Int("password-fd")
	if err := cfg.reconcile(c); err != nil {
		return nil, err
	}
	cfg.fill()
	return cfg, nil
}

// given reports whether a flag was given, or its environment variable is there and not empty.
func given(c *cli.Context, name string) bool {
	return c.IsSet(name) && fmt.Sprint(c.Value(name)) != ""
}

// flagValues collects what flags and environment say about the keys of the configuration file.
func flagValues(c *cli.Context) (*configFile, error) {
	v := &configFile{}
	for _, k := range configKeys() {
		name := strings.ReplaceAll(k.name, "_", "-")
		if !given(c, name) {
			continue
		}
		values := []string{fmt.Sprint(c.Value(name))}
		if k.list {
			values = c.StringSlice(name)
		}
		if err := k.set(v, values); err != nil {
			return nil, usagef("--%s: %v", name, err)
		}
	}
	if err := v.check(); err != nil {
		return nil, usagef("%v", err)
	}
	return v, nil
}

// merge lays the values of a source over the choices. Paths are relative to base, or to the working folder when base
// is empty.
func (c *Config) merge(v *configFile, base, origin string) error {
	for _, k := range configKeys() {
		values := slices.Clone(k.get(v))
		if values == nil {
			continue
		}
		for i := range values {
			if k.isPath(values[i]) {
				var err error
				if values[i], err = absolutePlace(base, values[i]); err != nil {
					return fmt.Errorf("%s: %w", k.name, err)
				}
			}
		}
		if err := k.set(&c.choices, values); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		c.origin[k.name] = origin
	}
	return nil
}

// reconcile resolves what the choices say about one another: a flag is nearer than the file.
func (c *Config) reconcile(ctx *cli.Context) error {
	if given(ctx, "sandbox") {
		if given(ctx, "network") && ctx.String("network") != "sandbox" {
			return usagef("--sandbox and --network %s contradict each other", ctx.String("network")).
				hint("leave out --network, or leave out --sandbox to use another node")
		}
		sandbox := "sandbox"
		c.choices.Network, c.origin["network"] = &sandbox, "--sandbox"
	}
	sources := 0
	for _, name := range []string{"password-file", "password-fd", "password-command"} {
		if given(ctx, name) {
			sources++
		}
	}
	if sources > 1 {
		return usagef("the wallet password can come from one place only").
			hint("give one of --password-file, --password-fd and --password-command; BLOCKSTACK_PASSWORD_FILE counts too")
	}
	if sources == 1 { // the others may stand in the file
		if !given(ctx, "password-file") {
			c.choices.PasswordFile = nil
		}
		if !given(ctx, "password-command") {
			c.choices.PasswordCommand = nil
		}
	}
	return nil
}

// fill sets the fields from the choices and their defaults.
func (c *Config) fill() {
	text := func(p *string, otherwise string) string {
		if p == nil {
			return otherwise
		}
		return *p
	}
	if c.choices.Network == nil {
		network := "mainnet"
		c.choices.Network, c.origin["network"] = &network, "default"
	}
	v := c.choices
	c.Network, c.Registry, c.Sandbox = *v.Network, text(v.Registry, ""), text(v.Sandbox, "")
	c.Backend, c.Node = text(v.Backend, ""), text(v.Node, "")
	c.NodeAuthFile, c.NodeCertFile = text(v.NodeAuthFile, ""), text(v.NodeCertFile, "")
	c.PasswordFile, c.PasswordCommand = text(v.PasswordFile, ""), text(v.PasswordCommand, "")
	c.ZoneFiles, c.JournalCopy = v.ZoneFiles, text(v.JournalCopy, "")
	c.Peers, c.Proxy = v.Peers, text(v.Proxy, "")
	c.Offline = v.Offline != nil && *v.Offline
	c.InsecureNode = v.InsecureNode != nil && *v.InsecureNode
	if v.Confirmations != nil {
		c.Confirmations = *v.Confirmations
	}
}

// absolutePlace makes a path absolute from base, or from the working folder when base is empty. A URL and - stay as
// they are.
func absolutePlace(base, place string) (string, error) {
	switch {
	case place == "" || place == "-" || isURL(place) || filepath.IsAbs(place):
		return place, nil
	case base != "":
		return filepath.Join(base, place), nil
	}
	return filepath.Abs(place)
}

// isURL reports whether a place is a web address rather than a folder.
func isURL(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// checkURL refuses addresses that are not plain web addresses, and those that carry a password.
func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("not an http or https URL")
	case u.User != nil:
		return fmt.Errorf("a URL with a password in it is refused: put user:password into a file and name it with --node-auth-file")
	}
	return nil
}

// checkNode refuses what is neither the address of a node nor a folder.
func checkNode(s string) error {
	if !strings.Contains(s, ":") && s != "-" && s != "" || filepath.IsAbs(s) {
		return nil
	}
	if err := checkURL(s); err != nil {
		return err
	}
	if _, _, err := nodeHost(s, "1"); err != nil {
		return errors.New("not a URL of the form http://HOST:PORT")
	}
	return nil
}

// checkPeer refuses what is not the address of a peer: HOST or HOST:PORT.
func checkPeer(s string) error {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, "1"
		if inner, ok := strings.CutPrefix(s, "["); ok {
			host, _ = strings.CutSuffix(inner, "]")
			if host+"]" != inner {
				host = ""
			}
		}
		if strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return errors.New("neither HOST nor HOST:PORT")
		}
	}
	n, err := strconv.Atoi(port)
	if host == "" || err != nil || n < 1 || n > 65535 || strings.ContainsFunc(host, notInHost) {
		return errors.New("neither HOST nor HOST:PORT")
	}
	return nil
}

// notInHost reports whether a character cannot be in the name or address of a host; letters of all languages can.
func notInHost(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("-._:%", r)
}

// oneOf refuses a value that is not in the list.
func oneOf(value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("unknown value %s; it is one of %s", strconv.Quote(value), strings.Join(allowed, ", "))
}
