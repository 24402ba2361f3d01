package unlock

import (
	"context"

	"blockstack/wallet/secret"
)

// tries is how often somebody is asked for a password that exists already.
const tries = 3

// Password is the wallet password, once open has taken it: from where the configuration says, else
// asked for. A wrong one that was typed is asked for again. The caller wipes it. ErrNobody.
func (k *Keys) Password(ctx context.Context, open func(password *secret.Bytes) error) (*secret.Bytes, error) {
	switch {
	case k.HasPassword():
	case k.ports.Ask == nil:
		return nil, ErrNobody
	default:
		return Asked(ctx, k.ports.Ask, k.ports.Tell, open)
	}
	password, err := k.Configured(ctx)
	if err != nil {
		return nil, err
	}
	if err := open(password); err != nil {
		password.Wipe()
		return nil, err
	}
	return password, nil
}

// Asked asks for a password until open takes it, three times at most. The caller wipes it.
func Asked(ctx context.Context, ask Ask, tell Teller, open func(password *secret.Bytes) error) (*secret.Bytes, error) {
	for try := 1; ; try++ {
		password, err := ask(ctx)
		if err != nil {
			return nil, err
		}
		if err = open(password); err == nil {
			return password, nil
		}
		password.Wipe()
		if try == tries || !wrong(err) {
			return nil, err
		}
		tell.Warn("wrong password; once more (%d of %d)", try+1, tries)
	}
}
