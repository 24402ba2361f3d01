package wallets

import (
	"context"
	"errors"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/money"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder/payments/sweep"
	"blockstack/wallet"
)

// sweepsOf move the coins of old keys into a wallet.
func sweepsOf(ctx context.Context, e *session.Session, w *wallet.Wallet, keys *oldKeys) (*sweep.Service, error) {
	n, err := e.Bitcoin(ctx)
	if err != nil {
		return nil, err
	}
	search := money.Search{Searched: n, Keys: keys.places, Progress: func(int32, int32) {}, Done: func() {}}
	var shown *voice.Progress
	search.Progress = func(height, tip int32) {
		if shown == nil {
			shown = e.Out.Progress("search", "blocks")
		}
		shown.Update(int64(height), int64(tip))
	}
	search.Done = func() {
		if shown != nil {
			shown.Done()
		}
	}
	return sweep.New(sweep.Config{
		Net: e.Config.Net(), Chain: search, Names: sweptNames{e}, Book: money.Plain{Wallet: w, At: e.Given.AtWrite}, Jobs: e.JobCoins(w, e.KeepReserved),
		Wallet: money.Receiver{Wallet: w, Look: func(ctx context.Context) error { return home.SyncQuietly(ctx, w, n) }},
		Node:   money.Node{Sender: n, At: e.Given.AtWrite},
	}), nil
}

// sweptNames know which names the addresses of old keys own.
type sweptNames struct{ env *session.Session }

// OwnedAt lists the names of each of some scripts.
func (s sweptNames) OwnedAt(ctx context.Context, scripts [][]byte) ([][]string, error) {
	list := make([][]string, len(scripts))
	err := s.env.WithIndex(ctx, func(x *index.Index) error {
		for i, script := range scripts {
			records, err := home.NamesOf(ctx, x, script)
			if err != nil {
				return err
			}
			for _, r := range records {
				if r.Status != names.Expired {
					list[i] = append(list[i], r.Name.String())
				}
			}
		}
		return nil
	})
	return list, err
}

// noteUnknownNames says why it is not known which names the addresses own.
func noteUnknownNames(env *session.Session, seen *sweep.Seen) {
	var f *fault.Fault
	switch {
	case seen.NamesUnknown == nil:
	case errors.As(seen.NamesUnknown, &f):
		env.Out.Note("whether names belong to these addresses is unknown: %s", f.Message)
	default:
		env.Out.Note("whether names belong to these addresses is unknown: %v", seen.NamesUnknown)
	}
}

// agreeToMove asks for each name before the coins of its address are taken.
func agreeToMove(ctx context.Context, env *session.Session, move []sweep.Coin) error {
	for _, name := range sweep.NamesAmong(move) {
		if err := env.ConfirmDangerous(ctx, "this takes the coins of the address that owns "+name, name); err != nil {
			return err
		}
	}
	if sweep.MayOwnNames(move) {
		env.Out.Warn("if one of these addresses owns a name, what its next operation is paid from is gone afterwards; a name itself does not move")
	}
	return nil
}

// viewSweep is what programs see of a sweep before it is planned.
func viewSweep(keys int, seen *sweep.Seen, move, stay []sweep.Coin) *sweepView {
	v := &sweepView{Keys: keys, Coins: []sweptView{}, Left: []sweptView{}, Txids: []string{}, Height: seen.Height}
	for i := range move {
		v.Coins = append(v.Coins, viewSwept(&move[i], ""))
	}
	for i := range seen.Immature {
		v.Left = append(v.Left, viewSwept(&seen.Immature[i], "mined less than 100 blocks ago"))
	}
	for i := range stay {
		v.Left = append(v.Left, viewSwept(&stay[i], "the address owns "+strings.Join(stay[i].Names, ", ")+"; --with-names moves it"))
	}
	return v
}

// viewSwept is what programs see of a coin.
func viewSwept(c *sweep.Coin, why string) sweptView {
	return sweptView{Outpoint: c.OutPoint.String(), Address: c.Place.Address, AmountSat: int64(c.Amount()), Names: c.Names, Why: why}
}
