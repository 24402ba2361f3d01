package home

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/home/jobports"
	"blockstack/home/unfollowed"
	"blockstack/names/index"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/scripts"
)

// Journal is the journal of jobs while somebody has it. Until it is closed nobody else, here or in
// another process, can reserve coins or spend from this home, so it is opened as late as possible
// and only around what needs it.
type Journal struct {
	*registrar.BoltJournal
	give func() error
}

// Close gives the journal back. Called again it does nothing.
func (j *Journal) Close() error { return j.give() }

// Journal opens the journal, waiting for whoever has it.
func (h *Home) Journal(ctx context.Context) (_ *Journal, err error) {
	path := h.Config.JournalFile()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := h.journal.take(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			h.journal.give()
		}
	}()
	j, err := registrar.OpenJournal(path, Patience)
	if err != nil {
		return nil, err
	}
	if _, err := lastdays.Open(filepath.Dir(path), j); err != nil { // before anything is written to it
		return nil, errors.Join(err, j.Close())
	}
	return &Journal{j, sync.OnceValue(func() error {
		defer h.journal.give()
		return j.Close()
	})}, nil
}

// Jobs lists all jobs; none where there is no journal yet.
func (h *Home) Jobs(ctx context.Context) ([]*registrar.Job, error) {
	if _, err := os.Stat(h.Config.JournalFile()); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	j, err := h.Journal(ctx)
	if err != nil {
		return nil, err
	}
	jobs, err := j.Jobs(ctx)
	return jobs, errors.Join(err, j.Close())
}

// Reserve opens the journal and tells the wallet which coins unfinished jobs need; kept says which
// need which.
func (h *Home) Reserve(ctx context.Context, w *wallet.Wallet) (kept registrar.Reservations, done func() error, err error) {
	j, err := h.Journal(ctx)
	if err != nil {
		return nil, nil, err
	}
	if kept, err = h.reserve(ctx, w, j); err != nil {
		return nil, nil, errors.Join(err, j.Close())
	}
	return kept, j.Close, nil
}

// reserve tells the wallet which coins the jobs of a journal need, and preorders that no job
// follows.
func (h *Home) reserve(ctx context.Context, w *wallet.Wallet, j *Journal) (registrar.Reservations, error) {
	kept, err := registrar.Reserved(ctx, j, depth(w))
	if err != nil {
		return nil, err
	}
	candidates, err := unfollowed.Candidates(ctx, w, kept)
	if err != nil {
		return nil, err
	}
	if len(candidates) > 0 {
		jobs, err := j.Jobs(ctx)
		if err != nil {
			return nil, err
		}
		err = h.Unfollowed(ctx, w, jobs, func(f *unfollowed.Finder) error { return f.Keep(ctx, w, candidates, kept) })
		if err != nil {
			return nil, err
		}
	}
	w.Reserve(func(op wire.OutPoint) bool { _, is := kept[op]; return is })
	return kept, nil
}

// Unfollowed lets f look for preorders that no job follows. Where there are no name rules it is not
// called.
func (h *Home) Unfollowed(ctx context.Context, w *wallet.Wallet, jobs []*registrar.Job, f func(*unfollowed.Finder) error) error {
	rules, err := h.Registry(ctx)
	if errors.As(err, new(*NoRules)) {
		return nil
	}
	if err != nil {
		return err
	}
	tip, err := w.Tip(ctx)
	if err != nil {
		return err
	}
	x, release, err := h.indexAsItIs(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(&unfollowed.Finder{Rules: rules, Jobs: jobs, Tip: tip.Height, Index: x}), release())
}

// indexAsItIs is the index without a look at the chain; nil: there is none, or another process has
// it. A damaged one is told by what works with it.
func (h *Home) indexAsItIs(ctx context.Context) (x *index.Index, release func() error, err error) {
	x, release, open, err := h.index.takeOpen(ctx)
	if err != nil || open {
		return x, release, err
	}
	rules, err := h.Registry(ctx)
	if err != nil {
		return nil, nil, err
	}
	x, err = index.Open(h.Config.IndexFile(), rules, index.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return nil, func() error { return nil }, nil //nolint:nilerr // what is not known frees no coin
	}
	return x, x.Close, nil
}

// depth says how deep a transaction of a job is, as far as the wallet has seen blocks: it follows
// everything that spends a coin of its own, and needs no node to say so. Its history is read when
// it is first asked for.
func depth(w *wallet.Wallet) registrar.Depth {
	var depths map[chainhash.Hash]int32
	return func(ctx context.Context, txid chainhash.Hash) (int32, error) {
		if depths == nil {
			entries, err := w.History(ctx)
			if err != nil {
				return 0, err
			}
			depths = make(map[chainhash.Hash]int32, len(entries))
			for i := range entries {
				depths[entries[i].Txid] = max(0, entries[i].Confirmations)
			}
		}
		return depths[txid], nil
	}
}

