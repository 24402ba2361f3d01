package wallet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
	"blockstack/wallet/secret"
	"blockstack/wallet/watched"
)

// CreateOptions is what a new wallet is made from.
type CreateOptions struct {
	// Mnemonic is the BIP 39 phrase. nil: the keychain exists already (made for another network, or
	// an earlier Create was interrupted) and is used.
	Mnemonic *secret.Bytes
	Password *secret.Bytes
	// Cost of a new keychain's password. Zero: keychain.DefaultCost.
	Cost keychain.Cost
	// Birthday is a time before which nothing was received: now for a fresh phrase. Zero: the start
	// of the chain, for a phrase that may have a past.
	Birthday time.Time
	// Gap is how many unused keys in a row end a search. Zero: watched.DefaultGap.
	Gap uint32
}

// Owner and revealer keys can only be derived with the password, so more of them are derived ahead
// than the gap asks for.
const identitiesAhead = 2

// Create makes the keychain, if a phrase is given, and the wallet of a network. The keychain is on
// disk before the first address can be shown. After an interruption the same call without the
// phrase completes the wallet.
func Create(ctx context.Context, cfg Config, o CreateOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(cfg.Dir, "labels.db")); err == nil {
		return fmt.Errorf("%w at %s", ErrExists, cfg.Dir)
	}
	if o.Mnemonic != nil {
		cost := o.Cost
		if cost == (keychain.Cost{}) {
			cost = keychain.DefaultCost()
		}
		if err := os.MkdirAll(filepath.Dir(cfg.Keychain), 0o700); err != nil {
			return fmt.Errorf("create wallet: %w", err)
		}
		if err := keychain.Create(cfg.Keychain, o.Mnemonic, o.Password, cost); err != nil {
			return fmt.Errorf("create wallet: %w", err)
		}
	}
	keys, err := keychain.Open(cfg.Keychain)
	if err != nil {
		return fmt.Errorf("create wallet: %w", err)
	}
	if err := keys.Unlock(ctx, o.Password); err != nil {
		return fmt.Errorf("create wallet: %w", err)
	}
	defer keys.Lock()
	setup, err := setupOf(cfg.Network, keys, o)
	if err != nil {
		return fmt.Errorf("create wallet: %w", err)
	}
	if err := coins.Create(cfg.Dir, cfg.Network, setup); err != nil {
		return err
	}
	w, err := Open(cfg)
	if err == nil {
		w.vault.keys = keys
		err = errors.Join(w.prove(ctx), w.trust.listErr.get())
	}
	if err != nil {
		return fmt.Errorf("create wallet: %w", err)
	}
	return nil
}

// setupOf takes the public data for tracking coins out of an unlocked keychain.
func setupOf(net *chaincfg.Params, keys *keychain.Keychain, o CreateOptions) (watched.Setup, error) {
	s := watched.Setup{Keychain: keys.ID(), Birthday: birthday(net, o.Birthday), Gap: o.Gap, Accounts: make(map[scripts.Kind]*hdkeychain.ExtendedKey)}
	if s.Gap == 0 {
		s.Gap = watched.DefaultGap
	}
	var err error
	if s.Fingerprint, err = keys.Fingerprint(); err != nil {
		return s, err
	}
	for _, kind := range scripts.Kinds() {
		if s.Accounts[kind], err = keys.AccountXPub(net, kind.Purpose()); err != nil {
			return s, err
		}
	}
	if s.Owners, err = publicKeys(keys.OwnerKey, 0, identitiesAhead*s.Gap); err != nil {
		return s, err
	}
	if s.Revealers, err = publicKeys(keys.RevealerKey, 0, identitiesAhead*s.Gap); err != nil {
		return s, err
	}
	sealed, err := keys.SealedKey()
	s.SealedKey = sealed[:]
	return s, err
}

// birthday is the start of the chain on test chains of one's own, whose blocks may all be younger
// than a phrase, or older than their timestamps say.
func birthday(net *chaincfg.Params, t time.Time) time.Time {
	genesis := net.GenesisBlock.Header.Timestamp
	if t.Before(genesis) || net.Net == chaincfg.RegressionNetParams.Net || net.Net == chaincfg.SimNetParams.Net {
		return genesis
	}
	return t
}
