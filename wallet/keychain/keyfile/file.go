package keyfile

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	schemaName    = "blockstack/keychain/v"
	schemaVersion = 2
	schema        = "blockstack/keychain/v1"

	// SchemaListed is that of a file with a list of scripts.
	SchemaListed = "blockstack/keychain/v2"

	cipherName = "xchacha20-poly1305"
	kdfName    = "argon2id"

	// TypePassword is an unlocker whose password a person types.
	TypePassword = "password"
	// TypeKeyring is an unlocker whose password is a random one that the operating system keeps.
	TypeKeyring = "keyring"

	// KeySize is the length of the wrapping key.
	KeySize = chacha20poly1305.KeySize
	// IDSize is the length of a keychain's id in bytes.
	IDSize = 16
	// MaxUnlockers is how many unlockers a file may have.
	MaxUnlockers = 8

	unlockerID = 8
	minSalt    = 16
	maxSalt    = 64
	maxFile    = 4 << 20
	maxSealed  = 4 << 10
)

// Blob is bytes that stand as base64 in the file.
type Blob []byte

// MarshalText gives base64.
func (b Blob) MarshalText() ([]byte, error) {
	return []byte(base64.StdEncoding.EncodeToString(b)), nil
}

// UnmarshalText reads base64.
func (b *Blob) UnmarshalText(t []byte) error {
	d, err := base64.StdEncoding.Strict().DecodeString(string(t))
	*b = d
	return err
}

type kdf struct {
	Name      string `json:"name"`
	Time      uint32 `json:"time"`
	MemoryKiB uint32 `json:"memory_kib"`
	Threads   uint8  `json:"threads"`
	Salt      Blob   `json:"salt"`
}

// Cost is what one try of the password costs.
func (k kdf) Cost() Cost { return Cost{k.Time, k.MemoryKiB, k.Threads} }

// Unlocker is one way to open the wrapping key, as it stands in the file.
type Unlocker struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	KDF        kdf    `json:"kdf"`
	Nonce      Blob   `json:"nonce"`
	WrappedKey Blob   `json:"wrapped_key"`
}

// File is the keychain file; doc.go has its grammar.
type File struct {
	Schema    string     `json:"schema"`
	ID        string     `json:"id"`
	Created   time.Time  `json:"created"`
	Cipher    string     `json:"cipher"`
	Scripts   *List      `json:"scripts,omitempty"`
	Unlockers []Unlocker `json:"unlockers"`
	Nonce     Blob       `json:"nonce"`
	Sealed    Blob       `json:"sealed"`
}

// Parse reads and checks a keychain file. Everything in it may be hostile.
func Parse(b []byte) (*File, error) {
	if len(b) > maxFile {
		return nil, fmt.Errorf("%w: %d bytes is more than %d", ErrMalformed, len(b), maxFile)
	}
	// A newer file may have keys that this program does not know, so the schema is read by itself
	// first.
	var head struct {
		Schema string `json:"schema"`
	}
	if json.Unmarshal(b, &head) == nil {
		if n, ok := strings.CutPrefix(head.Schema, schemaName); ok && newerThan(n, schemaVersion) {
			return nil, fmt.Errorf("%w: version %s, this program knows %d", ErrNewer, n, schemaVersion)
		}
	}
	var f File
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows the object", ErrMalformed)
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	return &f, nil
}

// newerThan reports whether a text is the number of a version above another one.
func newerThan(text string, version int) bool {
	n, err := strconv.ParseUint(text, 10, 31)
	return err == nil && int(n) > version
}

// Check holds a file to its grammar and to the bounds of its work. ErrMalformed.
func (f *File) Check() error {
	switch {
	case f.Schema != schema && f.Schema != SchemaListed:
		return fmt.Errorf("%w: schema %.60q is not %q", ErrMalformed, f.Schema, SchemaListed)
	case (f.Schema == SchemaListed) != (f.Scripts != nil):
		return fmt.Errorf("%w: a list of scripts belongs to schema %q, and only there", ErrMalformed, SchemaListed)
	case f.Cipher != cipherName:
		return fmt.Errorf("%w: cipher %.60q is not %q", ErrMalformed, f.Cipher, cipherName)
	case !IsHex(f.ID, IDSize):
		return fmt.Errorf("%w: id is not %d bytes of hex", ErrMalformed, IDSize)
	case len(f.Unlockers) < 1 || len(f.Unlockers) > MaxUnlockers:
		return fmt.Errorf("%w: %d unlockers, not 1..%d", ErrMalformed, len(f.Unlockers), MaxUnlockers)
	case len(f.Nonce) != chacha20poly1305.NonceSizeX:
		return fmt.Errorf("%w: nonce has %d bytes", ErrMalformed, len(f.Nonce))
	case len(f.Sealed) < chacha20poly1305.Overhead || len(f.Sealed) > maxSealed:
		return fmt.Errorf("%w: sealed part has %d bytes", ErrMalformed, len(f.Sealed))
	}
	seen := make(map[string]bool)
	var work uint64
	for i := range f.Unlockers {
		u := &f.Unlockers[i]
		switch {
		case !IsHex(u.ID, unlockerID):
			return fmt.Errorf("%w: unlocker id is not %d bytes of hex", ErrMalformed, unlockerID)
		case seen[u.ID]:
			return fmt.Errorf("%w: unlocker %s is there twice", ErrMalformed, u.ID)
		case u.Type != TypePassword && u.Type != TypeKeyring:
			return fmt.Errorf("%w: unlocker type %.60q is unknown", ErrMalformed, u.Type)
		case u.KDF.Name != kdfName:
			return fmt.Errorf("%w: kdf %.60q is unknown", ErrMalformed, u.KDF.Name)
		case len(u.KDF.Salt) < minSalt || len(u.KDF.Salt) > maxSalt:
			return fmt.Errorf("%w: salt has %d bytes", ErrMalformed, len(u.KDF.Salt))
		case len(u.Nonce) != chacha20poly1305.NonceSizeX:
			return fmt.Errorf("%w: unlocker nonce has %d bytes", ErrMalformed, len(u.Nonce))
		case len(u.WrappedKey) != KeySize+chacha20poly1305.Overhead:
			return fmt.Errorf("%w: wrapped key has %d bytes", ErrMalformed, len(u.WrappedKey))
		}
		if err := u.KDF.Cost().check(); err != nil {
			return err
		}
		if work += u.KDF.Cost().work(); work > maxWork {
			return fmt.Errorf("%w: its unlockers together go over more than %d KiB", ErrMalformed, maxWork)
		}
		seen[u.ID] = true
	}
	if f.Count(TypePassword) == 0 {
		return fmt.Errorf("%w: no password opens it", ErrMalformed)
	}
	if f.Scripts != nil {
		return f.Scripts.check()
	}
	return nil
}

// IsHex says whether a text is so many bytes in lower-case hex.
func IsHex(s string, n int) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == n && hex.EncodeToString(b) == s
}

// Read reads a keychain file, never more than its largest size.
func Read(path string) (*File, error) {
	r, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s", ErrNotFound, path)
	}
	if err != nil {
		return nil, fmt.Errorf("open keychain: %w", err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read keychain: %w", err)
	}
	f, err := Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Count is how many unlockers of a type there are.
func (f *File) Count(typ string) (n int) {
	for _, u := range f.Unlockers {
		if u.Type == typ {
			n++
		}
	}
	return n
}
