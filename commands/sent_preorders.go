package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/fault"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/coins"
)

// sentPreorders reads the preorders that no job follows out of what the wallet knows of itself, so that they are seen also where
// there is no index yet, or no node. The index, where there is one, says which of them are used up.
type sentPreorders struct {
	rules *names.Params
	jobs  []*registrar.Job
	tip   int32
	index *index.Index // nil: there is none, or another command has it
}

// openSent prepares that; nil where there are no name rules. done is to be called at the end.
func (e *Env) openSent(ctx context.Context, w *wallet.Wallet, jobs []*registrar.Job) (s *sentPreorders, done func() error, err error) {
	done = func() error { return nil }
	rules, err := e.Registry(ctx)
	if f := new(fault.Fault); errors.As(err, &f) && f.Code == "no_name_rules" {
		return nil, done, nil
	}
	if err != nil {
		return nil, done, err
	}
	tip, err := w.Tip(ctx)
	if err != nil {
		return nil, done, err
	}
	s = &sentPreorders{rules: rules, jobs: jobs, tip: tip.Height}
	x, err := index.Open(e.Config.IndexFile(), rules, index.Options{ReadOnly: true, Timeout: time.Second})
	if err == nil { // a damaged index is told by what works with it; here all its answers would only free coins
		s.index, done = x, x.Close
	}
	return s, done, nil
}

// waits reads a transaction as a preorder that waits for what follows it.
func (s *sentPreorders) waits(ctx context.Context, p *registrar.Sent) (bool, error) {
	if s.index == nil || p.Height == 0 {
		return true, nil
	}
	tip, err := s.index.Tip(ctx)
	if err != nil || tip.Height < p.Height {
		return true, err
	}
	rows, err := s.index.PreordersBySender(ctx, p.Sender)
	for _, row := range rows {
		if row.At.Txid == p.Txid {
			lost, err := registrar.Lost(ctx, s.index, s.jobs, p.Txid)
			return !lost, err
		}
	}
	return false, err
}

// keepForPreorders keeps the change of preorders that no job follows for what must follow them.
func (e *Env) keepForPreorders(ctx context.Context, w *wallet.Wallet, journal registrar.Journal, kept registrar.Reservations) error {
	list, err := w.Coins(ctx)
	if err != nil {
		return err
	}
	heights := make(map[chainhash.Hash]int32)
	var ids []chainhash.Hash
	for _, c := range list {
		if _, is := kept[c.OutPoint]; c.OutPoint.Index == 1 && !is {
			heights[c.OutPoint.Hash] = max(0, c.Height)
			ids = append(ids, c.OutPoint.Hash)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	txs, err := w.Txs(ctx, ids)
	if err != nil {
		return err
	}
	jobs, err := journal.Jobs(ctx)
	if err != nil {
		return err
	}
	s, done, err := e.openSent(ctx, w, jobs)
	if err != nil || s == nil {
		return err
	}
	for id, tx := range txs {
		p, is := registrar.SentPreorder(s.rules, s.jobs, tx, heights[id], s.tip)
		if !is {
			continue
		}
		waits, err := s.waits(ctx, p)
		if err != nil {
			return errors.Join(err, done())
		}
		if waits {
			kept.Hold(p.Change())
		}
	}
	return done()
}

// usesPreorder says whether a coin is the change of a preorder that no job here follows, and an operation is what that was sent
// for: another home of the same seed, one that watches, goes on with it.
func (e *Env) usesPreorder(ctx context.Context, w *wallet.Wallet, coin wire.OutPoint, op *txbuilder.Reading) (bool, error) {
	if e.reserved[coin].Purpose != registrar.PurposeFollow || op == nil {
		return false, nil
	}
	txs, err := w.Txs(ctx, []chainhash.Hash{coin.Hash})
	if err != nil || txs[coin.Hash] == nil {
		return false, err
	}
	rules, err := e.Registry(ctx)
	if err != nil {
		return false, err
	}
	tip, err := w.Tip(ctx)
	if err != nil {
		return false, err
	}
	p, is := registrar.SentPreorder(rules, nil, txs[coin.Hash], 0, tip.Height)
	return is && p.UsedBy(rules, op), nil
}

// unfollowed lists the preorders of the wallet that no job follows and that can still be used, as far as the wallet knows its own
// transactions.
func (e *Env) unfollowed(ctx context.Context, w *wallet.Wallet) (list []*registrar.Sent, err error) {
	entries, err := w.History(ctx)
	if err != nil {
		return nil, err
	}
	jobs, err := e.jobs(ctx)
	if err != nil {
		return nil, err
	}
	s, done, err := e.openSent(ctx, w, jobs)
	if err != nil || s == nil {
		return nil, err
	}
	for i := range entries {
		en := &entries[i]
		p, is := registrar.SentPreorder(s.rules, s.jobs, en.Tx, max(0, en.Height), s.tip)
		if !is || en.Spent == 0 || s.index == nil && s.spent(entries, p) {
			continue
		}
		waits, err := s.waits(ctx, p)
		if err != nil {
			return nil, errors.Join(err, done())
		}
		if waits {
			list = append(list, p)
		}
	}
	return list, done()
}

// spent says whether the change of a preorder was spent by something other than the next preorder: then, as far as the wallet
// alone can tell, it was used.
func (s *sentPreorders) spent(entries []coins.Entry, p *registrar.Sent) bool {
	for i := range entries {
		for _, in := range entries[i].Tx.TxIn {
			if in.PreviousOutPoint != p.Change() {
				continue
			}
			_, next := registrar.SentPreorder(s.rules, nil, entries[i].Tx, max(0, entries[i].Height), s.tip)
			return !next
		}
	}
	return false
}

// sentView is what programs see of a preorder that no job follows.
type sentView struct {
	Txid      string `json:"txid"`
	Height    *int32 `json:"height"` // null: in no block yet
	Sender    string `json:"sender_address"`
	Until     *int32 `json:"until_height"`
	Namespace bool   `json:"of_namespace,omitempty"`
}

// viewSent turns preorders into what programs see, and into lines for people.
func (e *Env) viewSent(ctx context.Context, list []*registrar.Sent) (views []sentView, lines []string, err error) {
	views = []sentView{}
	for _, p := range list {
		rules, err := e.Registry(ctx)
		if err != nil {
			return nil, nil, err
		}
		v := sentView{Txid: p.Txid.String(), Namespace: p.Namespace}
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

// rescueHint says how to go on with preorders that no job follows.
const rescueHint = "go on with them, if you know the names: blockstack job rescue NAME..."

// checkPreorders looks for preorders that no job follows.
func (d *doctor) checkPreorders(ctx context.Context) {
	w, err := d.env.Wallet(ctx)
	if err != nil {
		d.add("preorders", checkSkipped, "there is no wallet to look at")
		return
	}
	if _, err := d.env.Registry(ctx); err != nil {
		d.withoutRules(ctx, "preorders", err)
		return
	}
	list, err := d.env.unfollowed(ctx, w)
	if err != nil {
		d.fail(ctx, "preorders", err)
		return
	}
	_, lines, err := d.env.viewSent(ctx, list)
	switch {
	case err != nil:
		d.fail(ctx, "preorders", err)
	case len(lines) == 0:
		d.add("preorders", checkOK, "a job follows each that can be used")
	default:
		d.add("preorders", checkWarn, "%s", strings.Join(lines, "; ")).hint(rescueHint)
	}
}
