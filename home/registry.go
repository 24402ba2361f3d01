package home

import (
	"context"
	"fmt"
	"math/big"
	"os"
	"slices"

	"blockstack/home/config"
	"blockstack/names"
	"blockstack/storage/textfile"
	"blockstack/wallet/sandbox"
)

// Registry is the name rules: those of the file that the configuration names, else the sandbox's,
// else the ones built in for the network.
func (from *Sources) Registry(ctx context.Context) (*names.Params, error) {
	return from.registry.get(ctx, func(context.Context) (*names.Params, func() error, error) {
		p, err := Rules(from.Config)
		return p, nil, err
	})
}

// Rules are the name rules that a configuration names.
func Rules(c *config.Config) (*names.Params, error) {
	switch {
	case c.Network == "sandbox":
		return sandboxRules(c)
	case c.Registry != "":
		p, err := ReadRegistry(c.Registry)
		if err != nil {
			return nil, err
		}
		return p, CheckRules(c, p)
	case c.Network == "mainnet":
		return names.Mainnet(), nil
	}
	return nil, &NoRules{Network: c.Network}
}

// sandboxRules is the registry that the sandbox was started with. Naming its file again is fine;
// naming another is not.
func sandboxRules(c *config.Config) (*names.Params, error) {
	path, found := sandbox.RegistryPath(c.SandboxDir())
	if !found {
		return nil, &NoSandbox{Home: c.SandboxHome()}
	}
	p, err := ReadRegistry(path)
	if err != nil || c.Registry == "" {
		return p, err
	}
	named, err := ReadRegistry(c.Registry)
	if err != nil {
		return nil, err
	}
	if last := len(p.Genesis) - 1; last >= 0 { // what WithFaucet added
		plain := *p
		if plain.Genesis = p.Genesis[:last]; plain.Fingerprint() == named.Fingerprint() {
			return p, nil
		}
	}
	if p.Fingerprint() != named.Fingerprint() {
		return nil, &OtherRules{Home: c.SandboxHome(), Registry: c.Registry}
	}
	return p, nil
}

// sandboxGrant is what the sandbox's faucet has in microSTACKS: enough for a thousand one-letter
// namespaces.
func sandboxGrant() *big.Int { return big.NewInt(640_000_000_000_000) }

// WithFaucet is a registry with a grant of STACKS for the sandbox's faucet as its last account.
// Where the grants are not known, that would be one that is: the faucet gets none.
func WithFaucet(p *names.Params, faucet string) *names.Params {
	if p.GenesisUnknown {
		return p
	}
	q := *p
	q.Genesis = append(slices.Clone(p.Genesis), names.GenesisAccount{
		Address: faucet, Type: string(names.MicroStacks), Value: sandboxGrant(), ReceiveWhitelisted: true,
	})
	return &q
}

// CheckRules refuses rules whose addresses are not those of the network: hashes and owners would be
// wrong.
func CheckRules(c *config.Config, p *names.Params) error {
	net := c.Net()
	if p.PubKeyHashVersion != net.PubKeyHashAddrID || p.ScriptHashVersion != net.ScriptHashAddrID {
		return &BadRegistry{
			File: c.Registry, Network: c.Network,
			Have: [2]byte{p.PubKeyHashVersion, p.ScriptHashVersion}, Want: [2]byte{net.PubKeyHashAddrID, net.ScriptHashAddrID},
		}
	}
	return nil
}

// ReadRegistry reads name rules from a file.
func ReadRegistry(path string) (*names.Params, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	defer f.Close()
	p, err := names.ReadRegistry(textfile.Unmarked(f))
	if err != nil {
		return nil, &BadRegistry{File: path, Err: err}
	}
	return p, nil
}

// MovedNames reports whether rules are those of the public registry: names that many people had,
// and that were moved to another chain.
func MovedNames(c *config.Config, rules *names.Params) bool {
	return c.Network == "mainnet" && rules.Magic == names.Mainnet().Magic
}
