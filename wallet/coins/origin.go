package coins

import (
	"context"
	"encoding/binary"
	"fmt"

	"blockstack/storage/dbfile"
)

// bucketOrigins is made when it is first needed.
var bucketOrigins = []byte("origins")

// maxSteps bounds the path of an origin; BIP 32 allows 255.
const maxSteps = 20

// Origin says where the key of an account came from (BIP 380): the fingerprint of a root key, as the psbt package
// carries it, and the steps from there. A wallet with a keychain has none: its paths follow from the role of a key.
type Origin struct {
	Fingerprint uint32
	Path        []uint32
}

// Origins are the origins of the payment accounts that have one.
func (c *Coins) Origins(ctx context.Context) (map[Kind]Origin, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list := map[Kind]Origin{}
	err := c.book.view(func(tx *dbfile.Tx) error {
		b := tx.Bucket(bucketOrigins)
		if b == nil {
			return nil
		}
		for _, kind := range Kinds() {
			v := b.Get([]byte{byte(kind.Purpose())})
			if v == nil {
				continue
			}
			if len(v)%4 != 0 || len(v) < 4 || len(v) > 4*(maxSteps+1) {
				return fmt.Errorf("%w: origin of account %s", ErrMalformed, kind)
			}
			o := Origin{Fingerprint: binary.BigEndian.Uint32(v), Path: []uint32{}}
			for v = v[4:]; len(v) > 0; v = v[4:] {
				o.Path = append(o.Path, binary.BigEndian.Uint32(v))
			}
			list[kind] = o
		}
		return nil
	})
	return list, err
}

// putOrigins writes the origins of accounts.
func putOrigins(tx *dbfile.Tx, list map[Kind]Origin) error {
	for kind, o := range list {
		if len(o.Path) > maxSteps {
			return fmt.Errorf("the origin of account %s has more than %d steps", kind, maxSteps)
		}
		v := u32(o.Fingerprint)
		for _, step := range o.Path {
			v = binary.BigEndian.AppendUint32(v, step)
		}
		b, err := tx.CreateBucketIfNotExists(bucketOrigins)
		if err != nil {
			return err
		}
		if err := b.Put([]byte{byte(kind.Purpose())}, v); err != nil {
			return err
		}
	}
	return nil
}
