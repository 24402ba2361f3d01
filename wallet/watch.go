package wallet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"

	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
)

// WatchOptions is what a watch-only wallet is made from.
type WatchOptions struct {
	// Keys are what ReadDescriptors returned.
	Keys []WatchedKey
	// Birthday is a time before which nothing was received. Zero: the start of the chain.
	Birthday time.Time
	// Gap is how many unused keys in a row end a search. Zero: coins.DefaultGap.
	Gap uint32
}

// CreateWatchOnly makes a wallet that looks and cannot sign: it has no keychain. One payment account of each kind, and
// owner keys from identity 0 on without a hole, are all that it may have. ErrDescriptor: the keys do not fit together.
func CreateWatchOnly(ctx context.Context, cfg Config, o WatchOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(cfg.Dir, "labels.db")); err == nil {
		return fmt.Errorf("%w at %s", ErrExists, cfg.Dir)
	}
	s := coins.Setup{
		Birthday: birthday(cfg.Network, o.Birthday), Gap: o.Gap,
		Accounts: map[coins.Kind]*hdkeychain.ExtendedKey{}, Origins: map[coins.Kind]coins.Origin{},
	}
	owners := map[uint32]*btcec.PublicKey{}
	var ownerOrigin *uint32
	for _, k := range o.Keys {
		if k.Single == nil {
			if err := addAccount(&s, k); err != nil {
				return err
			}
			continue
		}
		if ownerOrigin != nil && *ownerOrigin != k.Origin.Fingerprint {
			return fmt.Errorf("%w: the identities have different fingerprints", ErrDescriptor)
		}
		if had, ok := owners[k.Identity]; ok && !had.IsEqual(k.Single) {
			return fmt.Errorf("%w: identity %d has two keys", ErrDescriptor, k.Identity)
		}
		ownerOrigin, owners[k.Identity] = &k.Origin.Fingerprint, k.Single
	}
	for i := range uint32(len(owners)) {
		pub, ok := owners[i]
		if !ok {
			return fmt.Errorf("%w: identity %d is missing; they are watched from 0 on", ErrDescriptor, i)
		}
		s.Owners = append(s.Owners, pub)
	}
	switch {
	case len(s.Accounts) == 0 && len(s.Owners) == 0:
		return fmt.Errorf("%w: there is none", ErrDescriptor)
	case ownerOrigin != nil:
		s.Fingerprint = *ownerOrigin
	default:
		for _, kind := range coins.Kinds() {
			if account, ok := s.Origins[kind]; ok {
				s.Fingerprint = account.Fingerprint
				break
			}
		}
	}
	return coins.Create(cfg.Dir, cfg.Network, s)
}

// addAccount adds an account to what a wallet is made of. Its two branches may be described one by one.
func addAccount(s *coins.Setup, k WatchedKey) error {
	if had, ok := s.Accounts[k.Kind]; ok {
		switch origin := s.Origins[k.Kind]; {
		case had.String() != k.Account.String():
			return fmt.Errorf("%w: there are two %s accounts, and a wallet watches one", ErrDescriptor, k.Kind)
		case origin.Fingerprint != k.Origin.Fingerprint || !slices.Equal(origin.Path, k.Origin.Path):
			return fmt.Errorf("%w: the %s account has two origins", ErrDescriptor, k.Kind)
		}
		return nil
	}
	s.Accounts[k.Kind], s.Origins[k.Kind] = k.Account, k.Origin
	return nil
}

// WatchOnly reports whether the wallet has no keychain: it can look, not sign.
func (w *Wallet) WatchOnly() bool { return w.keys == nil }

// Kinds are the kinds of address that the wallet has an account for.
func (w *Wallet) Kinds(ctx context.Context) ([]coins.Kind, error) {
	var list []coins.Kind
	for _, kind := range coins.Kinds() {
		if n, err := w.coins.PaymentKeys(ctx, kind, coins.Receive); err != nil {
			return nil, err
		} else if n > 0 {
			list = append(list, kind)
		}
	}
	return list, nil
}

// UsualKind is DefaultKind where the wallet has such an account, else the first kind that it has.
func (w *Wallet) UsualKind(ctx context.Context) (coins.Kind, error) {
	list, err := w.Kinds(ctx)
	if err != nil {
		return "", err
	}
	for _, kind := range list {
		if kind == DefaultKind {
			return kind, nil
		}
	}
	if len(list) == 0 {
		return "", fmt.Errorf("%w: it watches identities alone", ErrNoAccount)
	}
	return list[0], nil
}

// hasAccount says ErrNoAccount, with the kinds that there are, when there is none of a kind.
func (w *Wallet) hasAccount(ctx context.Context, kind coins.Kind) error {
	list, err := w.Kinds(ctx)
	if err != nil {
		return err
	}
	var have []string
	for _, k := range list {
		if k == kind {
			return nil
		}
		have = append(have, string(k))
	}
	if len(have) == 0 {
		return fmt.Errorf("%w: it watches identities alone", ErrNoAccount)
	}
	return fmt.Errorf("%w of kind %s, it has %s", ErrNoAccount, kind, strings.Join(have, ", "))
}

// fingerprintOf is the fingerprint that a PSBT names with the path of a key.
func (w *Wallet) fingerprintOf(k coins.Key) uint32 {
	if o, ok := w.origins[k.Kind]; ok && k.Role == coins.Payment {
		return o.Fingerprint
	}
	return w.fp
}

// ourFingerprint reports whether a fingerprint is that of one of our keys.
func (w *Wallet) ourFingerprint(fp uint32) bool {
	for _, o := range w.origins {
		if o.Fingerprint == fp {
			return true
		}
	}
	return fp == w.fp
}

// accountPath is the path of a payment account.
func (w *Wallet) accountPath(kind coins.Kind) keychain.Path {
	if o, ok := w.origins[kind]; ok {
		return append(keychain.Path{}, o.Path...)
	}
	return keychain.PaymentPath(w.cfg.Network, kind.Purpose(), coins.Receive, 0)[:3]
}
