package watched

import (
	"context"
	"encoding/binary"
	"fmt"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// bucketOrigins is made when it is first needed.
var bucketOrigins = []byte("origins")

// Origins are the origins of the payment accounts that have one, as a book has them.
func Origins(ctx context.Context, book *labels.Book) (map[scripts.Kind]scripts.Origin, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list := map[scripts.Kind]scripts.Origin{}
	err := book.View(func(tx *dbfile.Tx) error {
		b := tx.Bucket(bucketOrigins)
		if b == nil {
			return nil
		}
		for _, kind := range scripts.Kinds() {
			v := b.Get([]byte{byte(kind.Purpose())})
			if v == nil {
				continue
			}
			if len(v)%4 != 0 || len(v) < 4 || len(v) > 4*(scripts.MaxSteps+1) {
				return fmt.Errorf("%w: origin of account %s", labels.ErrMalformed, kind)
			}
			o := scripts.Origin{Fingerprint: binary.BigEndian.Uint32(v), Path: []uint32{}}
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
func putOrigins(tx *dbfile.Tx, list map[scripts.Kind]scripts.Origin) error {
	for kind, o := range list {
		if len(o.Path) > scripts.MaxSteps {
			return fmt.Errorf("the origin of account %s has more than %d steps", kind, scripts.MaxSteps)
		}
		v := number(o.Fingerprint)
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
