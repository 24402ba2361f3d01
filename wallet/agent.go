package wallet

import (
	"context"
	"fmt"

	"blockstack/wallet/keychain"
	"blockstack/wallet/watched"
)

// UseAgent lets an agent sign for this wallet, which need not be unlocked then. The caller has made
// sure that the agent has this wallet's keychain, by its id.
func (w *Wallet) UseAgent(ctx context.Context, a Agent) error {
	if w.vault.keys == nil {
		return ErrNoKeychain
	}
	if err := w.vouched(ctx, a); err != nil {
		return fmt.Errorf("agent: %w", err)
	}
	w.vault.use(a)
	if err := w.deriveAllAhead(ctx); err != nil {
		w.vault.use(nil)
		return fmt.Errorf("agent: %w", err)
	}
	return nil
}

// vouched lets an agent confirm the list that scripts are taken from. keychain.ErrNoList: there is
// nothing to confirm, and only an unlock in this process makes the list. keychain.ErrListForged.
func (w *Wallet) vouched(ctx context.Context, a Agent) error {
	list, err := w.vault.keys.List()
	if err != nil {
		return err
	}
	home, ok := list.Home(w.homeName())
	if !ok {
		return keychain.ErrNoList
	}
	digest, err := list.Digest(w.vault.keys.ID())
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
	w.coins.Keys.Believe(p)
	repaired, err := watched.NewChanges(w.coins.Keys).Heal(ctx, false)
	w.trust.rows.set(repaired)
	if err != nil {
		return err
	}
	w.roots.fp.Store(p.Fingerprint)
	w.trust.proof.set(ProofSeed)
	return nil
}

// KeychainID names the keychain of the wallet; empty: it is watch-only.
func (w *Wallet) KeychainID() string {
	if w.vault.keys == nil {
		return ""
	}
	return w.vault.keys.ID()
}
