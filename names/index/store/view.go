package store

import (
	"fmt"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// View is a State read from stored rows.
type View struct {
	p    *names.Params
	rows rows
}

// Params is the registry that the rows belong to.
func (v *View) Params() *names.Params { return v.p }

// found reads a row and decodes it; a missing row is nil.
func found[T any](v *View, b bucket, key []byte, decode func([]byte) (*T, error)) (*T, error) {
	value, err := v.rows.get(b, key)
	if err != nil || value == nil {
		return nil, err
	}
	row, err := decode(value)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", bucketNames[b], key, err)
	}
	return row, nil
}

// Name implements rules.State. Text that is no name has no row.
func (v *View) Name(name string) (*state.NameRow, error) {
	if !state.IsName(name) {
		return nil, nil
	}
	place, err := v.rows.get(bNames, nameKey(name))
	if err != nil || place == nil {
		return nil, err
	}
	return v.nameAfter(name, place)
}

// nameAfter is the row of a name that the operation with a key in ops made.
func (v *View) nameAfter(name string, key []byte) (*state.NameRow, error) {
	at, ok := placeAt(key)
	if !ok || len(key) != placeLen {
		return nil, fmt.Errorf("%s %q: %w: place of an operation", bucketNames[bNames], name, ErrCorrupt)
	}
	row, err := found(v, bOps, key, func(b []byte) (*state.NameRow, error) { return nameOfOpRow(name, at, b) })
	if err == nil && row == nil {
		err = fmt.Errorf("%w: no operation at height %d, index %d", ErrCorrupt, at.Height, at.Index)
	}
	return row, err
}

// NamesByHash implements rules.State.
func (v *View) NamesByHash(h nameop.Hash128) ([]string, error) {
	var list []string
	err := v.rows.each(bHashes, h[:hashPrefix], func(key, _ []byte) (bool, error) {
		if name := string(key[hashPrefix:]); nameop.NameHash(name) == h {
			list = append(list, name)
		}
		return true, nil
	})
	return list, err
}

// NamesOf implements rules.State.
func (v *View) NamesOf(owner []byte, visit func(string) (bool, error)) error {
	return v.rows.each(bOwners, scriptKey(owner), func(key, _ []byte) (bool, error) {
		return visit(string(key[scriptKeyLen:]))
	})
}

// Namespace implements rules.State.
func (v *View) Namespace(id string) (*state.NamespaceRow, error) {
	if id == "" {
		return nil, nil
	}
	return found(v, bSpaces, []byte(id), func(b []byte) (*state.NamespaceRow, error) { return decodeNamespaceRow(id, b) })
}

// Preorders implements rules.State.
func (v *View) Preorders(h names.PreorderHash) (*state.PreorderSet, error) {
	return found(v, bPreorders, h[:], func(b []byte) (*state.PreorderSet, error) { return decodePreorderSet(h, b) })
}

// Account implements rules.State.
func (v *View) Account(address, unit string) (*state.AccountRow, error) {
	return found(v, bAccounts, accountKeyOf(address, unit), func(b []byte) (*state.AccountRow, error) {
		return decodeAccountRow(address, unit, b)
	})
}

// Ring implements rules.State.
func (v *View) Ring(space string) (*state.RingRow, error) {
	return found(v, bRings, []byte(space), func(b []byte) (*state.RingRow, error) { return decodeRingRow(space, b) })
}

// Consensus implements rules.State.
func (v *View) Consensus(height int32) (names.ConsensusHash, bool, error) {
	if height < v.p.FirstBlock {
		h, ok := v.p.InitialConsensus[height]
		return h, ok, nil
	}
	row, err := v.Block(height)
	if err != nil || row == nil {
		return names.ConsensusHash{}, false, err
	}
	return row.Consensus, true, nil
}

// Block is what is kept of a block, nil when there is none at the height.
func (v *View) Block(height int32) (*state.BlockRow, error) {
	return found(v, bBlocks, heightKey(height), decodeBlockRow)
}
