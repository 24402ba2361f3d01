package money

import (
	"context"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/sweep"
	"blockstack/wallet"
	"blockstack/wallet/chain"
	"blockstack/wallet/legacy"
	"blockstack/wallet/scripts"
)

// OldKeys are keys of old clients as sweeps see them.
type OldKeys []legacy.Place

// Places are where the keys may have been paid.
func (k OldKeys) Places() (list []sweep.Place) {
	for i := range k {
		p := &k[i]
		base, wit := p.Sizes()
		list = append(list, sweep.Place{Address: p.Address.EncodeAddress(), Script: p.Script, Redeem: p.Redeem, Witness: p.Witness, Base: base, Wit: wit, MayOwn: p.M == 1})
	}
	return list
}

// Sign adds the signatures of the keys to a packet.
func (k OldKeys) Sign(ctx context.Context, p *psbt.Packet) error { return legacy.SignPSBT(ctx, p, k) }

// Searched is a connection to Bitcoin that can be searched.
type Searched interface {
	chain.Finder
	HashAt(ctx context.Context, height int32) (chainhash.Hash, error)
	Header(ctx context.Context, hash chainhash.Hash) (*wire.BlockHeader, error)
}

// Search looks through the chain for coins of keys.
type Search struct {
	Searched
	Keys OldKeys
	// Progress hears how far it is; done is called at the end.
	Progress func(height, tip int32)
	Done     func()
}

// Tip is the newest block.
func (s Search) Tip(ctx context.Context) (payments.Tip, error) {
	height, hash, err := s.Searched.Tip(ctx)
	if err != nil {
		return payments.Tip{}, err
	}
	header, err := s.Header(ctx, hash)
	if err != nil {
		return payments.Tip{}, err
	}
	return payments.Tip{Height: height, Time: header.Timestamp}, nil
}

// Find looks for unspent outputs of the keys, from a block on.
func (s Search) Find(ctx context.Context, _ []sweep.Place, since int32) ([]sweep.Found, error) {
	tip, _, err := s.Searched.Tip(ctx)
	if err != nil {
		return nil, err
	}
	from, err := s.HashAt(ctx, since)
	if err != nil {
		return nil, err
	}
	var addrs []address.Address
	var scripts [][]byte
	for _, p := range s.Keys {
		addrs, scripts = append(addrs, p.Address), append(scripts, p.Script)
	}
	defer s.Done()
	found, err := chain.Find(ctx, s.Searched, addrs, scripts, from, func(height int32) { s.Progress(height, max(tip, height)) })
	list := make([]sweep.Found, len(found))
	for i, f := range found {
		list[i] = sweep.Found(f)
	}
	return list, err
}

// Receiver is a wallet that receives what is moved.
type Receiver struct {
	Wallet *wallet.Wallet
	// Look brings the wallet to the tip of the chain.
	Look func(ctx context.Context) error
}

// Receive is an address of the wallet, and its script.
func (r Receiver) Receive(ctx context.Context) (string, []byte, error) {
	a, err := r.Wallet.ReceiveAddress(ctx, scripts.Kind(""))
	return a.Text, a.Script, err
}

// Sync looks at the chain.
func (r Receiver) Sync(ctx context.Context) error { return r.Look(ctx) }
