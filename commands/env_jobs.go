package commands

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/resolver"
	"blockstack/storage/local"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/node"
)

// openJournal opens the journal of jobs, waiting for another command that has it.
func (e *Env) openJournal(ctx context.Context) (*registrar.BoltJournal, error) {
	path := e.Config.JournalFile()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	j, err := registrar.OpenJournal(path, patience)
	if err != nil {
		return nil, err
	}
	if _, err := lastdays.Open(filepath.Dir(path), j); err != nil { // before anything is written to it
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// withJobs runs f with everything that jobs need: journal, index, wallet and node, all at the tip. Files are held only
// while f runs, and other commands of this home wait meanwhile, so f never waits for blocks.
func (e *Env) withJobs(ctx context.Context, notify func(registrar.Event), f func(r *registrar.Registrar) error) (err error) {
	rules, err := e.Registry(ctx)
	if err != nil {
		return err
	}
	n, err := e.Node(ctx)
	if err != nil {
		return err
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return err
	}
	if err := e.watchSync(ctx, "wallet", w, n); err != nil {
		return err
	}
	// What may take long comes before the journal is opened, which nobody else can use meanwhile.
	if err := e.withIndex(ctx, func(*index.Index) error { return nil }); err != nil {
		return err
	}
	j, err := e.openJournal(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if e.reserved, err = e.keepForJobs(ctx, w, j); err != nil {
		return err
	}
	copies, err := e.copies(ctx, j, w)
	if err != nil {
		return err
	}
	days, err := lastdays.Open(e.Config.NetworkPath(), j)
	if err != nil {
		return err
	}
	if tip, _, err := n.Tip(ctx); err != nil {
		return err
	} else if _, err := days.Doubt(ctx, tip); err != nil { // from here on blocks are counted
		return err
	}
	defer func() { e.keepCopies(ctx, copies, err) }()
	return e.withIndex(ctx, func(x *index.Index) error {
		r, err := registrar.New(registrar.Config{
			Journal:       j,
			Copies:        copies,
			Copied:        e.copiedJobs(j, w),
			LastDays:      days,
			DoubtBlocks:   doubtBlocks(e.Config),
			Chain:         jobChain{n, w, x, make(map[chainhash.Hash]*wire.MsgTx)},
			Names:         jobNames{e, x, e.backed(x)},
			Wallet:        jobWallet{w, &e.agreed},
			Publisher:     ownFolder{e.Config.OwnZoneFiles()},
			Params:        rules,
			Net:           e.Config.Net(),
			Confirmations: e.Config.DoneConfirmations(),
			Notify:        notify,
		})
		if err != nil {
			return err
		}
		return f(r)
	})
}

// jobChain is the node as jobs see it; what it accepts the wallet learns at once.
type jobChain struct {
	node   *node.Node
	wallet *wallet.Wallet
	index  *index.Index
	pooled map[chainhash.Hash]*wire.MsgTx // what was read of the memory pool before
}

// Tip is the best block.
func (c jobChain) Tip(ctx context.Context) (int32, chainhash.Hash, error) { return c.node.Tip(ctx) }

// Broadcast offers a transaction.
func (c jobChain) Broadcast(ctx context.Context, tx *wire.MsgTx) error {
	if _, err := c.node.Broadcast(ctx, tx); err != nil {
		return jobRefusal(err)
	}
	return c.wallet.AddTx(ctx, tx)
}

// BroadcastAll offers transactions, parents before children, until one is refused; the wallet learns those that were taken together.
func (c jobChain) BroadcastAll(ctx context.Context, txs []*wire.MsgTx) (n int, err error) {
	for _, tx := range txs {
		if _, err = c.node.Broadcast(ctx, tx); err != nil {
			err = jobRefusal(err)
			break
		}
		n++
	}
	return n, errors.Join(err, c.wallet.AddTxs(context.WithoutCancel(ctx), txs[:n]))
}

// MempoolTxs lists what the node's memory pool holds.
func (c jobChain) MempoolTxs(ctx context.Context) ([]chainhash.Hash, error) {
	return c.node.MempoolTxs(ctx)
}

// TxStatus says where a transaction is.
func (c jobChain) TxStatus(ctx context.Context, txid chainhash.Hash) (registrar.TxStatus, error) {
	s, err := c.node.TxStatus(ctx, txid)
	if errors.Is(err, chain.ErrNoTxIndex) { // it is not in the memory pool, and the node does not know what is in blocks
		return c.recorded(ctx, txid)
	}
	if err != nil {
		return registrar.TxStatus{}, err
	}
	return registrar.TxStatus{InMempool: s.InMempool, Height: max(0, s.Height)}, nil
}

// BlockAt is the block of the best chain at a height.
func (c jobChain) BlockAt(ctx context.Context, height int32) (*wire.MsgBlock, error) {
	hash, err := c.node.HashAt(ctx, height)
	if err != nil {
		return nil, err
	}
	raw, err := c.node.RawBlock(ctx, hash)
	if err != nil {
		return nil, err
	}
	var b wire.MsgBlock
	if err := b.Deserialize(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("block %d: %w", height, err)
	}
	return &b, nil
}

// recorded says in which block a transaction of ours is, for a node without a transaction index whose memory pool does not have
// it: the index knows every name operation, the wallet every transaction that spent a coin of ours.
func (c jobChain) recorded(ctx context.Context, txid chainhash.Hash) (registrar.TxStatus, error) {
	if op, seen, err := c.index.OpStatus(ctx, txid); err != nil || seen {
		return registrar.TxStatus{Height: op.Height}, err
	}
	entries, err := c.wallet.History(ctx)
	if err != nil {
		return registrar.TxStatus{}, err
	}
	for _, e := range entries {
		if e.Txid == txid {
			return registrar.TxStatus{Height: max(0, e.Height)}, nil
		}
	}
	return registrar.TxStatus{}, nil
}

// jobNames is the index as jobs see it.
type jobNames struct {
	env *Env
	*index.Index
	backed *backedNames
}

// Namespace is a namespace's rules, backed by the transaction that revealed it.
func (n jobNames) Namespace(ctx context.Context, id names.NamespaceID) (names.Namespace, error) {
	return n.backed.Namespace(ctx, id)
}

// Record is a name's state, backed by its transactions.
func (n jobNames) Record(ctx context.Context, name names.Name) (names.Record, error) {
	return n.backed.Record(ctx, name)
}

// Tip brings the index to the node's tip and says which that is.
func (n jobNames) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	if err := n.env.follow(ctx, n.Index); err != nil {
		return 0, chainhash.Hash{}, err
	}
	t, err := n.Index.Tip(ctx)
	return t.Height, t.Hash, err
}

// ExactUntil is the last height at which these answers are certain, where that is not the tip's.
func (n jobNames) ExactUntil(ctx context.Context) (*int32, error) { return exactUntil(ctx, n.Index) }

// NamesOf lists the names that count for an owner's quota: alive and not revoked.
func (n jobNames) NamesOf(ctx context.Context, owner []byte) ([]names.Record, error) {
	all, err := n.Index.NamesOf(ctx, owner)
	live := all[:0]
	for _, r := range all {
		if r.Status == names.Registered || r.Status == names.Grace {
			live = append(live, r)
		}
	}
	return live, err
}

// Preordered says whether an unused name preorder with a hash is recorded.
func (n jobNames) Preordered(ctx context.Context, h names.PreorderHash) (bool, error) {
	_, found, err := n.Index.Preorder(ctx, h)
	return found, err
}

// NamespacePreordered says the same of namespace preorders.
func (n jobNames) NamespacePreordered(ctx context.Context, h names.PreorderHash) (bool, error) {
	_, found, err := n.Index.NamespacePreorder(ctx, h)
	return found, err
}

// PreordersBy lists the unused preorders that a script has sent.
func (n jobNames) PreordersBy(ctx context.Context, sender []byte) (list []registrar.Outstanding, err error) {
	rows, err := n.Index.PreordersBySender(ctx, sender)
	for _, row := range rows {
		list = append(list, registrar.Outstanding{Hash: row.Hash, Namespace: row.Namespace, Txid: row.At.Txid, Height: row.At.Height, Sender: row.Sender})
	}
	return list, err
}

// Balance is the balance of an account in microSTACKS.
func (n jobNames) Balance(ctx context.Context, address string) (*big.Int, bool, error) {
	if n.Params().GenesisUnknown {
		return nil, false, unknownGrants("account " + address)
	}
	return n.Index.Account(ctx, address, names.MicroStacks)
}

// OpStatus is what the index made of a transaction.
func (n jobNames) OpStatus(ctx context.Context, txid chainhash.Hash) (registrar.OpStatus, bool, error) {
	s, seen, err := n.Index.OpStatus(ctx, txid)
	return registrar.OpStatus{Height: s.Height, Accepted: s.Accepted, Reason: s.Reason}, seen, err
}

// jobWallet is the wallet as jobs see it.
type jobWallet struct {
	*wallet.Wallet
	agreed *agreedHere // nil: nothing
}

// CanSign says whether the wallet is unlocked.
func (w jobWallet) CanSign(context.Context) bool { return !w.Locked() }

// ownFolder publishes to the folder of one's own zone files; from there `zonefile publish` takes them further.
type ownFolder struct{ dir string }

// Publish writes a zone file, and waits until it is on disk.
func (p ownFolder) Publish(ctx context.Context, _ names.Name, zoneFile []byte) ([]string, error) {
	dir := local.Private(p.dir)
	file, err := resolver.PublishZoneFile(ctx, dir, zoneFile)
	if err != nil {
		return nil, err
	}
	return []string{dir.Path(file)}, nil
}

// jobErrors are the rows for jobs.
func jobErrors() []rule {
	// The registrar's own word for a class of refusal, where the table of exit codes has another.
	word := func(c registrar.Coded) string {
		switch code := c.Code(); code {
		case "revoked":
			return "name_taken"
		case "job_conflict":
			return "conflict"
		case "refused":
			return "refused_by_node"
		default:
			return code
		}
	}
	return append(slices.Concat(agreedErrors(), rescueErrors(), relayErrors()), []rule{
		onType("insufficient_funds", func(e *registrar.TokensShort, f *fault.Fault) {
			f.Hint("on the sandbox: blockstack sandbox fund ADDRESS %s --stacks, with the ADDRESS of: blockstack wallet address", voice.StacksNumber(e.Need))
			f.Detail("need_ustacks", e.Need).Detail("have_ustacks", e.Have)
		}),
		onType("name_taken", func(e *registrar.NameTaken, f *fault.Fault) {
			f.Code = word(e)
			f.Hint("look at it: blockstack name show %s", e.Name)
			f.Detail("name", e.Name.String()).Detail("owner_address", e.Owner).Detail("status", string(e.Status))
		}),
		onType("over_budget", func(e *registrar.OverBudget, f *fault.Fault) {
			f.Hint("raise --max-total, or lower --fee-rate")
			f.Detail("need_sat", int64(e.Need)).Detail("max_sat", int64(e.Max))
		}),
		onType("conflict", func(e *registrar.Conflict, f *fault.Fault) {
			if e.Begun {
				f.Retry().Hint("give the same command again; its job: blockstack job show %s", e.ID)
				return
			}
			if e.Listed {
				f.Hint("let the list leave it out, which takes some blocks: blockstack job resume %s", e.ID).
					Hint("then renew it: blockstack name renew %s", e.Name)
				return
			}
			f.Hint("look at it: blockstack job show %s", e.ID).Hint("or give it up: blockstack job cancel %s", e.ID)
		}),
		onType("quota", func(e *registrar.Quota, f *fault.Fault) {
			f.Hint("choose another owner: --owner N for another identity of yours")
		}),
		onType("preorder_outstanding", func(e *registrar.PreorderOutstanding, f *fault.Fault) {
			f.Hint("receive coins at a new address: blockstack wallet address --new")
		}),
		onType("namespace_closed", func(e *registrar.NamespaceClosed, f *fault.Fault) {
			f.Hint("list the namespaces: blockstack namespace list")
		}),
		{
			code:  "job_rejected",
			match: func(err error) bool { var c registrar.Coded; return errors.As(err, &c) },
			fill: func(err error, f *fault.Fault) {
				var c registrar.Coded
				if errors.As(err, &c) {
					f.Code = word(c)
				}
			},
		},
		on(registrar.ErrNoJob, "not_found", "list the jobs: blockstack job list"),
		on(registrar.ErrNeedsKey, "locked", "give the password with "+passwordFlags),
		on(registrar.ErrNotCancellable, "conflict", "let it finish: blockstack job resume"),
		onBusy(registrar.ErrJournalBusy, "another blockstack command is using this home; try again when it is done"),
		on(registrar.ErrBadJournal, "damaged", "keep it: it holds transactions that are under way; nothing is paid before it is made anew from its copy and the chain: blockstack job rescue"),
		on(registrar.ErrNewerJournal, "newer_version", "use the newer program; nothing is wrong with the file"),
		on(registrar.ErrIndexBehind, "unreachable", "run the same command again"),
		onBusy(registrar.ErrRestless, "nothing is lost; go on after the next block: blockstack job resume"),
		on(registrar.ErrBadRequest, "usage"),
	}...)
}
