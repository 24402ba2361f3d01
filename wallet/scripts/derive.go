package scripts

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/names/outscript"
	"blockstack/wallet/labels"
)

// Public is what the scripts of a wallet are derived from. The rows of labels.db are a cache of it:
// they say where to look, and nothing that they say is believed.
type Public struct {
	Accounts  map[Kind]*hdkeychain.ExtendedKey
	Owners    [][]byte // compressed public keys, from index 0 on
	Revealers [][]byte
	Sets      [][]byte // redeem scripts that several keys sign
	Gap       uint32   // how many unused keys a restore looks at; 0: what labels.db says

	SealedKey   []byte // public half of the key that opens sealed boxes; nil: what labels.db says of it and of the fingerprint
	Fingerprint uint32 // of the root key, as the psbt package carries it
}

// clone is a copy that can be appended to.
func (p Public) clone() Public {
	p.Accounts, p.Owners, p.Revealers, p.Sets = maps.Clone(p.Accounts), slices.Clone(p.Owners), slices.Clone(p.Revealers), slices.Clone(p.Sets)
	return p
}

// Role are the public keys of a role.
func (p *Public) Role(r Role) *[][]byte {
	if r == Owner {
		return &p.Owners
	}
	return &p.Revealers
}

// Deriver makes keys from what is believed, and remembers them.
type Deriver struct {
	Net *chaincfg.Params

	mu     sync.Mutex
	public Public
	nodes  map[Branch]*hdkeychain.ExtendedKey
	made   map[Place]Key
	places map[string]Place  // of made, by script
	seen   map[Branch]uint32 // how many keys of each branch the known transactions use
}

// Note keeps how many keys of each branch are used.
func (d *Deriver) Note(used map[Branch]uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = used
}

// Used is what note was told last.
func (d *Deriver) Used(b Branch) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen[b]
}

// Place is where a key stands.
type Place struct {
	Branch Branch
	Index  uint32
}

func NewDeriver(net *chaincfg.Params, p Public) *Deriver {
	d := &Deriver{Net: net}
	d.Believe(p)
	return d
}

// Believe derives from p from now on.
func (d *Deriver) Believe(p Public) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.public, d.nodes, d.made = p.clone(), make(map[Branch]*hdkeychain.ExtendedKey), make(map[Place]Key)
	d.places = make(map[string]Place)
}

// Believed is a copy of what is derived from.
func (d *Deriver) Believed() Public {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.public.clone()
}

// Extend adds keys of a role; the first has index from. Those that are there are left alone.
func (d *Deriver) Extend(role Role, from uint32, pubs []*btcec.PublicKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	row := d.public.Role(role)
	for i, pub := range pubs {
		if from+uint32(i) == uint32(len(*row)) {
			*row = append(*row, pub.SerializeCompressed())
		}
	}
}

// AddSet adds a script of several keys.
func (d *Deriver) AddSet(redeem []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.ContainsFunc(d.public.Sets, func(s []byte) bool { return bytes.Equal(s, redeem) }) {
		d.public.Sets = append(d.public.Sets, bytes.Clone(redeem))
	}
}

// Length is how many keys of a role there are.
func (d *Deriver) Length(role Role) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return uint32(len(*d.public.Role(role)))
}

// Account is the extended public key of a payment account, nil where the wallet has none.
func (d *Deriver) Account(kind Kind) *hdkeychain.ExtendedKey {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.public.Accounts[kind]
}

// Key derives the key at a place. ErrNeedKeys: it follows from nothing that is believed.
func (d *Deriver) Key(b Branch, index uint32) (Key, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := Place{b, index}
	if k, ok := d.made[at]; ok {
		return k, nil
	}
	pub, err := d.pub(b, index)
	if err != nil {
		return Key{}, err
	}
	k, err := newKey(d.Net, b, index, pub)
	if err == nil {
		d.made[at], d.places[string(k.Script)] = k, at
	}
	return k, err
}

// Derived finds a script among the keys that were derived before.
func (d *Deriver) Derived(script []byte) (Key, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.places[string(script)]
	return d.made[at], ok
}

// pub derives a public key. d.mu is held.
func (d *Deriver) pub(b Branch, index uint32) (*btcec.PublicKey, error) {
	missing := fmt.Errorf("%s key %d: %w", b.Role(), index, ErrNeedKeys)
	switch b.Role() {
	case Owner, Revealer:
		row := *d.public.Role(b.Role())
		if index >= uint32(len(row)) {
			return nil, missing
		}
		pub, err := btcec.ParsePubKey(row[index])
		if err != nil {
			return nil, fmt.Errorf("%w: %s key %d: %w", labels.ErrMalformed, b.Role(), index, err)
		}
		return pub, nil
	case Shared:
		return nil, missing
	}
	node := d.nodes[b]
	if node == nil {
		account := d.public.Accounts[b.Kind()]
		if account == nil || byte(b.Kind().Purpose()) != b[0] || b[1] > byte(Change) || index >= hdkeychain.HardenedKeyStart {
			return nil, missing
		}
		var err error
		if node, err = account.Derive(uint32(b[1])); err != nil {
			return nil, fmt.Errorf("derive branch %d of account %d: %w", b[1], b[0], err)
		}
		d.nodes[b] = node
	}
	child, err := node.Derive(index)
	if err != nil {
		return nil, fmt.Errorf("derive key %d of account %d: %w", index, b[0], err)
	}
	return child.ECPubKey()
}

// Set finds the script of several keys that an output script pays to.
func (d *Deriver) Set(script []byte) (redeem []byte, ok bool) {
	if outscript.KindOf(script) != outscript.P2SH {
		return nil, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, redeem := range d.public.Sets {
		if bytes.Equal(script[2:22], address.Hash160(redeem)) {
			return redeem, true
		}
	}
	return nil, false
}

// Knows says whether a redeem script is one of those that are believed.
func (d *Deriver) Knows(redeem []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.ContainsFunc(d.public.Sets, func(s []byte) bool { return bytes.Equal(s, redeem) })
}

// IsInvalidChild says that it is the index that BIP 32 skips; its chance is below 1 in 2^127.
func IsInvalidChild(err error) bool { return errors.Is(err, hdkeychain.ErrInvalidChild) }

// IsMissing says that a key follows from nothing that is believed.
func IsMissing(err error) bool { return errors.Is(err, ErrNeedKeys) }
