package owned

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/names/holdings"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
)

// holdingsOf tells what became of the names of a wallet: those it has, those that its transactions
// were about, and those of its jobs. What a job of its own gave away is no news. mine are its owner
// scripts.
func holdingsOf(ctx context.Context, w *wallet.Wallet, x *index.Index, mine map[string]bool, jobs []*registrar.Job) ([]holdings.Change, error) {
	own, err := namesOfAll(ctx, x, mine)
	if err != nil {
		return nil, err
	}
	entries, err := w.History(ctx)
	if err != nil {
		return nil, err
	}
	txids := make([]chainhash.Hash, len(entries))
	for i, e := range entries {
		txids[i] = e.Txid
	}
	list, err := holdings.Touched(ctx, x, txids)
	if err != nil {
		return nil, err
	}
	known := map[names.Name]bool{}
	for _, n := range list {
		known[n] = true
	}
	add := func(n names.Name) {
		if !n.IsZero() && !known[n] {
			known[n] = true
			list = append(list, n)
		}
	}
	for _, r := range own {
		add(r.Name)
	}
	given := map[chainhash.Hash]bool{}
	for _, j := range jobs {
		for _, q := range j.Request.Requests() {
			add(q.Name)
		}
		for _, st := range j.Stages {
			for _, v := range st.Versions {
				given[v.Txid] = true
			}
		}
	}
	all, err := holdings.Look(ctx, x, list, func(script []byte) bool { return mine[string(script)] })
	if err != nil {
		return nil, err
	}
	told := []holdings.Change{}
	for _, c := range all {
		if c.Event != holdings.Moved || !given[c.Txid] {
			told = append(told, c)
		}
	}
	return told, nil
}

// ownerLook is how many identities beyond those in use are looked at.
const ownerLook = 20

// ownerScripts are the scripts by which a wallet owns names, alone or with others.
func ownerScripts(ctx context.Context, w *wallet.Wallet) (map[string]bool, error) {
	n, err := w.Identities(ctx)
	if err != nil {
		return nil, err
	}
	scripts := map[string]bool{}
	for i := range n + ownerLook { // an unlocked wallet would derive on and on
		script, err := w.OwnerScript(ctx, i)
		if errors.Is(err, wallet.ErrNeedKeys) {
			break
		}
		if err != nil {
			return nil, err
		}
		scripts[string(script)] = true
	}
	shared, err := w.SharedScripts(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range shared {
		scripts[string(s.Script)] = true
	}
	return scripts, nil
}

// ChangesOfNames is holdingsOf with what a command has at hand.
func ChangesOfNames(ctx context.Context, e *session.Session, x *index.Index) ([]holdings.Change, error) {
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	mine, err := ownerScripts(ctx, w)
	if err != nil {
		return nil, err
	}
	journal, err := e.Journal(ctx)
	if err != nil {
		return nil, err
	}
	jobs, err := journal.Jobs(ctx)
	if cerr := journal.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	return holdingsOf(ctx, w, x, mine, jobs)
}

// ChangeOfName is what became of a name, as programs see it.
type ChangeOfName struct {
	Name   names.Name     `json:"name"`
	Event  holdings.Event `json:"event"`
	Height int32          `json:"height"`
	Txid   string         `json:"txid,omitempty"`
	Owner  string         `json:"owner_address,omitempty"`
	Until  int32          `json:"renewable_until_height,omitempty"`
}

func ViewChangeOfName(c holdings.Change) ChangeOfName {
	v := ChangeOfName{Name: c.Name, Event: c.Event, Height: c.Height, Owner: c.Owner, Until: c.Until}
	if c.Txid != (chainhash.Hash{}) {
		v.Txid = c.Txid.String()
	}
	return v
}
