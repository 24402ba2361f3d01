package coins

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
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/storage/dbfile"
)

// Public is what the scripts of a wallet are derived from. The rows of labels.db are a cache of it: they say where to
// look, and nothing that they say is believed.
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

// role are the public keys of a role.
func (p *Public) role(r Role) *[][]byte {
	if r == Owner {
		return &p.Owners
	}
	return &p.Revealers
}

// deriver makes keys from what is believed, and remembers them.
type deriver struct {
	net *chaincfg.Params

	mu     sync.Mutex
	public Public
	nodes  map[branch]*hdkeychain.ExtendedKey
	made   map[place]Key
	places map[string]place  // of made, by script
	seen   map[branch]uint32 // how many keys of each branch the known transactions use
}

// note keeps how many keys of each branch are used.
func (d *deriver) note(used map[branch]uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = used
}

// used is what note was told last.
func (d *deriver) used(b branch) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen[b]
}

// place is where a key stands.
type place struct {
	branch branch
	index  uint32
}

func newDeriver(net *chaincfg.Params, p Public) *deriver {
	d := &deriver{net: net}
	d.believe(p)
	return d
}

// believe derives from p from now on.
func (d *deriver) believe(p Public) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.public, d.nodes, d.made = p.clone(), make(map[branch]*hdkeychain.ExtendedKey), make(map[place]Key)
	d.places = make(map[string]place)
}

// believed is a copy of what is derived from.
func (d *deriver) believed() Public {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.public.clone()
}

// extend adds keys of a role; the first has index from. Those that are there are left alone.
func (d *deriver) extend(role Role, from uint32, pubs []*btcec.PublicKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	row := d.public.role(role)
	for i, pub := range pubs {
		if from+uint32(i) == uint32(len(*row)) {
			*row = append(*row, pub.SerializeCompressed())
		}
	}
}

// addSet adds a script of several keys.
func (d *deriver) addSet(redeem []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.ContainsFunc(d.public.Sets, func(s []byte) bool { return bytes.Equal(s, redeem) }) {
		d.public.Sets = append(d.public.Sets, bytes.Clone(redeem))
	}
}

// length is how many keys of a role there are.
func (d *deriver) length(role Role) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return uint32(len(*d.public.role(role)))
}

// account is the extended public key of a payment account, nil where the wallet has none.
func (d *deriver) account(kind Kind) *hdkeychain.ExtendedKey {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.public.Accounts[kind]
}

// key derives the key at a place. ErrNeedKeys: it follows from nothing that is believed.
func (d *deriver) key(b branch, index uint32) (Key, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := place{b, index}
	if k, ok := d.made[at]; ok {
		return k, nil
	}
	pub, err := d.pub(b, index)
	if err != nil {
		return Key{}, err
	}
	k, err := newKey(d.net, b, index, pub)
	if err == nil {
		d.made[at], d.places[string(k.Script)] = k, at
	}
	return k, err
}

// derived finds a script among the keys that were derived before.
func (d *deriver) derived(script []byte) (Key, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.places[string(script)]
	return d.made[at], ok
}

// pub derives a public key. d.mu is held.
func (d *deriver) pub(b branch, index uint32) (*btcec.PublicKey, error) {
	missing := fmt.Errorf("%s key %d: %w", b.role(), index, ErrNeedKeys)
	switch b.role() {
	case Owner, Revealer:
		row := *d.public.role(b.role())
		if index >= uint32(len(row)) {
			return nil, missing
		}
		pub, err := btcec.ParsePubKey(row[index])
		if err != nil {
			return nil, fmt.Errorf("%w: %s key %d: %w", ErrMalformed, b.role(), index, err)
		}
		return pub, nil
	case Shared:
		return nil, missing
	}
	node := d.nodes[b]
	if node == nil {
		account := d.public.Accounts[b.kind()]
		if account == nil || byte(b.kind().Purpose()) != b[0] || b[1] > byte(Change) || index >= hdkeychain.HardenedKeyStart {
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

// set finds the script of several keys that an output script pays to.
func (d *deriver) set(script []byte) (redeem []byte, ok bool) {
	if !txscript.IsPayToScriptHash(script) {
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

// knows says whether a redeem script is one of those that are believed.
func (d *deriver) knows(redeem []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.ContainsFunc(d.public.Sets, func(s []byte) bool { return bytes.Equal(s, redeem) })
}

// Believe derives all scripts from p from now on, whatever labels.db says.
func (c *Coins) Believe(p Public) { c.scripts.believe(p) }

// Believed is what scripts are derived from: what Believe was given, else what labels.db says.
func (c *Coins) Believed() Public { return c.scripts.believed() }

// storedPublic reads what labels.db says that scripts are derived from.
func storedPublic(tx *dbfile.Tx) (Public, error) {
	p := Public{Accounts: make(map[Kind]*hdkeychain.ExtendedKey)}
	for _, kind := range Kinds() {
		text := tx.Bucket(bucketAccounts).Get([]byte{byte(kind.Purpose())})
		if text == nil {
			continue
		}
		key, err := hdkeychain.NewKeyFromString(string(text))
		if err != nil || key.IsPrivate() {
			return p, fmt.Errorf("%w: account key of purpose %d", ErrMalformed, kind.Purpose())
		}
		p.Accounts[kind] = key
	}
	for _, role := range []Role{Owner, Revealer} {
		b, row := roleBranch(role), p.role(role)
		for i := uint32(0); ; i++ {
			script := tx.Bucket(bucketKeys).Get(b.at(i))
			v := tx.Bucket(bucketScripts).Get(script)
			if script == nil || len(v) != rowSize {
				break
			}
			*row = append(*row, bytes.Clone(v[6:]))
		}
	}
	if b := tx.Bucket(bucketShared); b != nil {
		err := b.ForEach(func(_, raw []byte) error {
			row, err := readSharedRow(raw)
			p.Sets = append(p.Sets, row.Redeem)
			return err
		})
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

// isInvalidChild says that it is the index that BIP 32 skips; its chance is below 1 in 2^127.
func isInvalidChild(err error) bool { return errors.Is(err, hdkeychain.ErrInvalidChild) }

// isMissing says that a key follows from nothing that is believed.
func isMissing(err error) bool { return errors.Is(err, ErrNeedKeys) }
