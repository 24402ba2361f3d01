package own

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
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// Before a preorder is planned or paid, the preorders that this wallet has sent are looked through:
// those in blocks that nothing has used up, which the index lists by sender, and those in no block,
// which the wallet remembers, the memory pool shows, or the copy of the journal holds (copied.go).
// A preorder commits to hash160(name, script of the sender, address of the owner) (protocol 4.1),
// so a name is looked for with every owner that the wallet knows.

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
	// Copied is the job that the copy of the journal has of it and this journal has not; nil: none.
	Copied *job.Job
	// Name and Namespace are what it is for, and Owner whom it is meant for, when that was among
	// what is remembered.
	Name      names.Name
	Namespace string
	Owner     []byte
	// Job goes on with it; nil: nobody remembers what it is for, it has lapsed, or another job has
	// it.
	Job *job.Job
	// Err says why no job was made for a preorder whose name is known.
	Err error
}

// Change is the coin that must pay for what follows a preorder.
func (p *Pending) Change() wire.OutPoint { return wire.OutPoint{Hash: p.Txid, Index: 1} }

// Preorders are the preorders of ours at one moment, ready to be searched.
type Preorders struct {
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

// newOwnPreorders prepares a search.
func newOwnPreorders(params *names.Params, list []*Pending, owners [][]byte) *Preorders {
	s := &Preorders{params: params, list: list, at: make(map[committed][]*Pending)}
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

// find gives the preorders of what a request is about, by any sender and for any owner, with the
// owner filled in. Those for the request's own owner stand first.
func (s *Preorders) find(ctx context.Context, req *job.Request) ([]*Pending, error) {
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

// PreorderIn reads a transaction as a preorder, by the rules of a height; its sender is left open.
func PreorderIn(params *names.Params, tx *wire.MsgTx, height int32) (o ports.Outstanding, is bool) {
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

// SendersOf are the scripts that a transaction's first input may have spent, as far as the input
// shows it: of the last thing that it pushes, the script of that public key, and the one that it
// redeems.
func SendersOf(tx *wire.MsgTx) [][]byte {
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

// Choose gives the preorder that a request can go on with: one in a block before one in none.
// Nobody chooses the revealer of a namespace, so of a launch any will do. One that does not fit is
// a *PreorderOurs. Nil: there is none.
func (s *Preorders) Choose(ctx context.Context, req *job.Request) (*Pending, error) {
	list, err := s.find(ctx, req)
	if err != nil {
		return nil, err
	}
	var best, other *Pending
	for _, p := range list {
		switch {
		case p.Lapsed:
		case p.Owned != nil, p.Ended != nil && p.Height == 0, req.Kind != job.KindLaunch && !bytes.Equal(p.Owner, req.Owner):
			other = p
		case best == nil, best.Height == 0 && p.Height > 0:
			best = p
		}
	}
	if best == nil && other != nil {
		return nil, s.Outstanding(req, other)
	}
	return best, nil
}

// Outstanding is the error about a preorder that stands in the way.
func (s *Preorders) Outstanding(req *job.Request, p *Pending) error {
	e := &PreorderOurs{What: req.Subject(), Txid: p.Txid, Height: p.Height, Until: p.Until, Owner: p.Owner, Namespace: p.Outstanding.Namespace}
	var err error
	if e.Address, err = s.params.ScriptAddress(p.Owner); err != nil {
		return err
	}
	if p.Owned != nil {
		e.Job = p.Owned.ID
	} else if p.Ended != nil && p.Height == 0 {
		e.Job = p.Ended.ID
	}
	return e
}

// isSender says whether a transaction's first input may have spent a coin of a script.
func isSender(tx *wire.MsgTx, script []byte) bool {
	return slices.ContainsFunc(SendersOf(tx), func(s []byte) bool { return bytes.Equal(s, script) })
}

// PreorderOurs says that the wallet has preordered the same thing already, and that this can still
// be used: paying again would be for nothing.
type PreorderOurs struct {
	What      string
	Namespace bool // What is a namespace
	Txid      chainhash.Hash
	Height    int32 // 0: it is in no block yet
	Until     int32 // last block in which it can be used, 0: no limit
	Owner     []byte
	Address   string // of the owner
	// For says in words who the owner is, where the caller knows; empty: the address does.
	For string
	// Job follows it, or did; empty: none. Unsigned says that it knows nothing of it, and stands in
	// the way.
	Job      job.ID
	Unsigned bool
}

// Error says what is there.
func (e *PreorderOurs) Error() string {
	owner := e.Address
	if e.For != "" {
		owner = e.For
	}
	s := fmt.Sprintf("this wallet has preordered %s already, for %s, with transaction %s", e.What, owner, e.Txid)
	if e.Height == 0 {
		return s + ", which is in no block yet; it can be registered without paying again"
	}
	s += fmt.Sprintf(" in block %d; it can be registered without paying again", e.Height)
	if e.Until > 0 {
		s += fmt.Sprintf(" up to block %d", e.Until)
	}
	return s
}

// Code is preorder_outstanding.
func (e *PreorderOurs) Code() string { return "preorder_outstanding" }
