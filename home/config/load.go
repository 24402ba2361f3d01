package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
)

// Given is what was chosen for one run, over the file.
type Given struct {
	// Home is the folder of the home; empty: the one of the system's user.
	Home string
	// Values are over those of the file. Paths in them are relative to the working folder.
	Values Values
	// CopyOptional lets jobs go on when the copy of the journal cannot be written.
	CopyOptional bool
	// PasswordFD is the open file descriptor that the wallet password is read from; nil: none.
	PasswordFD *int
}

// FromEnvironment is what the environment chooses. lookup is like os.Getenv.
func FromEnvironment(lookup func(name string) string) (Given, error) {
	g := Given{Home: lookup("BLOCKSTACK_HOME")}
	for _, k := range Keys() {
		value := ""
		if k.variable {
			value = lookup(k.Variable())
		}
		if value == "" {
			continue
		}
		if k.yesNo {
			b, err := strconv.ParseBool(value)
			if err != nil {
				return g, &BadValue{Err: fmt.Errorf("%s: neither true nor false", k.Variable())}
			}
			value = strconv.FormatBool(b)
		}
		if err := k.Set(&g.Values, []string{value}); err != nil {
			return g, &BadValue{Err: fmt.Errorf("%s: %w", k.Variable(), err)}
		}
	}
	return g, nil
}

// Load lays what was given over the file. With file false the file is not read.
func Load(g Given, file bool) (*Config, error) {
	c := &Config{origin: map[string]string{}}
	if g.Home != "" {
		home, err := filepath.Abs(g.Home)
		if err != nil {
			return nil, fmt.Errorf("home: %w", err)
		}
		c.Home, c.File = home, filepath.Join(home, "config.json")
	} else {
		var err error
		if c.Home, c.File, err = DefaultFolders(); err != nil {
			return nil, err
		}
	}
	if file {
		values, err := Read(c.File)
		if err != nil {
			return nil, err
		}
		if err := c.merge(values, filepath.Dir(c.File), OriginFile); err != nil {
			return nil, err
		}
	}
	if err := g.Values.Check(); err != nil {
		return nil, &BadValue{Err: err}
	}
	if err := c.merge(&g.Values, "", OriginGiven); err != nil {
		return nil, err
	}
	c.CopyOptional = g.CopyOptional
	if err := c.reconcile(&g); err != nil {
		return nil, err
	}
	c.fill()
	return c, nil
}

// DefaultFolders are the home and the configuration file where no home is named.
func DefaultFolders() (home, file string, err error) {
	user, err := os.UserHomeDir()
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrNoHome, err)
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

// merge lays the values of a source over the choices. Paths are relative to base, or to the working
// folder when base is empty.
func (c *Config) merge(v *Values, base, origin string) error {
	for _, k := range Keys() {
		values := slices.Clone(k.get(v))
		if values == nil {
			continue
		}
		for i := range values {
			if k.IsPath(values[i]) {
				var err error
				if values[i], err = Absolute(base, values[i]); err != nil {
					return fmt.Errorf("%s: %w", k.Name, err)
				}
			}
		}
		if err := k.set(&c.choices, values); err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
		c.origin[k.Name] = origin
	}
	return nil
}

// reconcile resolves what the choices say about one another: what was given is nearer than the
// file.
func (c *Config) reconcile(g *Given) error {
	if g.Values.Sandbox != nil {
		if n := g.Values.Network; n != nil && *n != "sandbox" {
			return &OtherNetwork{Network: *n}
		}
		sandbox := "sandbox"
		c.choices.Network, c.origin["network"] = &sandbox, OriginSandbox
	}
	sources := 0
	for _, is := range []bool{g.Values.PasswordFile != nil, g.Values.PasswordCommand != nil, g.PasswordFD != nil} {
		if is {
			sources++
		}
	}
	if sources > 1 {
		return ErrTwoPasswords
	}
	if sources == 1 { // the others may stand in the file
		if g.Values.PasswordFile == nil {
			c.choices.PasswordFile = nil
		}
		if g.Values.PasswordCommand == nil {
			c.choices.PasswordCommand = nil
		}
	}
	if c.PasswordFD = -1; g.PasswordFD != nil {
		c.PasswordFD = *g.PasswordFD
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
		c.choices.Network, c.origin["network"] = &network, OriginDefault
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
