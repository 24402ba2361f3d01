package keyfile

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/wallet/keychain/hdpath"
)

// The list of scripts: public keys of the seed, readable without the password, so that a wallet
// that is locked need not believe what other files say of its scripts. doc.go has its form in the
// file.
//
//	mac = HMAC-SHA256(HKDF-SHA256(wrapping key, no salt, "blockstack/keychain/v1 scripts"), "ID\n" JSON)
//
// where ID is that of the keychain and JSON the member "scripts" without "mac", written by
// encoding/json without spaces.

const (
	listInfo    = "blockstack/keychain/v1 scripts"
	macSize     = sha256.Size
	maxHomes    = 16
	maxSets     = 1000
	maxSet      = 520 // bytes of a redeem script (BIP 16)
	maxXPub     = 120
	maxGap      = 10_000
	sealedBytes = 32

	// MaxListed is how many keys of one role a list may have.
	MaxListed = 32_768
)

// homeName is the name of a folder that has a wallet of this keychain.
var homeName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// PubKeys are compressed public keys, from index 0 on, that stand one behind the other as base64 in
// the file.
type PubKeys [][]byte

// MarshalText gives base64.
func (p PubKeys) MarshalText() ([]byte, error) { return Blob(slices.Concat(p...)).MarshalText() }

// UnmarshalText reads base64, and refuses what is no row of keys.
func (p *PubKeys) UnmarshalText(t []byte) error {
	var all Blob
	if err := all.UnmarshalText(t); err != nil {
		return err
	}
	const size = btcec.PubKeyBytesLenCompressed
	if len(all)%size != 0 || len(all)/size > MaxListed {
		return fmt.Errorf("%d bytes are not 0 to %d public keys", len(all), MaxListed)
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
	SealedKey   Blob            `json:"sealed_key"`  // public half of the key that opens sealed boxes
	Owners      PubKeys         `json:"owners"`
	Revealers   PubKeys         `json:"revealers"`
	Homes       map[string]Home `json:"homes"` // by the name of the wallet's folder
	MAC         Blob            `json:"mac,omitempty"`
}

// Home is what one wallet of the keychain has of its own.
type Home struct {
	Accounts map[uint32]string `json:"accounts"` // extended public keys of the payment accounts, by purpose
	Gap      uint32            `json:"gap"`      // how many unused keys in a row end a search
	Sets     []Blob            `json:"sets"`     // redeem scripts that several keys sign
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
	case !IsHex(l.Fingerprint, 4):
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
			case hdpath.PurposeP2PKH, hdpath.PurposeP2SHP2WPKH, hdpath.PurposeP2WPKH, hdpath.PurposeP2TR:
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

// Clone is a copy that shares nothing that changes.
func (l *List) Clone() *List {
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

// MacKey is the key of the list's MAC.
func MacKey(wrapping []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, wrapping, nil, listInfo, macSize)
}

// MacOf is the MAC of a list with a digest.
func MacOf(key []byte, digest [32]byte) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write(digest[:])
	return h.Sum(nil)
}
