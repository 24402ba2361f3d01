package names

import (
	"math/big"
)

// Epoch ends and constants of the public registry (protocol 1).
const (
	blocksPerYear = 52595

	mainnetFirstBlock = 373601
	mainnetEnd1       = 436650
	mainnetEnd2       = 488500
	mainnetEnd3       = 547921
	mainnetEnd4       = 599866

	mainnetPubKeyHash = 0
	mainnetScriptHash = 5
	mainnetBurn       = "1111111111111111111114oLvT2"

	regtestPubKeyHash = 111
	regtestScriptHash = 196
	regtestBurn       = "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8"

	// sandboxFirstBlock is the lowest first block whose four initial consensus hashes stand at real
	// heights, 1 to 4: whoever quotes "the hash of a recent block" then never meets a height below
	// the chain's own blocks.
	sandboxFirstBlock = 5
)

// genesisConsensus is the consensus hash before the first block of every registry.
func genesisConsensus() ConsensusHash {
	return ConsensusHash{0x17, 0xac, 0x43, 0xc1, 0xd8, 0x54, 0x9c, 0x31, 0x81, 0xb2, 0x00, 0xf1, 0xbf, 0x97, 0xeb, 0x7d}
}

// Features that each epoch has.
const (
	features2 = FeatureMultisig
	features3 = features2 | FeatureSegwit | FeatureRegisterUpdate | FeatureRenewTransferUpdate | FeaturePayToCreator
	features4 = features3 | FeaturePayWithStacks | FeatureStacksBuyNamespaces | FeaturePreorderExpire | FeatureNamesCostTokens |
		FeatureTokenTransfer | FeatureIntegerPrices
	features5 = features4 | FeatureOptionalConsensus
)

// Mainnet is the public registry on Bitcoin's main network. Its token genesis table is not public,
// so GenesisUnknown is set: from the first operation that needs a balance (after block 547921) an
// index cannot follow the public consensus.
func Mainnet() *Params {
	p := baseParams(mainnetFirstBlock)
	p.Network = "mainnet"
	p.GenesisUnknown = true
	p.PubKeyHashVersion, p.ScriptHashVersion, p.BurnAddress = mainnetPubKeyHash, mainnetScriptHash, mainnetBurn
	p.Epochs = []Epoch{
		floatEpoch(mainnetEnd1, 0, 40_000_000_000, NamespaceRules{LifetimeMultiplier: 1, PriceMultiplier: 1}),
		floatEpoch(mainnetEnd2, features2, 40_000_000_000, NamespaceRules{LifetimeMultiplier: 2, PriceMultiplier: 1}),
		floatEpoch(mainnetEnd3, features3, 4_000_000_000, NamespaceRules{
			LifetimeMultiplier: 2, PriceMultiplier: 0.1, GracePeriod: 5000, ReceiveFeesPeriod: blocksPerYear,
		}),
		integerEpoch(mainnetEnd4, features4),
		integerEpoch(-1, features5),
	}
	return p
}

// Sandbox is the registry of the local test chain: the rules of epoch 5 from its first block on,
// regtest address versions, and a grant of microSTACKS to one address.
func Sandbox(faucetAddress string, grant *big.Int) *Params {
	p := baseParams(sandboxFirstBlock)
	p.Network = "regtest"
	p.PubKeyHashVersion, p.ScriptHashVersion, p.BurnAddress = regtestPubKeyHash, regtestScriptHash, regtestBurn
	p.Epochs = []Epoch{integerEpoch(-1, features5)}
	if faucetAddress != "" {
		p.Genesis = []GenesisAccount{{
			Address: faucetAddress, Type: string(MicroStacks), Value: new(big.Int).Set(grant), ReceiveWhitelisted: true,
		}}
	}
	return p
}

// baseParams holds what all registries have in common.
func baseParams(firstBlock int32) *Params {
	p := &Params{
		Magic:                     [2]byte{'i', 'd'},
		FirstBlock:                firstBlock,
		InitialConsensus:          make(map[int32]ConsensusHash),
		ConsensusWindow:           24,
		NamePreorderLifetime:      144,
		NamespacePreorderLifetime: 144,
		NamespaceRevealLifetime:   blocksPerYear,
		MaxNamesPerOwner:          25,
		ImportKeys:                300,
		UnitSat:                   100,
		UnitMicroStacks:           1733,
		Announcers:                []string{"judecn.id", "muneeb.id", "shea256.id"},
	}
	for h := firstBlock - 4; h < firstBlock; h++ {
		p.InitialConsensus[h] = genesisConsensus()
	}
	return p
}

// floatEpoch is an epoch with floating-point prices in BTC; top is the price of a one-letter
// namespace.
func floatEpoch(end int32, features Feature, top int64, rules NamespaceRules) Epoch {
	rules.PriceMultiplierStacks = 1
	types := NewScriptTypes(NullData, PubKeyHash, ScriptHash)
	if features.Has(FeatureSegwit) {
		types |= NewScriptTypes(NestedPubKeyHash, NestedScriptHash)
	}
	return Epoch{
		EndBlock:           end,
		Features:           features,
		NamespacePriceUnit: Satoshi,
		NamespacePrices:    pricesByLength(func(n int64) Number { return FloatNumber(float64(n)) }, top),
		Namespaces:         map[NamespaceID]NamespaceRules{AnyNamespace: rules},
		ScriptTypes:        types,
		SenderTypes:        NewScriptTypes(PubKeyHash, ScriptHash),
	}
}

// integerEpoch is an epoch with integer prices, namespaces in STACKS.
func integerEpoch(end int32, features Feature) Epoch {
	return Epoch{
		EndBlock:              end,
		Features:              features,
		NamespacePriceUnit:    MicroStacks,
		NamespacePricesStacks: pricesByLength(func(n int64) Number { return IntegerNumber(big.NewInt(n)) }, 640_000_000_000),
		Namespaces: map[NamespaceID]NamespaceRules{AnyNamespace: {
			LifetimeMultiplier: 2, GracePeriod: 5000, ReceiveFeesPeriod: blocksPerYear, PriceDivisor: 10, PriceDivisorStacks: 1,
		}},
		ScriptTypes: NewScriptTypes(NullData, PubKeyHash, ScriptHash, NestedPubKeyHash, NestedScriptHash),
		SenderTypes: NewScriptTypes(PubKeyHash, ScriptHash),
	}
}

// pricesByLength is the table of protocol 9.2: by length of the id, a tenth of the price at 2, 4
// and 8.
func pricesByLength(number func(int64) Number, top int64) []Number {
	table := make([]Number, MaxNamespaceLen+1)
	for n := 1; n <= MaxNamespaceLen; n++ {
		switch n {
		case 2, 4, 8:
			top /= 10
		}
		table[n] = number(top)
	}
	return table
}
