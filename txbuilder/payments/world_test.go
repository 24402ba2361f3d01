package payments_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/home/money"
	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/bills"
	"blockstack/txbuilder/payments/bump"
	"blockstack/txbuilder/payments/paid"
	"blockstack/txbuilder/payments/send"
	"blockstack/wallet"
	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// world is a wallet with real files and keys, a Bitcoin in memory, and a process between them that
// can die.
type world struct {
	t   *testing.T
	btc *chaintest.Bitcoin
	cfg wallet.Config
	w   *wallet.Wallet

	names map[string]payments.NamePayee
	jobs  map[chainhash.Hash]bump.Job
	// node answers instead of btc, where it is set.
	node func(tx *wire.MsgTx) error
	// die ends the process at the boundary with this number, counted from 1 by reached; 0: never.
	die, reached int
}

// dead is what a process ends with.
type dead struct{ at string }

// boundary is a place before or after something that others can see: a write to disk, a sending.
func (v *world) boundary(name string) {
	if v.reached++; v.reached == v.die {
		panic(dead{name})
	}
}

// newWorld is a wallet with some coins.
func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	v := &world{t: t, btc: chaintest.New(), names: map[string]payments.NamePayee{}, jobs: map[chainhash.Hash]bump.Job{},
		cfg: wallet.Config{Keychain: filepath.Join(dir, "keychain"), Dir: filepath.Join(dir, "regtest"), Network: &chaincfg.RegressionNetParams}}
	phrase, err := keychain.NewMnemonic(12)
	v.no(err)
	v.no(wallet.Create(t.Context(), v.cfg, wallet.CreateOptions{Mnemonic: phrase, Password: password(), Cost: keychain.TestCost(), Gap: 5}))
	v.no(lastdays.Begin(v.cfg.Dir, ""))
	v.open()
	t.Cleanup(func() { v.no(v.w.Close()) })
	a, err := v.w.ReceiveAddress(t.Context(), "")
	v.no(err)
	v.btc.Mine(101)
	for range 6 {
		_, err = v.btc.Pay(a.Script, 10_000_000)
		v.no(err)
	}
	v.mine()
	return v
}

func password() *secret.Bytes { return secret.New([]byte("a password for tests")) }

