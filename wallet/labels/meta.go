package labels

import (
	"encoding/binary"
	"time"

	"blockstack/storage/dbfile"
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

// Meta is what the book says of the wallet as a whole, for the time of one transaction of the file.
type Meta struct{ b *dbfile.Bucket }

// MetaOf is what the book says of the wallet as a whole.
func MetaOf(tx *dbfile.Tx) Meta { return Meta{tx.Bucket(bucketMeta)} }

// Origin is what a book is begun with.
type Origin struct {
	Keychain    string // id of the keychain that signs; empty: none
	Fingerprint uint32 // of the root key, as the psbt package carries it
	Birthday    time.Time
	Gap         uint32
}

// Begin writes what a new book begins with.
func (m Meta) Begin(network string, o Origin, now time.Time) error {
	for _, row := range []struct{ key, value []byte }{
		{metaNetwork, []byte(network)}, {metaKeychain, []byte(o.Keychain)}, {metaFingerprint, u32(o.Fingerprint)},
		{metaSince, seconds(now)}, {metaBirthday, seconds(o.Birthday)}, {metaGap, u32(o.Gap)},
	} {
		if err := m.b.Put(row.key, row.value); err != nil {
			return err
		}
	}
	return nil
}

// Keychain is the id of the keychain that signs; empty: none.
func (m Meta) Keychain() string { return string(m.b.Get(metaKeychain)) }

// Fingerprint is that of the root key, as the psbt package carries it.
func (m Meta) Fingerprint() uint32 { return binary.BigEndian.Uint32(m.b.Get(metaFingerprint)) }

// Birthday is a time before which nothing of ours was received.
func (m Meta) Birthday() time.Time {
	return time.Unix(int64(binary.BigEndian.Uint64(m.b.Get(metaBirthday))), 0).UTC()
}

// SetBirthday changes the birthday.
func (m Meta) SetBirthday(at time.Time) error { return m.b.Put(metaBirthday, seconds(at)) }

// Gap is how many unused keys after the last used one are looked at.
func (m Meta) Gap() uint32 { return binary.BigEndian.Uint32(m.b.Get(metaGap)) }

// SetGap changes the gap.
func (m Meta) SetGap(gap uint32) error { return m.b.Put(metaGap, u32(gap)) }

// NeedsRescan says that the next sync must build wallet.db again.
func (m Meta) NeedsRescan() bool { return m.b.Get(metaRescan) != nil }

// SetRescan makes the next sync build wallet.db again, for a reason in words.
func (m Meta) SetRescan(reason string) error { return m.b.Put(metaRescan, []byte(reason)) }

// Rescanned notes that wallet.db was built again.
func (m Meta) Rescanned() error { return m.b.Delete(metaRescan) }

// Short says that owner or revealer keys must be derived ahead, which needs the password.
func (m Meta) Short() bool { return m.b.Get(metaShort) != nil }

// SetShort notes whether keys must be derived ahead.
func (m Meta) SetShort(short bool) error {
	if short {
		return m.b.Put(metaShort, []byte{1})
	}
	return m.b.Delete(metaShort)
}

// SealedKey is the public half of the key that opens sealed boxes; nil: the book is older than that
// key.
func (m Meta) SealedKey() []byte { return m.b.Get(metaSealed) }

// SetSealedKey writes that key.
func (m Meta) SetSealedKey(key []byte) error { return m.b.Put(metaSealed, key) }

// since is when the book was made; ok is false of one that is older than that row.
func (m Meta) since() (at time.Time, ok bool) {
	v := m.b.Get(metaSince)
	if len(v) != 8 {
		return at, false
	}
	return time.Unix(int64(binary.BigEndian.Uint64(v)), 0).UTC(), true
}

// Rows gives a repair the rows that follow from the keys alone.
func (m Meta) Rows(gap uint32, sealed []byte, fingerprint uint32) []Row {
	var list []Row
	if gap > 0 {
		list = append(list, Row{metaGap, u32(gap)})
	}
	if sealed != nil {
		list = append(list, Row{metaSealed, sealed}, Row{metaFingerprint, u32(fingerprint)})
	}
	return list
}

// Bucket is where the rows are.
func (m Meta) Bucket() *dbfile.Bucket { return m.b }

// Row is a key and its value.
type Row struct{ Key, Value []byte }

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func seconds(at time.Time) []byte { return binary.BigEndian.AppendUint64(nil, uint64(at.Unix())) }
