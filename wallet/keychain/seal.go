package keychain

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"blockstack/wallet/secret"
)

const (
	recordEntropy = 1
	recordsSize   = 128 // padded length of the records
)

func unlockerData(id, unlocker string) []byte {
	return []byte(schema + " unlocker " + id + " " + unlocker)
}

func secretData(id string) []byte { return []byte(schema + " secret " + id) }

// seal encrypts plain under key with a fresh nonce.
func seal(key, plain, data []byte) (nonce, sealed []byte, err error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, nil, fmt.Errorf("seal: %w", err)
	}
	nonce = random(aead.NonceSize())
	return nonce, aead.Seal(nil, nonce, plain, data), nil
}

func open(key, nonce, sealed, data []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return aead.Open(nil, nonce, sealed, data)
}

// random returns n bytes from the system's generator, which does not fail.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// packRecords writes the secret records of doc.go.
func packRecords(entropy []byte) []byte {
	b := make([]byte, 0, recordsSize)
	b = append(b, recordEntropy)
	b = binary.BigEndian.AppendUint16(b, uint16(len(entropy)))
	b = append(b, entropy...)
	return b[:recordsSize]
}

// unpackRecords reads the secret records and returns the entropy.
func unpackRecords(b []byte) (*secret.Bytes, error) {
	var entropy *secret.Bytes
	for len(b) > 0 && b[0] != 0 {
		if len(b) < 3 {
			return nil, fmt.Errorf("%w: secret record is cut off", ErrMalformed)
		}
		typ, n := b[0], int(binary.BigEndian.Uint16(b[1:]))
		if b = b[3:]; n > len(b) {
			return nil, fmt.Errorf("%w: secret record is cut off", ErrMalformed)
		}
		if typ != recordEntropy || entropy != nil || !validEntropy(n) {
			return nil, fmt.Errorf("%w: secret record of type %d and %d bytes is unknown", ErrMalformed, typ, n)
		}
		entropy = secret.Copy(b[:n])
		b = b[n:]
	}
	for _, c := range b {
		if c != 0 {
			return nil, fmt.Errorf("%w: bytes follow the secret records", ErrMalformed)
		}
	}
	if entropy == nil {
		return nil, fmt.Errorf("%w: it holds no entropy", ErrMalformed)
	}
	return entropy, nil
}

// newUnlocker wraps key for password.
func newUnlocker(id, typ string, key []byte, password *secret.Bytes, cost Cost) (unlocker, error) {
	if password.Len() == 0 {
		return unlocker{}, ErrEmptyPassword
	}
	if err := cost.check(); err != nil {
		return unlocker{}, err
	}
	u := unlocker{
		ID: fmt.Sprintf("%x", random(unlockerID)), Type: typ,
		KDF: kdf{kdfName, cost.Time, cost.MemoryKiB, cost.Threads, random(minSalt)},
	}
	pw := cost.derive(password, u.KDF.Salt)
	defer secret.Zero(pw)
	var err error
	u.Nonce, u.WrappedKey, err = seal(pw, key, unlockerData(id, u.ID))
	return u, err
}

// unwrap tries the password at every unlocker of a type, also after one has
// opened, so that a right password takes as long as a wrong one. The caller wipes
// the key.
func (f *file) unwrap(typ string, password *secret.Bytes) (key []byte, unlocker string, err error) {
	for _, u := range f.Unlockers {
		if u.Type != typ {
			continue
		}
		pw := u.KDF.cost().derive(password, u.KDF.Salt)
		k, err := open(pw, u.Nonce, u.WrappedKey, unlockerData(f.ID, u.ID))
		secret.Zero(pw)
		switch {
		case err != nil:
		case key == nil:
			key, unlocker = k, u.ID
		default:
			secret.Zero(k)
		}
	}
	if key == nil {
		return nil, "", ErrWrongPassword
	}
	return key, unlocker, nil
}

// secrets opens the sealed records with the wrapping key.
func (f *file) secrets(key []byte) (*secret.Bytes, error) {
	plain, err := open(key, f.Nonce, f.Sealed, secretData(f.ID))
	if err != nil {
		return nil, fmt.Errorf("%w: the sealed part does not open", ErrMalformed)
	}
	defer secret.Zero(plain)
	return unpackRecords(plain)
}
