package home

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"blockstack/names/index"
)

// Index is the name index at the tip of the chain; offline it is as it was, for reading alone.
// While somebody has it no other process can: release gives it back. Who also wants the journal
// takes the index first.
func (h *Home) Index(ctx context.Context) (x *index.Index, release func() error, err error) {
	opened := false
	x, release, err = h.index.take(ctx, func(ctx context.Context) (*index.Index, func() error, error) {
		opened = true
		x, err := h.followedIndex(ctx)
		if err != nil {
			return nil, nil, err
		}
		return x, x.Close, nil
	})
	if err != nil {
		return nil, nil, err
	}
	if !opened && !h.Config.Offline {
		err = h.Follow(ctx, x)
	}
	if err == nil {
		err = h.WarnInexact(ctx, x)
	}
	if err != nil {
		return nil, nil, errors.Join(err, release())
	}
	return x, release, nil
}

// WithIndex lets f use the index, and gives it back.
func (h *Home) WithIndex(ctx context.Context, f func(x *index.Index) error) error {
	x, release, err := h.Index(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(x), release())
}

// followedIndex opens the index and, unless offline, brings it to the tip of the chain. Damage that
// shows itself only then is no less a reason to build it anew.
func (h *Home) followedIndex(ctx context.Context) (*index.Index, error) {
	x, err := h.OpenIndex(ctx)
	if err != nil || h.Config.Offline {
		return x, err
	}
	err = h.Follow(ctx, x)
	if err != nil {
		err = errors.Join(err, x.Close())
	}
	if !errors.Is(err, index.ErrCorrupt) {
		return x, err
	}
	h.tell.Warn("%v; it is built anew from the blocks", err)
	rules, err := h.Registry(ctx)
	if err != nil {
		return nil, err
	}
	if x, err = index.Rebuild(h.Config.IndexFile(), rules, index.Options{Timeout: Patience}); err != nil {
		return nil, err
	}
	if err = h.Follow(ctx, x); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}

// OpenIndex opens the index as it is, for somebody who looks at the file itself. One of other
// rules, or a damaged one, is made anew: it follows from the blocks.
func (h *Home) OpenIndex(ctx context.Context) (*index.Index, error) {
	rules, err := h.Registry(ctx)
	if err != nil {
		return nil, err
	}
	path := h.Config.IndexFile()
	o := index.Options{Timeout: Patience, ReadOnly: h.Config.Offline}
	if !o.ReadOnly {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
	}
	x, err := index.Open(path, rules, o)
	switch {
	case err == nil || o.ReadOnly:
		return x, err
	case errors.Is(err, index.ErrOtherRegistry):
		h.tell.Note("the name rules changed; the index is built anew")
	case errors.Is(err, index.ErrOlderVersion):
		h.tell.Note("the index was made by an older version, which kept no checksums; it is built anew from the blocks")
	case errors.Is(err, index.ErrCorrupt):
		h.tell.Warn("%v; it is built anew from the blocks", err)
	default:
		return nil, err
	}
	return index.Rebuild(path, rules, o)
}

// EmptyIndex throws the index away: a row that has changed is only seen when it is read.
func (h *Home) EmptyIndex(ctx context.Context) error {
	rules, err := h.Registry(ctx)
	if err != nil {
		return err
	}
	x, err := index.Rebuild(h.Config.IndexFile(), rules, index.Options{Timeout: Patience})
	if err != nil {
		return err
	}
	return x.Close()
}

// Follow brings an index to the tip of its source of blocks.
func (h *Home) Follow(ctx context.Context, x *index.Index) error {
	blocks, err := h.Blocks(ctx)
	if err != nil {
		return err
	}
	var shown Meter
	var phase index.Phase
	err = x.Follow(ctx, blocks, func(p index.Progress) {
		if p.Phase == index.PhaseDone || shown == nil && p.Target-p.Height < FewBlocks {
			return
		}
		if shown == nil || p.Phase != phase {
			if shown != nil {
				shown.Done()
			}
			shown, phase = h.tell.Meter(string(p.Phase), "blocks"), p.Phase
		}
		shown.Update(int64(p.Height), int64(p.Target))
	})
	if shown != nil {
		shown.Done()
	}
	return err
}

// WarnInexact warns once if an index is not exact up to its tip: who holds tokens was decided by
// grants that nobody can tell any more, so from the first operation that depends on them others may
// have another state. Answers say it too, each for itself.
func (h *Home) WarnInexact(ctx context.Context, x *index.Index) error {
	tip, err := x.Tip(ctx)
	if err != nil {
		return err
	}
	if tip.ExactUntil < tip.Height {
		h.inexact.Do(func() {
			h.tell.Warn("names are certain up to block %d only: after it came an operation that depends on who holds STACKS, "+
				"and the grants of this registry are not known; others may see other owners", tip.ExactUntil)
		})
	}
	return nil
}
