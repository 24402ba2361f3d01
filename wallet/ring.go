package wallet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
)

// RingScript is the P2PKH script of import key j of a namespace, whose revealer is the
// given script of ours. No private key of a ring ever leaves the keychain, since one of
// them gives away the revealer's; messages are not signed with them either.
func (w *Wallet) RingScript(ctx context.Context, revealer []byte, j uint32) ([]byte, error) {
	k, ours, err := w.coins.Lookup(ctx, revealer)
	if err != nil {
		return nil, err
	}
	if !ours || k.Role != coins.Revealer {
		return nil, fmt.Errorf("revealer: %w", ErrNotOurs)
	}
	script, _, err := ringKey(k.PubKey, j)
	return script, err
}

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

// ringPlace is where a key of a ring is derived.
type ringPlace struct {
	path keychain.Path
	pub  []byte
}

// rings are the scripts of the rings of our revealers, made when they are first needed.
type rings struct {
	mu      sync.Mutex
	made    uint32 // rings of revealers below it are there
	scripts map[string]ringPlace
}

// annotateRing adds to a list where the key of a script is derived that belongs to a
// ring of ours. The revealers that the chain has seen are looked through.
func (w *Wallet) annotateRing(ctx context.Context, list *[]*psbt.Bip32Derivation, script []byte) error {
	if !txscript.IsPayToPubKeyHash(script) || len(*list) > 0 {
		return nil
	}
	n, err := w.coins.Used(ctx, coins.Revealer)
	if err != nil {
		return err
	}
	w.rings.mu.Lock()
	defer w.rings.mu.Unlock()
	for ; w.rings.made < n; w.rings.made++ {
		if err := w.makeRing(ctx, w.rings.made); err != nil {
			return err
		}
	}
	if at, ours := w.rings.scripts[string(script)]; ours {
		*list = append(*list, &psbt.Bip32Derivation{PubKey: at.pub, MasterKeyFingerprint: w.fp, Bip32Path: at.path})
	}
	return nil
}

// makeRing derives the ring of a revealer. w.rings.mu is held.
func (w *Wallet) makeRing(ctx context.Context, i uint32) error {
	revealer, err := w.coins.RoleKey(ctx, coins.Revealer, i)
	if err != nil {
		return err
	}
	if w.rings.scripts == nil {
		w.rings.scripts = make(map[string]ringPlace)
	}
	for j := range uint32(keychain.RingSize) {
		script, pub, err := ringKey(revealer.PubKey, j)
		if err != nil {
			return err
		}
		w.rings.scripts[string(script)] = ringPlace{keychain.RingPath(i, j), pub}
	}
	return nil
}

// ringAt finds out whether a script is that of the ring's key at a path that somebody
// says it is. A wallet that is offline has not seen which of its revealers are used.
func (w *Wallet) ringAt(ctx context.Context, script []byte, path keychain.Path) (coins.Key, bool, error) {
	if len(path) != 4 || path[2] < keychain.Hardened || path.String() != keychain.RingPath(path[2]-keychain.Hardened, path[3]).String() {
		return coins.Key{}, false, nil
	}
	k, err := w.coins.RoleKey(ctx, coins.Revealer, path[2]-keychain.Hardened)
	if errors.Is(err, ErrNeedKeys) {
		return coins.Key{}, false, nil
	}
	if err != nil {
		return coins.Key{}, false, err
	}
	ring, pub, err := ringKey(k.PubKey, path[3])
	if err != nil || !bytes.Equal(ring, script) {
		return coins.Key{}, false, err
	}
	return coins.Key{Role: coins.Revealer, Kind: coins.P2PKH, Index: k.Index, PubKey: pub, Script: ring}, true, nil
}