// JobRequest is one request that has to do with jobs.
type JobRequest struct {
	// Notify is told what happens, for showing. Nil: nobody.
	Notify func(registrar.Event)
	// Agreed is what the user has agreed to in this request. Nil: nothing.
	Agreed *jobports.Agreed
	// Reserved is told which coins jobs need. Nil: nobody.
	Reserved func(registrar.Reservations)
}

// WithJobs runs f with everything that jobs need: journal, index, wallet and node, all at the tip.
// Files are held only while f runs, and others wait meanwhile, so f never waits for blocks.
func (h *Home) WithJobs(ctx context.Context, q JobRequest, f func(r *registrar.Registrar) error) error {
	n, err := h.Node(ctx)
	if err != nil {
		return err
	}
	w, err := h.Wallet(ctx)
	if err != nil {
		return err
	}
	// What may take long comes before the journal is opened, which nobody else can use meanwhile.
	if err := h.Sync(ctx, "wallet", w, n); err != nil {
		return err
	}
	return h.WithIndex(ctx, func(x *index.Index) (err error) {
		j, err := h.Journal(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, j.Close()) }()
		kept, err := h.reserve(ctx, w, j)
		if err != nil {
			return err
		}
		if q.Reserved != nil {
			q.Reserved(kept)
		}
		cfg, err := h.jobConfig(ctx, q, w, x, j)
		if err != nil {
			return err
		}
		copies := h.copies(w, j)
		writer, err := copies.Writer(ctx)
		if err != nil {
			return err
		}
		cfg.Copies, cfg.Copied = writer, copies.Reader()
		defer func() { copies.Finish(ctx, writer, err) }()
		r, err := registrar.New(cfg)
		if err != nil {
			return err
		}
		return f(r)
	})
}

// jobConfig puts the rooms into the registrar's interfaces.
func (h *Home) jobConfig(ctx context.Context, q JobRequest, w *wallet.Wallet, x *index.Index, j *Journal) (cfg registrar.Config, err error) {
	rules, err := h.Registry(ctx)
	if err != nil {
		return cfg, err
	}
	n, err := h.Node(ctx)
	if err != nil {
		return cfg, err
	}
	days, err := lastdays.Open(h.Config.NetworkPath(), j)
	if err != nil {
		return cfg, err
	}
	tip, _, err := n.Tip(ctx)
	if err != nil {
		return cfg, err
	}
	if _, err := days.Doubt(ctx, tip); err != nil { // from here on blocks are counted
		return cfg, err
	}
	return registrar.Config{
		Journal:       j,
		LastDays:      days,
		DoubtBlocks:   h.DoubtBlocks(),
		Chain:         jobports.NewChain(n, w, x),
		Names:         jobports.Names{Index: x, Backed: h.Backed(x), Follow: h.Follow},
		Wallet:        jobports.Wallet{Wallet: w, Given: q.Agreed},
		Publisher:     jobports.Folder{Dir: h.Config.OwnZoneFiles()},
		Params:        rules,
		Net:           h.Config.Net(),
		Confirmations: h.Config.DoneConfirmations(),
		Owner:         func(script []byte) bool { return ownsNames(ctx, w, script) },
		Notify:        q.Notify,
	}, nil
}

// addressBook knows which scripts are a wallet's, and what for.
type addressBook interface {
	ScriptAddress(ctx context.Context, script []byte) (wallet.Address, bool, error)
}

// ownsNames reports whether a script of a wallet is there to own names: its coins never pay. One
// that cannot be looked up is held to be.
func ownsNames(ctx context.Context, w addressBook, script []byte) bool {
	a, ours, err := w.ScriptAddress(context.WithoutCancel(ctx), script)
	return err != nil || ours && (a.Role == scripts.Owner || a.Role == scripts.Shared)
}

// copies are the copies of the journal.
func (h *Home) copies(w *wallet.Wallet, j *Journal) *jobports.Copies {
	return &jobports.Copies{
		Dir: h.Config.JournalCopy, Optional: h.Config.CopyOptional, Network: h.Config.Net().Name,
		Wallet: w, Journal: j.BoltJournal, Open: h.keys.Open, Warn: h.tell.Warn,
	}
}

// Backed are the records of an index for what spends money.
func (h *Home) Backed(x *index.Index) *jobports.Backed { return jobports.NewBacked(x, h.Blocks) }

// DoubtBlocks is how many blocks a home that cannot know its last days starts no preorder; 0: as
// many as the registrar thinks right.
func (h *Home) DoubtBlocks() int32 {
	if h.Config.Network == "sandbox" {
		return 1
	}
	return 0
}
