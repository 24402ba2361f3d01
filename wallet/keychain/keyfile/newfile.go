package keyfile

import (
	"fmt"
	"time"

	"blockstack/wallet/keychain/seedphrase"
	"blockstack/wallet/secret"
)

// NewID is a random name for a keychain.
func NewID() string { return fmt.Sprintf("%x", random(IDSize)) }

// New makes the file of a new keychain of an id.
func New(id string, mnemonic, password *secret.Bytes, cost Cost) (*File, error) {
	entropy, err := seedphrase.Entropy(mnemonic)
	if err != nil {
		return nil, err
	}
	defer entropy.Wipe()
	f := &File{Schema: schema, ID: id, Cipher: cipherName, Created: time.Now().UTC().Truncate(time.Second)}
	key := random(KeySize)
	defer secret.Zero(key)
	u, err := NewUnlocker(f.ID, TypePassword, key, password, cost)
	if err != nil {
		return nil, err
	}
	f.Unlockers = []Unlocker{u}
	entropy.Use(func(e []byte) {
		records := packRecords(e)
		f.Nonce, f.Sealed, err = seal(key, records, secretData(f.ID))
		secret.Zero(records)
	})
	return f, err
}
