package keychain

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/btcsuite/btcd/btcec/v2"
)

// The list of scripts: public keys of the seed, readable without the password, so that a wallet that is locked need not
// believe what other files say of its scripts. doc.go has its form in the file.
//
//	mac = HMAC-SHA256(HKDF-SHA256(wrapping key, no salt, "blockstack/keychain/v1 scripts"), "ID\n" JSON)
//
// where ID is that of the keychain and JSON the member "scripts" without "mac", written by encoding/json without spaces.

const (
	listInfo    = "blockstack/keychain/v1 scripts"
	macSize     = sha256.Size
	maxListed   = 32_768 // keys of one role
	maxHomes    = 16
	maxSets     = 1000
	maxSet      = 520 // bytes of a redeem script (BIP 16)
	maxXPub     = 120
	maxGap      = 10_000
	sealedBytes = 32
)

var (
	// ErrNoList: the keychain has no list of scripts yet. It is made at the next Unlock of a wallet.
	ErrNoList = errors.New("the keychain has no list of the wallet's scripts yet")
	// ErrListForged: the list of scripts is not what a holder of the password wrote.
	ErrListForged = errors.New("the list of scripts in the keychain file was changed by somebody without the password")
)

// homeName is the name of a folder that has a wallet of this keychain.
var homeName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// pubKeys are compressed public keys, from index 0 on, that stand one behind the other as base64 in the file.
type pubKeys [][]byte

func (p pubKeys) MarshalText() ([]byte, error) { return blob(slices.Concat(p...)).MarshalText() }

func (p *pubKeys) UnmarshalText(t []byte) error {
	var all blob
	if err := all.UnmarshalText(t); err != nil {
		return err
	}
	const size = btcec.PubKeyBytesLenCompressed
	if len(all)%size != 0 || len(all)/size > maxListed {
		return fmt.Errorf("%d bytes are not 0 to %d public keys", len(all), maxListed)
	}
	*p = nil
	for k := range slices.Chunk([]byte(all), size) {
		if k[0] != 2 && k[0] != 3 {
			return errors.New("a public key is not a compressed one")
		}
		*p = append(*p, k)
	}
	return nil
}

// List is the list of scripts: what a wallet may believe of its own keys while it is locked.
type List struct {
	Fingerprint string          `json:"fingerprint"` // of the root key, in hex as descriptors write it
	SealedKey   blob            `json:"sealed_key"`  // public half of the key that opens sealed boxes
	Owners      pubKeys         `json:"owners"`
	Revealers   pubKeys         `json:"revealers"`
	Homes       map[string]Home `json:"homes"` // by the name of the wallet's folder
	MAC         blob            `json:"mac,omitempty"`
}

// Home is what one wallet of the keychain has of its own.
type Home struct {
	Accounts map[uint32]string `json:"accounts"` // extended public keys of the payment accounts, by purpose
	Gap      uint32            `json:"gap"`      // how many unused keys in a row end a search
	Sets     []blob            `json:"sets"`     // redeem scripts that several keys sign
}

// Home is what the list has of a wallet.
func (l *List) Home(name string) (h Home, ok bool) {
	if l == nil {
		return h, false
	}
	h, ok = l.Homes[name]
	return h, ok
}

// RedeemScripts are the scripts of several keys.
func (h Home) RedeemScripts() [][]byte {
	var list [][]byte
	for _, s := range h.Sets {
		list = append(list, s)
	}
	return list
}

// SetRedeemScripts puts scripts of several keys in place of those that there were.
func (h *Home) SetRedeemScripts(list [][]byte) {
	h.Sets = nil
	for _, s := range list {
		h.Sets = append(h.Sets, s)
	}
}

func (l *List) check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: list of scripts: "+format, append([]any{ErrMalformed}, args...)...)
	}
	switch {
	case !isHex(l.Fingerprint, 4):
		return bad("the fingerprint is not 4 bytes of hex")
	case len(l.SealedKey) != sealedBytes:
		return bad("the sealed key has %d bytes", len(l.SealedKey))
	case len(l.Homes) > maxHomes:
		return bad("%d wallets are more than %d", len(l.Homes), maxHomes)
	case len(l.MAC) != macSize:
		return bad("the MAC has %d bytes", len(l.MAC))
	}
	for name, h := range l.Homes {
		switch {
		case !homeName.MatchString(name):
			return bad("%.80q is not the name of a wallet", name)
		case len(h.Sets) > maxSets:
			return bad("%d sets of keys are more than %d", len(h.Sets), maxSets)
		case h.Gap < 1 || h.Gap > maxGap:
			return bad("a gap of %d", h.Gap)
		}
		for purpose, key := range h.Accounts {
			switch purpose {
			case PurposeP2PKH, PurposeP2SHP2WPKH, PurposeP2WPKH, PurposeP2TR:
			default:
				return bad("there is no account of purpose %d", purpose)
			}
			if len(key) > maxXPub {
				return bad("an account key has %d characters", len(key))
			}
		}
		for _, s := range h.Sets {
			if len(s) == 0 || len(s) > maxSet {
				return bad("a set of keys has %d bytes", len(s))
			}
		}
	}
	return nil
}

