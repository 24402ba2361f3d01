package keychain

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"blockstack/wallet/keychain/keyfile"
	"blockstack/wallet/secret"
)

// Unlocker describes one way to open a keychain.
type Unlocker struct {
	ID   string // hex digits, unique in the keychain
	Type string // "password" or "keyring"
	Cost keyfile.Cost
}

// Unlockers lists the ways to open the keychain, in the order they were added.
func (k *Keychain) Unlockers() []Unlocker {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make([]Unlocker, len(k.file.Unlockers))
	for i, u := range k.file.Unlockers {
		out[i] = Unlocker{ID: u.ID, Type: u.Type, Cost: u.KDF.Cost()}
	}
	return out
}

// AddPassword adds a second password that opens the same keys. password is one that opens it now.
func (k *Keychain) AddPassword(ctx context.Context, password, added *secret.Bytes, cost keyfile.Cost) error {
	return k.rewrite(ctx, password, func(f *keyfile.File, opened *keyfile.Opened) error {
		if len(f.Unlockers) == keyfile.MaxUnlockers {
			return fmt.Errorf("a keychain has at most %d passwords", keyfile.MaxUnlockers)
		}
		u, err := keyfile.NewUnlocker(f.ID, keyfile.TypePassword, opened.Key, added, cost)
		f.Unlockers = append(f.Unlockers, u)
		return err
	})
}

// ChangePassword replaces the password that opens the keychain now by another.
func (k *Keychain) ChangePassword(ctx context.Context, password, changed *secret.Bytes, cost keyfile.Cost) error {
	return k.rewrite(ctx, password, func(f *keyfile.File, opened *keyfile.Opened) error {
		u, err := keyfile.NewUnlocker(f.ID, keyfile.TypePassword, opened.Key, changed, cost)
		i := slices.IndexFunc(f.Unlockers, func(u keyfile.Unlocker) bool { return u.ID == opened.Unlocker })
		f.Unlockers[i] = u
		return err
	})
}

// Strengthen writes the password that unlocked the keychain last as it is written today, where it
// stands in the file cheaper to try than cost, or in another spelling. The password stays the same,
// and so does the id of its unlocker. false: there is nothing to do.
func (k *Keychain) Strengthen(ctx context.Context, password *secret.Bytes, cost keyfile.Cost) (bool, error) {
	k.mu.Lock()
	last := k.last
	k.mu.Unlock()
	if last == nil || last.Spelled && !last.Cost.Weaker(cost) {
		return false, nil
	}
	return true, k.rewrite(ctx, password, func(f *keyfile.File, opened *keyfile.Opened) error {
		if !opened.Cost.Weaker(cost) {
			cost = opened.Cost
		}
		u, err := keyfile.WrapKey(f.ID, opened.Unlocker, keyfile.TypePassword, opened.Key, password, cost)
		i := slices.IndexFunc(f.Unlockers, func(u keyfile.Unlocker) bool { return u.ID == opened.Unlocker })
		f.Unlockers[i] = u
		return err
	})
}

// RemovePassword takes away the password given. The last one stays.
func (k *Keychain) RemovePassword(ctx context.Context, password *secret.Bytes) error {
	return k.rewrite(ctx, password, func(f *keyfile.File, opened *keyfile.Opened) error {
		if f.Count(keyfile.TypePassword) == 1 {
			return fmt.Errorf("the last password of a keychain cannot be removed")
		}
		f.Unlockers = slices.DeleteFunc(f.Unlockers, func(u keyfile.Unlocker) bool { return u.ID == opened.Unlocker })
		return nil
	})
}

// keyringCost is enough for a password of 256 random bits, which nobody guesses.
func keyringCost() keyfile.Cost { return keyfile.Cost{Time: 1, MemoryKiB: 8, Threads: 1} }

// AddKeyring lets a random secret that the keyring of the operating system keeps open the keychain,
// in place of an earlier one. password is one that opens it now.
func (k *Keychain) AddKeyring(ctx context.Context, password, random *secret.Bytes) error {
	return k.rewrite(ctx, password, func(f *keyfile.File, opened *keyfile.Opened) error {
		f.Unlockers = slices.DeleteFunc(f.Unlockers, func(u keyfile.Unlocker) bool { return u.Type == keyfile.TypeKeyring })
		if len(f.Unlockers) == keyfile.MaxUnlockers {
			return fmt.Errorf("a keychain has at most %d unlockers", keyfile.MaxUnlockers)
		}
		u, err := keyfile.NewUnlocker(f.ID, keyfile.TypeKeyring, opened.Key, random, keyringCost())
		f.Unlockers = append(f.Unlockers, u)
		return err
	})
}

// RemoveKeyring undoes AddKeyring.
func (k *Keychain) RemoveKeyring(ctx context.Context, password *secret.Bytes) error {
	return k.rewrite(ctx, password, func(f *keyfile.File, _ *keyfile.Opened) error {
		f.Unlockers = slices.DeleteFunc(f.Unlockers, func(u keyfile.Unlocker) bool { return u.Type == keyfile.TypeKeyring })
		return nil
	})
}

// HasKeyring reports whether a secret in the keyring of an operating system, of this machine or
// another, opens the keychain.
func (k *Keychain) HasKeyring() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.file.Count(keyfile.TypeKeyring) > 0
}

// rewrite changes a copy of the file as it is on disk now and puts it in place in one step. If
// anything fails, file and keychain are as before.
func (k *Keychain) rewrite(ctx context.Context, password *secret.Bytes, change func(f *keyfile.File, opened *keyfile.Opened) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	done, err := keyfile.Lock(k.path)
	if err != nil {
		return fmt.Errorf("keychain: %w", err)
	}
	defer func() { err = errors.Join(err, done()) }()
	k.mu.Lock()
	defer k.mu.Unlock()
	f, err := keyfile.Read(k.path)
	if err != nil {
		return err
	}
	if f.ID != k.file.ID {
		return fmt.Errorf("%w: another keychain is now at %s", keyfile.ErrMalformed, k.path)
	}
	opened, err := f.Unwrap(keyfile.TypePassword, password)
	if err != nil {
		return err
	}
	defer secret.Zero(opened.Key)
	// A rewritten header is worth nothing if the seed does not open with it.
	entropy, err := f.Secrets(opened.Key)
	if err != nil {
		return err
	}
	entropy.Wipe()
	if err := change(f, opened); err != nil {
		return err
	}
	if err := f.Check(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := keyfile.Write(k.path, f, true); err != nil {
		return err
	}
	k.file = f
	return nil
}
