package wallet

import (
	"context"
	"errors"
	"fmt"

	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
	"blockstack/wallet/secret"
)

// SeedOf compares the wallet in a folder with an unlocked keychain: ErrOtherKeychain when its
// account keys are not of that seed. It returns the id of the keychain that the wallet was made
// with, and the fingerprint of its keys; both are empty of a watch-only wallet, which is not
// compared.
func SeedOf(ctx context.Context, at Config, keys *keychain.Keychain) (id, fingerprint string, err error) {
	c, err := coins.Open(at.Dir, at.Network)
	if err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	info, err := c.Keys.Info(ctx)
	if err != nil {
		return "", "", err
	}
	if info.Keychain == "" {
		return "", "", nil
	}
	if err := checkKeychain(ctx, at, c, keys); err != nil {
		return "", "", err
	}
	if fp, err := keys.Fingerprint(); err != nil {
		return "", "", err
	} else if fp != info.Fingerprint {
		return "", "", fmt.Errorf("%w: %s", ErrOtherKeychain, at.Dir)
	}
	return info.Keychain, fingerprintText(info.Fingerprint), nil
}

// RegainKeychain makes the keychain file of a home again from the words, with a new password: the
// file was lost, or its password was. Every wallet of the home must be of these words
// (ErrOtherWords), and all keep what they have. A file that is in the place is moved aside, to
// where moved says.
func RegainKeychain(ctx context.Context, path string, wallets []Config, mnemonic, password *secret.Bytes, cost keychain.Cost) (moved string, err error) {
	words, err := keychain.Words(mnemonic)
	if err != nil {
		return "", err
	}
	defer words.Lock()
	id := ""
	for _, at := range wallets {
		its, _, err := SeedOf(ctx, at, words)
		switch {
		case errors.Is(err, ErrOtherKeychain):
			return "", fmt.Errorf("%w: %s", ErrOtherWords, at.Dir)
		case err != nil:
			return "", err
		case its == "":
			continue
		case id != "" && id != its:
			return "", fmt.Errorf("%w: %s was made with another one than the rest of this home", ErrOtherKeychain, at.Dir)
		}
		id = its
	}
	if id == "" {
		return "", fmt.Errorf("make the keychain at %s again: %w", path, ErrNoKeychain)
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return keychain.CreateAgain(path, id, mnemonic, password, cost)
}

// FinishCreate makes the wallet of a network from a keychain whose wallet was never made: an
// earlier Create was interrupted. The keychain must open with the password and hold the words
// (ErrOtherWords).
func FinishCreate(ctx context.Context, cfg Config, o CreateOptions) error {
	keys, err := keychain.Open(cfg.Keychain)
	if err != nil {
		return err
	}
	if err := keys.Unlock(ctx, o.Password); err != nil {
		return err
	}
	defer keys.Lock()
	words, err := keychain.Words(o.Mnemonic)
	if err != nil {
		return err
	}
	defer words.Lock()
	if same, err := keys.SameSeed(words); err != nil {
		return err
	} else if !same {
		return fmt.Errorf("%w: %s", ErrOtherWords, cfg.Keychain)
	}
	o.Mnemonic = nil
	return Create(ctx, cfg, o)
}

// checkKeychain makes sure that keychain and coins have the same seed: that an account key is the
// seed's. That all are, and all other keys, prove finds out.
func checkKeychain(ctx context.Context, at Config, c *coins.Coins, keys *keychain.Keychain) error {
	home := keychain.Home{Accounts: map[uint32]string{}}
	for _, kind := range scripts.Kinds() {
		key, err := keys.AccountXPub(at.Network, kind.Purpose())
		if err != nil {
			return err
		}
		home.Accounts[kind.Purpose()] = key.String()
	}
	if otherSeed(c.Keys.Believed(), home) {
		return fmt.Errorf("%w: %s", ErrOtherKeychain, at.Dir)
	}
	return ctx.Err()
}