// clone is a copy that shares nothing that changes.
func (l *List) clone() *List {
	if l == nil {
		return nil
	}
	c := *l
	c.Owners, c.Revealers = slices.Clone(l.Owners), slices.Clone(l.Revealers)
	c.Homes = make(map[string]Home, len(l.Homes))
	for name, h := range l.Homes {
		h.Accounts, h.Sets = maps.Clone(h.Accounts), slices.Clone(h.Sets)
		c.Homes[name] = h
	}
	return &c
}

// Digest is what the MAC is made of.
func (l *List) Digest(id string) ([32]byte, error) {
	plain := *l
	plain.MAC = nil
	b, err := json.Marshal(&plain)
	return sha256.Sum256(slices.Concat([]byte(id), []byte("\n"), b)), err
}

// macKey is the key of the list's MAC.
func macKey(wrapping []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, wrapping, nil, listInfo, macSize)
}

func macOf(key []byte, digest [32]byte) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write(digest[:])
	return h.Sum(nil)
}

// List is the list of scripts as the file has it. While the keychain is locked nobody has checked it: who can write the
// file can change it. ErrNoList.
func (k *Keychain) List() (*List, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.file.Scripts == nil {
		return nil, ErrNoList
	}
	return k.file.Scripts.clone(), nil
}

// Vouches says whether the list with this digest and this MAC was written by a holder of the password. ErrLocked.
func (k *Keychain) Vouches(digest [32]byte, mac []byte) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.macKey == nil {
		return false, ErrLocked
	}
	return hmac.Equal(macOf(k.macKey, digest), mac), nil
}

// CheckList finds out whether the list in the file was written by a holder of the password. ErrNoList, ErrLocked,
// ErrListForged.
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

// Derived is the list's part that follows from the seed, with at least so many owner and revealer keys.
func (k *Keychain) Derived(owners, revealers uint32) (*List, error) {
	if max(owners, revealers) > maxListed {
		return nil, fmt.Errorf("a list of scripts has at most %d keys of a role, not %d", maxListed, max(owners, revealers))
	}
	fp, err := k.Fingerprint()
	if err != nil {
		return nil, err
	}
	sealed, err := k.SealedKey()
	if err != nil {
		return nil, err
	}
	l := &List{Fingerprint: hex.EncodeToString([]byte{byte(fp), byte(fp >> 8), byte(fp >> 16), byte(fp >> 24)}), SealedKey: sealed[:], Homes: map[string]Home{}}
	for _, row := range []struct {
		keys *pubKeys
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

// SetList writes a list in place of the one that there is; its MAC is made here. The caller has derived it from the
// seed. change is given what the file has now, nil for none, and whether a holder of the password wrote that; it returns
// what the file shall have, nil for no change. It calls nothing of the keychain, which is held meanwhile.
func (k *Keychain) SetList(change func(now *List, vouched bool) (*List, error)) (err error) {
	done, err := lockFile(k.path)
	if err != nil {
		return fmt.Errorf("keychain: %w", err)
	}
	defer func() { err = errors.Join(err, done()) }()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.macKey == nil {
		return ErrLocked
	}
	f, err := readFile(k.path)
	if err != nil {
		return err
	}
	if f.ID != k.file.ID {
		return fmt.Errorf("%w: another keychain is now at %s", ErrMalformed, k.path)
	}
	vouched := false
	if f.Scripts != nil {
		digest, err := f.Scripts.Digest(f.ID)
		if err != nil {
			return err
		}
		vouched = hmac.Equal(macOf(k.macKey, digest), f.Scripts.MAC)
	}
	l, err := change(f.Scripts.clone(), vouched)
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
	l.MAC = macOf(k.macKey, digest)
	f.Schema, f.Scripts = schemaListed, l
	if err := f.check(); err != nil {
		return err
	}
	if err := writeFile(k.path, f, true); err != nil {
		return err
	}
	k.file = f
	return nil
}