// no fails the test for an error.
func (v *world) no(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

// open is the start of a process: over what is on disk, and at the tip.
func (v *world) open() {
	v.t.Helper()
	var err error
	v.w, err = wallet.Open(v.cfg)
	v.no(err)
	v.no(v.w.Unlock(v.t.Context(), password()))
	v.sync()
}

// sync brings the wallet to the tip, and sends again what is recorded.
func (v *world) sync() {
	v.t.Helper()
	v.no(v.w.Sync(v.t.Context(), v.btc))
}

// mine mines a block.
func (v *world) mine() {
	v.t.Helper()
	v.btc.Mine(1)
	v.sync()
}

// survive runs a part of a process, which may die in it; then another process starts.
func (v *world) survive(f func() error) (died bool, err error) {
	v.t.Helper()
	defer func() {
		switch end := recover().(type) {
		case nil:
		case dead:
			died, v.die = true, 0
			v.no(v.w.Close())
			v.open()
		default:
			panic(end)
		}
	}()
	v.reached = 0
	return false, f()
}

// service is a new one over the wallet of the running process.
func (v *world) service() *payments.Service {
	v.t.Helper()
	s, err := payments.New(payments.Config{Net: v.cfg.Network, Network: "regtest", Wallet: money.Wallet{Wallet: v.w}, Past: v.past(), Book: book{money.Book{Wallet: v.w}, v},
		Names: v, Jobs: v, Node: func(context.Context) (send.Node, error) { return v.connection(), nil }})
	v.no(err)
	return s
}

// signed are transactions that were signed elsewhere.
func (v *world) signed() *payments.Signed {
	return &payments.Signed{Past: v.past(), Book: book{money.Book{Wallet: v.w}, v}, Jobs: v, Kept: kept{money.Kept{Wallet: v.w}, v},
		Node: func(context.Context) (send.Node, error) { return v.connection(), nil }}
}

// bumps raises fees.
func (v *world) bumps() *bump.Service {
	return bump.New(bump.Config{Net: v.cfg.Network, Wallet: money.Wallet{Wallet: v.w}, Past: v.past(), Book: book{money.Book{Wallet: v.w}, v},
		Kept: kept{money.Kept{Wallet: v.w}, v}, Jobs: v, Node: func(context.Context) (bump.Node, error) {
			return pool{money.Pool{Node: money.Node{Sender: v.btc}}, v}, nil
		}})
}

func (v *world) past() money.Past { return money.Past{Wallet: v.w, Dir: v.cfg.Dir} }

// connection is the node, with a boundary before and after each sending.
func (v *world) connection() pool { return pool{money.Pool{Node: money.Node{Sender: v.btc}}, v} }

// pool is a node behind boundaries.
type pool struct {
	money.Pool
	v *world
}

// Broadcast sends a transaction.
func (p pool) Broadcast(ctx context.Context, tx *wire.MsgTx) (send.Outcome, error) {
	p.v.boundary("before the sending")
	defer p.v.boundary("after the sending")
	if p.v.node != nil {
		if err := p.v.node(tx); err != nil {
			return 0, err
		}
	}
	return p.Pool.Broadcast(ctx, tx)
}

// book is the wallet's book of payments behind boundaries.
type book struct {
	money.Book
	v *world
}

// Record keeps a payment.
func (b book) Record(ctx context.Context, tx *wire.MsgTx, r paid.Record) error {
	b.v.boundary("before it is recorded")
	err := b.Book.Record(ctx, tx, r)
	b.v.boundary("recorded")
	return err
}

// Remember keeps what a payment was for.
func (b book) Remember(ctx context.Context, r payments.Remembered) error {
	b.v.boundary("before it is remembered")
	err := b.Book.Remember(ctx, r)
	b.v.boundary("remembered")
	return err
}

// Prepare keeps a prepared payment.
func (b book) Prepare(ctx context.Context, r paid.Record) error {
	b.v.boundary("before it is prepared")
	err := b.Book.Prepare(ctx, r)
	b.v.boundary("prepared")
	return err
}

// Sent notes that a prepared payment was sent.
func (b book) Sent(ctx context.Context, tx *wire.MsgTx) (paid.Record, bool, error) {
	b.v.boundary("before it is noted as sent")
	r, found, err := b.Book.Sent(ctx, tx)
	b.v.boundary("noted as sent")
	return r, found, err
}

// kept are the transactions that may replace others, behind boundaries.
type kept struct {
	money.Kept
	v *world
}

// KeepTx keeps a transaction.
func (k kept) KeepTx(ctx context.Context, tx *wire.MsgTx) error {
	k.v.boundary("before it is kept")
	err := k.Kept.KeepTx(ctx, tx)
	k.v.boundary("kept")
	return err
}

// AddTx puts a transaction into the books.
func (k kept) AddTx(ctx context.Context, tx *wire.MsgTx) error {
	k.v.boundary("before it is in the books")
	err := k.Kept.AddTx(ctx, tx)
	k.v.boundary("in the books")
	return err
}

// Payee is what the names of this world say.
func (v *world) Payee(_ context.Context, n names.Name) (payments.NamePayee, error) {
	p, known := v.names[n.String()]
	if !known {
		return p, fmt.Errorf("%s: %w", n, names.ErrNotFound)
	}
	return p, nil
}

// OwnedBy counts names; nobody owns any here.
func (v *world) OwnedBy(context.Context, []byte) (int, error) { return 0, nil }

// Reserve keeps no coins.
func (v *world) Reserve(context.Context) (func() error, error) {
	return func() error { return nil }, nil
}

// JobOf is the job that a transaction is of.
func (v *world) JobOf(_ context.Context, txid chainhash.Hash) (*bump.Job, error) {
	if j, is := v.jobs[txid]; is {
		return &j, nil
	}
	return nil, nil
}

// stranger is an address of somebody else: the nth.
func stranger(n byte) (address string, script []byte) {
	script = append(append([]byte{0, 20}, make([]byte, 19)...), n)
	return txbuilder.ScriptAddress(script, &chaincfg.RegressionNetParams), script
}

// order pays a target.
func order(target string, sat btcutil.Amount, request string) payments.Order {
	return payments.Order{Bills: []bills.Bill{{Target: target, Amount: sat}}, Rate: txbuilder.SatPerVByte(5), Request: request}
}

// plan plans an order.
func (v *world) plan(s *payments.Service, o payments.Order) (*payments.Plan, error) {
	payees, err := s.Payees(v.t.Context(), o)
	if err != nil {
		return nil, err
	}
	return s.Plan(v.t.Context(), o, payees)
}

// pay pays an order, or answers its request, as a command does that is run once. It agrees to
// nothing.
func (v *world) pay(o payments.Order) (txid chainhash.Hash, err error) {
	s, ctx := v.service(), v.t.Context()
	if o.Request != "" {
		a, err := s.Answer(ctx, o, false)
		if err != nil {
			return txid, err
		}
		if a != nil {
			return a.Txid(), s.SendAgain(ctx, a)
		}
	}
	p, err := v.plan(s, o)
	if err != nil {
		return txid, err
	}
	sent, err := s.Pay(ctx, p)
	if err != nil {
		return txid, err
	}
	return sent.Txid, nil
}

// paid counts the outputs of the best chain that pay a script an amount.
func (v *world) paid(script []byte, sat btcutil.Amount) (n int) {
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
				if string(out.PkScript) == string(script) && out.Value == int64(sat) {
					n++
				}
			}
		}
	}
	return n
}

// history is what the wallet shows.
func (v *world) history() []paid.Entry {
	v.t.Helper()
	list, err := v.past().History(v.t.Context())
	v.no(err)
	return list
}

// errDown is what a node that cannot be reached answers.
var errDown = errors.New("the connection broke")

// hour is how long coins are held.
const hour = time.Hour
