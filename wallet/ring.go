package wallet

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// ringPlace is where a key of a ring is derived.
type ringPlace struct {
	path keychain.Path
	pub  []byte
}

// rings are the scripts of the rings of our revealers that the chain has seen, derived when they
// are first needed.
type rings struct {
	keys *watched.Keys

	mu      sync.Mutex
	made    uint32 // rings of revealers below it are there
	places  map[string]ringPlace
	scripts [][]byte // in the order of the keys
}

// all derives what is missing and returns the scripts.
func (r *rings) all(ctx context.Context) ([][]byte, error) {
	n, err := r.keys.Used(ctx, scripts.Revealer)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for ; r.made < n; r.made++ {
		if err := r.make(ctx, r.made); err != nil {
			return nil, err
		}
	}
	return slices.Clone(r.scripts), nil
}

// place is where the key of a script is derived that belongs to a ring of ours.
func (r *rings) place(ctx context.Context, script []byte) (at ringPlace, ours bool, err error) {
	if _, err := r.all(ctx); err != nil {
		return at, false, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ours = r.places[string(script)]
	return at, ours, nil
}

// make derives the ring of a revealer. r.mu is held.
func (r *rings) make(ctx context.Context, i uint32) error {
	revealer, err := r.keys.RoleKey(ctx, scripts.Revealer, i)
	if err != nil {
		return err
	}
	places, list := make(map[string]ringPlace), make([][]byte, 0, keychain.RingSize)
	for j := range uint32(keychain.RingSize) {
		script, pub, err := ringKey(revealer.PubKey, j)
		if err != nil {
			return err
		}
		places[string(script)] = ringPlace{keychain.RingPath(i, j), pub}
		list = append(list, script)
	}
	if r.places == nil {
		r.places = make(map[string]ringPlace)
	}
	maps.Copy(r.places, places)
	r.scripts = append(r.scripts, list...)
	return nil
}

// ringKey derives a key of the ring of a revealer.
func ringKey(revealer []byte, j uint32) (script, pub []byte, err error) {
	parent, err := btcec.ParsePubKey(revealer)
	if err != nil {
		return nil, nil, err
	}
	key, err := keychain.RingPublicKey(parent, j)
	if err != nil {
		return nil, nil, err
	}
	pub = key.SerializeCompressed()
	script, err = txscript.NewScriptBuilder().AddOp(txscript.OP_DUP).AddOp(txscript.OP_HASH160).
		AddData(address.Hash160(pub)).AddOp(txscript.OP_EQUALVERIFY).AddOp(txscript.OP_CHECKSIG).Script()
	return script, pub, err
}
