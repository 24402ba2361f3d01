package coins

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"go.etcd.io/bbolt"
)

// maxDerived bounds the length of a row of keys.
const maxDerived = 1 << 20

// extendPayment derives the keys of a payment branch up to n.
func extendPayment(tx *bbolt.Tx, net *chaincfg.Params, b branch, n uint32) error {
	c, err := getCounts(tx, b)
	if err != nil || n <= c.derived {
		return err
	}
	text := tx.Bucket(bucketAccounts).Get(b[:1])
	if text == nil {
		return nil // a wallet without this account
	}
	account, err := hdkeychain.NewKeyFromString(string(text))
	if err != nil || account.IsPrivate() {
		return fmt.Errorf("%w: account key of purpose %d", ErrMalformed, b[0])
	}
	node, err := account.Derive(uint32(b[1]))
	if err != nil {
		return fmt.Errorf("derive branch %d of account %d: %w", b[1], b[0], err)
	}
	for i := c.derived; i < n; i++ {
		child, err := node.Derive(i)
		if errors.Is(err, hdkeychain.ErrInvalidChild) {
			continue // BIP 32: such an index is skipped; chance below 1 in 2^127
		}
		if err != nil {
			return fmt.Errorf("derive key %d of account %d: %w", i, b[0], err)
		}
		pub, err := child.ECPubKey()
		if err != nil {
			return fmt.Errorf("derive key %d of account %d: %w", i, b[0], err)
		}
		if err := putKey(tx, net, b, i, pub); err != nil {
			return err
		}
	}
	c.derived = n
	return putCounts(tx, b, c)
}

// extendRole appends keys to the row of owner or revealer keys. The first has
// index from, which must not leave a hole.
func extendRole(tx *bbolt.Tx, net *chaincfg.Params, role Role, from uint32, pubs []*btcec.PublicKey) error {
	b := roleBranch(role)
	c, err := getCounts(tx, b)
	if err != nil {
		return err
	}
	if from > c.derived {
		return fmt.Errorf("%s keys %d to %d are missing", role, c.derived, from)
	}
	for i, pub := range pubs {
		if index := from + uint32(i); index >= c.derived {
			if err := putKey(tx, net, b, index, pub); err != nil {
				return err
			}
			c.derived = index + 1
		}
	}
	return putCounts(tx, b, c)
}

func putKey(tx *bbolt.Tx, net *chaincfg.Params, b branch, index uint32, pub *btcec.PublicKey) error {
	if index >= maxDerived {
		return fmt.Errorf("key %d is beyond the limit of %d", index, maxDerived)
	}
	k, err := newKey(net, b, index, pub)
	if err != nil {
		return err
	}
	place := append(append([]byte{}, b[:]...), u32(index)...)
	if err := tx.Bucket(bucketKeys).Put(place, k.Script); err != nil {
		return err
	}
	return tx.Bucket(bucketScripts).Put(k.Script, append(place, k.PubKey...))
}

// keyAt is the key at an index of a branch.
func keyAt(tx *bbolt.Tx, net *chaincfg.Params, b branch, index uint32) (Key, error) {
	script := tx.Bucket(bucketKeys).Get(append(append([]byte{}, b[:]...), u32(index)...))
	if script == nil {
		return Key{}, fmt.Errorf("%s key %d: %w", b.role(), index, ErrNeedKeys)
	}
	k, ok, err := keyOf(tx, net, script)
	if err == nil && !ok {
		err = fmt.Errorf("%w: a script is missing", ErrMalformed)
	}
	return k, err
}

// keyOf finds a script among ours.
func keyOf(tx *bbolt.Tx, net *chaincfg.Params, script []byte) (Key, bool, error) {
	if len(script) == 0 || len(script) > 64 {
		return Key{}, false, nil
	}
	v := tx.Bucket(bucketScripts).Get(script)
	if v == nil {
		return Key{}, false, nil
	}
	k, err := readKey(net, script, v)
	return k, err == nil, err
}

func readKey(net *chaincfg.Params, script, v []byte) (Key, error) {
	if len(v) != 2+4+33 {
		return Key{}, fmt.Errorf("%w: key of script %x", ErrMalformed, script)
	}
	b := branch(v[:2])
	script = append([]byte{}, script...)
	return Key{
		Role: b.role(), Kind: b.kind(), Branch: uint32(b[1]), Index: binary.BigEndian.Uint32(v[2:]),
		PubKey: append([]byte{}, v[6:]...), Script: script, Address: scriptAddress(net, script),
	}, nil
}
