package wallet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// Config says where a wallet is.
type Config struct {
	Keychain string // path of the keychain file, one for all networks
	Dir      string // folder of the network: labels.db and wallet/wallet.db
	Network  *chaincfg.Params
	// Rebuilt is told when what is known of the coins is looked for again though nobody asked for it, and why. nil: nobody.
	Rebuilt func(why error)
}

// CreateOptions is what a new wallet is made from.
type CreateOptions struct {
	// Mnemonic is the BIP 39 phrase. nil: the keychain exists already (made for
	// another network, or an earlier Create was interrupted) and is used.
	Mnemonic *secret.Bytes
	Password *secret.Bytes
	// Cost of a new keychain's password. Zero: keychain.DefaultCost.
	Cost keychain.Cost
	// Birthday is a time before which nothing was received: now for a fresh
	// phrase. Zero: the start of the chain, for a phrase that may have a past.
	Birthday time.Time
	// Gap is how many unused keys in a row end a search. Zero: coins.DefaultGap.
	Gap uint32
}

// Owner and revealer keys can only be derived with the password, so more of them
// are derived ahead than the gap asks for.
const identitiesAhead = 2

// Wallet is one wallet on one network. It is safe for concurrent use.
type Wallet struct {
	cfg   Config
	coins *coins.Coins
	keys  *keychain.Keychain // nil: watch-only
	agent Agent              // nil: none; signs while keys are locked
	fp    uint32

	origins map[coins.Kind]coins.Origin // of the accounts of a watch-only wallet
	rings   rings

	proof    Proof // why scripts are taken for ours
	repaired int   // rows of labels.db that the last unlock wrote anew
	listErr  error // why the last unlock could not extend the list
}

// Create makes the keychain, if a phrase is given, and the wallet of a network.
// The keychain is on disk before the first address can be shown. After an
// interruption the same call without the phrase completes the wallet.
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
		w.keys = keys
		err = errors.Join(w.prove(ctx), w.listErr)
	}
	if err != nil {
		return fmt.Errorf("create wallet: %w", err)
	}
	return nil
}

// setupOf takes the public data for tracking coins out of an unlocked keychain.
func setupOf(net *chaincfg.Params, keys *keychain.Keychain, o CreateOptions) (coins.Setup, error) {
	s := coins.Setup{Keychain: keys.ID(), Birthday: birthday(net, o.Birthday), Gap: o.Gap, Accounts: make(map[coins.Kind]*hdkeychain.ExtendedKey)}
	if s.Gap == 0 {
		s.Gap = coins.DefaultGap
	}
	var err error
	if s.Fingerprint, err = keys.Fingerprint(); err != nil {
		return s, err
	}
	for _, kind := range coins.Kinds() {
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

// birthday is the start of the chain on test chains of one's own, whose blocks
// may all be younger than a phrase, or older than their timestamps say.
func birthday(net *chaincfg.Params, t time.Time) time.Time {
	genesis := net.GenesisBlock.Header.Timestamp
	if t.Before(genesis) || net.Net == chaincfg.RegressionNetParams.Net || net.Net == chaincfg.SimNetParams.Net {
		return genesis
	}
	return t
}

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

// Open opens a wallet, locked. It never needs the password and touches no
// network.
func Open(cfg Config) (*Wallet, error) {
	c, err := coins.Open(cfg.Dir, cfg.Network)
	if err != nil {
		return nil, err
	}
	c.OnRebuild(cfg.Rebuilt)
	info, err := c.Info(context.Background())
	if err != nil {
		return nil, err
	}
	w := &Wallet{cfg: cfg, coins: c, fp: info.Fingerprint, proof: ProofNone}
	if info.Keychain == "" {
		if err := notWatchOnly(cfg); err != nil {
			return nil, err
		}
		w.origins, err = c.Origins(context.Background())
		return w, err
	}
	if w.keys, err = keychain.Open(cfg.Keychain); errors.Is(err, keychain.ErrNotFound) {
		return nil, fmt.Errorf("%w: %w", ErrKeychainLost, err)
	} else if err != nil {
		return nil, err
	}
	if w.keys.ID() != info.Keychain {
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

// Locked reports whether signing needs the password first.
func (w *Wallet) Locked() bool { return w.keys == nil || w.keys.Locked() && w.agent == nil }

// Unlock makes the private keys usable until Lock or Close. It derives owner and
// revealer keys ahead when they are running short.
func (w *Wallet) Unlock(ctx context.Context, password *secret.Bytes) error {
	if w.keys == nil {
		return ErrNoKeychain
	}
	return w.unlocked(ctx, w.keys.Unlock(ctx, password))
}

// HasKeyring reports whether a secret in the keyring of an operating system opens the keychain.
func (w *Wallet) HasKeyring() bool { return w.keys != nil && w.keys.HasKeyring() }

// UnlockKeyring is Unlock with the secret from the keyring of the operating system.
func (w *Wallet) UnlockKeyring(ctx context.Context, random *secret.Bytes) error {
	if w.keys == nil {
		return ErrNoKeychain
	}
	return w.unlocked(ctx, w.keys.UnlockKeyring(ctx, random))
}

// unlocked goes on after the keychain was unlocked, or was not.
func (w *Wallet) unlocked(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	if err := w.prove(ctx); err != nil {
		w.keys.Lock()
		return err
	}
	return w.deriveAllAhead(ctx)
}

// Lock forgets the private keys, and the agent.
func (w *Wallet) Lock() {
	w.agent = nil
	if w.keys != nil {
		w.keys.Lock()
	}
}

// deriveAllAhead is deriveAhead for every role whose keys need the password.
func (w *Wallet) deriveAllAhead(ctx context.Context) error {
	for _, r := range []coins.Role{coins.Owner, coins.Revealer} {
		if err := w.deriveAhead(ctx, r, 0); err != nil {
			return fmt.Errorf("derive %s keys: %w", r, err)
		}
	}
	return nil
}

// deriveAhead makes sure that the keys of a role reach the gap beyond index and
// beyond the last used one. The wallet must be unlocked if keys are missing.
func (w *Wallet) deriveAhead(ctx context.Context, role coins.Role, index uint32) error {
	have, err := w.coins.Derived(ctx, role)
	if err != nil {
		return err
	}
	want, err := w.coins.Wanted(ctx, role, index)
	if err != nil || have >= want {
		return err
	}
	path := keychain.OwnerPath
	if role == coins.Revealer {
		path = keychain.RevealerPath
	}
	pubs, err := publicKeys(func(i uint32) (Signer, error) { return w.signer(ctx, path(i)) }, have, want)
	if err != nil {
		return err
	}
	if err := w.coins.AddKeys(ctx, role, have, pubs); err != nil || !w.KeysHere() {
		return err
	}
	return w.prove(ctx) // a locked wallet may believe them from now on
}
