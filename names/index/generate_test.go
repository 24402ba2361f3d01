package index

import (
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// person sends and owns. A person without a key is p2sh.
type person struct {
	script  []byte
	address string
	pubKey  []byte
}

// promise is a preorder that the generator sent and may use.
type promise struct {
	name         string
	payer, owner *person
}

// generator makes blocks of random operations that succeed often enough to be interesting, and fail
// often enough too. It knows nothing that it could not read in the index.
type generator struct {
	rng    *rand.Rand
	p      *names.Params
	x      *Index
	people []*person
	names  []string
	spaces []string
	open   []promise
	launch []promise
	salt   uint64
}

func newGenerator(t testing.TB, rng *rand.Rand, p *names.Params) *generator {
	t.Helper()
	g := &generator{
		rng: rng, p: p, spaces: []string{"id", "test"},
		names: []string{"a.id", "bob.id", "000.id", "0000.id", "x-1.id", "eve.test", "0.test", "zed.test", "carol.test"},
	}
	for i := range 5 {
		var secret [32]byte
		secret[31] = byte(i + 1)
		_, key := btcec.PrivKeyFromBytes(secret[:])
		pub := key.SerializeCompressed()
		if i == 1 {
			pub = key.SerializeUncompressed()
		}
		g.add(names.PubKeyHashScript([20]byte(address.Hash160(pub))), pub)
		if i == 0 { // and the import keys of the first one
			parent := hdkeychain.NewExtendedKey([]byte{4, 0x88, 0xb2, 0x1e}, pub, make([]byte, 32), make([]byte, 4), 0, 0, false)
			child, err := parent.Derive(1)
			if err != nil {
				t.Fatal(err)
			}
			childKey, err := child.ECPubKey()
			if err != nil {
				t.Fatal(err)
			}
			pub := childKey.SerializeCompressed()
			g.add(names.PubKeyHashScript([20]byte(address.Hash160(pub))), pub)
		}
	}
	g.add(names.ScriptHashScript([20]byte{1}), nil)
	return g
}

func (g *generator) add(script, pub []byte) {
	g.people = append(g.people, &person{script: script, pubKey: pub, address: state.AddressOf(g.p, script)})
}

// randomParams are the rules of all five epochs within a few dozen blocks, with short lifetimes and
// small quotas.
func randomParams(t testing.TB, g func(p *names.Params)) *names.Params {
	t.Helper()
	p := names.Mainnet()
	p.GenesisUnknown = false
	p.Network, p.PubKeyHashVersion, p.ScriptHashVersion = "regtest", 111, 196
	p.BurnAddress = state.AddressOf(p, names.PubKeyHashScript([20]byte{}))
	p.FirstBlock = 10
	initial := p.InitialConsensus[373600]
	p.InitialConsensus = map[int32]names.ConsensusHash{6: initial, 7: initial, 8: initial, 9: initial}
	p.NamePreorderLifetime, p.NamespaceRevealLifetime, p.ConsensusWindow = 4, 9, 6
	p.MaxNamesPerOwner, p.ImportKeys = 3, 3
	p.Announcers = []string{"a.id"}
	for i, end := range []int32{18, 26, 34, 42, -1} {
		e := &p.Epochs[i]
		e.EndBlock = end
		rules := e.Namespaces[names.AnyNamespace]
		rules.GracePeriod = min(rules.GracePeriod, 2)
		rules.ReceiveFeesPeriod = min(rules.ReceiveFeesPeriod, 5)
		e.Namespaces = map[names.NamespaceID]names.NamespaceRules{names.AnyNamespace: rules}
		for n := range e.NamespacePricesStacks {
			if n > 0 {
				e.NamespacePricesStacks[n] = names.IntegerNumber(big.NewInt(500))
			}
		}
		for n := range e.NamespacePrices {
			if n > 0 {
				e.NamespacePrices[n] = names.FloatNumber(500)
			}
		}
	}
	if g != nil {
		g(p)
	}
	return p
}

func pick[T any](g *generator, list []T) T { return list[g.rng.IntN(len(list))] }

func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

// quoted is a consensus hash, most often a recent one.
func (g *generator) quoted(t testing.TB, height int32) names.ConsensusHash {
	back := 1 + int32(g.rng.IntN(int(g.p.ConsensusWindow)+2))
	h, err := g.x.ConsensusHash(t.Context(), max(height-back, g.p.FirstBlock-2))
	if err != nil { // the block before is not known yet
		h, err = g.x.ConsensusHash(t.Context(), g.p.FirstBlock-1)
		if err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// tx makes a transaction: OP_RETURN, then outputs, from a sender.
func (g *generator) tx(t testing.TB, from *person, op nameop.Op, outs ...*wire.TxOut) testTx {
	t.Helper()
	script, err := nameop.Script(g.p.Magic, op)
	if err != nil {
		t.Fatal(err)
	}
	g.salt++
	var previous chainhash.Hash
	binary.LittleEndian.PutUint64(previous[:], g.salt)
	binary.LittleEndian.PutUint64(previous[8:], g.rng.Uint64())
	tx := wire.NewMsgTx(1)
	var input []byte
	if from.pubKey != nil && !g.chance(3) {
		input = append([]byte{1, 0x30, byte(len(from.pubKey))}, from.pubKey...)
	}
	tx.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&previous, 0), input, nil))
	tx.AddTxOut(wire.NewTxOut(0, script))
	for _, o := range outs {
		tx.AddTxOut(o)
	}
	return testTx{tx, []*wire.TxOut{wire.NewTxOut(1e8, from.script)}}
}

