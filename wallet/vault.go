package wallet

import (
	"context"
	"sync"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/wallet/keychain"
)

// Signer signs tokens with one key.
type Signer interface {
	PublicKey() *btcec.PublicKey
	// SignToken signs the token of a header and a payload (keychain.TokenHash).
	SignToken(ctx context.Context, header, payload []byte) (*ecdsa.Signature, error)
}

// Agent has the wallet's keychain unlocked in another process. It signs; it never hands out a key.
type Agent interface {
	// SignPSBT is keychain.SignPSBT.
	SignPSBT(ctx context.Context, p *psbt.Packet) (int, error)
	// Signer is the key of a path. Owner keys sign tokens; public keys are given for owner and
	// revealer keys.
	Signer(ctx context.Context, path keychain.Path) (Signer, error)
	// Vouches says whether the list of scripts with this digest and MAC was written by a holder of
	// the password.
	Vouches(ctx context.Context, digest [32]byte, mac []byte) (bool, error)
	// Mark is keychain.Mark.
	Mark(ctx context.Context, text []byte) ([]byte, error)
	// SignMessage signs a message in the legacy form (keychain.MessageHash).
	SignMessage(ctx context.Context, path keychain.Path, message string) (*btcec.PublicKey, *ecdsa.Signature, error)
}

// vault is where private keys sign: in this process, or in an agent.
type vault struct {
	keys *keychain.Keychain // nil: watch-only

	mu    sync.Mutex
	agent Agent // nil: none; signs while keys are locked
}

// use lets an agent sign while the keys are locked; nil: nobody.
func (v *vault) use(a Agent) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.agent = a
}

// away is the agent that signs; nil where the keys in this process do, or nobody.
func (v *vault) away() Agent {
	if v.keys == nil || !v.keys.Locked() {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.agent
}

// locked reports whether signing needs the password first.
func (v *vault) locked() bool { return v.keys == nil || v.keys.Locked() && v.away() == nil }

// here says whether the seed is unlocked in this process.
func (v *vault) here() bool { return v.keys != nil && !v.keys.Locked() }

// signer is the key of a path: in this process if it is unlocked, else of the agent.
func (v *vault) signer(ctx context.Context, path keychain.Path) (Signer, error) {
	if a := v.away(); a != nil {
		return a.Signer(ctx, path)
	}
	if v.keys == nil {
		return nil, ErrNoKeychain
	}
	return v.keys.Key(path)
}

// signPSBT signs where the keys are.
func (v *vault) signPSBT(ctx context.Context, p *psbt.Packet) error {
	if a := v.away(); a != nil {
		_, err := a.SignPSBT(ctx, p)
		return err
	}
	_, err := v.keys.SignPSBT(ctx, p)
	return err
}

// signMessage signs where the key is. The key is given the message and not its hash: none signs a
// hash of others.
func (v *vault) signMessage(ctx context.Context, path keychain.Path, message string) (*btcec.PublicKey, *ecdsa.Signature, error) {
	if a := v.away(); a != nil {
		return a.SignMessage(ctx, path, message)
	}
	if v.keys == nil {
		return nil, nil, ErrNoKeychain
	}
	key, err := v.keys.Key(path)
	if err != nil {
		return nil, nil, err
	}
	sig, err := key.SignMessage(ctx, message)
	return key.PublicKey(), sig, err
}

// publicKeys are those of the keys from an index up to another.
func publicKeys[K Signer](key func(uint32) (K, error), from, to uint32) ([]*btcec.PublicKey, error) {
	var out []*btcec.PublicKey
	for i := from; i < to; i++ {
		k, err := key(i)
		if err != nil {
			return nil, err
		}
		out = append(out, k.PublicKey())
	}
	return out, nil
}
