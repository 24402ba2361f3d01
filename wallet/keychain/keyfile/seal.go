package keyfile

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"blockstack/wallet/keychain/seedphrase"
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
		if typ != recordEntropy || entropy != nil || !seedphrase.ValidEntropy(n) {
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

// NewUnlocker wraps key for a password.
func NewUnlocker(id, typ string, key []byte, password *secret.Bytes, cost Cost) (Unlocker, error) {
	return WrapKey(id, fmt.Sprintf("%x", random(unlockerID)), typ, key, password, cost)
}

// WrapKey is NewUnlocker with the id of the unlocker given. A person's password is made NFKD.
func WrapKey(id, name, typ string, key []byte, password *secret.Bytes, cost Cost) (Unlocker, error) {
	if err := cost.check(); err != nil {
		return Unlocker{}, err
	}
	if typ == TypePassword {
		password = secret.NFKD(password)
		defer password.Wipe()
	}
	if password.Len() == 0 {
		return Unlocker{}, ErrEmptyPassword
	}
	u := Unlocker{ID: name, Type: typ, KDF: kdf{kdfName, cost.Time, cost.MemoryKiB, cost.Threads, random(minSalt)}}
	pw := cost.stretch(password, u.KDF.Salt)
	defer secret.Zero(pw)
	var err error
	u.Nonce, u.WrappedKey, err = seal(pw, key, unlockerData(id, u.ID))
	return u, err
}

// Opened is what a password opened. The caller wipes the key.
type Opened struct {
	Key      []byte
	Unlocker string // its id
	Cost     Cost
	Spelled  bool // with the bytes that the unlocker would be made with today
}

// Format prints a placeholder under every verb.
func (o *Opened) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[opened]")) }

// Unwrap tries a password, in each of its spellings until one opens. check bounds the work of one
// spelling, secret.MaxSpellings their number.
func (f *File) Unwrap(typ string, password *secret.Bytes) (*Opened, error) {
	forms := []*secret.Bytes{password}
	if typ == TypePassword {
		forms = secret.Spellings(password)
		defer secret.WipeAll(forms)
	}
	for i, form := range forms {
		if o := f.unwrapBytes(typ, form); o != nil {
			o.Spelled = i == 0
			return o, nil
		}
	}
	return nil, ErrWrongPassword
}

// unwrapBytes tries one spelling at every unlocker of a type, also after one has opened, so that a
// right password takes as long as a wrong one. nil: none opens.
func (f *File) unwrapBytes(typ string, password *secret.Bytes) *Opened {
	var found *Opened
	for _, u := range f.Unlockers {
		if u.Type != typ {
			continue
		}
		pw := u.KDF.Cost().stretch(password, u.KDF.Salt)
		k, err := open(pw, u.Nonce, u.WrappedKey, unlockerData(f.ID, u.ID))
		secret.Zero(pw)
		switch {
		case err != nil:
		case found == nil:
			found = &Opened{Key: k, Unlocker: u.ID, Cost: u.KDF.Cost()}
		default:
			secret.Zero(k)
		}
	}
	return found
}

// Secrets opens the sealed records with the wrapping key.
func (f *File) Secrets(key []byte) (*secret.Bytes, error) {
	plain, err := open(key, f.Nonce, f.Sealed, secretData(f.ID))
	if err != nil {
		return nil, fmt.Errorf("%w: the sealed part does not open", ErrMalformed)
	}
	defer secret.Zero(plain)
	return unpackRecords(plain)
}
