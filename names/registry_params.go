package names

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// featureNames are the words of registry files in the order of the Feature bits.
func featureNames() []string {
	return []string{
		"BLOCKSTACK_MULTISIG",
		"BLOCKSTACK_SEGWIT",
		"BLOCKSTACK_OP_REGISTER_UPDATE",
		"BLOCKSTACK_OP_RENEW_TRANSFER_UPDATE",
		"BLOCKSTACK_NAMESPACE_BURN_TO_CREATOR",
		"BLOCKSTACK_NAMESPACE_PAY_WITH_STACKS",
		"BLOCKSTACK_STACKS_BUY_NAMESPACES",
		"BLOCKSTACK_PREORDER_EXPIRE",
		"BLOCKSTACK_NAMEOPS_COST_TOKENS",
		"BLOCKSTACK_TOKEN_TRANSFER",
		"BLOCKSTACK_INT_DIVISION",
		"BLOCKSTACK_TOKEN_TRANSFER_CONSENSUS_HASH_OPTIONAL",
	}
}

// Fingerprint identifies the rules: it changes when anything in the params changes. An index keeps
// it to notice that it was computed under other rules.
func (p *Params) Fingerprint() [32]byte {
	b, err := registryJSON(p)
	if err != nil {
		panic("bug: " + err.Error()) // params hold nothing that JSON cannot
	}
	return sha256.Sum256(b)
}

// params checks a registry file and turns it into params.
func (f *registryFile) params() (*Params, error) {
	p, err := f.read()
	if err == nil {
		err = checkParams(p)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadRegistry, err)
	}
	return p, nil
}

func (f *registryFile) read() (*Params, error) {
	c := &f.Constants
	p := &Params{
		Network:                   f.Network,
		FirstBlock:                c.FirstBlock,
		InitialConsensus:          make(map[int32]ConsensusHash, len(c.InitialConsensusHashes)),
		ConsensusWindow:           c.ConsensusHashWindow,
		NamePreorderLifetime:      c.NamePreorderExpire,
		NamespacePreorderLifetime: c.NamespacePreorder,
		NamespaceRevealLifetime:   c.NamespaceRevealExpire,
		MaxNamesPerOwner:          c.MaxNamesPerSender,
		ImportKeys:                c.NameImportKeyringSize,
		UnitSat:                   c.UnitSatoshis,
		UnitMicroStacks:           c.UnitMicrostacks,
		PubKeyHashVersion:         c.P2PKHVersion,
		ScriptHashVersion:         c.P2SHVersion,
		BurnAddress:               c.BurnAddress,
		Announcers:                c.Announcers,
		GenesisUnknown:            f.Genesis.Unknown,
	}
	if len(c.MagicBytes) != len(p.Magic) {
		return nil, fmt.Errorf("constants.magic_bytes: %s has not two characters", quote(c.MagicBytes))
	}
	p.Magic = [2]byte([]byte(c.MagicBytes))
	if f.Announcers != nil && *f.Announcers != strings.Join(c.Announcers, ",") {
		return nil, errors.New("announcers: differs from constants.announcers")
	}
	for key, text := range c.InitialConsensusHashes {
		height, err := parseHeight(key)
		if err != nil {
			return nil, fmt.Errorf("constants.initial_consensus_hashes: %w", err)
		}
		if p.InitialConsensus[height], err = ParseConsensusHash(text); err != nil {
			return nil, fmt.Errorf("constants.initial_consensus_hashes.%s: %w", key, err)
		}
	}
	for i := range c.Epochs {
		e, err := c.Epochs[i].read()
		if err != nil {
			return nil, fmt.Errorf("constants.epochs[%d].%w", i, err)
		}
		p.Epochs = append(p.Epochs, e)
	}
	var err error
	if p.Genesis, err = p.readRows(f.Genesis.Rows); err != nil {
		return nil, fmt.Errorf("genesis.rows%w", err)
	}
	for key, patch := range f.GenesisPatches {
		height, err := parseHeight(key)
		if err != nil {
			return nil, fmt.Errorf("genesis_patches: %w", err)
		}
		add, err := p.readRows(patch.Add)
		if err != nil {
			return nil, fmt.Errorf("genesis_patches.%s.add%w", key, err)
		}
		del, err := p.readRows(patch.Del)
		if err != nil {
			return nil, fmt.Errorf("genesis_patches.%s.del%w", key, err)
		}
		if p.GenesisPatches == nil {
			p.GenesisPatches = make(map[int32]GenesisPatch)
		}
		p.GenesisPatches[height] = GenesisPatch{Add: add, Delete: del}
	}
	return p, nil
}

