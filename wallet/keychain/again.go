package keychain

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"blockstack/storage/local"
	"blockstack/wallet/secret"
)

// Words is an unlocked keychain of a BIP 39 phrase that stands in no file: what a
// phrase is compared with what is there by. Lock forgets it.
func Words(mnemonic *secret.Bytes) (*Keychain, error) {
	entropy, err := mnemonicEntropy(mnemonic)
	if err != nil {
		return nil, err
	}
	defer entropy.Wipe()
	k := &Keychain{file: &file{}}
	return k, k.hold(entropy)
}

// SameSeed reports whether two unlocked keychains hold the same seed.
func (k *Keychain) SameSeed(o *Keychain) (bool, error) {
	mine, err := k.rootKey()
	if err != nil {
		return false, err
	}
	theirs, err := o.rootKey()
	return mine == theirs, err
}

// rootKey is the public root key as text.
func (k *Keychain) rootKey() (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.root == nil {
		return "", ErrLocked
	}
	pub, err := k.root.Neuter()
	if err != nil {
		return "", fmt.Errorf("root key: %w", err)
	}
	return pub.String(), nil
}

// CreateAgain writes a keychain that was lost: from the words, with the id that the
// wallets made with it know. The caller has compared the words with those wallets.
// A file that is at path is not lost: it is moved to the place that is returned,
// beside it. "": there was none.
func CreateAgain(path, id string, mnemonic, password *secret.Bytes, cost Cost) (moved string, err error) {
	if !isHex(id, idSize) {
		return "", fmt.Errorf("%w: id is not %d bytes of hex", ErrMalformed, idSize)
	}
	f, err := newFileOf(id, mnemonic, password, cost)
	if err != nil {
		return "", err
	}
	if moved, err = MoveAside(path); err != nil {
		return "", fmt.Errorf("write keychain: %w", err)
	}
	return moved, writeFile(path, f, false)
}

// MoveAside gives a keychain file that nobody can open another name beside it, which
// says the second. "": there is none.
func MoveAside(path string) (string, error) {
	path, err := local.Target(path) // a link to another disk stays one
	if err != nil {
		return "", err
	}
	switch _, err := readFile(path); {
	case errors.Is(err, ErrNotFound):
		return "", nil
	case errors.Is(err, ErrNewer): // nothing is wrong with it
		return "", err
	}
	to := path + ".before-" + time.Now().UTC().Format("20060102-150405")
	for _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist); _, err = os.Lstat(to) {
		to += "x" // another one in the same second
	}
	if err := os.Rename(path, to); err != nil {
		return "", err
	}
	return to, syncDir(filepath.Dir(path))
}
