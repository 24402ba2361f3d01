package rules

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// memory is a State that is in no file: what Apply changed is taken over from its outcome.
type memory struct {
	p         *names.Params
	names     map[string]*state.NameRow
	spaces    map[string]*state.NamespaceRow
	preorders map[names.PreorderHash]*state.PreorderSet
	accounts  map[accountKey]*state.AccountRow
	rings     map[string]*state.RingRow
	consensus map[int32]names.ConsensusHash
	broken    error // what every question about a name ends with
}

func newMemory(p *names.Params, schedule *Schedule) *memory {
	m := &memory{
		p: p, names: make(map[string]*state.NameRow), spaces: make(map[string]*state.NamespaceRow),
		preorders: make(map[names.PreorderHash]*state.PreorderSet), accounts: make(map[accountKey]*state.AccountRow),
		rings: make(map[string]*state.RingRow), consensus: make(map[int32]names.ConsensusHash),
	}
	for _, r := range schedule.Genesis() {
		m.accounts[accountKey{r.Address, r.Unit}] = &r
	}
	for h, hash := range p.InitialConsensus {
		m.consensus[h] = hash
	}
	return m
}

func (m *memory) Name(name string) (*state.NameRow, error) { return m.names[name], m.broken }

func (m *memory) NamesByHash(h nameop.Hash128) (list []string, err error) {
	for name := range m.names {
		if nameop.NameHash(name) == h {
			list = append(list, name)
		}
	}
	return list, m.broken
}

func (m *memory) NamesOf(owner []byte, visit func(string) (bool, error)) error {
	for name, row := range m.names {
		if string(row.Owner) == string(owner) {
			if more, err := visit(name); err != nil || !more {
				return err
			}
		}
	}
	return m.broken
}

func (m *memory) Namespace(id string) (*state.NamespaceRow, error) { return m.spaces[id], nil }

func (m *memory) Preorders(h names.PreorderHash) (*state.PreorderSet, error) {
	return m.preorders[h], nil
}

func (m *memory) Account(address, unit string) (*state.AccountRow, error) {
	return m.accounts[accountKey{address, unit}], nil
}

func (m *memory) Ring(space string) (*state.RingRow, error) { return m.rings[space], nil }

func (m *memory) Consensus(height int32) (names.ConsensusHash, bool, error) {
	h, ok := m.consensus[height]
	return h, ok, nil
}

// take takes over what a block changed.
func (m *memory) take(out *Outcome) {
	for _, c := range out.Names {
		m.names[c.New.Name] = c.New
	}
	for _, c := range out.Spaces {
		m.spaces[c.New.ID] = c.New
	}
	for _, c := range out.Preorders {
		if c.New == nil {
			delete(m.preorders, c.Old.Hash)
			continue
		}
		m.preorders[c.New.Hash] = c.New
	}
	for _, c := range out.Accounts {
		if c.New == nil {
			delete(m.accounts, accountKey{c.Old.Address, c.Old.Unit})
			continue
		}
		m.accounts[accountKey{c.New.Address, c.New.Unit}] = c.New
	}
	for _, c := range out.Rings {
		m.rings[c.New.Space] = c.New
	}
	m.consensus[out.Height] = out.Consensus
}

// somebody has a script and its address.
type somebody struct {
	script  []byte
	address string
}

// game is a registry that a test plays in.
type game struct {
	t        *testing.T
	p        *names.Params
	schedule *Schedule
	m        *memory
	height   int32
	people   []somebody
	log      []state.AccountRow // of the last block
}

func newGame(t *testing.T) *game {
	t.Helper()
	g := &game{t: t, p: names.Sandbox("", nil)}
	for i := range 3 {
		script := names.PubKeyHashScript([20]byte{byte(i + 1)})
		g.people = append(g.people, somebody{script, state.AddressOf(g.p, script)})
	}
	g.p.MaxNamesPerOwner = 2
	g.p.Genesis = []names.GenesisAccount{{
		Address: g.people[0].address, Type: string(names.MicroStacks), Value: big.NewInt(1e15), ReceiveWhitelisted: true,
		Vesting: []names.Vesting{{Height: g.p.FirstBlock + 2, Amount: big.NewInt(7)}},
	}}
	g.schedule = NewSchedule(g.p)
	g.m = newMemory(g.p, g.schedule)
	g.height = g.p.FirstBlock - 1
	return g
}

// quoted is the newest consensus hash.
func (g *game) quoted() names.ConsensusHash { return g.m.consensus[g.height] }

