package txbuilder

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wallet/txrules"

	"blockstack/names"
	"blockstack/names/nameop"
)

// world is a wallet with a builder over it.
type world struct {
	t      testing.TB
	r      *rand.Rand
	p      *names.Params
	w      *testWallet
	b      *Builder
	owner  []byte
	coin   Input // an owner's coin
	other  []byte
	payers [][]byte
}

func newWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	w := newTestWallet(t, &chaincfg.MainNetParams)
	x := &world{t: t, r: r, p: names.Mainnet(), w: w}
	x.owner = w.newScript(r, KindP2PKH)
	x.other = w.newScript(r, pick(r, KindP2PKH, KindP2SH))
	x.coin = w.ownerCoin(x.owner, btcutil.Amount(546+r.IntN(10_000)))
	w.change = w.newScript(r, pick(r, KindP2PKH, KindP2SH, KindP2WPKH, KindP2TR))
	for range 1 + r.IntN(4) {
		x.payers = append(x.payers, w.newScript(r, pick(r, KindP2PKH, KindP2SH)))
	}
	for range r.IntN(12) {
		w.fund(x.payers[r.IntN(len(x.payers))], x.amount())
	}
	for range r.IntN(4) { // coins that name operations must leave alone
		w.fund(w.newScript(r, pick(r, KindP2WPKH, KindP2TR)), x.amount())
	}
	b, err := New(Config{Params: x.p, Net: w.net, Coins: w, Height: 700_000})
	if err != nil {
		t.Fatal(err)
	}
	x.b = b
	return x
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// amount is spread over the orders of magnitude.
func (x *world) amount() btcutil.Amount {
	return btcutil.Amount(600) << x.r.IntN(14) * btcutil.Amount(1+x.r.IntN(7)) / 3
}

func (x *world) rate() FeeRate { return RelayRate + FeeRate(x.r.IntN(60_000)) }

// opCase is one operation asked of the builder.
type opCase struct {
	name  string
	named bool
	keep  bool // its change is obliged to be there
	first []byte
	make  func(f Funding) (*Plan, error)
}

func (x *world) cases() []opCase {
	ctx := x.t.Context()
	name, err := names.Parse(pick(x.r, "a.id", "alice.id", "a-name-as-long-as-names-can-get-37.id"))
	if err != nil {
		x.t.Fatal(err)
	}
	burn, err := x.p.AddressScript(x.p.BurnAddress)
	if err != nil {
		x.t.Fatal(err)
	}
	price := pick(x.r, Price{names.Satoshi, big.NewInt(int64(x.r.IntN(20_000)))}, Price{names.MicroStacks, big.NewInt(int64(x.r.IntN(1_000_000)))})
	reveal := nameop.NamespaceReveal{ID: "id", Version: 3, Lifetime: 1000, Coeff: 4, Base: 4, NonAlphaDiscount: 2, NoVowelDiscount: 5}
	payer := pick(x.r, x.payers...)
	from := func(f Funding) Funding {
		f.First = func(s []byte) bool { return bytes.Equal(s, payer) }
		return f
	}
	high := 2 * x.rate()
	return []opCase{
		{"preorder", true, true, nil, func(f Funding) (*Plan, error) {
			return x.b.Preorder(ctx, PreorderRequest{Funding: f, Name: name, Owner: x.owner, Price: price, Payee: burn,
				Then: &RegisterRequest{Funding: Funding{Rate: high}, Name: name, Owner: x.owner, HasZoneFile: true}})
		}},
		{"register", true, false, payer, func(f Funding) (*Plan, error) {
			return x.b.Register(ctx, RegisterRequest{Funding: from(f), Name: name, Owner: x.owner, HasZoneFile: true})
		}},
		{"renew", true, false, x.owner, func(f Funding) (*Plan, error) {
			return x.b.Renew(ctx, RenewRequest{Funding: f, Name: name, Coin: x.coin, HasZoneFile: true, Price: price, Payee: burn})
		}},
		{"update", true, false, x.owner, func(f Funding) (*Plan, error) {
			return x.b.Update(ctx, UpdateRequest{Funding: f, Name: name, Coin: x.coin})
		}},
		{"transfer", true, false, x.owner, func(f Funding) (*Plan, error) {
			return x.b.Transfer(ctx, TransferRequest{Funding: f, Name: name, Coin: x.coin, NewOwner: x.other})
		}},
		{"revoke", true, false, x.owner, func(f Funding) (*Plan, error) {
			return x.b.Revoke(ctx, RevokeRequest{Funding: f, Name: name, Coin: x.coin})
		}},
		{"namespace preorder", true, true, nil, func(f Funding) (*Plan, error) {
			return x.b.NamespacePreorder(ctx, NamespacePreorderRequest{Funding: f, ID: "id", Revealer: x.owner, Price: Price{names.MicroStacks, big.NewInt(64e9)}, Burn: burn,
				Then: &RevealRequest{Funding: Funding{Rate: high}, Op: reveal, Revealer: x.owner, ReadyRate: high}})
		}},
		{"namespace reveal", true, true, payer, func(f Funding) (*Plan, error) {
			return x.b.Reveal(ctx, RevealRequest{Funding: from(f), Op: reveal, Revealer: x.owner, ReadyRate: high})
		}},
		{"namespace ready", true, false, payer, func(f Funding) (*Plan, error) {
			return x.b.Ready(ctx, ReadyRequest{Funding: from(f), ID: "id"})
		}},
		{"token transfer", true, false, x.owner, func(f Funding) (*Plan, error) {
			return x.b.TokenTransfer(ctx, TokenTransferRequest{Funding: f, Coin: &x.coin, Recipient: x.other, Amount: 7, Memo: "hello"})
		}},
		{"payment", false, false, nil, func(f Funding) (*Plan, error) {
			return x.b.Payment(ctx, PaymentRequest{Funding: f, To: x.w.change, Amount: 546 + x.amount(), LockTime: testLockTime})
		}},
	}
}

