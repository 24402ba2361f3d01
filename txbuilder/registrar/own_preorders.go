package registrar

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// Before a preorder is planned or paid, the preorders that this wallet has sent are
// looked through: those in blocks that nothing has used up, which the index lists by
// sender, and those in no block, which the wallet remembers, the memory pool shows, or the
// copy of the journal holds (own_copied.go). A
// preorder commits to hash160(name, script of the sender, address of the owner)
// (protocol 4.1), so a name is looked for with every owner that the wallet knows.

// Pending is a preorder of ours that nothing has used up.
type Pending struct {
	// Outstanding says where it is; Height 0: in no block yet.
	ports.Outstanding
	// Tx is the transaction of one that is in no block yet; nil: it is in a block.
	Tx *wire.MsgTx
	// Until is the last block in which it can be used, 0: no limit.
	Until int32
	// Lapsed says that it is too late.
	Lapsed bool
	// Owned is the open job that has it already, nil: none. Ended is one that is over.
	Owned, Ended *job.Job
	// Copied is the job that the copy of the journal has of it and this journal has not;
	// nil: none.
	Copied *job.Job
	// Name and Namespace are what it is for, and Owner whom it is meant for, when that
	// was among what is remembered.
	Name      names.Name
	Namespace string
	Owner     []byte
	// Job goes on with it; nil: nobody remembers what it is for, it has lapsed, or
	// another job has it.
	Job *job.Job
	// Err says why no job was made for a preorder whose name is known.
	Err error
}

// Change is the coin that must pay for what follows a preorder.
func (p *Pending) Change() wire.OutPoint { return wire.OutPoint{Hash: p.Txid, Index: 1} }

// ownPreorders are the preorders of ours at one moment, ready to be searched.
type ownPreorders struct {
	params  *names.Params
	list    []*Pending
	at      map[committed][]*Pending
	senders [][]byte
	owners  []namedOwner
}

// committed is what a preorder shows.
type committed struct {
	hash      names.PreorderHash
	namespace bool
}

// namedOwner is a script that can own a name, with its address.
type namedOwner struct {
	script []byte
	addr   string
}

// ownPreorders looks through index, wallet and memory pool.
func (r *Registrar) ownPreorders(ctx context.Context, tip int32) (*ownPreorders, error) {
	return r.gather(ctx, tip, nil)
}

// everyPreorder is ownPreorders with what the copy of the journal holds: the search
// before anything is paid.
func (r *Registrar) everyPreorder(ctx context.Context, tip int32) (*ownPreorders, error) {
	jobs, err := r.copied.read(ctx)
	if err != nil {
		return nil, err
	}
	return r.gather(ctx, tip, jobs)
}

// gather is either of them.
func (r *Registrar) gather(ctx context.Context, tip int32, copied []*job.Job) (*ownPreorders, error) {
	scripts, err := r.cfg.Wallet.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	list, err := r.pending(ctx, scripts, tip)
	if err != nil {
		return nil, err
	}
	if list, err = r.withCopied(ctx, list, copied, scripts, tip); err != nil {
		return nil, err
	}
	owners := slices.Clone(scripts)
	for _, p := range list {
		if p.Copied != nil {
			owners = append(owners, p.Owner)
		}
	}
	if w, ok := r.cfg.Wallet.(ports.Owners); ok && len(list) > 0 {
		more, err := w.Owners(ctx)
		if err != nil {
			return nil, err
		}
		owners = append(slices.Clone(owners), more...)
	}
	return newOwnPreorders(r.cfg.Params, list, owners), nil
}

// newOwnPreorders prepares a search.
func newOwnPreorders(params *names.Params, list []*Pending, owners [][]byte) *ownPreorders {
	s := &ownPreorders{params: params, list: list, at: make(map[committed][]*Pending)}
	seen := make(map[string]bool)
	for _, p := range list {
		key := committed{p.Hash, p.Outstanding.Namespace}
		s.at[key] = append(s.at[key], p)
		if !seen[string(p.Sender)] {
			seen[string(p.Sender)] = true
			s.senders = append(s.senders, p.Sender)
		}
	}
	if len(list) == 0 {
		return s // nothing will be searched
	}
	for _, script := range owners {
		if addr, err := params.ScriptAddress(script); err == nil {
			s.owners = append(s.owners, namedOwner{script, addr})
		}
	}
	return s
}

// find gives the preorders of what a request is about, by any sender and for any owner,
// with the owner filled in. Those for the request's own owner stand first.
func (s *ownPreorders) find(ctx context.Context, req *job.Request) ([]*Pending, error) {
	if len(s.list) == 0 {
		return nil, nil
	}
	owners := s.owners
	if addr, err := s.params.ScriptAddress(req.Owner); err == nil {
		owners = append([]namedOwner{{req.Owner, addr}}, owners...)
	}
	subject := req.Subject()
	var found []*Pending
	seen := make(map[*Pending]bool)
	for _, o := range owners {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, sender := range s.senders {
			hash, err := nameop.HashPreorder(subject, sender, o.addr)
			if err != nil {
				return nil, nil // no preorder can be of such a name
			}
			for _, p := range s.at[committed{hash, req.Kind == job.KindLaunch}] {
				if bytes.Equal(p.Sender, sender) && !seen[p] {
					seen[p], p.Owner = true, o.script
					found = append(found, p)
				}
			}
		}
	}
	return found, nil
}

