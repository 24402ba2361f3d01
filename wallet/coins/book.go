package coins

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/storage/dbfile"
)

// bookFormat is the format of labels.db: until version 1 its rows had no checksums.
var bookFormat = dbfile.Format{Version: 2, Width: 4, Sums: 2}

// The buckets of labels.db; doc.go has their keys and values.
var (
	bucketMeta     = []byte("meta")
	bucketAccounts = []byte("accounts")
	bucketCounts   = []byte("counts")
	bucketKeys     = []byte("keys")
	bucketScripts  = []byte("scripts")
	bucketSent     = []byte("sent")
	bucketFrozen   = []byte("frozen")
	bucketLabels   = []byte("labels")
)

var (
	metaNetwork     = []byte("network")
	metaKeychain    = []byte("keychain")
	metaFingerprint = []byte("fingerprint")
	metaBirthday    = []byte("birthday")
	metaGap         = []byte("gap")
	metaRescan      = []byte("rescan")
	metaShort       = []byte("short")
	metaSealed      = []byte("sealed")
	metaSince       = []byte("since")
)

// book is labels.db. It is opened for each use and closed again, so that
// several processes can take turns.
type book struct {
	path string
	net  *chaincfg.Params
	wait time.Duration
}

func (b *book) open(readOnly bool) (*dbfile.Rows, error) {
	if _, err := os.Stat(b.path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s", ErrNotFound, filepath.Dir(b.path))
	}
	db, err := dbfile.OpenRows(b.path, bookFormat, dbfile.Options{ReadOnly: readOnly, Wait: b.wait})
	return db, fileError(err)
}

func (b *book) view(f func(tx *dbfile.Tx) error) error {
	db, err := b.open(true)
	if err != nil {
		return err
	}
	defer db.Close()
	return fileError(db.View(f))
}

func (b *book) update(f func(tx *dbfile.Tx) error) (err error) {
	db, err := b.open(false)
	if err != nil {
		return err
	}
	err = fileError(db.Update(f))
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	return err
}

// check makes sure that the file is one of ours and of this network.
func (b *book) check() error {
	return b.view(func(tx *dbfile.Tx) error {
		m := tx.Bucket(bucketMeta)
		if m == nil {
			return fmt.Errorf("%w: %s has no bucket %s", ErrMalformed, b.path, bucketMeta)
		}
		for _, name := range [][]byte{bucketMeta, bucketAccounts, bucketCounts, bucketKeys, bucketScripts, bucketSent, bucketFrozen, bucketLabels} {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("%w: %s has no bucket %s", ErrMalformed, b.path, name)
			}
		}
		if n := m.Get(metaNetwork); string(n) != b.net.Name {
			return fmt.Errorf("%w: %q, not %q", ErrNetwork, n, b.net.Name)
		}
		for _, k := range [][]byte{metaFingerprint, metaGap} {
			if len(m.Get(k)) != 4 {
				return fmt.Errorf("%w: %s lacks %s", ErrMalformed, b.path, k)
			}
		}
		if len(m.Get(metaBirthday)) != 8 {
			return fmt.Errorf("%w: %s lacks %s", ErrMalformed, b.path, metaBirthday)
		}
		return nil
	})
}

// create makes the file with what fill writes; there is a whole one or none.
func (b *book) create(fill func(tx *dbfile.Tx) error) error {
	err := dbfile.CreateRows(b.path, bookFormat, b.wait, func(tx *dbfile.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketAccounts, bucketCounts, bucketKeys, bucketScripts, bucketSent, bucketFrozen, bucketLabels} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return fill(tx)
	})
	return fileError(err)
}

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// counts are the three numbers of a branch.
type counts struct{ derived, used, next uint32 }

func getCounts(tx *dbfile.Tx, b branch) (counts, error) {
	v := tx.Bucket(bucketCounts).Get(b[:])
	if v == nil {
		return counts{}, nil
	}
	if len(v) != 12 {
		return counts{}, fmt.Errorf("%w: counts of branch %x", ErrMalformed, b)
	}
	c := counts{binary.BigEndian.Uint32(v), binary.BigEndian.Uint32(v[4:]), binary.BigEndian.Uint32(v[8:])}
	last := max(c.derived, 1) - 1
	if c.used > c.derived || c.next > c.derived || c.derived > maxDerived || c.derived > 0 && tx.Bucket(bucketKeys).Get(b.at(last)) == nil {
		return counts{}, fmt.Errorf("%w: counts of branch %x do not fit its keys", ErrMalformed, b)
	}
	return c, nil
}

func putCounts(tx *dbfile.Tx, b branch, c counts) error {
	v := append(append(u32(c.derived), u32(c.used)...), u32(c.next)...)
	return tx.Bucket(bucketCounts).Put(b[:], v)
}

// needed is up to where a branch must at least be derived: gap keys beyond all
// that were used or handed out.
func (c counts) needed(gap uint32) uint32 { return max(c.used, c.next) + gap }

func gapOf(tx *dbfile.Tx) uint32 { return binary.BigEndian.Uint32(tx.Bucket(bucketMeta).Get(metaGap)) }
