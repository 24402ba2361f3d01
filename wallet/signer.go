package wallet

import (
	"context"
	"fmt"

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

// Agent has the wallet's keychain unlocked in another process. It signs; it never
// hands out a key.
type Agent interface {
	// SignPSBT is keychain.SignPSBT.
	SignPSBT(ctx context.Context, p *psbt.Packet) (int, error)
	// Signer is the key of a path. Owner keys sign tokens; public keys are given for
	// owner and revealer keys.
	Signer(ctx context.Context, path keychain.Path) (Signer, error)
	// Vouches says whether the list of scripts with this digest and MAC was written by a holder of the password.
	Vouches(ctx context.Context, digest [32]byte, mac []byte) (bool, error)
	// Mark is keychain.Mark.
	Mark(ctx context.Context, text []byte) ([]byte, error)
	// SignMessage signs a message in the legacy form (keychain.MessageHash).
	SignMessage(ctx context.Context, path keychain.Path, message string) (*btcec.PublicKey, *ecdsa.Signature, error)
}

// UseAgent lets an agent sign for this wallet, which need not be unlocked then. The
// caller has made sure that the agent has this wallet's keychain, by its id.
func (w *Wallet) UseAgent(ctx context.Context, a Agent) error {
	if w.keys == nil {
		return ErrNoKeychain
	}
	if err := w.vouched(ctx, a); err != nil {
		return fmt.Errorf("agent: %w", err)
	}
	w.agent = a
	if err := w.deriveAllAhead(ctx); err != nil {
		w.agent = nil
		return fmt.Errorf("agent: %w", err)
	}
	return nil
}

// vouched lets an agent confirm the list that scripts are taken from. keychain.ErrNoList: there is nothing to confirm, and
// only an unlock in this process makes the list. keychain.ErrListForged.
func (w *Wallet) vouched(ctx context.Context, a Agent) error {
	list, err := w.keys.List()
	if err != nil {
		return err
	}
	home, ok := list.Home(w.homeName())
	if !ok {
		return keychain.ErrNoList
	}
	digest, err := list.Digest(w.keys.ID())
	if err != nil {
		return err
	}
	switch ok, err := a.Vouches(ctx, digest, list.MAC); {
	case err != nil:
		return err
	case !ok:
		return keychain.ErrListForged
	}
	p, err := public(list, home)
	if err != nil {
		return err
	}
	w.coins.Believe(p)
	if w.repaired, err = w.coins.Heal(ctx, false); err != nil {
		return err
	}
	w.fp, w.proof = p.Fingerprint, ProofSeed
	return nil
}

// KeychainID names the keychain of the wallet; empty: it is watch-only.
func (w *Wallet) KeychainID() string {
	if w.keys == nil {
		return ""
	}
	return w.keys.ID()
}

// signer is the key of a path: in this process if it is unlocked, else of the agent.
func (w *Wallet) signer(ctx context.Context, path keychain.Path) (Signer, error) {
	switch {
	case w.keys == nil:
		return nil, ErrNoKeychain
	case w.keys.Locked() && w.agent != nil:
		return w.agent.Signer(ctx, path)
	}
	return w.keys.Key(path)
}

// signPSBT signs where the keys are.
func (w *Wallet) signPSBT(ctx context.Context, p *psbt.Packet) error {
	var err error
	if w.keys.Locked() && w.agent != nil {
		_, err = w.agent.SignPSBT(ctx, p)
	} else {
		_, err = w.keys.SignPSBT(ctx, p)
	}
	return err
}
