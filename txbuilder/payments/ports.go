package payments

import (
	"context"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/paid"
)

// Wallet pays and signs.
type Wallet interface {
	txbuilder.Coins
	txbuilder.Signer
	// Tip is the block up to which the coins are known.
	Tip(ctx context.Context) (Tip, error)
	// Coins lists all coins, also those that payments do not touch.
	Coins(ctx context.Context) ([]Coin, error)
	// CoinsAt lists the coins of one script.
	CoinsAt(ctx context.Context, script []byte) ([]Coin, error)
	// OwnerScript is the script of an identity, which owns names.
	OwnerScript(ctx context.Context, identity uint32) ([]byte, error)
	// Annotate adds to a packet what an offline wallet needs to sign it.
	Annotate(ctx context.Context, p *psbt.Packet) error
	// Inspect says what a packet pays, judged by the wallet's own keys.
	Inspect(ctx context.Context, p *psbt.Packet) (Inspection, error)
}

// Tip is the block up to which a wallet knows its coins.
type Tip struct {
	Height int32
	Time   time.Time
}

// Coin is an unspent output of the wallet.
type Coin struct {
	wtxmgr.Credit
	Role          string // of its key: payment, owner …
	Identity      uint32 // with RoleOwner
	Confirmations int32
	Own           bool // unconfirmed, and all inputs of its transaction are ours
	Immature      bool
	Reserved      bool   // needed by a job, or held
	Hold          *Hold  // the prepared payment that waits for it; nil: none does
	Frozen        string // why payments do not touch it; empty: they may
}

// MayPay says whether payments use the coin.
func (c *Coin) MayPay() bool {
	return c.Role == RolePayment && c.Frozen == "" && !c.Reserved && !c.Immature
}

// Hold says which prepared payment waits for a coin.
type Hold struct {
	Holder string
	Until  time.Time
}

// The roles of keys that a payment tells apart.
const (
	RolePayment = "payment"
	RoleOwner   = "owner"
)

// Inspection is what a packet pays.
type Inspection struct {
	Outputs  []InspectedOutput
	Fee      btcutil.Amount // valid with FeeKnown
	FeeKnown bool
}

// InspectedOutput is an output of a packet; Ours says that a restore from the seed would find it.
type InspectedOutput struct {
	Script []byte
	Amount btcutil.Amount
	Ours   bool
}

// Past is what the wallet knows of the payments that were made.
type Past interface {
	// History lists the transactions that moved the wallet's coins, newest first.
	History(ctx context.Context) ([]paid.Entry, error)
	// Payments lists the payments that are remembered, oldest first.
	Payments(ctx context.Context) ([]paid.Record, error)
	// ByRequest finds the payment that answered a request.
	ByRequest(ctx context.Context, id string) (paid.Record, bool, error)
	// Names says which names each transaction paid, by address.
	Names(ctx context.Context) (map[chainhash.Hash]map[string]string, error)
	// LastPayee says where a name was paid last.
	LastPayee(ctx context.Context, name string) (LastPayee, bool, error)
	// Begins is since when the home knows what was paid for which request; whole says that it knows
	// all of it.
	Begins(ctx context.Context) (since time.Time, whole bool, err error)
}

// LastPayee is where a name was paid last.
type LastPayee struct {
	Address string
	Time    time.Time
}

// Book is where payments are written down. Every call is durable when it returns.
type Book interface {
	// Record keeps a transaction with what it pays, before it is sent. ErrAnswered: another payment
	// answered the request.
	Record(ctx context.Context, tx *wire.MsgTx, r paid.Record) error
	// Forget takes a payment out that was never taken, and its transaction.
	Forget(ctx context.Context, tx *wire.MsgTx) error
	// AddTx keeps a transaction that is recorded, and that the wallet does not show.
	AddTx(ctx context.Context, tx *wire.MsgTx) error
	// Remember keeps what the chain does not tell of a payment that was sent.
	Remember(ctx context.Context, r Remembered) error
	// Prepare remembers a payment that is signed elsewhere, and holds its coins until r.Until.
	Prepare(ctx context.Context, r paid.Record) error
	// Renew holds the coins of a prepared payment until r.Until.
	Renew(ctx context.Context, r paid.Record) error
	// Drop forgets a prepared payment, and lets its coins go.
	Drop(ctx context.Context, r paid.Record) error
	// Sent notes that a prepared payment was sent as tx, and lets its coins go; found is false when
	// tx was not prepared here.
	Sent(ctx context.Context, tx *wire.MsgTx) (r paid.Record, found bool, err error)
}

// Remembered is what the chain does not tell of a transaction.
type Remembered struct {
	Txid   chainhash.Hash
	Time   time.Time
	Names  map[string]string // address that each name was paid at
	Labels []Label
}

// Label is what an output was for, or the whole transaction (Output -1).
type Label struct {
	Output int
	Text   string
}

// Names finds out whom a name stands for.
type Names interface {
	// Payee looks a name up. Its owner is backed by transactions, and the addresses are those in
	// the profile that its owner signed and published last. What cannot be known, and a name that
	// must not be paid, is an error.
	Payee(ctx context.Context, n names.Name) (NamePayee, error)
	// OwnedBy counts the names that a script owns, which need a coin there each.
	OwnedBy(ctx context.Context, script []byte) (int, error)
}

// NamePayee is what is known of a name that is to be paid.
type NamePayee struct {
	Owner        []byte // script
	OwnerAddress string
	// Addresses are those that its profile names; Why says why there is none.
	Addresses []string
	Why       string
	// ExactUntil is the last height at which the owner is certain; nil: up to the tip.
	ExactUntil *int32
}

// Jobs keep coins.
type Jobs interface {
	// Reserve tells the wallet which coins unfinished jobs need. Until done is called nobody else
	// can spend from this home.
	Reserve(ctx context.Context) (done func() error, err error)
}
