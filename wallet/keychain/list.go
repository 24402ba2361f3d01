package keychain

import (
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"

	"blockstack/wallet/keychain/keyfile"
)

var (
	// ErrNoList: the keychain has no list of scripts yet. It is made at the next Unlock of a
	// wallet.
	ErrNoList = errors.New("the keychain has no list of the wallet's scripts yet")
	// ErrListForged: the list of scripts is not what a holder of the password wrote.
	ErrListForged = errors.New("the list of scripts in the keychain file was changed by somebody without the password")
)

// List is the list of scripts as the file has it. While the keychain is locked nobody has checked
// it: who can write the file can change it. ErrNoList.
func (k *Keychain) List() (*keyfile.List, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.file.Scripts == nil {
		return nil, ErrNoList
	}
	return k.file.Scripts.Clone(), nil
}

// Vouches says whether the list with this digest and this MAC was written by a holder of the
// password. ErrLocked.
func (k *Keychain) Vouches(digest [32]byte, mac []byte) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.macKey == nil {
		return false, ErrLocked
	}
	return hmac.Equal(keyfile.MacOf(k.macKey, digest), mac), nil
}

// CheckList finds out whether the list in the file was written by a holder of the password.
// ErrNoList, ErrLocked, ErrListForged.
func (k *Keychain) CheckList() error {
	l, err := k.List()
	if err != nil {
		return err
	}
	digest, err := l.Digest(k.ID())
	if err != nil {
		return err
	}
	switch ok, err := k.Vouches(digest, l.MAC); {
	case err != nil:
		return err
	case !ok:
		return ErrListForged
	}
	return nil
}

// Derived is the list's part that follows from the seed, with at least so many owner and revealer
// keys.
func (k *Keychain) Derived(owners, revealers uint32) (*keyfile.List, error) {
	if max(owners, revealers) > keyfile.MaxListed {
		return nil, fmt.Errorf("a list of scripts has at most %d keys of a role, not %d", keyfile.MaxListed, max(owners, revealers))
	}
	fp, err := k.Fingerprint()
	if err != nil {
		return nil, err
	}
	sealed, err := k.SealedKey()
	if err != nil {
		return nil, err
	}
	l := &keyfile.List{Fingerprint: hex.EncodeToString([]byte{byte(fp), byte(fp >> 8), byte(fp >> 16), byte(fp >> 24)}), SealedKey: sealed[:], Homes: map[string]keyfile.Home{}}
	for _, row := range []struct {
		keys *keyfile.PubKeys
		n    uint32
		key  func(uint32) (*Key, error)
	}{{&l.Owners, owners, k.OwnerKey}, {&l.Revealers, revealers, k.RevealerKey}} {
		for i := range row.n {
			key, err := row.key(i)
			if err != nil {
				return nil, err
			}
			*row.keys = append(*row.keys, key.PublicKey().SerializeCompressed())
		}
	}
	return l, nil
}

// SetList writes a list in place of the one that there is; its MAC is made here. The caller has
// derived it from the seed. change is given what the file has now, nil for none, and whether a
// holder of the password wrote that; it returns what the file shall have, nil for no change. It
// calls nothing of the keychain, which is held meanwhile.
func (k *Keychain) SetList(change func(now *keyfile.List, vouched bool) (*keyfile.List, error)) (err error) {
	done, err := keyfile.Lock(k.path)
	if err != nil {
		return fmt.Errorf("keychain: %w", err)
	}
	defer func() { err = errors.Join(err, done()) }()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.macKey == nil {
		return ErrLocked
	}
	f, err := keyfile.Read(k.path)
	if err != nil {
		return err
	}
	if f.ID != k.file.ID {
		return fmt.Errorf("%w: another keychain is now at %s", keyfile.ErrMalformed, k.path)
	}
	vouched := false
	if f.Scripts != nil {
		digest, err := f.Scripts.Digest(f.ID)
		if err != nil {
			return err
		}
		vouched = hmac.Equal(keyfile.MacOf(k.macKey, digest), f.Scripts.MAC)
	}
	l, err := change(f.Scripts.Clone(), vouched)
	if err != nil {
		return err
	}
	if l == nil {
		k.file = f // what another process has written since
		return nil
	}
	digest, err := l.Digest(f.ID)
	if err != nil {
		return err
	}
	l.MAC = keyfile.MacOf(k.macKey, digest)
	f.Schema, f.Scripts = keyfile.SchemaListed, l
	if err := f.Check(); err != nil {
		return err
	}
	if err := keyfile.Write(k.path, f, true); err != nil {
		return err
	}
	k.file = f
	return nil
}