// pending lists the preorders that scripts of ours have sent.
func (r *Registrar) pending(ctx context.Context, scripts [][]byte, tip int32) ([]*Pending, error) {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	followed := job.FollowedBy(jobs)
	list := []*Pending{}
	for _, script := range scripts {
		if k := txbuilder.KindOf(script); k != txbuilder.KindP2PKH && k != txbuilder.KindP2SH {
			continue // the name system reads no other sender
		}
		sent, err := r.cfg.Names.PreordersBy(ctx, script)
		if err != nil {
			return nil, err
		}
		for _, o := range sent {
			p := &Pending{Outstanding: o}
			life := int32(0)
			if !o.Namespace {
				life = r.lifetime(&job.Job{Request: job.Request{Kind: job.KindRegister}}, tip)
			}
			if life > 0 {
				p.Until = o.Height + life
				p.Lapsed = tip+1 > p.Until
			}
			list = append(list, p)
		}
	}
	waiting, err := r.unconfirmedPreorders(ctx, scripts, tip)
	if err != nil {
		return nil, err
	}
	list = append(list, waiting...)
	for _, p := range list {
		if j := followed[p.Txid]; j != nil && j.Open() {
			p.Owned = j
		} else {
			p.Ended = j
		}
	}
	return list, nil
}

// unconfirmedPreorders are those of ours that are in no block: in the memory pool, or
// sent by this wallet and nowhere to be seen, which a miner may have all the same.
func (r *Registrar) unconfirmedPreorders(ctx context.Context, scripts [][]byte, tip int32) (list []*Pending, err error) {
	txs, err := r.unconfirmed(ctx)
	if err != nil {
		return nil, err
	}
	ours := make(map[string]bool)
	for _, script := range scripts {
		ours[string(script)] = true
	}
	for _, tx := range txs {
		o, is := preorderIn(r.cfg.Params, tx, tip+1)
		if !is {
			continue
		}
		i := slices.IndexFunc(sendersOf(tx), func(s []byte) bool { return ours[string(s)] })
		if i < 0 {
			continue
		}
		if waits, err := r.inNoBlock(ctx, o.Txid); err != nil {
			return nil, err
		} else if !waits {
			continue
		}
		o.Sender = sendersOf(tx)[i]
		list = append(list, &Pending{Outstanding: o, Tx: tx})
	}
	return list, nil
}

// unconfirmed are the transactions of the memory pool, and those that the wallet remembers.
func (r *Registrar) unconfirmed(ctx context.Context) (txs []*wire.MsgTx, err error) {
	if pool, ok := ports.PoolOf(r.cfg.Chain); ok {
		if txs, _, err = pool.Unconfirmed(ctx); err != nil {
			return nil, fmt.Errorf("memory pool: %w", err)
		}
	}
	if w, ok := r.cfg.Wallet.(ports.Unsettled); ok {
		own, err := w.Unsettled(ctx)
		if err != nil {
			return nil, err
		}
		txs = append(slices.Clip(txs), own...)
	}
	seen := make(map[chainhash.Hash]bool, len(txs))
	return slices.DeleteFunc(slices.Clone(txs), func(tx *wire.MsgTx) bool {
		id := tx.TxHash()
		known := seen[id]
		seen[id] = true
		return known
	}), nil
}

// inNoBlock says whether neither the node nor the index has a transaction in a block. The
// index lists a preorder that it has, as long as that is of use.
func (r *Registrar) inNoBlock(ctx context.Context, txid chainhash.Hash) (bool, error) {
	at, err := r.cfg.Chain.TxStatus(ctx, txid)
	if err != nil {
		return false, fmt.Errorf("transaction %s: %w", txid, err)
	}
	_, read, err := r.cfg.Names.OpStatus(ctx, txid)
	if err != nil {
		return false, fmt.Errorf("operation %s: %w", txid, err)
	}
	return at.Height == 0 && !read, nil
}

// preorderIn reads a transaction as a preorder, by the rules of a height; its sender is
// left open.
func preorderIn(params *names.Params, tx *wire.MsgTx, height int32) (o ports.Outstanding, is bool) {
	payload, ours := nameop.FindPayload(tx, params.Magic)
	if !ours {
		return o, false
	}
	_, e := params.Epoch(height)
	op, err := nameop.Decode(e, payload, len(tx.TxOut))
	if err != nil {
		return o, false
	}
	o.Txid = tx.TxHash()
	switch op := op.(type) {
	case nameop.NamePreorder:
		o.Hash = op.Hash
	case nameop.NamespacePreorder:
		o.Hash, o.Namespace = op.Hash, true
	default:
		return o, false
	}
	return o, len(tx.TxIn) > 0 && len(tx.TxOut) > 2
}

// sendersOf are the scripts that a transaction's first input may have spent, as far as
// the input shows it: of the last thing that it pushes, the script of that public key,
// and the one that it redeems.
func sendersOf(tx *wire.MsgTx) [][]byte {
	var last []byte
	for t := txscript.MakeScriptTokenizer(0, tx.TxIn[0].SignatureScript); t.Next(); {
		last = t.Data()
	}
	if len(last) == 0 {
		return nil
	}
	hash := [20]byte(address.Hash160(last))
	return [][]byte{names.PubKeyHashScript(hash), names.ScriptHashScript(hash)}
}