func (f *epochFile) read() (Epoch, error) {
	e := Epoch{
		EndBlock:              f.EndBlock,
		NamespacePriceUnit:    Unit(f.NamespacePriceUnits),
		NamespacePrices:       f.NamespacePrices,
		NamespacePricesStacks: f.NamespacePricesStacks,
		Namespaces:            make(map[NamespaceID]NamespaceRules, len(f.Namespaces)),
	}
	known := featureNames()
	for _, word := range f.Features {
		bit := slices.Index(known, word)
		if bit < 0 {
			return e, fmt.Errorf("features: %s is not known", quote(word))
		}
		e.Features |= 1 << bit
	}
	for id, r := range f.Namespaces {
		e.Namespaces[NamespaceID(id)] = NamespaceRules{
			LifetimeMultiplier:    r.LifetimeMultiplier,
			GracePeriod:           r.GracePeriod,
			ReceiveFeesPeriod:     r.ReceiveFeesPeriod,
			PriceMultiplier:       valueOf(r.PriceMultiplier),
			PriceMultiplierStacks: valueOf(r.PriceMultiplierStacks),
			PriceDivisor:          valueOf(r.PriceDivisor),
			PriceDivisorStacks:    valueOf(r.PriceDivisorStacks),
		}
	}
	var err error
	if e.ScriptTypes, err = readTypes(f.ScriptTypes); err != nil {
		return e, fmt.Errorf("script_types: %w", err)
	}
	if e.SenderTypes, err = readTypes(f.SenderTypes); err != nil {
		return e, fmt.Errorf("sender_types: %w", err)
	}
	return e, nil
}

func readTypes(words []string) (ScriptTypes, error) {
	var s ScriptTypes
next:
	for _, word := range words {
		for t := NonStandard; t < scriptTypeCount; t++ {
			if t.String() == word {
				s |= NewScriptTypes(t)
				continue next
			}
		}
		return 0, fmt.Errorf("%s is not known", quote(word))
	}
	return s, nil
}

// readRows reads genesis rows; addresses in c32 form become base58.
func (p *Params) readRows(rows []rowFile) ([]GenesisAccount, error) {
	var accounts []GenesisAccount
	for i := range rows {
		r := &rows[i]
		a := GenesisAccount{
			Address: r.Address, Type: r.Type, Value: r.Value.Int, LockSend: r.LockSend, ReceiveWhitelisted: r.ReceiveWhitelisted,
			Metadata: valueOf(r.Metadata),
		}
		if b58, err := C32ToBase58(r.Address); err == nil {
			a.Address = b58
		}
		total := new(big.Int)
		for key, amount := range r.Vesting {
			height, err := parseHeight(key)
			if err != nil {
				return nil, fmt.Errorf("[%d].vesting: %w", i, err)
			}
			if amount.Int == nil {
				return nil, fmt.Errorf("[%d].vesting.%s: no amount", i, key)
			}
			a.Vesting = append(a.Vesting, Vesting{Height: height, Amount: amount.Int})
			total.Add(total, amount.Int)
		}
		slices.SortFunc(a.Vesting, func(x, y Vesting) int { return int(x.Height) - int(y.Height) })
		if r.VestingTotal != nil && r.VestingTotal.Cmp(total) != 0 {
			return nil, fmt.Errorf("[%d].vesting_total: %s, but the vesting amounts add up to %s", i, r.VestingTotal, total)
		}
		accounts = append(accounts, a)
	}
	return accounts, nil
}

func parseHeight(s string) (int32, error) {
	h, err := strconv.ParseInt(s, 10, 32)
	if err != nil || h < 0 || strconv.FormatInt(h, 10) != s {
		return 0, fmt.Errorf("%s is not a block height", quote(s))
	}
	return int32(h), nil
}

func valueOf[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
