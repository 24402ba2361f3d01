package session

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain"
)

// market is a node that knows rates, or none.
type market struct {
	home.Bitcoin // nil: what is not below is not asked for
	rate         btcutil.Amount
	err          error
	floor        btcutil.Amount
	asked        []int32
	waited       []chainhash.Hash
}

func (m *market) EstimateFeeRate(_ context.Context, blocks int32) (btcutil.Amount, bool, error) {
	m.asked = append(m.asked, blocks)
	return m.rate, m.rate != 0, m.err
}

// Tip is the first block: there are none to learn a rate from.
func (m *market) Tip(context.Context) (int32, chainhash.Hash, error) {
	return 0, chainhash.Hash{}, nil
}

func (m *market) RelayFees(context.Context) (chain.RelayFees, error) {
	return chain.RelayFees{Floor: m.floor, Increment: 1000}, nil
}

func (m *market) HangingFees(context.Context, chainhash.Hash) (btcutil.Amount, error) { return 0, nil }

func (m *market) WaitBlock(_ context.Context, known chainhash.Hash) (int32, chainhash.Hash, error) {
	m.waited = append(m.waited, known)
	return 1, chainhash.Hash{1}, m.err
}

// with is a session of a network that has the node open.
func (m *market) with(t *testing.T, network string) (*Session, *bytes.Buffer) {
	var said bytes.Buffer
	e := &Session{Out: voice.New(&bytes.Buffer{}, &said), In: strings.NewReader("")}
	e.Use(&config.Config{Home: t.TempDir(), Network: network})
	e.bitcoin = untilClosed[home.Bitcoin]{value: m, release: func() error { return nil }}
	return e, &said
}

// TestMarketRate: the rate is the one that was given, else what the node thinks, on a sandbox a
// fixed one; never below what the node's memory pool takes.
func TestMarketRate(t *testing.T) {
	away := errors.New("away")
	for _, c := range []struct {
		what    string
		network string
		node    market
		given   string
		rate    txbuilder.FeeRate
		asked   int32
		said    string
	}{
		{"estimated", "regtest", market{rate: 7000}, "", 7000, 6, ""},
		{"estimated below the relay minimum", "regtest", market{rate: 500}, "", 1000, 6, ""},
		{"given", "regtest", market{rate: 7000}, "3", 3000, 0, ""},
		{"sandbox", "sandbox", market{}, "", 5000, 0, ""},
		{"a full memory pool", "regtest", market{rate: 7000, floor: 9000}, "", 9000, 6, "the node's memory pool takes nothing below 9 sat/vB now; "},
	} {
		e, said := c.node.with(t, c.network)
		rate, err := ChosenRate(t.Context(), e, c.given, 6)
		if err != nil || rate < c.rate || rate > c.rate+1000 || c.node.floor == 0 && rate != c.rate {
			t.Errorf("%s: %v %v, want %v", c.what, rate, err, c.rate)
		}
		if c.asked == 0 != (len(c.node.asked) == 0) || c.asked != 0 && c.node.asked[0] != c.asked {
			t.Errorf("%s: asked for %v blocks", c.what, c.node.asked)
		}
		if c.said == "" != (said.Len() == 0) || !strings.Contains(said.String(), c.said) {
			t.Errorf("%s: said %q", c.what, said)
		}
	}

	var f *fault.Fault
	e, _ := (&market{}).with(t, "regtest")
	if _, err := ChosenRate(t.Context(), e, "", 6); !errors.As(err, &f) || f.Code != "usage" || !strings.HasPrefix(f.Message, "the node cannot estimate a fee rate") ||
		len(f.Hints) != 1 || f.Hints[0] != "give one: --fee-rate SAT_VB" {
		t.Errorf("no market: %v", err)
	}
	e, _ = (&market{err: away}).with(t, "regtest")
	if _, err := ChosenRate(t.Context(), e, "", 6); !errors.Is(err, away) {
		t.Errorf("away: %v", err)
	}
	var below *registrar.BelowFloor
	e, _ = (&market{floor: 9000}).with(t, "regtest")
	if _, err := ChosenRate(t.Context(), e, "3", 6); !errors.As(err, &below) || below.Rate != 3000 || below.Floor != 9000 {
		t.Errorf("given, below the floor: %v", err)
	}
}

// TestNextMoneyBlock: where nothing is mined the node is asked to wait for what follows the tip,
// and stays open.
func TestNextMoneyBlock(t *testing.T) {
	m, tip := &market{}, chainhash.Hash{7}
	e, _ := m.with(t, "regtest")
	ended := false
	e.bitcoin.release = func() error { ended = true; return nil }
	if err := e.NextMoneyBlock(t.Context(), m, tip, true); err != nil || len(m.waited) != 1 || m.waited[0] != tip || ended {
		t.Errorf("%v, waited %v, ended %t", err, m.waited, ended)
	}
	m.err = errors.New("away")
	if err := e.NextMoneyBlock(t.Context(), m, tip, true); !errors.Is(err, m.err) {
		t.Errorf("%v", err)
	}
	if mined, err := e.MineOne(t.Context(), true); mined || err != nil {
		t.Errorf("%t %v", mined, err)
	}
	if mined, err := e.MineOne(t.Context(), false); mined || err != nil {
		t.Errorf("regtest is no sandbox: %t %v", mined, err)
	}
}

// TestLeases: what is leased is leased once, given back once, and leased anew after that; what
// could not be had is asked for again.
func TestLeases(t *testing.T) {
	var u untilClosed[int]
	leased, released, no := 0, 0, errors.New("no")
	lease := func(context.Context) (int, func() error, error) {
		if leased++; leased == 1 {
			return 0, nil, no
		}
		return leased, func() error { released++; return no }, nil
	}
	if _, err := u.get(t.Context(), lease); !errors.Is(err, no) || u.end() != nil {
		t.Errorf("%v", err)
	}
	for range 2 {
		if v, err := u.get(t.Context(), lease); v != 2 || err != nil {
			t.Errorf("%d %v", v, err)
		}
	}
	if err := u.end(); !errors.Is(err, no) || released != 1 || u.end() != nil || released != 1 {
		t.Errorf("%v, released %d", err, released)
	}
	if v, err := u.get(t.Context(), lease); v != 3 || err != nil {
		t.Errorf("%d %v", v, err)
	}
}

// TestOffered: peers leave open whether they take a transaction; a node does not.
func TestOffered(t *testing.T) {
	e, said := (&market{}).with(t, "regtest")
	if Offered(e, false); said.Len() > 0 {
		t.Errorf("%q", said)
	}
	if Offered(e, true); !strings.Contains(said.String(), "peers do not say whether they accept a transaction") {
		t.Errorf("%q", said)
	}
}

// TestPasswordCost: what a try costs is what the linker says, and never half of it.
func TestPasswordCost(t *testing.T) {
	before := LinkedCost
	t.Cleanup(func() { LinkedCost = before })
	LinkedCost = ""
	usual := PasswordCost()
	LinkedCost = "1 8 1"
	if c := PasswordCost(); c.Time != 1 || c.MemoryKiB != 8 || c.Threads != 1 || usual.MemoryKiB <= 8 {
		t.Errorf("%+v, usually %+v", c, usual)
	}
	defer func() {
		if recover() == nil {
			t.Error("half a cost is no cost")
		}
	}()
	LinkedCost = "1 8"
	PasswordCost()
}
