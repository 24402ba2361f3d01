package wallet

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
	"blockstack/wallet/watched"
)

// Config says where a wallet is.
type Config struct {
	Keychain string // path of the keychain file, one for all networks
	Dir      string // folder of the network, with labels.db and, in its folder wallet, wallet.db
	Network  *chaincfg.Params
	// Rebuilt is told when what is known of the coins is looked for again though nobody asked for
	// it, and why. nil: nobody.
	Rebuilt func(why error)
}

// Wallet is one wallet on one network, in four faces. It is safe for concurrent use.
type Wallet struct {
	*Money
	*Addresses
	*Notes
	*Signing

	cfg   Config
	coins *coins.Coins
	vault *vault
	roots *roots

	trust trust

	proving sync.Mutex // held by the one that proves
}

// newWallet puts the faces of a wallet together, without a keychain.
func newWallet(cfg Config, c *coins.Coins, fp uint32) *Wallet {
	w := &Wallet{cfg: cfg, coins: c, vault: &vault{}, roots: &roots{net: cfg.Network}}
	w.roots.fp.Store(fp)
	w.trust.proof.set(ProofNone)
	handed := watched.NewAddresses(c.Keys)
	w.Addresses = &Addresses{keys: c.Keys, handed: handed, roots: w.roots, rings: &rings{keys: c.Keys}, ahead: w.deriveIfUnlocked}
	w.Money = &Money{coins: c, handed: handed, addresses: w.Addresses}
	w.Notes = &Notes{coins: c}
	w.Signing = &Signing{vault: w.vault, keys: c.Keys, addresses: w.Addresses, roots: w.roots, rings: w.Addresses.rings, proof: w.Proof}
	return w
}

// Open opens a wallet, locked. It never needs the password and touches no network.
func Open(cfg Config) (*Wallet, error) {
	c, err := coins.Open(cfg.Dir, cfg.Network)
	if err != nil {
		return nil, err
	}
	c.OnRebuild(cfg.Rebuilt)
	info, err := c.Keys.Info(context.Background())
	if err != nil {
		return nil, err
	}
	w := newWallet(cfg, c, info.Fingerprint)
	if info.Keychain == "" {
		if err := notWatchOnly(cfg); err != nil {
			return nil, err
		}
		w.roots.origins, err = watched.Origins(context.Background(), c.Book)
		return w, err
	}
	if w.vault.keys, err = keychain.Open(cfg.Keychain); errors.Is(err, keychain.ErrNotFound) {
		return nil, fmt.Errorf("%w: %w", ErrKeychainLost, err)
	} else if err != nil {
		return nil, err
	}
	if w.vault.keys.ID() != info.Keychain {
		return nil, fmt.Errorf("%w: %s", ErrOtherKeychain, cfg.Dir)
	}
	return w, w.believeList()
}

// Close locks the wallet and ends what Follow left open.
func (w *Wallet) Close() error {
	w.Lock()
	return w.coins.Close()
}

// Config says where the wallet is.
func (w *Wallet) Config() Config { return w.cfg }

// Network is the Bitcoin network of the wallet.
func (w *Wallet) Network() *chaincfg.Params { return w.cfg.Network }

// WatchOnly reports whether the wallet has no keychain: it can look, not sign.
func (w *Wallet) WatchOnly() bool { return w.vault.keys == nil }

// Fingerprint is the BIP 32 fingerprint of the root key, in hex as descriptors write it.
func (w *Wallet) Fingerprint() string { return fingerprintText(w.roots.fp.Load()) }
