package labels

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/storage/dbfile"
)

// The buckets of names that were paid; made when they are first written to.
var (
	bucketPayees = []byte("payees")
	bucketNames  = []byte("names")
)

// maxPayeeText bounds names and addresses in labels.db.
const maxPayeeText = 200

// Payee is where a payment to a name went.
type Payee struct {
	Address string
	Txid    chainhash.Hash
	Time    time.Time // when it was paid
}

// Payees is the memory of whom names were paid through.
type Payees struct{ book *Book }

// NewPayees is that of a book.
func NewPayees(b *Book) *Payees { return &Payees{b} }

// Last is where the last payment to a name went; found is false when none was made.
func (m *Payees) Last(ctx context.Context, name string) (p Payee, found bool, err error) {
	if err := ctx.Err(); err != nil {
		return p, false, err
	}
	err = m.book.View(func(tx *dbfile.Tx) error {
		v := lookIn(tx, bucketPayees, []byte(name))
		if v == nil {
			return nil
		}
		if len(v) < 8+chainhash.HashSize {
			return fmt.Errorf("%w: last payee of %.100q", ErrMalformed, name)
		}
		p.Time = time.Unix(int64(binary.BigEndian.Uint64(v)), 0).UTC()
		copy(p.Txid[:], v[8:])
		p.Address, found = string(v[8+chainhash.HashSize:]), true
		return nil
	})
	return p, found, err
}

// Paid remembers that a transaction paid names at addresses.
func (m *Payees) Paid(ctx context.Context, txid chainhash.Hash, at time.Time, addresses map[string]string) error {
	if err := ctx.Err(); err != nil || len(addresses) == 0 {
		return err
	}
	return m.book.Update(func(tx *dbfile.Tx) error {
		payees, err := tx.CreateBucketIfNotExists(bucketPayees)
		if err != nil {
			return err
		}
		paid, err := tx.CreateBucketIfNotExists(bucketNames)
		if err != nil {
			return err
		}
		for name, address := range addresses {
			if name == "" || len(name) > maxPayeeText || len(address) > maxPayeeText || bytes.ContainsRune([]byte(name), 0) {
				return fmt.Errorf("remember %.100q: not a name and its address", name)
			}
			v := binary.BigEndian.AppendUint64(nil, uint64(at.Unix()))
			if err := payees.Put([]byte(name), append(append(v, txid[:]...), address...)); err != nil {
				return err
			}
			if err := paid.Put(append(append(txid[:len(txid):len(txid)], address...), 0), []byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Names says which names our transactions paid, at which addresses.
func (m *Payees) Names(ctx context.Context) (map[chainhash.Hash]map[string]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := make(map[chainhash.Hash]map[string]string)
	err := m.book.View(func(tx *dbfile.Tx) error {
		b := tx.Bucket(bucketNames)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			if len(k) <= chainhash.HashSize {
				return fmt.Errorf("%w: a name that was paid", ErrMalformed)
			}
			txid := chainhash.Hash(k[:chainhash.HashSize])
			if out[txid] == nil {
				out[txid] = make(map[string]string)
			}
			out[txid][string(bytes.TrimSuffix(k[chainhash.HashSize:], []byte{0}))] = string(v)
			return nil
		})
	})
	return out, err
}

// lookIn reads from a bucket that may not be there.
func lookIn(tx *dbfile.Tx, bucket, key []byte) []byte {
	if b := tx.Bucket(bucket); b != nil {
		return b.Get(key)
	}
	return nil
}
