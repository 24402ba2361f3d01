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

	"blockstack/wallet/keychain/hdpath"
	"blockstack/wallet/keychain/keyfile"
	"blockstack/wallet/keychain/seedphrase"
	"blockstack/wallet/secret"
)

// Keychain is an opened keychain file, locked or unlocked. It is safe for concurrent use.
type Keychain struct {
	path string

	mu     sync.Mutex
	file   *keyfile.File
	root   *hdkeychain.ExtendedKey // nil: locked
	keys   map[string]*Key         // by path; zeroed by Lock
	last   *keyfile.Opened         // of the last unlock, without its key; nil: none yet
	macKey []byte                  // of the list of scripts; nil: locked
}

// Create writes a new keychain for a BIP 39 phrase, protected by password. An existing file is
// never replaced: ErrExists. cost is DefaultCost except in tests. The caller keeps both secrets and
// wipes them.
func Create(path string, mnemonic, password *secret.Bytes, cost keyfile.Cost) error {
	f, err := keyfile.New(keyfile.NewID(), mnemonic, password, cost)
	if err != nil {
		return err
	}
	return keyfile.Write(path, f, false)
}

// Open reads the keychain at path. It is locked.
func Open(path string) (*Keychain, error) {
	f, err := keyfile.Read(path)
	if err != nil {
		return nil, err
	}
	return &Keychain{path: path, file: f}, nil
}

// Parse reads the bytes of a keychain file. It is locked, stands at no place, and its passwords
// cannot be changed.
func Parse(b []byte) (*Keychain, error) {
	f, err := keyfile.Parse(b)
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

// Unlock decrypts the seed. A wrong password gives ErrWrongPassword and takes as long as a right
// one. Unlocking again checks the password again.
func (k *Keychain) Unlock(ctx context.Context, password *secret.Bytes) error {
	return k.unlock(ctx, keyfile.TypePassword, password)
}

// UnlockKeyring is Unlock with the secret of AddKeyring. ErrWrongPassword: it is not the one, or
// the keychain has none.
func (k *Keychain) UnlockKeyring(ctx context.Context, random *secret.Bytes) error {
	return k.unlock(ctx, keyfile.TypeKeyring, random)
}

func (k *Keychain) unlock(ctx context.Context, typ string, password *secret.Bytes) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	opened, err := k.file.Unwrap(typ, password)
	if err != nil {
		return err
	}
	defer secret.Zero(opened.Key)
	entropy, err := k.file.Secrets(opened.Key)
	if err != nil {
		return err
	}
	defer entropy.Wipe()
	k.last = &keyfile.Opened{Unlocker: opened.Unlocker, Cost: opened.Cost, Spelled: opened.Spelled || typ != keyfile.TypePassword}
	if err := ctx.Err(); err != nil {
		return err
	}
	if k.root != nil {
		return nil
	}
	if k.macKey, err = keyfile.MacKey(opened.Key); err != nil {
		return err
	}
	return k.hold(entropy)
}

// hold derives the root key from entropy. k.mu is held, or k is not shared yet.
func (k *Keychain) hold(entropy *secret.Bytes) error {
	s := seedphrase.Seed(entropy)
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

// masterKey is the BIP 32 root of a seed. Only its version bytes depend on the network, and they
// are set when a public key is taken out.
func masterKey(seed *secret.Bytes) (root *hdkeychain.ExtendedKey, err error) {
	seed.Use(func(s []byte) {
		root, err = hdkeychain.NewMaster(s, &chaincfg.MainNetParams)
	})
	if err != nil {
		return nil, fmt.Errorf("derive root key: %w", err)
	}
	return root, nil
}

// node is the key at a path, the last step of a ring's path taken as ring.go says. The caller
// zeroes the result. k.mu is held.
func (k *Keychain) node(p hdpath.Path) (*hdkeychain.ExtendedKey, error) {
	if !p.InRing() {
		return k.derive(p)
	}
	revealer, err := k.derive(p[:3])
	if err != nil {
		return nil, err
	}
	defer revealer.Zero()
	return ringChild(revealer, p)
}

// derive walks a path down from the root. The caller zeroes the result. k.mu is held.
func (k *Keychain) derive(p hdpath.Path) (*hdkeychain.ExtendedKey, error) {
	if k.root == nil {
		return nil, ErrLocked
	}
	if len(p) == 0 {
		return nil, fmt.Errorf("%w: the root", hdpath.ErrBadPath)
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

// Fingerprint is the BIP 32 fingerprint of the root key as the psbt package carries it: the first
// four bytes of the hash of its public key, read as little-endian.
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

// AccountXPub is the extended public key of a payment account (44, 49, 84 or 86), with the version
// bytes of net ("xpub", "tpub").
func (k *Keychain) AccountXPub(net *chaincfg.Params, purpose uint32) (*hdkeychain.ExtendedKey, error) {
	switch purpose {
	case hdpath.PurposeP2PKH, hdpath.PurposeP2SHP2WPKH, hdpath.PurposeP2WPKH, hdpath.PurposeP2TR:
	default:
		return nil, fmt.Errorf("%w: there is no account of purpose %d", hdpath.ErrBadPath, purpose)
	}
	return k.xpub(net, hdpath.Account(net, purpose))
}

func (k *Keychain) xpub(net *chaincfg.Params, p hdpath.Path) (*hdkeychain.ExtendedKey, error) {
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
func (k *Keychain) OwnerKey(i uint32) (*Key, error) { return k.identityKey(hdpath.Owner(i), i) }

// RevealerKey is the key m/888'/1'/i', which reveals namespaces.
func (k *Keychain) RevealerKey(i uint32) (*Key, error) { return k.identityKey(hdpath.Revealer(i), i) }

func (k *Keychain) identityKey(p hdpath.Path, i uint32) (*Key, error) {
	if i >= hdpath.Hardened {
		return nil, fmt.Errorf("%w: index %d", hdpath.ErrBadPath, i)
	}
	return k.Key(p)
}

// Key is the key at a path of one of the roles of the package comment.
func (k *Keychain) Key(p hdpath.Path) (*Key, error) {
	if !p.Signable() {
		return nil, fmt.Errorf("%w: %s has no role", hdpath.ErrBadPath, p)
	}
	name := p.String()
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.keys[name]; ok {
		return key, nil
	}
	node, err := k.node(p)
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
