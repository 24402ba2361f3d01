package blockfiles

import (
	"errors"
	"fmt"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/headers"
)

const headersRead = 2000 // that are held to the rules at once

// hold brings the known headers to the end of the files' best chain, each checked. Files that end
// below what is known and agree with it are only old.
func (f *Files) hold() error {
	if f.held == nil || len(f.best) == 0 {
		return nil
	}
	tip := int32(len(f.best) - 1)
	known, _ := f.held.Tip()
	fork := min(known, tip)
	for ; fork > 0; fork-- {
		hash, err := f.held.HashAt(fork)
		if err != nil {
			return err
		}
		if hash == f.blocks[f.best[fork]].hash {
			break
		}
	}
	var branch []byte
	for at := fork; at < tip; {
		from := at
		for ; at < min(tip, from+headersRead); at++ {
			b := f.blocks[f.best[at+1]]
			raw, err := f.key.read(f.blockPath(int(b.file)), b.offset, headerLen)
			if err != nil {
				return err
			}
			branch = append(branch, raw...)
		}
		if fork < known && at < tip { // all of it has to have more work
			continue
		}
		if err := f.connectHeld(at-int32(len(branch)/headers.Size), branch); err != nil {
			return err
		}
		branch = nil
	}
	return nil
}

// connectHeld adds headers to the known ones.
func (f *Files) connectHeld(fork int32, raw []byte) error {
	err := f.held.Connect(fork, raw)
	var less *headers.LessWork
	switch {
	case errors.As(err, &less):
		return fmt.Errorf("%w: %w", chain.ErrNotReady, &FileError{f.dir, 0, less.Error()})
	case errors.Is(err, headers.ErrBroken):
		return &FileError{f.dir, 0, err.Error()}
	}
	return err
}