func pay(to *person, value int64) *wire.TxOut { return wire.NewTxOut(value, to.script) }

func (g *generator) burn(value int64) *wire.TxOut {
	return wire.NewTxOut(value, names.PubKeyHashScript([20]byte{}))
}

// owner is the owner of a name, now and then somebody else.
func (g *generator) owner(t testing.TB, name string) *person {
	n, err := names.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := g.x.Record(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range g.people {
		if string(p.script) == string(rec.Owner) && g.chance(85) {
			return p
		}
	}
	return pick(g, g.people)
}

func (g *generator) fee() int64 {
	if g.chance(10) {
		return 50
	}
	return 2000
}

// operation is a random operation for a block.
func (g *generator) operation(t testing.TB, height int32) testTx {
	_, epoch := g.p.Epoch(height)
	tokens := epoch.Features.Has(names.FeatureNamesCostTokens)
	a, b := pick(g, g.people), pick(g, g.people)
	name := pick(g, g.names)
	zone := names.ZoneFileHash{byte(g.rng.IntN(4))}
	switch k := g.rng.IntN(100); {
	case k < 8:
		id := pick(g, g.spaces)
		if g.chance(60) {
			b = g.people[0]
		}
		h, err := nameop.HashPreorder(id, a.script, b.address)
		if err != nil {
			t.Fatal(err)
		}
		g.launch = append(g.launch, promise{id, a, b})
		op := nameop.NamespacePreorder{Hash: h, Consensus: g.quoted(t, height)}
		if epoch.Features.Has(names.FeatureStacksBuyNamespaces) {
			op.HasTokens, op.Tokens = true, uint64(g.fee())
		}
		return g.tx(t, a, op, pay(a, 1), g.burn(g.fee()))
	case k < 18 && len(g.launch) > 0:
		l := pick(g, g.launch)
		op := nameop.NamespaceReveal{
			ID: l.name, Version: uint16(1 + g.rng.IntN(3)), Lifetime: uint32(3 + g.rng.IntN(8)), Coeff: 1, Base: 1,
			NonAlphaDiscount: 2, NoVowelDiscount: 3,
		}
		return g.tx(t, l.payer, op, pay(l.owner, 1), pay(l.payer, 1))
	case k < 24 && len(g.launch) > 0:
		l := pick(g, g.launch)
		return g.tx(t, l.owner, nameop.NamespaceReady{ID: l.name}, pay(a, 1))
	case k < 32:
		return g.tx(t, pick(g, g.people[:2]), nameop.NameImport{Name: name}, pay(b, 1), wire.NewTxOut(1, names.PubKeyHashScript(zone)))
	case k < 50:
		return g.preorder(t, height, promise{name, a, b}, tokens)
	case k < 68 && len(g.open) > 0:
		o := g.open[max(0, len(g.open)-1-g.rng.IntN(6))]
		op := nameop.NameRegistration{Name: o.name}
		if epoch.Features.Has(names.FeatureRegisterUpdate) && g.chance(50) {
			op.HasZoneFile, op.ZoneFile = true, zone
		}
		return g.tx(t, o.payer, op, pay(o.owner, 1), pay(o.payer, 1))
	case k < 74:
		op := nameop.NameRenewal{Name: name}
		if tokens && g.chance(50) {
			op.HasZoneFile, op.ZoneFile, op.HasTokens, op.Tokens = true, zone, true, uint64(g.rng.IntN(3)*4000)
		}
		a = g.owner(t, name)
		if g.chance(60) {
			b = a
		}
		return g.tx(t, a, op, pay(b, 1), pay(a, 1), g.burn(g.fee()))
	case k < 84:
		op := nameop.NameUpdate{NameConsensus: nameop.UpdateHash(name, g.quoted(t, height)), ZoneFile: zone}
		return g.tx(t, g.owner(t, name), op)
	case k < 91:
		op := nameop.NameTransfer{Keep: g.chance(50), NameHash: nameop.NameHash(name), Consensus: g.quoted(t, height)}
		return g.tx(t, g.owner(t, name), op, pay(b, 1))
	case k < 94:
		return g.tx(t, g.owner(t, name), nameop.NameRevoke{Name: name})
	case k < 96:
		return g.tx(t, g.owner(t, "a.id"), nameop.Announce{})
	case tokens:
		op := nameop.TokenTransfer{Consensus: g.quoted(t, height), TokenType: "STACKS", Amount: uint64(g.rng.IntN(3000))}
		return g.tx(t, a, op, pay(b, 1))
	}
	return g.preorder(t, height, promise{name, a, b}, tokens)
}

func (g *generator) preorder(t testing.TB, height int32, o promise, tokens bool) testTx {
	h, err := nameop.HashPreorder(o.name, o.payer.script, o.owner.address)
	if err != nil {
		t.Fatal(err)
	}
	g.open = append(g.open, o)
	op := nameop.NamePreorder{Hash: h, Consensus: g.quoted(t, height)}
	if tokens && g.chance(60) {
		op.HasTokens, op.Tokens, op.TokenUnit = true, uint64(g.fee()), "STACKS"
	}
	burn := g.burn(g.fee())
	if g.chance(30) {
		burn = pay(pick(g, g.people), g.fee())
	}
	return g.tx(t, o.payer, op, pay(o.payer, 1), burn)
}

// launchAll mines the launch of all namespaces, with an import each, so that the rest of a history
// has something to work on.
func (g *generator) launchAll(t testing.TB, c *testChain) {
	t.Helper()
	a := g.people[0]
	var preorders, reveals, imports, readies []testTx
	for i, id := range g.spaces {
		h, err := nameop.HashPreorder(id, a.script, a.address)
		if err != nil {
			t.Fatal(err)
		}
		preorders = append(preorders, g.tx(t, a, nameop.NamespacePreorder{
			Hash: h, Consensus: g.p.InitialConsensus[g.p.FirstBlock-1],
		}, pay(a, 1), g.burn(2000)))
		reveals = append(reveals, g.tx(t, a, nameop.NamespaceReveal{
			ID: id, Version: 1, Lifetime: uint32(6 + 4*i), Coeff: 1, Base: 1, NonAlphaDiscount: 2, NoVowelDiscount: 3,
		}, pay(a, 1), pay(a, 1)))
		imports = append(imports, g.tx(t, a, nameop.NameImport{Name: "bob." + id}, pay(g.people[2], 1), g.burn(1)))
		readies = append(readies, g.tx(t, a, nameop.NamespaceReady{ID: id}))
	}
	for _, txs := range [][]testTx{preorders, reveals, imports, readies} {
		c.mine(t, txs...)
	}
}

// block is a random list of operations.
func (g *generator) block(t testing.TB, height int32) []testTx {
	txs := make([]testTx, g.rng.IntN(7))
	for i := range txs {
		txs[i] = g.operation(t, height)
	}
	return txs
}

// grants give everybody some tokens, at once and later.
func grants(g *generator) []names.GenesisAccount {
	var list []names.GenesisAccount
	for i, p := range g.people {
		list = append(list, names.GenesisAccount{
			Address: p.address, Type: "STACKS", Value: big.NewInt(int64(i) * 9000), ReceiveWhitelisted: i != 3, LockSend: int32(i),
			Vesting: []names.Vesting{{Height: int32(30 + 2*i), Amount: big.NewInt(5000)}, {Height: 40, Amount: big.NewInt(7000)}},
		})
	}
	return append(list, names.GenesisAccount{Address: "treasury", Type: "STACKS", Value: big.NewInt(77)})
}
