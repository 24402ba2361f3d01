package owned

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/session"
	"blockstack/home/unfollowed"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
)

// UnfollowedPreorders lists the preorders of the wallet that no job follows and that can still be
// used, as far as the wallet knows its own transactions.
func UnfollowedPreorders(ctx context.Context, e *session.Session, w *wallet.Wallet) (list []*registrar.Sent, err error) {
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	err = e.Unfollowed(ctx, w, jobs, func(f *unfollowed.Finder) (err error) {
		list, err = f.List(ctx, w)
		return err
	})
	return list, err
}

// UsesPreorder says whether an operation is what a preorder was sent for that no job here follows:
// another home of the same seed, one that watches, goes on with it.
func UsesPreorder(ctx context.Context, e *session.Session, w *wallet.Wallet, preorder chainhash.Hash, op *txbuilder.Reading) (uses bool, err error) {
	txs, err := w.Txs(ctx, []chainhash.Hash{preorder})
	if err != nil || txs[preorder] == nil {
		return false, err
	}
	err = e.Unfollowed(ctx, w, nil, func(f *unfollowed.Finder) error {
		uses = f.Uses(txs[preorder], op)
		return nil
	})
	return uses, err
}

// SentView is what programs see of a preorder that no job follows.
type SentView struct {
	Txid      string `json:"txid"`
	Height    *int32 `json:"height"` // null: in no block yet
	Sender    string `json:"sender_address"`
	Until     *int32 `json:"until_height"`
	Namespace bool   `json:"of_namespace,omitempty"`
}

// ViewSent turns preorders into what programs see, and into lines for people.
func ViewSent(ctx context.Context, e *session.Session, list []*registrar.Sent) (views []SentView, lines []string, err error) {
	views = []SentView{}
	for _, p := range list {
		rules, err := e.Registry(ctx)
		if err != nil {
			return nil, nil, err
		}
		v := SentView{Txid: p.Txid.String(), Namespace: p.Namespace}
		if v.Sender, err = rules.ScriptAddress(p.Sender); err != nil {
			return nil, nil, err
		}
		what, where, until := "a name", "in no block yet", ""
		if p.Namespace {
			what = "a namespace"
		}
		if p.Height > 0 {
			v.Height, where = &p.Height, fmt.Sprintf("in block %d", p.Height)
		}
		if p.Until > 0 {
			v.Until, until = &p.Until, fmt.Sprintf(", good until block %d", p.Until)
		}
		views = append(views, v)
		lines = append(lines, fmt.Sprintf("a preorder of %s that no job follows, %s%s: %s", what, where, until, v.Txid))
	}
	return views, lines, nil
}

// RescueHint says how to go on with preorders that no job follows.
const RescueHint = "go on with them, if you know the names: blockstack job rescue NAME..."
