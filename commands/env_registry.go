package commands

import (
	"context"
	"fmt"
	"math/big"
	"os"
	"slices"

	"blockstack/commands/fault"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/storage/textfile"
	"blockstack/wallet/sandbox"
)

// sandboxGrant is what the sandbox's faucet has in microSTACKS: enough for a thousand one-letter namespaces.
func sandboxGrant() *big.Int { return big.NewInt(640_000_000_000_000) }

// Registry is the name rules: those of --registry, else the sandbox's, else the ones built in for the network.
func (e *Env) Registry(ctx context.Context) (*names.Params, error) {
	return e.rooms.registry.get(ctx, e, func(context.Context) (*names.Params, func() error, error) {
		p, err := nameRules(e.Config)
		return p, nil, err
	})
}

// nameRules are the name rules that the configuration names.
func nameRules(c *config.Config) (*names.Params, error) {
	switch {
	case c.Network == "sandbox":
		return sandboxRules(c)
	case c.Registry != "":
		p, err := readRegistryFile(c.Registry)
		if err != nil {
			return nil, err
		}
		return p, checkRules(c, p)
	case c.Network == "mainnet":
		return names.Mainnet(), nil
	}
	return nil, fault.New("no_name_rules", "no name rules are known for %s", c.Network).
		Hint("name a registry with --registry FILE; its grammar: docs/formats.md").
		Hint("or use a network that has rules built in: --network mainnet or --network sandbox")
}

// sandboxRules is the registry that the sandbox was started with. Naming its file again is fine; naming another is not.
func sandboxRules(c *config.Config) (*names.Params, error) {
	path, found := sandbox.RegistryPath(c.SandboxDir())
	if !found {
		return nil, fault.New("not_found", "there is no sandbox in %s", c.SandboxHome()).
			Hint("start one: blockstack sandbox start").Hint("or use one that runs elsewhere: --sandbox DIR")
	}
	p, err := readRegistryFile(path)
	if err != nil || c.Registry == "" {
		return p, err
	}
	named, err := readRegistryFile(c.Registry)
	if err != nil {
		return nil, err
	}
	if last := len(p.Genesis) - 1; last >= 0 { // what withFaucet added
		plain := *p
		if plain.Genesis = p.Genesis[:last]; plain.Fingerprint() == named.Fingerprint() {
			return p, nil
		}
	}
	if p.Fingerprint() != named.Fingerprint() {
		return nil, fault.Usage("the sandbox in %s has other rules than %s", c.SandboxHome(), c.Registry).
			Hint("leave out --registry, or start the sandbox with it: blockstack sandbox start --registry %s", c.Registry)
	}
	return p, nil
}

// withFaucet is a registry with a grant of STACKS for the sandbox's faucet as its last account. Where the grants are not known, that
// would be one that is: the faucet gets none.
func withFaucet(p *names.Params, faucet string) *names.Params {
	if p.GenesisUnknown {
		return p
	}
	q := *p
	q.Genesis = append(slices.Clone(p.Genesis), names.GenesisAccount{
		Address: faucet, Type: string(names.MicroStacks), Value: sandboxGrant(), ReceiveWhitelisted: true,
	})
	return &q
}

// checkRules refuses rules whose addresses are not those of the network: hashes and owners would be wrong.
func checkRules(c *config.Config, p *names.Params) error {
	net := c.Net()
	if p.PubKeyHashVersion != net.PubKeyHashAddrID || p.ScriptHashVersion != net.ScriptHashAddrID {
		return fault.New("bad_config", "%s: its address versions are %d and %d, those of %s are %d and %d", c.Registry,
			p.PubKeyHashVersion, p.ScriptHashVersion, c.Network, net.PubKeyHashAddrID, net.ScriptHashAddrID).
			Hint("choose the network that the registry is for: --network NETWORK")
	}
	return nil
}

// readRegistryFile reads the name rules from a file.
func readRegistryFile(path string) (*names.Params, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	defer f.Close()
	p, err := names.ReadRegistry(textfile.Unmarked(f))
	if err != nil {
		return nil, fault.New("bad_config", "registry %s: %v", path, err).Because(err).
			Hint("its grammar and an example are in docs/formats.md")
	}
	return p, nil
}
