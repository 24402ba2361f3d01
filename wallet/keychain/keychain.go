package keychain

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/secret"
)

// Keychain is an opened keychain file, locked or unlocked. It is safe for
// concurrent use.
type Keychain struct {
	path string

	mu     sync.Mutex
	file   *file
	root   *hdkeychain.ExtendedKey // nil: locked
	keys   map[string]*Key         // by path; zeroed by Lock
	last   *opening                // of the last unlock, without its key; nil: none yet
	macKey []byte                  // of the list of scripts; nil: locked
}

// Create writes a new keychain for a BIP 39 phrase, protected by password. An
// existing file is never replaced: ErrExists. cost is DefaultCost except in
// tests. The caller keeps both secrets and wipes them.
func Create(path string, mnemonic, password *secret.Bytes, cost Cost) error {
	f, err := newFileOf(fmt.Sprintf("%x", random(idSize)), mnemonic, password, cost)
	if err != nil {
		return err
	}
	return writeFile(path, f, false)
}

// newFileOf makes the file of a new keychain of an id.
func newFileOf(id string, mnemonic, password *secret.Bytes, cost Cost) (*file, error) {
	entropy, err := mnemonicEntropy(mnemonic)
	if err != nil {
		return nil, err
	}
	defer entropy.Wipe()
	f := &file{Schema: schema, ID: id, Cipher: cipherName, Created: time.Now().UTC().Truncate(time.Second)}
	key := random(keySize)
	defer secret.Zero(key)
	u, err := newUnlocker(f.ID, typePassword, key, password, cost)
	if err != nil {
		return nil, err
	}
	f.Unlockers = []unlocker{u}
	entropy.Use(func(e []byte) {
		records := packRecords(e)
		f.Nonce, f.Sealed, err = seal(key, records, secretData(f.ID))
		secret.Zero(records)
	})
	return f, err
}

// Open reads the keychain at path. It is locked.
func Open(path string) (*Keychain, error) {
	f, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return &Keychain{path: path, file: f}, nil
}

// Parse reads the bytes of a keychain file. It is locked, stands at no place, and
// its passwords cannot be changed.
func Parse(b []byte) (*Keychain, error) {
	f, err := parseFile(b)
	if err != nil {
		return nil, err
	}
	return &Keychain{file: f}, nil
}

// Format prints the place of the file under every verb.
func (k *Keychain) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "keychain %s", k.path) }

// ID names the keychain: 32 hex digits, random, and no secret.
func (k *Keychain) ID() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.file.ID
}

// Created is when the keychain file was first made.
func (k *Keychain) Created() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.file.Created
}

// Locked reports whether private keys are out of reach.
func (k *Keychain) Locked() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.root == nil
}

// Unlock decrypts the seed. A wrong password gives ErrWrongPassword and takes
// as long as a right one. Unlocking again checks the password again.
func (k *Keychain) Unlock(ctx context.Context, password *secret.Bytes) error {
	return k.unlock(ctx, typePassword, password)
}

// UnlockKeyring is Unlock with the secret of AddKeyring. ErrWrongPassword: it is
// not the one, or the keychain has none.
func (k *Keychain) UnlockKeyring(ctx context.Context, random *secret.Bytes) error {
	return k.unlock(ctx, typeKeyring, random)
}

func (k *Keychain) unlock(ctx context.Context, typ string, password *secret.Bytes) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	opened, err := k.file.unwrap(typ, password)
	if err != nil {
		return err
	}
	defer secret.Zero(opened.key)
	entropy, err := k.file.secrets(opened.key)
	if err != nil {
		return err
	}
	defer entropy.Wipe()
	k.last = &opening{unlocker: opened.unlocker, cost: opened.cost, spelled: opened.spelled || typ != typePassword}
	if err := ctx.Err(); err != nil {
		return err
	}
	if k.root != nil {
		return nil
	}
	if k.macKey, err = macKey(opened.key); err != nil {
		return err
	}
	return k.hold(entropy)
}

// hold derives the root key from entropy. k.mu is held, or k is not shared yet.
func (k *Keychain) hold(entropy *secret.Bytes) error {
	s := seed(entropy)
	defer s.Wipe()
	root, err := masterKey(s)
	if err != nil {
		return err
	}
	k.root, k.keys = root, make(map[string]*Key)
	return nil
}

