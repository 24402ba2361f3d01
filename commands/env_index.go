package commands

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/index/scenario"
)

// Index opens the name index and brings it to the tip of the chain; with --offline it is as it was, for reading alone.
// Nobody else can use it until the command ends, so what waits uses withIndex instead.
func (e *Env) Index(ctx context.Context) (*index.Index, error) {
	return e.rooms.index.get(ctx, e, func(ctx context.Context) (*index.Index, func() error, error) {
		x, err := e.followedIndex(ctx)
		if err != nil {
			return nil, nil, err
		}
		if err = e.look(ctx, x); err != nil {
			return nil, nil, errors.Join(err, x.Close())
		}
		return x, x.Close, nil
	})
}

// followedIndex opens the index and, unless --offline, brings it to the tip of the chain. Damage that shows itself only
// then is no less a reason to build it anew.
func (e *Env) followedIndex(ctx context.Context) (*index.Index, error) {
	x, err := e.openIndex(ctx)
	if err != nil || e.Config.Offline {
		return x, err
	}
	err = e.follow(ctx, x)
	if err != nil {
		err = errors.Join(err, x.Close())
	}
	if !errors.Is(err, index.ErrCorrupt) {
		return x, err
	}
	e.Out.Warn("%v; it is built anew from the blocks", err)
	rules, err := e.Registry(ctx)
	if err != nil {
		return nil, err
	}
	if x, err = index.Rebuild(e.Config.IndexFile(), rules, index.Options{Timeout: patience}); err != nil {
		return nil, err
	}
	if err = e.follow(ctx, x); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}

// openIndex opens the index as it is. One of other rules, or a damaged one, is made anew: it follows from the blocks.
func (e *Env) openIndex(ctx context.Context) (*index.Index, error) {
	rules, err := e.Registry(ctx)
	if err != nil {
		return nil, err
	}
	path := e.Config.IndexFile()
	o := index.Options{Timeout: patience, ReadOnly: e.Config.Offline}
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
		e.Out.Note("the name rules changed; the index is built anew")
	case errors.Is(err, index.ErrOlderVersion):
		e.Out.Note("the index was made by an older version, which kept no checksums; it is built anew from the blocks")
	case errors.Is(err, index.ErrCorrupt):
		e.Out.Warn("%v; it is built anew from the blocks", err)
	default:
		return nil, err
	}
	return index.Rebuild(path, rules, o)
}

// emptyIndex throws the index away: a row that has changed is only seen when it is read.
func (e *Env) emptyIndex(ctx context.Context) error {
	rules, err := e.Registry(ctx)
	if err != nil {
		return err
	}
	x, err := index.Rebuild(e.Config.IndexFile(), rules, index.Options{Timeout: patience})
	if err != nil {
		return err
	}
	return x.Close()
}

// fewBlocks are read so quickly that nothing is said about it.
const fewBlocks = 100

// follow brings an index to the tip of its source of blocks.
func (e *Env) follow(ctx context.Context, x *index.Index) error {
	blocks, err := e.Blocks(ctx)
	if err != nil {
		return err
	}
	var shown *voice.Progress
	var phase index.Phase
	err = x.Follow(ctx, blocks, func(p index.Progress) {
		if p.Phase == index.PhaseDone || shown == nil && p.Target-p.Height < fewBlocks {
			return
		}
		if shown == nil || p.Phase != phase {
			if shown != nil {
				shown.Done()
			}
			shown, phase = e.Out.Progress(string(p.Phase), "blocks"), p.Phase
		}
		shown.Update(int64(p.Height), int64(p.Target))
	})
	if shown != nil {
		shown.Done()
	}
	return err
}

// withIndex is Index for what runs long: the file is open only while f runs.
func (e *Env) withIndex(ctx context.Context, f func(x *index.Index) error) error {
	x, err := e.followedIndex(ctx)
	if err != nil {
		return err
	}
	if err = e.look(ctx, x); err == nil {
		err = f(x)
	}
	return errors.Join(err, x.Close())
}

// indexErrors are the rows for the index.
func indexErrors() []rule {
	return []rule{
		on(index.ErrNoIndex, "not_found", "make it: blockstack index sync"),
		onBusy(index.ErrBusy, "another blockstack command is using this index; try again when it is done"),
		on(index.ErrNewerVersion, "newer_version", "use the newer program, or delete the index: it is built again from blocks"),
		on(index.ErrOlderVersion, "damaged", "let it be built again: blockstack index sync"),
		on(index.ErrOtherRegistry, "damaged", "let it be built again: blockstack index sync"),
		on(index.ErrCorrupt, "damaged", "let it be built again: blockstack index sync --rebuild"),
		on(index.ErrDiffers, "damaged", "delete the index file and run: blockstack index sync"),
		on(index.ErrNodeBehind, "unreachable", "wait until the node has caught up, or choose another one"),
		on(index.ErrNoSpentOutput, "unreachable", "use a source that can show it: btcd with --txindex, bitcoind 23.0 or later, or block files with their undo files"),
		on(scenario.ErrBad, "malformed"),
		on(index.ErrBadBlock, "malformed"),
		on(index.ErrOutOfRange, "not_found"),
		on(names.ErrNoPrice, "not_found"),
	}
}
