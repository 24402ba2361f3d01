package wallet

import (
	"context"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"

	"blockstack/wallet/scripts"
)

// Account is the extended public key of a payment account.
func (a *Addresses) Account(ctx context.Context, kind scripts.Kind) (*hdkeychain.ExtendedKey, error) {
	return a.keys.Account(ctx, kind)
}

// Kinds are the kinds of address that the wallet has an account for.
func (a *Addresses) Kinds(ctx context.Context) ([]scripts.Kind, error) {
	var list []scripts.Kind
	for _, kind := range scripts.Kinds() {
		if n, err := a.keys.PaymentKeys(ctx, kind, scripts.Receive); err != nil {
			return nil, err
		} else if n > 0 {
			list = append(list, kind)
		}
	}
	return list, nil
}

// UsualKind is DefaultKind where the wallet has such an account, else the first kind that it has.
func (a *Addresses) UsualKind(ctx context.Context) (scripts.Kind, error) {
	list, err := a.Kinds(ctx)
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
func (a *Addresses) hasAccount(ctx context.Context, kind scripts.Kind) error {
	list, err := a.Kinds(ctx)
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
