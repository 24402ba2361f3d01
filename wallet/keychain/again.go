package keychain

import (
	"fmt"

	"blockstack/wallet/keychain/keyfile"
	"blockstack/wallet/keychain/seedphrase"
	"blockstack/wallet/secret"
)

// Words is an unlocked keychain of a BIP 39 phrase that stands in no file: what a phrase is
// compared with what is there by. Lock forgets it.
func Words(mnemonic *secret.Bytes) (*Keychain, error) {
	entropy, err := seedphrase.Entropy(mnemonic)
	if err != nil {
		return nil, err
	}
	defer entropy.Wipe()
	k := &Keychain{file: &keyfile.File{}}
	return k, k.hold(entropy)
}

// CreateAgain writes a keychain that was lost: from the words, with the id that the wallets made
// with it know. The caller has compared the words with those wallets. A file that is at path is not
// lost: it is moved to the place that is returned, beside it. "": there was none.
func CreateAgain(path, id string, mnemonic, password *secret.Bytes, cost keyfile.Cost) (moved string, err error) {
	if !keyfile.IsHex(id, keyfile.IDSize) {
		return "", fmt.Errorf("%w: id is not %d bytes of hex", keyfile.ErrMalformed, keyfile.IDSize)
	}
	f, err := keyfile.New(id, mnemonic, password, cost)
	if err != nil {
		return "", err
	}
	if moved, err = MoveAside(path); err != nil {
		return "", fmt.Errorf("write keychain: %w", err)
	}
	return moved, keyfile.Write(path, f, false)
}

// MoveAside gives a keychain file that nobody can open another name beside it, which says the
// second. "": there is none.
func MoveAside(path string) (string, error) { return keyfile.MoveAside(path) }
