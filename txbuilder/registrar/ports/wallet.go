package ports

import (
	"context"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/txbuilder"
)

// Notary tells what was agreed to in a home from what somebody else wrote into its journal. A
// Wallet may be one; without one all intentions of the journal count.
type Notary interface {
	// Agree is told of an intention that was agreed to just now, and gives its mark; nil: the keys
	// are not at hand, and it is remembered until the process ends.
	Agree(ctx context.Context, intention []byte) (mark []byte, err error)
	// Agreed says whether an intention has this mark, or was agreed to since the process began.
	Agreed(ctx context.Context, intention, mark []byte) (bool, error)
}

// Spenders is a Wallet that knows which transactions in blocks have spent coins of its own, those
// of other homes with the same seed, too. A Wallet need not be one.
type Spenders interface {
	// SpentBy leaves out the coins that nothing in a block has spent, as far as it knows.
	SpentBy(ctx context.Context, coins []wire.OutPoint) (map[wire.OutPoint]Spender, error)
}

// Spender is a transaction in a block.
type Spender struct {
	Txid   chainhash.Hash
	Height int32
}

// Annotator adds to a packet what a signer elsewhere needs: where keys of the wallet are derived,
// and redeem scripts (BIP 174). A Wallet may be one.
type Annotator interface {
	Annotate(ctx context.Context, p *psbt.Packet) error
}

// Unsettled is a Wallet that remembers the transactions of its own that are in no block and may
// still be mined. A Wallet need not be one.
type Unsettled interface {
	Unsettled(ctx context.Context) ([]*wire.MsgTx, error)
}

// Owners is a Wallet that knows more owners than its scripts: the keys that import names. A Wallet
// need not be one.
type Owners interface {
	Owners(ctx context.Context) ([][]byte, error)
}

// Wallet pays and signs.
type Wallet interface {
	txbuilder.Coins
	txbuilder.Signer
	// CoinsAt lists the confirmed coins of one script, also of one whose coins never pay.
	CoinsAt(ctx context.Context, script []byte) ([]wtxmgr.Credit, error)
	// Scripts lists every script of ours.
	Scripts(ctx context.Context) ([][]byte, error)
	// CanSign says whether Sign would find the wallet unlocked.
	CanSign(ctx context.Context) bool
}

// Redeemer knows the redeem scripts of P2SH scripts that several keys sign (m of n). A Wallet may
// be one.
type Redeemer interface {
	// RedeemScript gives nil for any other script.
	RedeemScript(ctx context.Context, script []byte) ([]byte, error)
}
