package names

import (
	"math/big"
	"slices"
)

// Unit is what is paid in. Its text is the one the protocol uses in token fields and price tables.
type Unit string

// The units. Amounts are whole satoshi and whole microSTACKS (1 STACKS = 10^6 microSTACKS).
const (
	Satoshi     Unit = "BTC"
	MicroStacks Unit = "STACKS"
)

// Feature is a set of rules that an epoch switches on (protocol 1).
type Feature uint32

// The features, with the names they have in registry files.
const (
	// FeatureMultisig: names may be registered to and transferred by p2sh owners.
	// BLOCKSTACK_MULTISIG.
	FeatureMultisig Feature = 1 << iota
	// FeatureSegwit: nested segwit is known by its own types; it always looks like p2sh.
	// BLOCKSTACK_SEGWIT.
	FeatureSegwit
	// FeatureRegisterUpdate: a registration may carry a zone-file hash.
	// BLOCKSTACK_OP_REGISTER_UPDATE.
	FeatureRegisterUpdate
	// FeatureRenewTransferUpdate: a renewal may carry a zone-file hash and change the owner.
	// BLOCKSTACK_OP_RENEW_TRANSFER_UPDATE.
	FeatureRenewTransferUpdate
	// FeaturePayToCreator: namespaces of version 2. BLOCKSTACK_NAMESPACE_BURN_TO_CREATOR.
	FeaturePayToCreator
	// FeaturePayWithStacks: namespaces of version 3. BLOCKSTACK_NAMESPACE_PAY_WITH_STACKS.
	FeaturePayWithStacks
	// FeatureStacksBuyNamespaces: namespaces are bought with STACKS.
	// BLOCKSTACK_STACKS_BUY_NAMESPACES.
	FeatureStacksBuyNamespaces
	// FeaturePreorderExpire: name preorders expire. BLOCKSTACK_PREORDER_EXPIRE.
	FeaturePreorderExpire
	// FeatureNamesCostTokens: token fields on the wire; names may cost tokens.
	// BLOCKSTACK_NAMEOPS_COST_TOKENS.
	FeatureNamesCostTokens
	// FeatureTokenTransfer: TOKEN_TRANSFER exists. BLOCKSTACK_TOKEN_TRANSFER.
	FeatureTokenTransfer
	// FeatureIntegerPrices: prices are integers, divided and rounded down. BLOCKSTACK_INT_DIVISION.
	FeatureIntegerPrices
	// FeatureOptionalConsensus: TOKEN_TRANSFER may carry an all-zero consensus hash.
	// BLOCKSTACK_TOKEN_TRANSFER_CONSENSUS_HASH_OPTIONAL.
	FeatureOptionalConsensus
)

// Has reports whether every feature of want is in the set.
func (f Feature) Has(want Feature) bool { return f&want == want }

// AnyNamespace is the key of Epoch.Namespaces for all namespaces without an entry of their own.
const AnyNamespace NamespaceID = "*"

// Params is one registry: everything that decides how blocks turn into names. Two indexes with
// equal Params give equal answers. Params is read-only once made; it may be shared by goroutines.
type Params struct {
	Network          string                  // label only: "mainnet", "regtest"
	Magic            [2]byte                 // first bytes of every payload
	FirstBlock       int32                   // first height that is read
	InitialConsensus map[int32]ConsensusHash // by height, before FirstBlock; quotable, not mixed into later hashes
	ConsensusWindow  int32                   // a quoted consensus hash may be this many blocks old

	NamePreorderLifetime      int32 // blocks, enforced under FeaturePreorderExpire
	NamespacePreorderLifetime int32 // blocks, nominal, never enforced (protocol 16.3)
	NamespaceRevealLifetime   int32 // blocks to become ready

	MaxNamesPerOwner int   // names per owner script
	ImportKeys       int   // children of the revealer's key that may import
	UnitSat          int64 // smallest name price in satoshi
	UnitMicroStacks  int64 // smallest name price in microSTACKS

	PubKeyHashVersion byte   // address version of p2pkh
	ScriptHashVersion byte   // address version of p2sh
	BurnAddress       string // base58

	Announcers []string // names whose owners may announce
	Epochs     []Epoch  // in order; the last one has EndBlock -1

	Genesis        []GenesisAccount       // token accounts before the first block, in order
	GenesisPatches map[int32]GenesisPatch // by height; applied after the block before that height
	// GenesisUnknown says that there were grants of tokens and that nobody can tell which: Genesis
	// is empty, and who holds tokens is not known. Operations whose acceptance depends on that are
	// refused, though others may have accepted them.
	GenesisUnknown bool
}

// Epoch is a range of heights with the same rules and prices.
type Epoch struct {
	EndBlock              int32 // last block of the epoch; -1: no end
	Features              Feature
	NamespacePriceUnit    Unit
	NamespacePrices       []Number // satoshi by length of the id, from length 0 on; nil: not sold for BTC
	NamespacePricesStacks []Number // microSTACKS by length of the id; nil: not sold for STACKS
	Namespaces            map[NamespaceID]NamespaceRules
	ScriptTypes           ScriptTypes // output types an operation may have
	SenderTypes           ScriptTypes // output types an operation may spend
}

// NamespaceRules are the rules of an epoch that may differ by namespace.
type NamespaceRules struct {
	LifetimeMultiplier    int32
	GracePeriod           int32   // blocks
	ReceiveFeesPeriod     int32   // blocks after the reveal in which a version-2 namespace's creator is paid
	PriceMultiplier       float64 // of prices in satoshi, in epochs with floating-point prices; else 0
	PriceMultiplierStacks float64
	PriceDivisor          int64 // of prices in satoshi, in epochs with integer prices; else 0
	PriceDivisorStacks    int64
}

// GenesisAccount is a token allocation that exists before the first block (protocol 10.3).
type GenesisAccount struct {
	Address            string // base58; or a word such as "treasury", which nobody can spend from
	Type               string // token type, "STACKS"
	Value              *big.Int
	Vesting            []Vesting // by height, ascending
	LockSend           int32     // height from which it may send
	ReceiveWhitelisted bool      // may receive
	Metadata           string
}

// Vesting is an amount that is credited at a height.
type Vesting struct {
	Height int32
	Amount *big.Int
}

// GenesisPatch changes the genesis allocation later (protocol 10.5).
type GenesisPatch struct {
	Add    []GenesisAccount // value and vesting are added to the accounts
	Delete []GenesisAccount // rows that are taken away
}

// Epoch gives the epoch of a height and its number, counted from 1. Heights past the last end
// belong to the last epoch.
func (p *Params) Epoch(height int32) (int, *Epoch) {
	last := len(p.Epochs) - 1
	for i := range p.Epochs {
		if e := &p.Epochs[i]; e.EndBlock < 0 || height <= e.EndBlock || i == last {
			return i + 1, e
		}
	}
	panic("bug: params without epochs")
}

// Rules gives the rules of the epoch for a namespace.
func (e *Epoch) Rules(id NamespaceID) NamespaceRules {
	if r, ok := e.Namespaces[id]; ok {
		return r
	}
	return e.Namespaces[AnyNamespace]
}

// IsAnnouncer reports whether the owner of a name may announce.
func (p *Params) IsAnnouncer(name string) bool { return slices.Contains(p.Announcers, name) }