// Lock forgets the seed and zeroes every key that was handed out.
func (k *Keychain) Lock() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		key.wipe()
	}
	if k.root != nil {
		k.root.Zero()
	}
	secret.Zero(k.macKey)
	k.root, k.keys, k.macKey = nil, nil, nil
}

// masterKey is the BIP 32 root of a seed. Only its version bytes depend on the
// network, and they are set when a public key is taken out.
func masterKey(seed *secret.Bytes) (root *hdkeychain.ExtendedKey, err error) {
	seed.Use(func(s []byte) {
		root, err = hdkeychain.NewMaster(s, &chaincfg.MainNetParams)
	})
	if err != nil {
		return nil, fmt.Errorf("derive root key: %w", err)
	}
	return root, nil
}

// derive walks a path down from the root. The caller zeroes the result. k.mu is held.
func (k *Keychain) derive(p Path) (*hdkeychain.ExtendedKey, error) {
	if k.root == nil {
		return nil, ErrLocked
	}
	if len(p) == 0 {
		return nil, fmt.Errorf("%w: the root", ErrBadPath)
	}
	node := k.root
	for _, i := range p {
		child, err := node.Derive(i)
		if node != k.root {
			node.Zero()
		}
		if err != nil {
			return nil, fmt.Errorf("derive %s: %w", p, err)
		}
		node = child
	}
	return node, nil
}

// Fingerprint is the BIP 32 fingerprint of the root key as the psbt package
// carries it: the first four bytes of the hash of its public key, read as
// little-endian.
func (k *Keychain) Fingerprint() (uint32, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.root == nil {
		return 0, ErrLocked
	}
	pub, err := k.root.ECPubKey()
	if err != nil {
		return 0, fmt.Errorf("fingerprint: %w", err)
	}
	return binary.LittleEndian.Uint32(address.Hash160(pub.SerializeCompressed())), nil
}

// AccountXPub is the extended public key of a payment account (44, 49, 84 or
// 86), with the version bytes of net ("xpub", "tpub").
func (k *Keychain) AccountXPub(net *chaincfg.Params, purpose uint32) (*hdkeychain.ExtendedKey, error) {
	switch purpose {
	case PurposeP2PKH, PurposeP2SHP2WPKH, PurposeP2WPKH, PurposeP2TR:
	default:
		return nil, fmt.Errorf("%w: there is no account of purpose %d", ErrBadPath, purpose)
	}
	return k.xpub(net, AccountPath(net, purpose))
}

func (k *Keychain) xpub(net *chaincfg.Params, p Path) (*hdkeychain.ExtendedKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	node, err := k.derive(p)
	if err != nil {
		return nil, err
	}
	defer node.Zero()
	pub, err := node.Neuter()
	if err == nil {
		pub, err = pub.CloneWithVersion(net.HDPublicKeyID[:])
	}
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", p, err)
	}
	// Neuter shares memory with the private key, which is zeroed above.
	pub, err = hdkeychain.NewKeyFromString(pub.String())
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", p, err)
	}
	return pub, nil
}

// OwnerKey is the key m/888'/0'/i', which owns names.
func (k *Keychain) OwnerKey(i uint32) (*Key, error) { return k.identityKey(OwnerPath(i), i) }

// RevealerKey is the key m/888'/1'/i', which reveals namespaces.
func (k *Keychain) RevealerKey(i uint32) (*Key, error) { return k.identityKey(RevealerPath(i), i) }

func (k *Keychain) identityKey(p Path, i uint32) (*Key, error) {
	if i >= Hardened {
		return nil, fmt.Errorf("%w: index %d", ErrBadPath, i)
	}
	return k.Key(p)
}

// Key is the key at a path of one of the roles of the package comment.
func (k *Keychain) Key(p Path) (*Key, error) {
	if !p.signable() {
		return nil, fmt.Errorf("%w: %s has no role", ErrBadPath, p)
	}
	name := p.String()
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.keys[name]; ok {
		return key, nil
	}
	derive := k.derive
	if p.ring() {
		derive = k.deriveRing
	}
	node, err := derive(p)
	if err != nil {
		return nil, err
	}
	defer node.Zero()
	priv, err := node.ECPrivKey()
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", p, err)
	}
	key := newKey(p, priv)
	k.keys[name] = key
	return key, nil
}