// testLockTime is that of the payments; no other transaction has one.
const testLockTime = 97

// TestPlans makes every operation from many random wallets and holds each plan to what must always
// be true of it.
func TestPlans(t *testing.T) {
	made := map[string]int{}
	for seed := range uint64(60) {
		x := newWorld(t, seed)
		for _, c := range x.cases() {
			f := Funding{Rate: x.rate()}
			p, err := c.make(f)
			if err != nil {
				var short *InsufficientFunds
				if !errors.As(err, &short) && !errors.Is(err, ErrNoFirstInput) {
					t.Fatalf("seed %d: %s: %v", seed, c.name, err)
				}
				if short != nil && short.Have >= short.Need {
					t.Fatalf("seed %d: %s: short of nothing: %v", seed, c.name, err)
				}
				continue
			}
			made[c.name]++
			if err := x.w.Sign(t.Context(), p.Packet); err != nil {
				t.Fatal(err)
			}
			tx, err := p.Finish()
			if err != nil {
				t.Fatalf("seed %d: %s: %v", seed, c.name, err)
			}
			if err := x.hold(c, f, p, tx); err != nil {
				t.Errorf("seed %d: %s: %v", seed, c.name, err)
			}
		}
	}
	for _, c := range newWorld(t, 0).cases() {
		if made[c.name] < 15 {
			t.Errorf("%s was made only %d times", c.name, made[c.name])
		}
	}
}

// hold checks one plan.
func (x *world) hold(c opCase, f Funding, p *Plan, tx *wire.MsgTx) error {
	var in, out btcutil.Amount
	if want := map[bool]uint32{false: testLockTime}[c.named || p.Operation != "payment"]; tx.LockTime != want {
		return fmt.Errorf("a lock time of %d, not %d", tx.LockTime, want)
	}
	for i, txIn := range tx.TxIn {
		prev := previous(p.Packet, i)
		in += btcutil.Amount(prev.Value)
		if txIn.Sequence != 0xfffffffd {
			return fmt.Errorf("input %d has sequence %x", i, txIn.Sequence)
		}
		if k := KindOf(prev.PkScript); c.named && !isNamed(k) {
			return fmt.Errorf("input %d is %s", i, k)
		}
		if i > 0 && bytes.Equal(prev.PkScript, x.owner) {
			return fmt.Errorf("input %d spends the owner's coin", i)
		}
	}
	if got := previous(p.Packet, 0).PkScript; c.first != nil && !bytes.Equal(got, c.first) || !bytes.Equal(got, p.Sender) {
		return fmt.Errorf("input 0 spends %x", got)
	}
	burn := btcutil.Amount(0)
	for i, o := range tx.TxOut {
		out += btcutil.Amount(o.Value)
		k := KindOf(o.PkScript)
		if k == KindData {
			if i != 0 || o.Value != 0 {
				return fmt.Errorf("OP_RETURN of %d at %d", o.Value, i)
			}
			continue
		}
		if err := txrules.CheckOutput(o, txrules.DefaultRelayFeePerKb); err != nil {
			return fmt.Errorf("output %d: %w", i, err)
		}
		if c.named && !isNamed(k) {
			return fmt.Errorf("output %d is %s", i, k)
		}
		if p.Lines[i].Output != i || p.Lines[i].Amount != btcutil.Amount(o.Value) || p.Lines[i].Text == "" {
			return fmt.Errorf("line %d does not tell of output %d", i, i)
		}
		if p.Lines[i].Role == RoleBurn {
			burn += btcutil.Amount(o.Value)
		}
	}
	if in != out+p.Fee || burn != p.Burn {
		return fmt.Errorf("inputs %d, outputs %d, fee %d, burn %d of %d", in, out, p.Fee, burn, p.Burn)
	}
	if c.keep && (p.Change < 0 || p.ChangeValue() < p.Keep || !bytes.Equal(tx.TxOut[p.Change].PkScript, p.Sender)) {
		return fmt.Errorf("change of %d at output %d, want at least %d back to the sender", p.ChangeValue(), p.Change, p.Keep)
	}
	weight := blockchain.GetTransactionWeight(btcutil.NewTx(tx))
	vsize := (weight + 3) / 4
	if weight > p.Weight || vsize > p.VSize || p.VSize-vsize > 2*int64(len(tx.TxIn))+1 {
		return fmt.Errorf("weight %d (%d vB), planned %d (%d vB)", weight, vsize, p.Weight, p.VSize)
	}
	low, high := f.Rate.Fee(vsize), f.Rate.Fee(vsize)*102/100+1
	if p.Change < 0 { // what would have been dust, or not worth its own cost, goes to the miner
		high += DustLimit(x.w.change) + DustLimit(p.Sender) + changeCost(p.Sender, f.Rate)*2
	}
	if p.Fee < low || p.Fee > high {
		return fmt.Errorf("fee %d for %d vB at %s, want %d to %d", p.Fee, vsize, f.Rate, low, high)
	}
	return nil
}

