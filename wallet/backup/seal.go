package backup

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"

	"blockstack/storage"
	"blockstack/storage/local"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

const (
	family   = "BSKBAK" // two digits of a version follow
	magic    = family + "01"
	saltSize = 16
	headSize = len(magic) + 4 + 4 + 1 + saltSize + chacha20poly1305.NonceSizeX
)

// Seal encrypts an archive for a password. cost is keychain.DefaultCost except in tests.
func Seal(a *Archive, password *secret.Bytes, cost keychain.Cost) ([]byte, error) {
	password = secret.NFKD(password)
	defer password.Wipe()
	if password.Len() == 0 {
		return nil, keychain.ErrEmptyPassword
	}
	plain, err := a.pack()
	if err != nil {
		return nil, err
	}
	defer secret.Zero(plain)
	head := make([]byte, 0, headSize+len(plain)+chacha20poly1305.Overhead)
	head = append(head, magic...)
	head = binary.BigEndian.AppendUint32(head, cost.Time)
	head = binary.BigEndian.AppendUint32(head, cost.MemoryKiB)
	head = append(head, cost.Threads)
	random := make([]byte, saltSize+chacha20poly1305.NonceSizeX)
	_, _ = rand.Read(random) // it does not fail
	head = append(head, random...)
	key, err := cost.Derive(password, random[:saltSize])
	if err != nil {
		return nil, fmt.Errorf("seal backup: %w", err)
	}
	defer secret.Zero(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("seal backup: %w", err)
	}
	return aead.Seal(head, random[saltSize:], plain, head), nil
}

// Check looks at what needs no password: whether the file begins as a backup, and whether it is as
// long as one.
func Check(b []byte) error {
	const padded = 512 // a tar file is a whole number of these
	switch n := len(b) - headSize - chacha20poly1305.Overhead; {
	case len(b) == 0:
		return fmt.Errorf("%w: it is empty", ErrDamaged)
	case newer(b):
		return fmt.Errorf("%w: it begins with %.8q, this program knows %q", ErrNewer, b, magic)
	case string(b[:min(len(b), len(magic))]) != magic[:min(len(b), len(magic))]:
		return fmt.Errorf("%w: it does not begin as one", ErrMalformed)
	case n <= 0 || n%padded != 0:
		return fmt.Errorf("%w: it has %d bytes, and no whole backup has that many", ErrDamaged, len(b))
	}
	return nil
}

// newer reports whether a file begins as a backup of a later version.
func newer(b []byte) bool {
	if len(b) < len(magic) || string(b[:len(family)]) != family {
		return false
	}
	version := b[len(family):len(magic)]
	for _, c := range version {
		if c < '0' || c > '9' {
			return false
		}
	}
	return string(version) > magic[len(family):]
}

// Open decrypts a backup. The parameters of Argon2id are bounded before any work, and so are the
// spellings of the password that are tried.
func Open(b []byte, password *secret.Bytes) (*Archive, error) {
	if err := Check(b); err != nil {
		return nil, err
	}
	head, p := b[:headSize], b[len(magic):]
	cost := keychain.Cost{Time: binary.BigEndian.Uint32(p), MemoryKiB: binary.BigEndian.Uint32(p[4:]), Threads: p[8]}
	salt := p[9 : 9+saltSize]
	forms := secret.Spellings(password)
	defer secret.WipeAll(forms)
	for _, form := range forms {
		key, err := cost.Derive(form, salt)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		plain, err := decrypt(key, head, b[headSize:])
		secret.Zero(key)
		switch {
		case err == nil:
			return unpack(plain)
		case !errors.Is(err, ErrWrongPassword):
			return nil, err
		}
	}
	return nil, ErrWrongPassword
}

// decrypt opens what is sealed. The key may be wrong, or the file changed: a wrong key also makes
// nonsense of the first bytes, which are known.
func decrypt(key, head, sealed []byte) ([]byte, error) {
	nonce := head[headSize-chacha20poly1305.NonceSizeX:]
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	plain, err := aead.Open(nil, nonce, sealed, head)
	if err == nil {
		return plain, nil
	}
	stream, err := chacha20.NewUnauthenticatedCipher(key, nonce)
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	stream.SetCounter(1) // the first block is the key of Poly1305 (RFC 8439, section 2.8)
	begin := make([]byte, len(manifest)+1)
	stream.XORKeyStream(begin, sealed[:len(begin)])
	if string(begin) == manifest+"\x00" {
		return nil, fmt.Errorf("%w: the password is right, and a part of the file was cut off or changed", ErrDamaged)
	}
	return nil, ErrWrongPassword
}

// ReadFile reads the bytes of a backup, never more than its largest size.
func ReadFile(path string) ([]byte, error) {
	b, err := local.ReadFile(path, maxSize+int64(headSize)+chacha20poly1305.Overhead)
	if errors.Is(err, storage.ErrTooLarge) {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrMalformed, maxSize)
	}
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	return b, nil
}
