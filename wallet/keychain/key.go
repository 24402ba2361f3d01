package keychain

import (
	"context"
	"fmt"
	"sync"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/wallet/keychain/hdpath"
)

// Key signs with one private key. It is zeroed when its keychain is locked, and then only its
// public key remains. It is safe for concurrent use and prints as its path.
type Key struct {
	path hdpath.Path
	pub  *btcec.PublicKey

	mu   sync.RWMutex
	priv **btcec.PrivateKey // behind two pointers: package fmt prints an address
}

func newKey(p hdpath.Path, priv *btcec.PrivateKey) *Key {
	return &Key{path: append(hdpath.Path{}, p...), pub: priv.PubKey(), priv: &priv}
}

func (k *Key) wipe() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.priv != nil {
		(*k.priv).Zero()
		k.priv = nil
	}
}

// PublicKey is the public key, also after the keychain is locked.
func (k *Key) PublicKey() *btcec.PublicKey { return k.pub }

// Path says where the key is derived.
func (k *Key) Path() hdpath.Path { return append(hdpath.Path{}, k.path...) }

// String is the path.
func (k *Key) String() string { return k.path.String() }

// Format prints the path under every verb.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.path.String())) }

// signHash signs a 32-byte hash: ECDSA with the nonce of RFC 6979 and low S.
func (k *Key) signHash(ctx context.Context, hash [32]byte) (*ecdsa.Signature, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.priv == nil {
		return nil, ErrLocked
	}
	return ecdsa.Sign(*k.priv, hash[:]), nil
}

// signTaproot signs a 32-byte hash for the key path of a taproot output without scripts: BIP 340
// with the key tweaked as BIP 341 says for an empty script tree.
func (k *Key) signTaproot(ctx context.Context, hash [32]byte) (*schnorr.Signature, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.priv == nil {
		return nil, ErrLocked
	}
	tweaked := txscript.TweakTaprootPrivKey(**k.priv, []byte{})
	defer tweaked.Zero()
	sig, err := schnorr.Sign(tweaked, hash[:])
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", k.path, err)
	}
	return sig, nil
}