// block applies operations as the next block and gives why each was refused; nil for accepted ones.
func (g *game) block(ops ...nameop.Located) []error {
	g.t.Helper()
	g.height++
	list := make([]state.BlockOp, len(ops))
	for i := range ops {
		l := &ops[i]
		l.Height, l.Index = g.height, i+1
		l.Txid[0], l.Txid[1] = byte(g.height), byte(i+1)
		list[i] = state.BlockOp{At: state.PlaceOf(l), Located: l}
	}
	out, err := Apply(g.p, g.m, g.schedule, g.height, list)
	if err != nil {
		g.t.Fatal(err)
	}
	g.m.take(out)
	g.log = out.AccountLog
	verdicts := make([]error, len(ops))
	for i := range out.Ops {
		verdicts[i] = out.Ops[i].Err()
	}
	return verdicts
}

// accept is block for operations that are all accepted.
func (g *game) accept(ops ...nameop.Located) {
	g.t.Helper()
	for i, err := range g.block(ops...) {
		if err != nil {
			g.t.Fatalf("operation %d at height %d: %v", i, g.height, err)
		}
	}
}

// from is an operation that somebody sends, to somebody.
func from(a, b somebody, op nameop.Op) nameop.Located {
	return nameop.Located{Op: op, Sender: a.script, SenderAddress: a.address, Recipient: b.script, RecipientAddress: b.address}
}

func (g *game) hash(what string, a, b somebody) names.PreorderHash {
	g.t.Helper()
	h, err := nameop.HashPreorder(what, a.script, b.address)
	if err != nil {
		g.t.Fatal(err)
	}
	return h
}

// preorder is a preorder of a name, paid with tokens.
func (g *game) preorder(name string, a, b somebody) nameop.Located {
	l := from(a, somebody{}, nameop.NamePreorder{
		Hash: g.hash(name, a, b), Consensus: g.quoted(), HasTokens: true, Tokens: 1e9, TokenUnit: string(names.MicroStacks),
	})
	l.BurnAddress = g.p.BurnAddress
	return l
}

// launch opens the namespace "test".
func (g *game) launch() {
	g.t.Helper()
	a := g.people[0]
	preorder := from(a, somebody{}, nameop.NamespacePreorder{
		Hash: g.hash("test", a, a), Consensus: g.quoted(), HasTokens: true, Tokens: 64e9,
	})
	preorder.BurnAddress = g.p.BurnAddress
	g.accept(preorder)
	g.accept(from(a, a, nameop.NamespaceReveal{
		ID: "test", Version: 1, Lifetime: 100, Coeff: 1, Base: 1, NonAlphaDiscount: 1, NoVowelDiscount: 1,
	}))
	g.accept(from(a, a, nameop.NamespaceReady{ID: "test"}))
}

// reasons are the reasons of verdicts.
func reasons(verdicts []error) (list []state.Reason) {
	for _, err := range verdicts {
		var refused *state.Refused
		if errors.As(err, &refused) {
			list = append(list, refused.Reason)
		} else {
			list = append(list, state.ReasonNone)
		}
	}
	return list
}

func (g *game) want(what string, verdicts []error, want ...state.Reason) {
	g.t.Helper()
	if got := reasons(verdicts); !slices.Equal(got, want) {
		g.t.Errorf("%s: %v, want %v", what, verdicts, want)
	}
}

func TestTwoWantOneName(t *testing.T) {
	g := newGame(t)
	g.launch()
	a, b, c := g.people[0], g.people[1], g.people[2]
	g.accept(g.preorder("one.test", a, b), g.preorder("one.test", a, c), g.preorder("two.test", a, b))
	one := nameop.NameRegistration{Name: "one.test"}
	g.want("two in one block", g.block(from(a, b, one), from(a, c, one), from(a, b, nameop.NameRegistration{Name: "two.test"})),
		state.ReasonCollision, state.ReasonCollision, state.ReasonNone)
	g.want("one after the other", g.block(from(a, c, one)), state.ReasonNone)
	g.want("too late", g.block(from(a, b, one)), state.ReasonRegistered)
	if row := g.m.names["one.test"]; row == nil || string(row.Owner) != string(c.script) {
		t.Errorf("%+v", row)
	}
	if set := g.m.preorders[g.hash("one.test", a, c)]; set == nil || len(set.Open) != 0 || !slices.Equal(set.Carriers, []string{"one.test"}) {
		t.Errorf("preorders after the registration: %+v", set)
	}
}

// TestQuotaInsideABlock counts registrations of the same block.
func TestQuotaInsideABlock(t *testing.T) {
	g := newGame(t)
	g.launch()
	a, b := g.people[0], g.people[1]
	g.accept(g.preorder("one.test", a, b), g.preorder("two.test", a, b), g.preorder("three.test", a, b))
	var ops []nameop.Located
	for _, name := range []string{"one.test", "two.test", "three.test"} {
		ops = append(ops, from(a, b, nameop.NameRegistration{Name: name}))
	}
	g.want("three names for one who may have two", g.block(ops...), state.ReasonNone, state.ReasonNone, state.ReasonQuota)
}

