package config

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

// TestLayers: what is given is over the file, and each value says where it came from.
func TestLayers(t *testing.T) {
	home := t.TempDir()
	network, node, password := "regtest", "blocks", "secret"
	if err := Write(filepath.Join(home, "config.json"), &Values{Network: &network, Node: &node, PasswordFile: &password}); err != nil {
		t.Fatal(err)
	}
	signet := "signet"
	c, err := Load(Given{Home: home, Values: Values{Network: &signet}}, true)
	if err != nil {
		t.Fatal(err)
	}
	if c.Network != "signet" || c.Node != filepath.Join(home, "blocks") || c.PasswordFile != filepath.Join(home, "secret") || c.PasswordFD != -1 {
		t.Errorf("%+v", c)
	}
	if c.Origin("network") != OriginGiven || c.Origin("node") != OriginFile || c.Origin("proxy") != "" {
		t.Errorf("origins: %v", c.Origins())
	}
	if c, err = Load(Given{Home: home}, false); err != nil || c.Network != "mainnet" || c.Origin("network") != OriginDefault || c.Node != "" {
		t.Errorf("without the file: %+v, %v", c, err)
	}
	fd := 3
	if c, err = Load(Given{Home: home, PasswordFD: &fd}, true); err != nil || c.PasswordFile != "" || c.PasswordFD != 3 {
		t.Errorf("a password that was given is nearer than the file's: %+v, %v", c, err)
	}
}

// TestContradictions: what was given for one run must agree with itself.
func TestContradictions(t *testing.T) {
	home, other, regtest := t.TempDir(), "/other", "regtest"
	c, err := Load(Given{Home: home, Values: Values{Sandbox: &other}}, true)
	if err != nil || c.Network != "sandbox" || c.Origin("network") != OriginSandbox || c.SandboxHome() != other {
		t.Errorf("a sandbox alone: %+v, %v", c, err)
	}
	var network *OtherNetwork
	if _, err := Load(Given{Home: home, Values: Values{Sandbox: &other, Network: &regtest}}, true); !errors.As(err, &network) || network.Network != regtest {
		t.Errorf("a sandbox on regtest: %v", err)
	}
	fd := 3
	if _, err := Load(Given{Home: home, PasswordFD: &fd, Values: Values{PasswordFile: &other}}, true); !errors.Is(err, ErrTwoPasswords) {
		t.Errorf("two passwords: %v", err)
	}
	moon := "moon"
	var value *BadValue
	if _, err := Load(Given{Home: home, Values: Values{Network: &moon}}, true); !errors.As(err, &value) {
		t.Errorf("an unknown network: %v", err)
	}
}

// TestFromEnvironment reads the variables of the keys that have one.
func TestFromEnvironment(t *testing.T) {
	env := map[string]string{
		"BLOCKSTACK_HOME": "/h", "BLOCKSTACK_NETWORK": "signet", "BLOCKSTACK_PEER": "a.example", "BLOCKSTACK_INSECURE_NODE": "1",
		"BLOCKSTACK_OFFLINE": "true", "BLOCKSTACK_ZONEFILES": "/z", // which say nothing
	}
	g, err := FromEnvironment(func(name string) string { return env[name] })
	if err != nil || g.Home != "/h" || *g.Values.Network != "signet" || !slices.Equal(g.Values.Peers, []string{"a.example"}) || !*g.Values.InsecureNode {
		t.Errorf("%+v, %v", g, err)
	}
	if g.Values.Offline != nil || g.Values.ZoneFiles != nil || g.PasswordFD != nil {
		t.Errorf("%+v", g.Values)
	}
	env["BLOCKSTACK_INSECURE_NODE"] = "perhaps"
	if _, err := FromEnvironment(func(name string) string { return env[name] }); !errors.As(err, new(*BadValue)) {
		t.Errorf("perhaps: %v", err)
	}
}

// TestFindKey takes the names of the file and those of flags.
func TestFindKey(t *testing.T) {
	for _, k := range Keys() {
		for _, name := range []string{k.Name, k.Flag()} {
			if found, err := FindKey(name); err != nil || found.Name != k.Name {
				t.Errorf("%s: %s, %v", name, found.Name, err)
			}
		}
	}
	var unknown *UnknownKey
	if _, err := FindKey("netwrk"); !errors.As(err, &unknown) || unknown.Name != "netwrk" {
		t.Errorf("%v", err)
	}
}
