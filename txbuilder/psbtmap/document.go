package psbtmap

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/wire/v2"
)

// MaxSize bounds a PSBT. It is above what the largest transaction that nodes relay needs with all
// its previous transactions.
const MaxSize = 32 << 20

// ErrMalformed says that bytes are not a PSBT of version 0.
var ErrMalformed = errors.New("not a PSBT")

// Magic are the first bytes of a binary PSBT.
var Magic = [5]byte{'p', 's', 'b', 't', 0xff}

// Keys of the global map.
const (
	keyUnsignedTx = 0x00
	keyVersion    = 0xfb
)

// Pair is a key with its value. The first byte of the key is its type.
type Pair struct{ Key, Value []byte }

// Map is a list of pairs, sorted by key; a key stands in it once.
type Map []Pair

// find is the place of a key, or where it belongs.
func (m Map) find(key []byte) (int, bool) {
	return slices.BinarySearchFunc(m, key, func(p Pair, k []byte) int { return bytes.Compare(p.Key, k) })
}

// Get is the value of a key.
func (m Map) Get(key ...byte) ([]byte, bool) {
	i, ok := m.find(key)
	if !ok {
		return nil, false
	}
	return m[i].Value, true
}

// Document is a PSBT.
type Document struct {
	Global          Map
	Inputs, Outputs []Map
}

// Section is one of the three kinds of maps.
type Section string

// The sections of a PSBT.
const (
	Global Section = "global"
	Input  Section = "input"
	Output Section = "output"
)

// Place is where a pair stands.
type Place struct {
	Section Section
	Index   int // of the input or output
	Key     []byte
}

// String names the place with the key in hex, shortened.
func (p Place) String() string {
	key := hex.EncodeToString(p.Key[:min(len(p.Key), 24)])
	if len(p.Key) > 24 {
		key += "…"
	}
	if p.Section == Global {
		return fmt.Sprintf("global field %s", key)
	}
	return fmt.Sprintf("%s %d, field %s", p.Section, p.Index, key)
}

// Parse reads a binary PSBT. ErrMalformed: it is not one, or not whole, or of another version, or
// something follows it.
func Parse(raw []byte) (*Document, error) {
	bad := func(format string, args ...any) (*Document, error) {
		return nil, fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
	}
	if len(raw) > MaxSize {
		return bad("it has more than %d bytes", MaxSize)
	}
	rest, ok := bytes.CutPrefix(raw, Magic[:])
	if !ok {
		return bad("it does not begin like one")
	}
	d := new(Document)
	r := bytes.NewReader(rest)
	var err error
	if d.Global, err = readMap(r); err != nil {
		return bad("global map: %w", err)
	}
	tx, err := d.unsignedTx()
	if err != nil {
		return bad("%w", err)
	}
	for i := range tx.TxIn {
		m, err := readMap(r)
		if err != nil {
			return bad("input %d: %w", i, err)
		}
		d.Inputs = append(d.Inputs, m)
	}
	for i := range tx.TxOut {
		m, err := readMap(r)
		if err != nil {
			return bad("output %d: %w", i, err)
		}
		d.Outputs = append(d.Outputs, m)
	}
	if r.Len() > 0 {
		return bad("%d bytes follow it", r.Len())
	}
	return d, nil
}

// unsignedTx reads the transaction and holds the version to 0.
func (d *Document) unsignedTx() (*wire.MsgTx, error) {
	if v, ok := d.Global.Get(keyVersion); ok && !bytes.Equal(v, make([]byte, 4)) {
		return nil, errors.New("it is of a version other than 0")
	}
	raw, ok := d.Global.Get(keyUnsignedTx)
	if !ok {
		return nil, errors.New("it has no unsigned transaction")
	}
	var tx wire.MsgTx
	r := bytes.NewReader(raw)
	if err := tx.DeserializeNoWitness(r); err != nil || r.Len() > 0 {
		return nil, errors.New("its unsigned transaction cannot be read")
	}
	return &tx, nil
}

// readMap reads pairs up to the separator.
func readMap(r *bytes.Reader) (Map, error) {
	var m Map
	for {
		key, err := readBytes(r)
		if err != nil {
			return nil, err
		}
		if len(key) == 0 {
			break
		}
		value, err := readBytes(r)
		if err != nil {
			return nil, err
		}
		m = append(m, Pair{key, value})
	}
	slices.SortStableFunc(m, func(a, b Pair) int { return bytes.Compare(a.Key, b.Key) })
	for i := 1; i < len(m); i++ {
		if bytes.Equal(m[i-1].Key, m[i].Key) {
			return nil, fmt.Errorf("the key %x stands there twice", m[i].Key[:min(len(m[i].Key), 24)])
		}
	}
	return m, nil
}

// readBytes reads a length and as many bytes, never more than are there.
func readBytes(r *bytes.Reader) ([]byte, error) {
	n, err := wire.ReadVarInt(r, 0)
	if err != nil {
		return nil, errors.New("it ends early, or a length is not in its shortest form")
	}
	if n > uint64(r.Len()) {
		return nil, errors.New("it ends early")
	}
	b := make([]byte, n)
	_, err = r.Read(b)
	if n == 0 {
		err = nil
	}
	return b, err
}

// Bytes is the document in binary, every map in the order of its keys.
func (d *Document) Bytes() []byte {
	var b bytes.Buffer
	b.Write(Magic[:])
	for _, m := range slices.Concat([]Map{d.Global}, d.Inputs, d.Outputs) {
		for _, p := range m {
			for _, part := range [][]byte{p.Key, p.Value} {
				_ = wire.WriteVarInt(&b, 0, uint64(len(part))) // a buffer takes all
				b.Write(part)
			}
		}
		b.WriteByte(0)
	}
	return b.Bytes()
}
