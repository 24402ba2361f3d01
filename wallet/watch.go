package wallet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"

	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// WatchOptions is what a watch-only wallet is made from.
type WatchOptions struct {
	// Keys are what ReadDescriptors returned.
	Keys []WatchedKey
	// Birthday is a time before which nothing was received. Zero: the start of the chain.
	Birthday time.Time
	// Gap is how many unused keys in a row end a search. Zero: watched.DefaultGap.
	Gap uint32
}

// CreateWatchOnly makes a wallet that looks and cannot sign: it has no keychain. One payment
// account of each kind, and owner keys from identity 0 on without a hole, are all that it may have.
// ErrDescriptor: the keys do not fit together.
func CreateWatchOnly(ctx context.Context, cfg Config, o WatchOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(cfg.Dir, "labels.db")); err == nil {
		return fmt.Errorf("%w at %s", ErrExists, cfg.Dir)
	}
	s := watched.Setup{
		Birthday: birthday(cfg.Network, o.Birthday), Gap: o.Gap,
		Accounts: map[scripts.Kind]*hdkeychain.ExtendedKey{}, Origins: map[scripts.Kind]scripts.Origin{},
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
		for _, kind := range scripts.Kinds() {
			if account, ok := s.Origins[kind]; ok {
				s.Fingerprint = account.Fingerprint
				break
			}
		}
	}
	return coins.Create(cfg.Dir, cfg.Network, s)
}

// addAccount adds an account to what a wallet is made of. Its two branches may be described one by
// one.
func addAccount(s *watched.Setup, k WatchedKey) error {
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
