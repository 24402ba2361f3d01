package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/home/money"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/send"
	"blockstack/txbuilder/payments/sweep"
	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/legacy"
	"blockstack/wallet/secret"
)

// world is a Bitcoin in memory with coins at the addresses of an old key, and a process that can
// die.
type world struct {
	t       *testing.T
	btc     *chaintest.Bitcoin
	keys    money.OldKeys
	names   map[string][]string // by script
	unknown error
	book    map[chainhash.Hash]*wire.MsgTx // what is on disk
	die     int                            // the boundary at which the process ends; 0: none
	reached int
}

// dead is what a process ends with.
type dead struct{}

func (v *world) boundary() {
	if v.reached++; v.reached == v.die {
		panic(dead{})
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	v := &world{t: t, btc: chaintest.New(), names: map[string][]string{}, book: map[chainhash.Hash]*wire.MsgTx{}}
	b, err := legacy.ParseBundle(secret.New([]byte("2ce3c74a148d76407a4db8df59c510e08bbd79378e15c4e2ea27bd380291a4b3")))
	v.no(err)
	places, err := b.Places(&chaincfg.RegressionNetParams)
	v.no(err)
	v.keys = places
	v.btc.Mine(101)
	return v
}

func (v *world) no(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *world) service() *sweep.Service {
	return sweep.New(sweep.Config{Net: &chaincfg.RegressionNetParams, Names: v, Wallet: v, Book: v, Jobs: v, Node: v,
		Chain: money.Search{Searched: v.btc, Keys: v.keys, Progress: func(int32, int32) {}, Done: func() {}}})
}

// fund pays an amount to one of the places.
func (v *world) fund(place int, sat btcutil.Amount) {
	v.t.Helper()
	_, err := v.btc.Pay(v.keys[place].Script, sat)
	v.no(err)
}

// OwnedAt says which names scripts own.
func (v *world) OwnedAt(_ context.Context, scripts [][]byte) ([][]string, error) {
	list := make([][]string, len(scripts))
	for i, s := range scripts {
		list[i] = v.names[string(s)]
	}
	return list, v.unknown
}

// receiver is the script that everything moves to.
var receiver = append([]byte{0, 20}, make([]byte, 20)...)

// Receive is where coins move to.
func (v *world) Receive(context.Context) (string, []byte, error) { return "here", receiver, nil }

// Sync does nothing: what is moved is counted in the chain.
func (v *world) Sync(context.Context) error { return nil }

// Reserve keeps no coins.
func (v *world) Reserve(context.Context) (func() error, error) {
	return func() error { return nil }, nil
}

// Add keeps a transaction on disk.
func (v *world) Add(_ context.Context, tx *wire.MsgTx) error {
	v.boundary()
	v.book[tx.TxHash()] = tx
	v.boundary()
	return nil
}

// Remove forgets a transaction.
func (v *world) Remove(_ context.Context, tx *wire.MsgTx) error {
	delete(v.book, tx.TxHash())
	return nil
}

// Broadcast sends a transaction that is on disk.
func (v *world) Broadcast(ctx context.Context, tx *wire.MsgTx) (send.Outcome, error) {
	if v.book[tx.TxHash()] == nil {
		v.t.Errorf("%s is sent before it is on disk", tx.TxHash())
	}
	v.boundary()
	defer v.boundary()
	return money.Node{Sender: v.btc}.Broadcast(ctx, tx)
}

// arrived is what the receiver has in the chain.
func (v *world) arrived() (sum btcutil.Amount) {
	v.t.Helper()
	tip, _, err := v.btc.Tip(v.t.Context())
	v.no(err)
	for h := int32(1); h <= tip; h++ {
		hash, err := v.btc.HashAt(v.t.Context(), h)
		v.no(err)
		raw, err := v.btc.RawBlock(v.t.Context(), hash)
		v.no(err)
		b, err := btcutil.NewBlockFromBytes(raw)
		v.no(err)
		for _, tx := range b.Transactions() {
			for _, out := range tx.MsgTx().TxOut {
				if slices.Equal(out.PkScript, receiver) {
					sum += btcutil.Amount(out.Value)
				}
			}
		}
	}
	return sum
}

// TestSweep moves the coins of a key: all that is free, fee included, to the satoshi. Young coins
// stay, and those under names unless they are wanted.
func TestSweep(t *testing.T) {
	v := newWorld(t)
	for i, sat := range []btcutil.Amount{50_000, 60_000, 70_000} {
		v.fund(i%len(v.keys), sat)
	}
	v.btc.Mine(1)
	v.btc.MineTo(v.keys[0].Script, 1)
	v.names[string(v.keys[0].Script)] = []string{"alice.id", "bob.id"}
	s, ctx, places := v.service(), t.Context(), v.keys.Places()
	seen, err := s.Look(ctx, places, 0)
	v.no(err)
	if len(seen.Coins) != 3 || len(seen.Immature) != 1 || seen.NamesUnknown != nil || seen.Height != 103 {
		t.Fatalf("%d coins, %d young, up to %d: %v", len(seen.Coins), len(seen.Immature), seen.Height, seen.NamesUnknown)
	}
	move, stay := seen.Split(false)
	all, none := seen.Split(true)
	if len(move)+len(stay) != 3 || len(stay) == 0 || len(all) != 3 || len(none) != 0 {
		t.Fatalf("%d move, %d stay", len(move), len(stay))
	}
	if names := sweep.NamesAmong(all); !slices.Equal(names, []string{"alice.id", "bob.id"}) || len(sweep.NamesAmong(move)) != 0 {
		t.Errorf("%v", names)
	}
	plan, err := s.Plan(ctx, all, txbuilder.SatPerVByte(7))
	v.no(err)
	if plan.Amount+plan.Fee != 180_000 || plan.To != "here" || len(plan.Costs) != 1 || plan.Costs[0] != (txbuilder.Cost{Fee: plan.Fee, Moved: plan.Amount}) {
		t.Errorf("%+v", plan)
	}
	sent, err := s.Send(ctx, plan, v.keys)
	if err != nil || len(sent) != 1 || sent[0].Known {
		t.Fatalf("%+v, %v", sent, err)
	}
	v.btc.Mine(1)
	if got := v.arrived(); got != plan.Amount {
		t.Errorf("%v arrived of %v", got, plan.Amount)
	}
	if seen, err = s.Look(ctx, places, 0); err != nil || len(seen.Coins) != 0 {
		t.Errorf("left: %+v, %v", seen, err)
	}
	var beyond *sweep.Beyond
	if _, err := s.Look(ctx, places, 200); !errors.As(err, &beyond) || beyond.Since != 200 {
		t.Errorf("%v", err)
	}
}

// TestUnknownNames moves coins of which nobody knows whether names depend on them, and says so.
func TestUnknownNames(t *testing.T) {
	v := newWorld(t)
	v.unknown = errors.New("there is no index")
	v.fund(0, 50_000)
	v.btc.Mine(1)
	seen, err := v.service().Look(t.Context(), v.keys.Places(), 0)
	if err != nil || !errors.Is(seen.NamesUnknown, v.unknown) {
		t.Fatalf("%+v, %v", seen, err)
	}
	move, stay := seen.Split(false)
	if len(move) != 1 || len(stay) != 0 || !sweep.MayOwnNames(move) {
		t.Errorf("%d move, %d stay", len(move), len(stay))
	}
}

// TestDust refuses what would arrive as dust.
func TestDust(t *testing.T) {
	v := newWorld(t)
	v.fund(0, 1_000)
	v.btc.Mine(1)
	seen, err := v.service().Look(t.Context(), v.keys.Places(), 0)
	v.no(err)
	var short *txbuilder.InsufficientFunds
	if _, err := v.service().Plan(t.Context(), seen.Coins, txbuilder.SatPerVByte(20)); !errors.As(err, &short) || short.Have != 1_000 {
		t.Errorf("%v", err)
	}
}

// TestStopWhileSweeping ends the process at every boundary. The same command again, after what is
// on disk was sent, moves what is left: all arrives once.
func TestStopWhileSweeping(t *testing.T) {
	for at := 1; at <= 4; at++ {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			v := newWorld(t)
			v.fund(0, 50_000)
			v.fund(0, 60_000)
			v.btc.Mine(1)
			again := func() (fee btcutil.Amount) {
				seen, err := v.service().Look(t.Context(), v.keys.Places(), 0)
				v.no(err)
				if len(seen.Coins) == 0 {
					return 0
				}
				plan, err := v.service().Plan(t.Context(), seen.Coins, txbuilder.SatPerVByte(5))
				v.no(err)
				_, err = v.service().Send(t.Context(), plan, v.keys)
				v.no(err)
				return plan.Fee
			}
			v.die = at
			func() {
				defer func() {
					if _, is := recover().(dead); !is {
						t.Error("it did not stop")
					}
				}()
				again()
			}()
			v.die = 0
			for _, tx := range v.book { // as a wallet does when it starts
				if _, err := (money.Node{Sender: v.btc}).Broadcast(t.Context(), tx); err != nil {
					t.Fatal(err)
				}
			}
			v.btc.Mine(1)
			again()
			v.btc.Mine(1)
			if got := v.arrived(); got < 105_000 || got >= 110_000 {
				t.Errorf("%v arrived of 110000 satoshi", got)
			}
			if again() != 0 {
				t.Error("there is something left")
			}
		})
	}
}
