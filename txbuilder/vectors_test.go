package txbuilder

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/testdata"
)

// vectorTx is one transaction of full_transactions.json.
type vectorTx struct {
	Op    string
	Error string
	Txid  string
	Tx    string
	Args  struct {
		BurnAddress    string      `json:"burn_address"`
		ConsensusHash  string      `json:"consensus_hash"`
		DestAddress    string      `json:"dest_address"`
		FeeRate        int64       `json:"fee_rate"`
		Name           string      `json:"name"`
		NamePrice      vectorPrice `json:"name_price"`
		NamespacePrice vectorPrice `json:"namespace_price"`
		OwnerAddress   string      `json:"owner_address"`
		OwnerKey       string      `json:"owner_key"`
		PayerAddress   string      `json:"payer_address"`
		PayerKey       string      `json:"payer_key"`
		RevealAddress  string      `json:"reveal_address"`
		NamespaceID    string      `json:"namespace_id"`
		ZoneFile       string      `json:"zonefile"`
		ZoneFileHash   string      `json:"zonefile_hash"`
		MessageHash    string      `json:"message_hash"`
		Scratch        string      `json:"scratch_area"`
		TokenAmount    string      `json:"token_amount"`
		Amount         int64       `json:"amount"`
		Namespace      struct {
			Base             byte     `json:"base"`
			Buckets          [16]byte `json:"buckets"`
			Coeff            byte     `json:"coeff"`
			Lifetime         uint32   `json:"lifetime"`
			NoVowelDiscount  byte     `json:"no_vowel_discount"`
			NonAlphaDiscount byte     `json:"nonalpha_discount"`
			Version          uint16   `json:"version"`
		} `json:"namespace"`
	}
	Utxos map[string][]struct {
		TxHash string `json:"tx_hash"`
		Index  uint32 `json:"tx_output_n"`
		Value  int64  `json:"value"`
	}
}

type vectorPrice struct{ Amount, Units string }

func (p vectorPrice) price(t *testing.T) Price {
	n, ok := new(big.Int).SetString(p.Amount, 10)
	if !ok {
		t.Fatalf("amount %q", p.Amount)
	}
	return Price{Unit: names.Unit(p.Units), Amount: n}
}

const fullTransactions = "protocol/full_transactions.json"

func readTransactions(t *testing.T) []vectorTx {
	var v struct{ Transactions []vectorTx }
	if err := json.Unmarshal(testdata.Vectors(t, fullTransactions), &v); err != nil {
		t.Fatal(err)
	}
	return v.Transactions
}

// oldDust is what the old library gives to every output without a price.
const oldDust = 5500

// bench is a case made ready: its layout as our builder makes it, and whose coins go in.
type bench struct {
	t        *testing.T
	v        vectorTx
	p        *names.Params
	owner    []byte // scripts
	payer    []byte
	dest     []byte
	sender   *btcec.PrivateKey // signs payer coins
	ownerKey *btcec.PrivateKey
}

func newBench(t *testing.T, v vectorTx) *bench {
	b := &bench{t: t, v: v, p: names.Mainnet()}
	b.payer = b.script(v.Args.PayerAddress)
	if v.Args.OwnerAddress != "" {
		b.owner = b.script(v.Args.OwnerAddress)
	}
	if v.Args.DestAddress != "" {
		b.dest = b.script(v.Args.DestAddress)
	}
	b.sender = b.key(v.Args.PayerKey)
	if v.Args.OwnerKey != "" {
		b.ownerKey = b.key(v.Args.OwnerKey)
	}
	return b
}

func (b *bench) script(addr string) []byte {
	b.t.Helper()
	s, err := b.p.AddressScript(addr)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) key(text string) *btcec.PrivateKey {
	b.t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != 33 || raw[32] != 1 {
		b.t.Fatalf("key %q", text)
	}
	key, _ := btcec.PrivKeyFromBytes(raw[:32])
	return key
}

func (b *bench) name() names.Name {
	b.t.Helper()
	n, err := names.Parse(b.v.Args.Name)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) consensus() (h names.ConsensusHash) {
	b.t.Helper()
	if err := h.UnmarshalText([]byte(b.v.Args.ConsensusHash)); err != nil {
		b.t.Fatal(err)
	}
	return h
}

func (b *bench) zoneFile() names.ZoneFileHash {
	return names.HashZoneFile([]byte(b.v.Args.ZoneFile))
}

func (b *bench) reveal() nameop.NamespaceReveal {
	ns := b.v.Args.Namespace
	return nameop.NamespaceReveal{ID: b.v.Args.NamespaceID, Version: ns.Version, Lifetime: ns.Lifetime, Coeff: ns.Coeff, Base: ns.Base,
		Buckets: ns.Buckets, NonAlphaDiscount: ns.NonAlphaDiscount, NoVowelDiscount: ns.NoVowelDiscount}
}

