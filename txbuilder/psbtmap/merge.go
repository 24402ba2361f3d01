package psbtmap

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// ErrOther says that two documents are about different transactions.
var ErrOther = errors.New("the PSBTs are about different transactions")

// Choose decides between two values of one key: true takes the one of the document that is added.
type Choose func(at Place, have, added []byte) (bool, error)

// Merge is everything that two documents about one transaction say (BIP 174, combiner). Where both
// have a key with different values choose decides; where it chose is returned too.
func Merge(have, added *Document, choose Choose) (*Document, []Place, error) {
	a, _ := have.Global.Get(keyUnsignedTx)
	b, _ := added.Global.Get(keyUnsignedTx)
	if !bytes.Equal(a, b) || len(have.Inputs) != len(added.Inputs) || len(have.Outputs) != len(added.Outputs) {
		return nil, nil, ErrOther
	}
	var differ []Place
	merge := func(section Section, i int, a, b Map) (Map, error) {
		all := slices.Clone(a)
		for _, p := range b {
			at, found := all.find(p.Key)
			switch {
			case !found:
				all = slices.Insert(all, at, p)
			case !bytes.Equal(all[at].Value, p.Value):
				place := Place{section, i, p.Key}
				take, err := choose(place, all[at].Value, p.Value)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", place, err)
				}
				if take {
					all[at] = p
				}
				differ = append(differ, place)
			}
		}
		return all, nil
	}
	d := &Document{Inputs: make([]Map, len(have.Inputs)), Outputs: make([]Map, len(have.Outputs))}
	var err error
	if d.Global, err = merge(Global, 0, have.Global, added.Global); err != nil {
		return nil, nil, err
	}
	for i := range have.Inputs {
		if d.Inputs[i], err = merge(Input, i, have.Inputs[i], added.Inputs[i]); err != nil {
			return nil, nil, err
		}
	}
	for i := range have.Outputs {
		if d.Outputs[i], err = merge(Output, i, have.Outputs[i], added.Outputs[i]); err != nil {
			return nil, nil, err
		}
	}
	return d, differ, nil
}

// Overlay is a document with all that another one about the same transaction says; where both say
// something, the other's word counts.
func Overlay(under, over *Document) (*Document, error) {
	d, _, err := Merge(under, over, func(Place, []byte, []byte) (bool, error) { return true, nil })
	return d, err
}