func TestStaleQuote(t *testing.T) {
	g := newGame(t)
	g.launch()
	late := g.preorder("one.test", g.people[0], g.people[1])
	for range g.p.ConsensusWindow - 1 {
		g.block()
	}
	good := g.preorder("two.test", g.people[0], g.people[1])
	g.want("the last moment", g.block(late, good), state.ReasonNone, state.ReasonNone)
	late = g.preorder("three.test", g.people[0], g.people[1])
	for range g.p.ConsensusWindow {
		g.block()
	}
	g.want("a block later", g.block(late), state.ReasonStale)
}

// TestTokens moves tokens that arrived in the same block, and tokens that vest.
func TestTokens(t *testing.T) {
	g := newGame(t)
	a, b, c := g.people[0], g.people[1], g.people[2]
	send := func(from_, to somebody, amount uint64) nameop.Located {
		return from(from_, to, nameop.TokenTransfer{TokenType: string(names.MicroStacks), Amount: amount})
	}
	g.want("in a row", g.block(send(b, c, 5), send(a, b, 10), send(b, c, 4), send(b, c, 7)),
		state.ReasonNoAccount, state.ReasonNone, state.ReasonNone, state.ReasonBalance)
	g.block()
	for who, want := range map[string]int64{a.address: 1e15 - 10 + 7, b.address: 6, c.address: 4} {
		if row := g.m.accounts[accountKey{who, string(names.MicroStacks)}]; row == nil || row.Balance().Cmp(big.NewInt(want)) != 0 {
			t.Errorf("%s: %+v, want %d", who, row, want)
		}
	}
}

// TestBrokenState ends a block with the error of the state, whatever was judged already.
func TestBrokenState(t *testing.T) {
	g := newGame(t)
	g.launch()
	broken := errors.New("broken")
	g.m.broken = broken
	op := from(g.people[0], g.people[1], nameop.NameRevoke{Name: "one.test"})
	if out, err := Apply(g.p, g.m, g.schedule, g.height+1, []state.BlockOp{{Located: &op}}); !errors.Is(err, broken) || out != nil {
		t.Errorf("%v, %v", out, err)
	}
	g.m.broken = nil
	delete(g.m.consensus, g.height)
	if out, err := Apply(g.p, g.m, g.schedule, g.height+1, nil); !errors.Is(err, ErrNoConsensus) || out != nil {
		t.Errorf("%v, %v", out, err)
	}
}

// TestOpenPreorder asks what a registration in the next block would use.
func TestOpenPreorder(t *testing.T) {
	g := newGame(t)
	g.launch()
	a, b := g.people[0], g.people[1]
	h := g.hash("one.test", a, b)
	if row, err := OpenPreorder(g.p, g.m, g.height+1, h); row != nil || err != nil {
		t.Errorf("before: %+v, %v", row, err)
	}
	g.accept(g.preorder("one.test", a, b))
	if row, err := OpenPreorder(g.p, g.m, g.height+1, h); err != nil || row == nil || row.At.Height != g.height {
		t.Errorf("outstanding: %+v, %v", row, err)
	}
	if row, err := OpenNamespacePreorder(g.p, g.m, g.height+1, h); row != nil || err != nil {
		t.Errorf("of a namespace: %+v, %v", row, err)
	}
	g.accept(from(a, b, nameop.NameRegistration{Name: "one.test"}))
	if row, err := OpenPreorder(g.p, g.m, g.height+1, h); row != nil || err != nil {
		t.Errorf("used: %+v, %v", row, err)
	}
}

// TestPatch gives and takes tokens by a patch of the genesis table.
func TestPatch(t *testing.T) {
	g := newGame(t)
	unit := string(names.MicroStacks)
	at := g.p.FirstBlock + 1
	g.p.GenesisPatches = map[int32]names.GenesisPatch{at: {
		Add:    []names.GenesisAccount{{Address: g.people[1].address, Type: unit, Value: big.NewInt(50), LockSend: 99}},
		Delete: []names.GenesisAccount{{Address: g.people[0].address, Type: unit}},
	}}
	g.schedule = NewSchedule(g.p)
	g.block()
	if row := g.m.accounts[accountKey{g.people[0].address, unit}]; row != nil {
		t.Errorf("not taken away: %+v", row)
	}
	row := g.m.accounts[accountKey{g.people[1].address, unit}]
	if row == nil || row.Balance().Int64() != 50 || row.LockSend != 99 || row.At.Height != at {
		t.Errorf("not given: %+v", row)
	}
	if len(g.log) != 2 || g.log[0].LockSend != 99 || g.log[1].Unit != state.UnitPatch {
		t.Errorf("log: %+v", g.log)
	}
	if row := g.m.accounts[accountKey{g.p.BurnAddress, state.UnitPatch}]; row == nil || row.At.Height != at {
		t.Errorf("the patch left no mark: %+v", row)
	}
}
