package sweep

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// Coin is a coin of an old key.
type Coin struct {
	Found
	Place Place
	Names []string // that the address owns
	Known bool     // whether it owns names is known
}

// Amount is what a coin holds.
func (c *Coin) Amount() btcutil.Amount {
	return btcutil.Amount(c.Tx.TxOut[c.OutPoint.Index].Value)
}

// Seen is what a search has found.
type Seen struct {
	Coins    []Coin
	Immature []Coin // mined too recently to be spent
	Height   int32  // searched up to
	// NamesUnknown says why it is not known which names the addresses own; nil: it is known.
	NamesUnknown error
}

// Beyond says that a search was to begin above the tip.
type Beyond struct{ Since, Tip int32 }

// Error names both.
func (e *Beyond) Error() string {
	return fmt.Sprintf("block %d is beyond the tip, block %d", e.Since, e.Tip)
}

// Look searches the chain for coins at places, and the index for names of their addresses.
func (s *Service) Look(ctx context.Context, places []Place, since int32) (*Seen, error) {
	tip, err := s.cfg.Chain.Tip(ctx)
	if err != nil {
		return nil, err
	}
	if since > tip.Height {
		return nil, &Beyond{since, tip.Height}
	}
	found, err := s.cfg.Chain.Find(ctx, places, since)
	if err != nil {
		return nil, err
	}
	seen := &Seen{Height: tip.Height}
	for _, f := range found {
		script := f.Tx.TxOut[f.OutPoint.Index].PkScript
		i := slices.IndexFunc(places, func(p Place) bool { return bytes.Equal(p.Script, script) })
		if i < 0 {
			return nil, fmt.Errorf("the coin %s that was found is at none of the addresses", f.OutPoint)
		}
		c := Coin{Found: f, Place: places[i]}
		if f.Coinbase && tip.Height-f.Height+1 < int32(s.cfg.Net.CoinbaseMaturity) {
			seen.Immature = append(seen.Immature, c)
			continue
		}
		seen.Coins = append(seen.Coins, c)
	}
	return seen, s.nameCoins(ctx, seen)
}

// nameCoins asks which names the addresses own. Where nobody can tell, it stays unknown.
func (s *Service) nameCoins(ctx context.Context, seen *Seen) error {
	if len(seen.Coins) == 0 {
		return nil
	}
	var scripts [][]byte
	for i := range seen.Coins {
		scripts = append(scripts, seen.Coins[i].Place.Script)
	}
	names, err := s.cfg.Names.OwnedAt(ctx, scripts)
	if err != nil {
		seen.NamesUnknown = err
		return ctx.Err()
	}
	for i := range seen.Coins {
		seen.Coins[i].Names, seen.Coins[i].Known = names[i], true
	}
	return nil
}

// Split divides coins into those that are moved and those that stay because their address owns a
// name.
func (seen *Seen) Split(withNames bool) (move, stay []Coin) {
	for _, c := range seen.Coins {
		if len(c.Names) > 0 && !withNames {
			stay = append(stay, c)
			continue
		}
		move = append(move, c)
	}
	return move, stay
}

// NamesAmong lists the names of coins, each once.
func NamesAmong(list []Coin) (names []string) {
	for _, c := range list {
		for _, n := range c.Names {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return names
}

// MayOwnNames says whether one of some coins is at an address that may own a name without that
// being known.
func MayOwnNames(list []Coin) bool {
	return slices.ContainsFunc(list, func(c Coin) bool { return !c.Known && c.Place.MayOwn })
}
