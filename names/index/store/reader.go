package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	bolt "go.etcd.io/bbolt"

	"blockstack/names"
	"blockstack/names/state"
)

// Reader reads what a file says inside one transaction. Loops over rows call visit until it says
// that it wants no more.
type Reader struct {
	*View
	file stored
}

// NewReader reads the file of a registry.
func NewReader(p *names.Params, tx *bolt.Tx) *Reader {
	s := stored{tx}
	return &Reader{&View{p: p, rows: s}, s}
}

// Tip is the last block of an index.
type Tip struct {
	Height    int32
	Hash      chainhash.Hash
	Consensus names.ConsensusHash
	OpsHash   state.OpsHash
	Empty     bool // no block was read yet: Height is the one before the registry's first block, the hashes are zero
	// ExactUntil is the last height at which the state is certain. It is Height, unless the
	// registry's token grants are missing and an operation was refused for want of tokens.
	ExactUntil int32
}

// Tip reads the tip.
func (r *Reader) Tip() (Tip, error) {
	b, err := r.file.get(bMeta, keyTip)
	if err != nil {
		return Tip{}, err
	}
	if len(b) != 4 {
		return Tip{}, fmt.Errorf("%w: no tip", ErrCorrupt)
	}
	height := int32(binary.BigEndian.Uint32(b))
	tip := Tip{Height: height, ExactUntil: height}
	doubt, err := r.file.get(bMeta, keyDoubt)
	if err != nil {
		return Tip{}, err
	}
	if len(doubt) == 4 {
		tip.ExactUntil = int32(binary.BigEndian.Uint32(doubt)) - 1
	}
	if tip.Height < r.p.FirstBlock {
		tip.Empty = true
		return tip, nil
	}
	row, err := r.Block(tip.Height)
	if err == nil && row == nil {
		err = fmt.Errorf("%w: block of the tip is missing", ErrCorrupt)
	}
	if err != nil {
		return Tip{}, err
	}
	tip.Hash, tip.Consensus, tip.OpsHash = row.Hash, row.Consensus, row.OpsHash
	return tip, nil
}

// Names visits the names of a namespace, or of all namespaces when id is empty, in the order of
// namespace and label, those that come after one; empty: from the first.
func (r *Reader) Names(id names.NamespaceID, after string, visit func(*state.NameRow) (more bool, err error)) error {
	var prefix []byte
	if id != "" {
		prefix = spacePrefix(string(id))
	}
	start := prefix
	if after != "" {
		start = append(nameKey(after), 0)
	}
	return r.file.from(bNames, prefix, start, func(key, place []byte) (bool, error) {
		row, err := r.nameAfter(nameOfKey(key), place)
		if err != nil {
			return false, err
		}
		return visit(row)
	})
}

// nameOfKey is the name whose key it is.
func nameOfKey(key []byte) string {
	for i, c := range key {
		if c == 0 {
			return string(key[i+1:]) + "." + string(key[:i])
		}
	}
	return string(key)
}

// Owned visits the names whose current row has an owner, by name, those that come after one; empty:
// from the first.
func (r *Reader) Owned(owner []byte, after string, visit func(*state.NameRow) (more bool, err error)) error {
	return r.file.from(bOwners, scriptKey(owner), ownerKey(owner, after), func(key, _ []byte) (bool, error) {
		name := string(key[scriptKeyLen:])
		if name == after {
			return true, nil
		}
		row, err := r.Name(name)
		if err == nil && row == nil {
			err = fmt.Errorf("%w: %s is listed and missing", ErrCorrupt, name)
		}
		if err != nil {
			return false, err
		}
		return visit(row)
	})
}

// Namespaces visits all namespaces that were ever revealed, by id.
func (r *Reader) Namespaces(visit func(*state.NamespaceRow) (more bool, err error)) error {
	return r.file.each(bSpaces, nil, func(key, value []byte) (bool, error) {
		row, err := decodeNamespaceRow(string(key), value)
		if err != nil {
			return false, err
		}
		return visit(row)
	})
}

// PreordersOf visits the outstanding preorders of a sender, oldest first.
func (r *Reader) PreordersOf(sender []byte, visit func(state.PreorderRow) (more bool, err error)) error {
	return r.file.each(bSenders, scriptKey(sender), func(key, value []byte) (bool, error) {
		at, _ := placeAt(key)
		if len(value) != len(names.PreorderHash{}) {
			return false, fmt.Errorf("%w: preorder hash", ErrCorrupt)
		}
		set, err := r.Preorders(names.PreorderHash(value))
		if err != nil || set == nil {
			return set != nil, err
		}
		for _, row := range set.Open {
			if row.At.Height == at.Height && row.At.Index == at.Index {
				if more, err := visit(row); err != nil || !more {
					return false, err
				}
			}
		}
		return true, nil
	})
}

// Accounts visits all accounts, by address and token.
func (r *Reader) Accounts(visit func(*state.AccountRow) (more bool, err error)) error {
	return r.file.each(bAccounts, nil, func(key, value []byte) (bool, error) {
		address, unit, ok := bytes.Cut(key, []byte{0})
		if !ok {
			return false, fmt.Errorf("%w: key of an account", ErrCorrupt)
		}
		row, err := decodeAccountRow(string(address), string(unit), value)
		if err != nil {
			return false, err
		}
		return visit(row)
	})
}

// AccountLog visits every state of an account, oldest first.
func (r *Reader) AccountLog(address, unit string, visit func(*state.AccountRow) (more bool, err error)) error {
	return r.file.each(bAccountLog, append(accountKeyOf(address, unit), 0), func(_, value []byte) (bool, error) {
		row, err := decodeAccountRow(address, unit, value)
		if err != nil {
			return false, err
		}
		return visit(row)
	})
}
