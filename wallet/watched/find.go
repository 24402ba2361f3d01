package watched

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// Lookup finds the key that a script pays to.
func (ks *Keys) Lookup(ctx context.Context, script []byte) (scripts.Key, bool, error) {
	if err := ctx.Err(); err != nil {
		return scripts.Key{}, false, err
	}
	var (
		k  scripts.Key
		ok bool
	)
	err := ks.book.View(func(tx *dbfile.Tx) (err error) {
		k, ok, err = ks.Find(tx, script)
		return err
	})
	return k, ok, err
}

// derived is how many keys of a branch are watched: the number of labels.db, and of a role no more
// than are believed.
func (ks *Keys) derived(tx *dbfile.Tx, b scripts.Branch) (uint32, error) {
	n, err := getCounts(tx, b)
	if role := b.Role(); role == scripts.Owner || role == scripts.Revealer {
		return min(n.derived, ks.deriver.Length(role)), err
	}
	return n.derived, err
}

// keyAt is the key at an index of a branch, derived. ErrNeedKeys: so many are not watched.
func (ks *Keys) keyAt(tx *dbfile.Tx, b scripts.Branch, index uint32) (scripts.Key, error) {
	n, err := ks.derived(tx, b)
	if err != nil {
		return scripts.Key{}, err
	}
	if index >= n {
		return scripts.Key{}, fmt.Errorf("%s key %d: %w", b.Role(), index, scripts.ErrNeedKeys)
	}
	return ks.deriver.Key(b, index)
}

// Find finds a script among ours. labels.db says at which place to look; whether the key there has
// this script is found out by deriving it.
func (ks *Keys) Find(tx *dbfile.Tx, script []byte) (scripts.Key, bool, error) {
	if k, ok := ks.deriver.Derived(script); ok {
		return k, true, nil
	}
	at, ok, err := rowOf(tx, script)
	if err != nil || !ok {
		return scripts.Key{}, false, err
	}
	if at.Branch.Role() == scripts.Shared {
		redeem, ok := ks.deriver.Set(script)
		if !ok {
			return scripts.Key{}, false, nil
		}
		return ks.setKey(at.Index, script, redeem)
	}
	k, err := ks.deriver.Key(at.Branch, at.Index)
	if err != nil || !bytes.Equal(k.Script, script) {
		return scripts.Key{}, false, ignoreMissing(err)
	}
	return k, true, nil
}

// Search is Find that does not need the row: it derives all keys that are watched.
func (ks *Keys) Search(tx *dbfile.Tx, script []byte) (scripts.Key, bool, error) {
	k, ok, err := ks.Find(tx, script)
	if err != nil || ok {
		return k, ok, err
	}
	if redeem, ok := ks.deriver.Set(script); ok {
		return ks.setKey(0, script, redeem)
	}
	for _, b := range scripts.Branches() {
		n, err := ks.derived(tx, b)
		if err != nil {
			return k, false, err
		}
		for i := range n {
			k, err := ks.deriver.Key(b, i)
			if err = ignoreMissing(err); err != nil {
				return k, false, err
			}
			if bytes.Equal(k.Script, script) {
				return k, true, nil
			}
		}
	}
	return scripts.Key{}, false, nil
}

// ignoreMissing takes a key that follows from nothing for one that is not ours.
func ignoreMissing(err error) error {
	if scripts.IsInvalidChild(err) || scripts.IsMissing(err) {
		return nil
	}
	return err
}

// setKey is the key of a script that several keys sign: the first of them.
func (ks *Keys) setKey(index uint32, script, redeem []byte) (scripts.Key, bool, error) {
	_, keys, err := scripts.ParseShared(redeem)
	if err != nil {
		return scripts.Key{}, false, err
	}
	return scripts.Key{Role: scripts.Shared, Kind: scripts.P2SH, Index: index, PubKey: keys[0], Script: bytes.Clone(script), Address: scripts.AddressOf(ks.book.Net, script)}, true, nil
}

// OwnOutputs finds the outputs of tx that pay to us, by output index.
func (ks *Keys) OwnOutputs(tx *wire.MsgTx) (map[uint32]scripts.Key, error) {
	keys := make(map[uint32]scripts.Key)
	err := ks.book.View(func(btx *dbfile.Tx) error {
		for i, o := range tx.TxOut {
			k, ok, err := ks.Find(btx, o.PkScript)
			if err != nil {
				return err
			}
			if ok {
				keys[uint32(i)] = k
			}
		}
		return nil
	})
	return keys, err
}

// Scripts lists every script of ours that is watched.
func (ks *Keys) Scripts(ctx context.Context) (list [][]byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = ks.book.View(func(tx *dbfile.Tx) error {
		return tx.Bucket(labels.BucketScripts).ForEach(func(script, _ []byte) error {
			_, ours, err := ks.Find(tx, script)
			if ours {
				list = append(list, append([]byte{}, script...))
			}
			return err
		})
	})
	return list, err
}
