package store

import (
	"bytes"
	"errors"
	"fmt"

	"blockstack/names"
)

// Kinds of rows that decodeAndEncode knows, by bucket.
var RowKinds = map[string]byte{"spaces": 1, "preorders": 2, "accounts": 3, "rings": 4, "ops": 5, "blocks": 6, "undo": 7}

// DecodeAndEncode reads a row of a kind and writes it again.
func DecodeAndEncode(p *names.Params, kind byte, raw []byte) ([]byte, error) {
	return decodeAndEncode(p, kind, raw)
}

// NameRowIn is the name-row of an op-row, if it has one.
func NameRowIn(p *names.Params, raw []byte) ([]byte, bool) {
	row, err := decodeOpRow(p, 700, 1, raw)
	if err != nil || row.Name == nil {
		return nil, false
	}
	return encodeName(row.Name), true
}

// decodeAndEncode reads a row of a kind and writes it again.
func decodeAndEncode(p *names.Params, kind byte, raw []byte) ([]byte, error) {
	switch kind {
	case 0:
		r, err := decodeNameRow("a.b", raw)
		if err != nil {
			return nil, err
		}
		return encodeName(r), nil
	case 1:
		r, err := decodeNamespaceRow("b", raw)
		if err != nil {
			return nil, err
		}
		return encodeNamespace(r), nil
	case 2:
		r, err := decodePreorderSet(names.PreorderHash{}, raw)
		if err != nil {
			return nil, err
		}
		return encodePreorders(r), nil
	case 3:
		r, err := decodeAccountRow("a", "b", raw)
		if err != nil {
			return nil, err
		}
		return encodeAccount(r), nil
	case 4:
		r, err := decodeRingRow("a", raw)
		if err != nil {
			return nil, err
		}
		return encodeRing(r), nil
	case 5:
		r, err := decodeOpRow(p, 700, 1, raw)
		if err != nil {
			return nil, err
		}
		r.Serialize(p)
		at := r.At
		if r.Name != nil {
			at = r.Name.At
		}
		row, err := nameOfOpRow(r.Subject, at, raw)
		switch {
		case err != nil && !errors.Is(err, ErrCorrupt):
			return nil, err
		case err != nil && r.Name != nil && at.Txid == r.At.Txid:
			return nil, fmt.Errorf("name-row not found: %v", err)
		case err == nil && !bytes.Equal(encodeName(row), encodeName(r.Name)):
			return nil, errors.New("another name-row")
		}
		return encodeOp(r), nil
	case 6:
		r, err := decodeBlockRow(raw)
		if err != nil {
			return nil, err
		}
		return encodeBlock(r), nil
	}
	list, err := decodeUndo(raw)
	if err != nil {
		return nil, err
	}
	return encodeUndo(list), nil
}
