package names

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Bounds of a registry's numbers. They are far above everything that was ever used and keep sums of
// heights within 63 bits.
const (
	maxEpochs     = 100
	maxBlocks     = 10_000_000 // of any height or period
	maxCount      = 100_000    // of names per owner, import keys
	maxMultiplier = 1000
	maxUnit       = 1e15
	maxPriceTable = 256
)

// checkParams refuses params that make no sense or that would make the rules undefined.
func checkParams(p *Params) error {
	for _, n := range []struct {
		what     string
		value    int64
		from, to int64
	}{
		{"first_block", int64(p.FirstBlock), 1, maxBlocks},
		{"consensus_hash_window", int64(p.ConsensusWindow), 1, 1000},
		{"name_preorder_expire", int64(p.NamePreorderLifetime), 0, maxBlocks},
		{"namespace_preorder_expire", int64(p.NamespacePreorderLifetime), 0, maxBlocks},
		{"namespace_reveal_expire", int64(p.NamespaceRevealLifetime), 0, maxBlocks},
		{"max_names_per_sender", int64(p.MaxNamesPerOwner), 1, maxCount},
		{"name_import_keyring_size", int64(p.ImportKeys), 0, maxCount},
		{"name_cost_unit_satoshis", p.UnitSat, 1, maxUnit},
		{"name_cost_unit_microstacks", p.UnitMicroStacks, 1, maxUnit},
	} {
		if n.value < n.from || n.value > n.to {
			return fmt.Errorf("constants.%s: %d is not within %d to %d", n.what, n.value, n.from, n.to)
		}
	}
	for _, c := range p.Magic {
		if c <= ' ' || c > '~' {
			return errors.New("constants.magic_bytes: want two printable ASCII characters")
		}
	}
	if p.PubKeyHashVersion == p.ScriptHashVersion {
		return errors.New("constants.p2sh_version: equal to p2pkh_version")
	}
	if _, err := p.AddressScript(p.BurnAddress); err != nil {
		return fmt.Errorf("constants.burn_address: %w", err)
	}
	for h := range p.InitialConsensus {
		if h >= p.FirstBlock {
			return fmt.Errorf("constants.initial_consensus_hashes: height %d is not before the first block", h)
		}
	}
	for _, name := range p.Announcers {
		if _, err := Parse(name); err != nil {
			return fmt.Errorf("constants.announcers: %w", err)
		}
	}
	if err := checkEpochs(p); err != nil {
		return err
	}
	if err := checkAccounts(p.Genesis); err != nil {
		return fmt.Errorf("genesis.rows%w", err)
	}
	if p.GenesisUnknown && (len(p.Genesis) > 0 || len(p.GenesisPatches) > 0) {
		return errors.New("genesis.unknown: there are rows or patches")
	}
	for height, patch := range p.GenesisPatches {
		if err := checkAccounts(slices.Concat(patch.Add, patch.Delete)); err != nil {
			return fmt.Errorf("genesis_patches.%d%w", height, err)
		}
	}
	return nil
}

// checkEpochs refuses epochs that are out of order or make no sense.
func checkEpochs(p *Params) error {
	if len(p.Epochs) == 0 || len(p.Epochs) > maxEpochs {
		return fmt.Errorf("constants.epochs: want 1 to %d epochs, have %d", maxEpochs, len(p.Epochs))
	}
	previous := int32(-1)
	for i := range p.Epochs {
		e := &p.Epochs[i]
		switch last := i == len(p.Epochs)-1; {
		case last && e.EndBlock != -1:
			return fmt.Errorf("constants.epochs[%d].end_block: the last epoch must have no end (-1)", i)
		case !last && e.EndBlock > maxBlocks:
			return fmt.Errorf("constants.epochs[%d].end_block: %d is more than %d", i, e.EndBlock, maxBlocks)
		case !last && e.EndBlock <= previous:
			return fmt.Errorf("constants.epochs[%d].end_block: %d is not after the epoch before", i, e.EndBlock)
		}
		previous = e.EndBlock
		if err := e.check(); err != nil {
			return fmt.Errorf("constants.epochs[%d].%w", i, err)
		}
	}
	return nil
}

func (e *Epoch) check() error {
	if e.NamespacePriceUnit != Satoshi && e.NamespacePriceUnit != MicroStacks {
		return fmt.Errorf("namespace_price_units: %s, want %q or %q", quote(string(e.NamespacePriceUnit)), Satoshi, MicroStacks)
	}
	if len(e.NamespacePrices) > maxPriceTable || len(e.NamespacePricesStacks) > maxPriceTable {
		return fmt.Errorf("namespace_prices: longer than %d", maxPriceTable)
	}
	if _, ok := e.Namespaces[AnyNamespace]; !ok {
		return fmt.Errorf("namespaces: no entry %q for all others", AnyNamespace)
	}
	for _, id := range slices.Sorted(maps.Keys(e.Namespaces)) {
		if id != AnyNamespace {
			if _, err := ParseNamespaceID(string(id)); err != nil {
				return fmt.Errorf("namespaces: %w", err)
			}
		}
		if err := e.Namespaces[id].check(e.Features); err != nil {
			return fmt.Errorf("namespaces.%s.%w", id, err)
		}
	}
	return nil
}

func (r NamespaceRules) check(f Feature) error {
	switch {
	case r.LifetimeMultiplier < 0 || r.LifetimeMultiplier > maxMultiplier:
		return fmt.Errorf("NAMESPACE_LIFETIME_MULTIPLIER: %d is not within 0 to %d", r.LifetimeMultiplier, maxMultiplier)
	case r.GracePeriod < 0 || r.GracePeriod > maxBlocks:
		return fmt.Errorf("NAMESPACE_LIFETIME_GRACE_PERIOD: %d is not within 0 to %d", r.GracePeriod, maxBlocks)
	case r.ReceiveFeesPeriod < 0 || r.ReceiveFeesPeriod > maxBlocks:
		return fmt.Errorf("NAMESPACE_RECEIVE_FEES_PERIOD: %d is not within 0 to %d", r.ReceiveFeesPeriod, maxBlocks)
	}
	if f.Has(FeatureIntegerPrices) {
		if r.PriceDivisor < 1 || r.PriceDivisorStacks < 1 {
			return errors.New("PRICE_DIVISOR, PRICE_DIVISOR_STACKS: must be above zero with BLOCKSTACK_INT_DIVISION")
		}
		return nil
	}
	for _, m := range []float64{r.PriceMultiplier, r.PriceMultiplierStacks} {
		if !(m > 0 && m <= maxMultiplier) || math.IsInf(m, 0) {
			return fmt.Errorf("PRICE_MULTIPLIER, PRICE_MULTIPLIER_STACKS: must be within 0 to %d without BLOCKSTACK_INT_DIVISION", maxMultiplier)
		}
	}
	return nil
}

func checkAccounts(accounts []GenesisAccount) error {
	for i := range accounts {
		a := &accounts[i]
		switch {
		case a.Address == "":
			return fmt.Errorf("[%d].address: it is empty", i)
		case len(a.Address) > maxAddressText:
			return fmt.Errorf("[%d].address: it is too long", i)
		case a.Type == "" || len(a.Type) > 19:
			return fmt.Errorf("[%d].type: %s, want 1 to 19 characters", i, quote(a.Type))
		case a.Value == nil:
			return fmt.Errorf("[%d].value: no amount", i)
		case a.LockSend < 0:
			return fmt.Errorf("[%d].lock_send: %d is below zero", i, a.LockSend)
		}
	}
	return nil
}
