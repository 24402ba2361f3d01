package wallet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// believeList takes scripts from the list in the keychain file, when it has one of this wallet.
func (w *Wallet) believeList() error {
	w.trust.proof.set(ProofNone)
	list, err := w.vault.keys.List()
	if errors.Is(err, keychain.ErrNoList) {
		return nil
	}
	if err != nil {
		return err
	}
	home, ok := list.Home(w.homeName())
	if !ok {
		return nil
	}
	p, err := public(list, home)
	if err != nil {
		return fmt.Errorf("%w: %w", keychain.ErrMalformed, err)
	}
	w.coins.Keys.Believe(p)
	w.roots.fp.Store(p.Fingerprint)
	w.trust.proof.set(ProofList)
	return nil
}

// putList writes a list that was derived from the seed, unless the file has as much already. What
// the file has of other wallets of the keychain, and further keys, stay when a holder of the
// password wrote them.
func (w *Wallet) putList(list *keychain.List) error {
	return w.vault.keys.SetList(func(now *keychain.List, vouched bool) (*keychain.List, error) {
		if now == nil || !vouched {
			return list, nil
		}
		before, err := now.Digest("")
		if err != nil {
			return nil, err
		}
		next := *now
		next.Fingerprint, next.SealedKey = list.Fingerprint, list.SealedKey
		if len(list.Owners) > len(now.Owners) {
			next.Owners = list.Owners
		}
		if len(list.Revealers) > len(now.Revealers) {
			next.Revealers = list.Revealers
		}
		next.Homes[w.homeName()] = list.Homes[w.homeName()]
		if after, err := next.Digest(""); err != nil || after == before {
			return nil, err
		}
		return &next, nil
	})
}

// homeName is what the list calls this wallet.
func (w *Wallet) homeName() string { return filepath.Base(w.cfg.Dir) }

// SetGap changes how many unused keys in a row end a search, of a wallet that is unlocked. A larger
// gap makes the next Sync look at the chain from the birthday.
func (w *Wallet) SetGap(ctx context.Context, gap uint32) error {
	if w.Proof() == ProofList { // the list says how far out an address may be handed out
		return fmt.Errorf("gap: %w", ErrLocked)
	}
	if err := watched.NewChanges(w.coins.Keys).SetGap(ctx, gap); err != nil {
		return fmt.Errorf("gap: %w", err)
	}
	if w.KeysHere() {
		smaller := gap < w.coins.Keys.Believed().Gap
		if err := w.listGap(gap); err != nil {
			return fmt.Errorf("gap: %w", err)
		}
		if smaller { // else the next unlock would take the rows of the larger one for somebody else's
			if _, err := watched.NewChanges(w.coins.Keys).Heal(ctx, false); err != nil {
				return fmt.Errorf("gap: %w", err)
			}
		}
	}
	if w.Locked() {
		return nil
	}
	return w.deriveAllAhead(ctx)
}

// listGap writes the gap into the list of the keychain file, which says how far out an address may
// be handed out.
func (w *Wallet) listGap(gap uint32) error {
	p := w.coins.Keys.Believed()
	p.Gap = gap
	w.coins.Keys.Believe(p)
	return w.vault.keys.SetList(func(now *keychain.List, vouched bool) (*keychain.List, error) {
		home, ok := now.Home(w.homeName())
		if !ok || !vouched || home.Gap == gap {
			return nil, nil // prove makes it
		}
		home.Gap = gap
		now.Homes[w.homeName()] = home
		return now, nil
	})
}

// AddShared begins to watch a script that several keys sign, m of n, such as that of a name with
// several owners. At least one owner key of this wallet must be in it. The script is in the list of
// the keychain file, which takes the password (ErrLocked), and so in every backup; the seed alone
// does not bring it back.
func (w *Wallet) AddShared(ctx context.Context, redeem []byte, label string) (scripts.SharedScript, error) {
	_, keys, err := scripts.ParseShared(redeem)
	if err != nil {
		return scripts.SharedScript{}, err
	}
	mine, err := w.ownKeys(ctx, keys)
	if err != nil {
		return scripts.SharedScript{}, err
	}
	if len(mine) == 0 {
		return scripts.SharedScript{}, fmt.Errorf("%w: no owner key of this wallet is in it", scripts.ErrBadScript)
	}
	if err := w.listSet(redeem); err != nil {
		return scripts.SharedScript{}, err
	}
	return watched.NewChanges(w.coins.Keys).AddShared(ctx, redeem, label)
}

// listSet puts a set of keys into the list of the keychain file: no seed gives it, and a row of
// labels.db anybody can write.
func (w *Wallet) listSet(redeem []byte) error {
	known := slices.ContainsFunc(w.coins.Keys.Believed().Sets, func(s []byte) bool { return bytes.Equal(s, redeem) })
	switch {
	case w.vault.keys == nil, known && w.Proof() != ProofNone:
		return nil
	case w.vault.keys.Locked():
		return ErrLocked
	}
	return w.vault.keys.SetList(func(now *keychain.List, vouched bool) (*keychain.List, error) {
		home, ok := now.Home(w.homeName())
		if !ok || !vouched {
			return nil, keychain.ErrNoList
		}
		home.SetRedeemScripts(append(home.RedeemScripts(), redeem))
		now.Homes[w.homeName()] = home
		return now, nil
	})
}
