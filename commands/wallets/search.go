package wallets

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/commands/owned"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder/lastdays"
	"blockstack/wallet"
	"blockstack/wallet/coins"
)

// restored is what a search found.
type restored struct {
	Network     string              `json:"network"`
	Fingerprint string              `json:"fingerprint"`
	Height      *int32              `json:"height"` // null: the chain was not searched
	Coins       int                 `json:"coins"`
	BalanceSat  *int64              `json:"balance_sat"`
	Accounts    []restoredAccount   `json:"accounts"`
	Identities  []restoredIdentity  `json:"identities"`
	NamesHeight *int32              `json:"names_height"` // null: no name rules, or offline
	OpenJobs    []map[string]string `json:"open_jobs,omitempty"`
	Kept        []string            `json:"kept,omitempty"` // files of the home that stayed as they were
	restoredSettings
	OldKeychain string `json:"old_keychain,omitempty"` // where a keychain whose password was lost is now
	// Preorders are those that no job follows; LastDays is why no other is started at first.
	Preorders []owned.SentView `json:"preorders"`
	LastDays  string           `json:"last_days_unknown,omitempty"`

	preorderLines []string
}

// restoredAccount is the coins of one kind of script.
type restoredAccount struct {
	Kind       string `json:"kind"`
	Coins      int    `json:"coins"`
	BalanceSat int64  `json:"balance_sat"`
}

// restoredIdentity is an owner key that the chain or the index knows.
type restoredIdentity struct {
	Index   uint32   `json:"identity"`
	Address string   `json:"owner_address"`
	Names   []string `json:"names"`
}

// searchWallet looks through the chain for coins and identities and shows how far it has come. With
// --offline nothing is looked at.
func searchWallet(ctx context.Context, e *session.Session, w *wallet.Wallet) (*restored, error) {
	r := &restored{Network: e.Config.Network, Fingerprint: w.Fingerprint(), Accounts: []restoredAccount{}, Identities: []restoredIdentity{}, Preorders: []owned.SentView{}}
	if e.Config.Offline {
		return r, nil
	}
	n, err := e.Bitcoin(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.Sync(ctx, "search", w, n); err != nil {
		return nil, err
	}
	list, err := w.Coins(ctx)
	if err != nil {
		return nil, err
	}
	tip, err := w.Tip(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range coins.Accounts(list) {
		r.Accounts = append(r.Accounts, restoredAccount{Kind: a.Name, Coins: a.Coins, BalanceSat: int64(a.Amount)})
	}
	balance := int64(coins.Sum(list))
	r.Height, r.Coins, r.BalanceSat = &tip.Height, len(list), &balance
	if err := searchNames(ctx, e, w, r); err != nil {
		return nil, err
	}
	return r, searchPreorders(ctx, e, w, r)
}

// searchPreorders lists the preorders that no job follows, and begins to count the blocks before
// which no other is started.
func searchPreorders(ctx context.Context, e *session.Session, w *wallet.Wallet, r *restored) error {
	j, err := e.Journal(ctx)
	if err != nil {
		return err
	}
	days, err := lastdays.Open(e.Config.NetworkPath(), j)
	if err == nil {
		var doubt *lastdays.Doubt
		if doubt, err = days.Doubt(ctx, *r.Height); doubt != nil {
			r.LastDays = doubt.Why.Text()
		}
	}
	if err := errors.Join(err, j.Close()); err != nil {
		return err
	}
	list, err := owned.UnfollowedPreorders(ctx, e, w)
	if err != nil {
		return err
	}
	r.Preorders, r.preorderLines, err = owned.ViewSent(ctx, e, list)
	return err
}

// searchNames lists the owner keys that were used, and those that the index knows as owners.
func searchNames(ctx context.Context, e *session.Session, w *wallet.Wallet, r *restored) error {
	used, err := w.UsedIdentities(ctx)
	if err != nil {
		return err
	}
	watched, err := w.WatchedIdentities(ctx)
	if err != nil {
		return err
	}
	collect := func(namesOf func(script []byte) ([]names.Record, error)) error {
		for i := range watched {
			a, err := w.OwnerAddress(ctx, i)
			if err != nil {
				return err
			}
			owned, err := namesOf(a.Script)
			if err != nil {
				return err
			}
			if i >= used && len(owned) == 0 {
				continue
			}
			id := restoredIdentity{Index: i, Address: a.Text, Names: []string{}}
			for _, rec := range owned {
				id.Names = append(id.Names, rec.Name.String())
			}
			r.Identities = append(r.Identities, id)
		}
		return nil
	}
	nobody := func([]byte) ([]names.Record, error) { return nil, nil }
	if e.Config.UsesPeers() && e.Config.Backend != config.BackendFiles && e.Config.Network != "sandbox" {
		e.Out.Note("names were not looked at: ordinary peers do not show them; with a node: blockstack name list")
		return collect(nobody)
	}
	if _, err := e.Registry(ctx); err != nil {
		if !errors.As(err, new(*home.NoRules)) {
			return err
		}
		e.Out.Note("names were not looked at: %s has no name rules without --registry", e.Config.Network)
		return collect(nobody)
	}
	return e.WithIndex(ctx, func(x *index.Index) error {
		t, err := x.Tip(ctx)
		if err != nil {
			return err
		}
		r.NamesHeight = &t.Height
		return collect(func(script []byte) ([]names.Record, error) { return x.NamesOf(ctx, script) })
	})
}

// printRestored shows what came back.
func printRestored(env *session.Session, r *restored) error {
	return env.Out.Result("wallet.restore", r, func(t *voice.Text) {
		t.Field("network", "%s", r.Network)
		t.Field("fingerprint", "%s", r.Fingerprint)
		for _, name := range r.Kept {
			t.Field("kept", "%s", name)
		}
		if r.OldKeychain != "" {
			t.Field("old keychain", "%s", r.OldKeychain)
		}
		if r.Height == nil {
			t.Field("note", "nothing was searched yet; the next command that has a node does it")
			return
		}
		t.Field("searched up to", "block %d", *r.Height)
		t.Field("found", "%s in %s", voice.BTC(btcutil.Amount(*r.BalanceSat)), voice.Count(r.Coins, "coin"))
		for _, a := range r.Accounts {
			t.Field(a.Kind, "%s in %s", voice.BTC(btcutil.Amount(a.BalanceSat)), voice.Count(a.Coins, "coin"))
		}
		for _, id := range r.Identities {
			t.Line("identity %d  %s  %s", id.Index, id.Address, voice.Count(len(id.Names), "name"))
			for _, n := range id.Names {
				t.Line("  %s", n)
			}
		}
		for _, line := range r.preorderLines {
			t.Line("%s", line)
		}
		if len(r.preorderLines) > 0 {
			env.Out.Note(owned.RescueHint)
		}
		if r.LastDays != "" {
			env.Out.Note("%s: preorders wait for some blocks, or for --confirm NAME", r.LastDays)
		}
	})
}
