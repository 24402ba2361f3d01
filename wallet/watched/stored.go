package watched

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// storedPublic reads what labels.db says that scripts are derived from.
func storedPublic(tx *dbfile.Tx) (scripts.Public, error) {
	p := scripts.Public{Accounts: make(map[scripts.Kind]*hdkeychain.ExtendedKey)}
	for _, kind := range scripts.Kinds() {
		text := tx.Bucket(labels.BucketAccounts).Get([]byte{byte(kind.Purpose())})
		if text == nil {
			continue
		}
		key, err := hdkeychain.NewKeyFromString(string(text))
		if err != nil || key.IsPrivate() {
			return p, fmt.Errorf("%w: account key of purpose %d", labels.ErrMalformed, kind.Purpose())
		}
		p.Accounts[kind] = key
	}
	for _, role := range []scripts.Role{scripts.Owner, scripts.Revealer} {
		b, row := scripts.RoleBranch(role), p.Role(role)
		for i := uint32(0); ; i++ {
			script := tx.Bucket(labels.BucketKeys).Get(b.At(i))
			v := tx.Bucket(labels.BucketScripts).Get(script)
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