func (b *bench) tokens() uint64 {
	b.t.Helper()
	n, err := strconv.ParseUint(b.v.Args.TokenAmount, 10, 64)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// separate says whether the old function takes an owner's coin besides the payer's.
func (b *bench) separate() bool {
	switch b.v.Op {
	case "makeUpdate", "makeTransfer (keep)", "makeTransfer (erase)", "makeRenewal (zone file)", "makeRenewal (no zone file)",
		"makeRevoke", "makeTokenTransfer (separate funder)":
		return true
	}
	return false
}

// layout is the operation's layout from the functions that the builder uses. ownerValue is what the
// owner's coin holds.
func (b *bench) layout(ownerValue btcutil.Amount) (*Layout, error) {
	a := &b.v.Args
	burn := func() []byte { return b.script(a.BurnAddress) }
	switch b.v.Op {
	case "makePreorder", "makePreorder (not enough funds)":
		return preorderLayout(b.p, PreorderRequest{Name: b.name(), Owner: b.owner, Consensus: b.consensus(),
			Price: a.NamePrice.price(b.t), Payee: burn()}, b.payer)
	case "makeRegister (no zone file)":
		return registerLayout(b.p, RegisterRequest{Name: b.name(), Owner: b.owner})
	case "makeRegister (zone file)":
		return registerLayout(b.p, RegisterRequest{Name: b.name(), Owner: b.owner, ZoneFile: b.zoneFile(), HasZoneFile: true})
	case "makeUpdate":
		return updateLayout(b.p, UpdateRequest{Name: b.name(), Consensus: b.consensus(), ZoneFile: b.zoneFile()}, b.owner, ownerValue)
	case "makeTransfer (keep)", "makeTransfer (erase)":
		return transferLayout(b.p, TransferRequest{Name: b.name(), NewOwner: b.dest, Consensus: b.consensus(),
			Keep: b.v.Op == "makeTransfer (keep)"}, b.owner, ownerValue)
	case "makeRenewal (zone file)", "makeRenewal (no zone file)":
		r := RenewRequest{Name: b.name(), NewOwner: b.owner, Price: a.NamePrice.price(b.t), Payee: burn()}
		op := nameop.NameRenewal{Name: a.Name}
		if b.v.Op == "makeRenewal (zone file)" {
			op.ZoneFile, op.HasZoneFile, r.NewOwner = b.zoneFile(), true, b.dest
		}
		if r.Price.Unit == names.MicroStacks {
			op.HasZoneFile, op.HasTokens, op.Tokens = true, true, r.Price.Amount.Uint64()
		}
		return renewLayout(b.p, op, r, b.owner, ownerValue)
	case "makeRevoke":
		return revokeLayout(b.p, RevokeRequest{Name: b.name()}, b.owner, ownerValue)
	case "makeNamespacePreorder":
		price := a.NamespacePrice.price(b.t)
		return namespacePreorderLayout(b.p, NamespacePreorderRequest{ID: names.NamespaceID(a.NamespaceID), Revealer: b.script(a.RevealAddress),
			Consensus: b.consensus(), Price: price, Burn: b.script(b.p.BurnAddress)}, price.Unit == names.MicroStacks, b.payer)
	case "makeNamespaceReveal":
		return revealLayout(b.p, RevealRequest{Op: b.reveal(), Revealer: b.script(a.RevealAddress)}, oldDust, b.payer)
	case "makeNamespaceReady":
		return readyLayout(b.p, ReadyRequest{ID: names.NamespaceID(a.NamespaceID)})
	case "makeNameImport":
		h, err := names.ParseZoneFileHash(a.ZoneFileHash)
		if err != nil {
			return nil, err
		}
		return importLayout(b.p, ImportRequest{Name: b.name(), Owner: b.dest, ZoneFile: h})
	case "makeAnnounce":
		return announceLayout(b.p, AnnounceRequest{Message: b.message()})
	case "makeTokenTransfer (single key)", "makeTokenTransfer (separate funder)":
		return tokenTransferLayout(b.p, TokenTransferRequest{Recipient: b.dest, Consensus: b.consensus(), Amount: b.tokens(), Memo: a.Scratch}, b.owner, ownerValue)
	case "makeBitcoinSpend", "makeBitcoinSpend (more than the balance: sends all)":
		return paymentLayout(PaymentRequest{To: b.dest, Amount: btcutil.Amount(a.Amount)}), nil
	}
	return nil, fmt.Errorf("unknown operation %q", b.v.Op)
}

func (b *bench) message() (m [20]byte) {
	raw, err := hex.DecodeString(b.v.Args.MessageHash)
	if err != nil || len(raw) != len(m) {
		b.t.Fatalf("message hash %q", b.v.Args.MessageHash)
	}
	copy(m[:], raw)
	return m
}

// utxo is an old library's coin.
type utxo struct {
	op    wire.OutPoint
	value btcutil.Amount
	owner bool
}

func (b *bench) utxos(addr string, owner bool) []utxo {
	var list []utxo
	for _, u := range b.v.Utxos[addr] {
		h, err := chainhash.NewHashFromStr(u.TxHash)
		if err != nil {
			b.t.Fatal(err)
		}
		list = append(list, utxo{wire.OutPoint{Hash: *h, Index: u.Index}, btcutil.Amount(u.Value), owner})
	}
	return list
}

// oldSize is the old library's size of a transaction (protocol 17.6).
func oldSize(inputs int, outs []Output) int64 {
	n := int64(10 + 148*inputs)
	for _, o := range outs {
		n += int64(9 + len(o.Script))
	}
	return n
}

// oldFund chooses coins and balances a layout by the old rule (protocol 17.6).
func (b *bench) oldFund() (coins []utxo, outs []Output, ok bool) {
	rate := btcutil.Amount(b.v.Args.FeeRate)
	payer := b.utxos(b.v.Args.PayerAddress, false)
	if b.v.Op == "makeBitcoinSpend" || b.v.Op == "makeBitcoinSpend (more than the balance: sends all)" {
		return b.oldSpend(payer, rate)
	}
	var ownerValue btcutil.Amount
	if b.separate() {
		own := b.utxos(b.v.Args.OwnerAddress, true)
		slices.SortStableFunc(own, func(x, y utxo) int { return int(x.value - y.value) })
		coins, ownerValue = own[:1], own[0].value
	}
	l, err := b.layout(ownerValue)
	if err != nil {
		b.t.Fatal(err)
	}
	l.settle(func([]byte) btcutil.Amount { return oldDust })
	change := l.Change
	if change < 0 {
		change = len(l.Outputs)
		l.Outputs = append(l.Outputs, Output{Role: RoleChange, Script: b.payer})
	}
	outs = l.Outputs
	outs[change].Value = oldDust

	need := rate*btcutil.Amount(oldSize(len(coins), outs)) - ownerValue
	for _, o := range outs {
		need += o.Value
	}
	extra := 148 * rate
	slices.SortStableFunc(payer, func(x, y utxo) int { return int(x.value - y.value) })
	for len(payer) > 0 {
		if i := slices.IndexFunc(payer, func(u utxo) bool { return u.value >= need+extra }); i >= 0 {
			outs[change].Value += payer[i].value - need - extra
			return append(coins, payer[i]), outs, true
		}
		largest := payer[len(payer)-1]
		if largest.value <= extra {
			return nil, nil, false
		}
		coins, payer = append(coins, largest), payer[:len(payer)-1]
		need += extra - largest.value
	}
	return nil, nil, false
}

// oldSpend is the old library's payment: the fee comes out of the amount, and asking for more than
// there is sends everything.
func (b *bench) oldSpend(payer []utxo, rate btcutil.Amount) (coins []utxo, outs []Output, ok bool) {
	l, err := b.layout(0)
	if err != nil {
		b.t.Fatal(err)
	}
	amount := l.Outputs[0].Value
	slices.SortStableFunc(payer, func(x, y utxo) int { return int(x.value - y.value) })
	outs = l.Outputs
	if i := slices.IndexFunc(payer, func(u utxo) bool { return u.value >= amount }); i >= 0 {
		coins = payer[i : i+1]
		outs = append(outs, Output{Role: RoleChange, Script: b.payer, Value: payer[i].value - amount})
	} else {
		amount = 0
		for i := len(payer) - 1; i >= 0; i-- {
			coins = append(coins, payer[i])
			amount += payer[i].value
		}
	}
	outs[0].Value = amount - rate*btcutil.Amount(oldSize(len(coins), outs))
	return coins, outs, true
}

// sign puts the transaction together as the old library does: version 1, final sequences, one P2PKH
// signature for each input (RFC 6979).
func (b *bench) sign(coins []utxo, outs []Output) *wire.MsgTx {
	tx := wire.NewMsgTx(1)
	for _, c := range coins {
		tx.AddTxIn(wire.NewTxIn(&c.op, nil, nil))
	}
	for _, o := range (&Layout{Outputs: outs}).txOuts() {
		tx.AddTxOut(o)
	}
	for i, c := range coins {
		key, script := b.sender, b.payer
		if c.owner {
			key, script = b.ownerKey, b.owner
		}
		sig, err := txscript.SignatureScript(tx, i, script, txscript.SigHashAll, key, true)
		if err != nil {
			b.t.Fatal(err)
		}
		tx.TxIn[i].SignatureScript = sig
	}
	return tx
}

// TestVectorsOldLibrary rebuilds every transaction of the old library from our layouts and the old
// fee rule, to the same bytes.
func TestVectorsOldLibrary(t *testing.T) {
	cases := readTransactions(t)
	for i, v := range cases {
		t.Run(fmt.Sprintf("%d %s", i, v.Op), func(t *testing.T) {
			b := newBench(t, v)
			coins, outs, ok := b.oldFund()
			if v.Error != "" {
				if ok {
					t.Fatalf("found the money, the old library says %s", v.Error)
				}
				return
			}
			if !ok {
				t.Fatal("not enough money")
			}
			tx := b.sign(coins, outs)
			var raw bytes.Buffer
			if err := tx.Serialize(&raw); err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(raw.Bytes()); got != v.Tx {
				t.Errorf("bytes differ:\n got %s\nwant %s", got, v.Tx)
			}
			if got := tx.TxHash().String(); got != v.Txid {
				t.Errorf("txid %s, want %s", got, v.Txid)
			}
		})
	}
	testdata.Cases(t, fullTransactions, len(cases))
}