// TestSuccessor builds the registration from nothing but the preorder's change, at the highest rate
// that was planned, and reveal and ready in the same way.
func TestSuccessor(t *testing.T) {
	made := 0
	for seed := range uint64(60) {
		x := newWorld(t, seed)
		high := 3 * x.rate()
		if err := x.chain(high, &made); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	if made < 20 {
		t.Fatalf("only %d chains were made", made)
	}
}

// chain preorders exactly enough and spends it all the way.
func (x *world) chain(high FeeRate, made *int) error {
	ctx := x.t.Context()
	name, _ := names.Parse("alice.id")
	burn, _ := x.p.AddressScript(x.p.BurnAddress)
	then := RegisterRequest{Funding: Funding{Rate: high}, Name: name, Owner: x.owner, HasZoneFile: true}
	p, err := x.b.Preorder(ctx, PreorderRequest{Funding: Funding{Rate: RelayRate}, Name: name, Owner: x.owner,
		Price: Price{names.Satoshi, big.NewInt(1)}, Payee: burn, Then: &then})
	if errors.Is(err, ErrInsufficientFunds) {
		return nil
	}
	if err != nil {
		return err
	}
	tx := p.Packet.UnsignedTx.Copy()
	tx.TxOut[1].Value = int64(p.Keep) // as poor as it may get
	then.Inputs, then.Closed = []Input{InputOf(tx, 1)}, true
	if _, err := x.b.Register(ctx, then); err != nil {
		return fmt.Errorf("registration from the least change: %w", err)
	}
	tx.TxOut[1].Value--
	then.Inputs = []Input{InputOf(tx, 1)}
	if _, err := x.b.Register(ctx, then); !errors.Is(err, ErrInsufficientFunds) {
		return fmt.Errorf("one satoshi less was still enough: %v", err)
	}
	op := nameop.NamespaceReveal{ID: "id", Version: 1, NonAlphaDiscount: 1, NoVowelDiscount: 1}
	reveal := RevealRequest{Funding: Funding{Rate: high}, Op: op, Revealer: x.owner, ReadyRate: high}
	q, err := x.b.NamespacePreorder(ctx, NamespacePreorderRequest{Funding: Funding{Rate: RelayRate}, ID: "id", Revealer: x.owner,
		Price: Price{names.MicroStacks, big.NewInt(1)}, Burn: burn, Then: &reveal})
	if errors.Is(err, ErrInsufficientFunds) {
		return nil
	}
	if err != nil {
		return err
	}
	tx = q.Packet.UnsignedTx.Copy()
	tx.TxOut[1].Value = int64(q.Keep)
	reveal.Inputs, reveal.Closed = []Input{InputOf(tx, 1)}, true
	rp, err := x.b.Reveal(ctx, reveal)
	if err != nil {
		return fmt.Errorf("reveal from the least change: %w", err)
	}
	_, err = x.b.Ready(ctx, ReadyRequest{ID: "id", Funding: Funding{Rate: high, Closed: true, Inputs: []Input{InputOf(rp.Packet.UnsignedTx, 1)}}})
	if err != nil {
		return fmt.Errorf("ready from the revealer's output: %w", err)
	}
	*made++
	return nil
}
