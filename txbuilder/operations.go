package txbuilder

import (
	"context"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// What a Builder can be asked for. What each operation fixes of its transaction is in the file of
// the operation.

// Preorder plans a name preorder.
func (b *Builder) Preorder(ctx context.Context, r PreorderRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Register plans a registration. Its input 0 is normally the change of the preorder.
func (b *Builder) Register(ctx context.Context, r RegisterRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Renew plans a renewal.
func (b *Builder) Renew(ctx context.Context, r RenewRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Update plans a change of a name's zone-file hash.
func (b *Builder) Update(ctx context.Context, r UpdateRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Transfer plans a change of owner.
func (b *Builder) Transfer(ctx context.Context, r TransferRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Revoke plans to make a name unusable until it expires.
func (b *Builder) Revoke(ctx context.Context, r RevokeRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Import plans to put a name into a revealed namespace.
func (b *Builder) Import(ctx context.Context, r ImportRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// NamespacePreorder plans a namespace preorder.
func (b *Builder) NamespacePreorder(ctx context.Context, r NamespacePreorderRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Reveal plans a namespace reveal.
func (b *Builder) Reveal(ctx context.Context, r RevealRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Ready plans to open a namespace.
func (b *Builder) Ready(ctx context.Context, r ReadyRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// TokenTransfer plans a transfer of STACKS.
func (b *Builder) TokenTransfer(ctx context.Context, r TokenTransferRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Announce plans an announcement.
func (b *Builder) Announce(ctx context.Context, r AnnounceRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Move plans to move coins. All of what it spends, less the fee, arrives at one output, since what
// the name operation does not need comes back as its change.
func (b *Builder) Move(ctx context.Context, r MoveRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// Return plans to give the inputs back.
func (b *Builder) Return(ctx context.Context, r ReturnRequest) (*Plan, error) {
	return b.build(ctx, r)
}

// ImportCost is what the coin of an import key must hold so that it alone pays for the import,
// without change.
func (b *Builder) ImportCost(r ImportRequest, key []byte) (btcutil.Amount, error) {
	p, err := b.rules.params()
	if err != nil {
		return 0, err
	}
	return r.cost(p, key)
}
