package wallets

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/wallet"
	"blockstack/wallet/chain"
	"blockstack/wallet/watched"
)

// RescanCommand is `wallet rescan`.
func RescanCommand() *cli.Command {
	return &cli.Command{
		Name:  "rescan",
		Usage: "forget what is known of the chain and look at it again: the repair for anything odd",
		Description: "Labels, frozen coins and your own unconfirmed transactions stay. It begins at the wallet's birthday, with --since at that\n" +
			"block or day, which becomes the birthday if it lies before it. When more owner keys turn out to be needed, the\n" +
			"password is asked for. Interrupting is safe: any later command goes on with it. --search looks at more addresses than\n" +
			"every day, for coins at a key far beyond those that were used; it asks for the password.\n\n" +
			line.Examples("blockstack wallet rescan", "blockstack wallet rescan --since 2019-05-01", "blockstack wallet rescan --since 575000", "blockstack wallet rescan --search 500"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "since", Usage: "look again only at the blocks from `HEIGHT|DATE` on, a number or YYYY-MM-DD"},
			&cli.UintFlag{Name: "search", Usage: "look past `N` unused addresses in a row"},
		},
		Action: line.Verb(parseRescan, runWalletRescan),
	}
}

// rescanOptions say from where on the chain is looked at; neither: from the birthday.
type rescanOptions struct {
	Height *int32
	Day    time.Time
	Search uint32 // how many unused addresses in a row are looked past; 0: as many as every day
}

// parseRescan reads --since and --search.
func parseRescan(c *cli.Context) (rescanOptions, error) {
	var o rescanOptions
	if n := c.Uint("search"); c.IsSet("search") {
		if n < 1 || n > watched.MaxGap {
			return o, fault.Usage("--search %d is not in 1..%d", n, watched.MaxGap)
		}
		o.Search = uint32(n)
	}
	text := c.String("since")
	if text == "" {
		return o, nil
	}
	if n, err := strconv.ParseInt(text, 10, 32); err == nil && n >= 0 {
		height := int32(n)
		o.Height = &height
		return o, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	switch {
	case err != nil:
		return o, fault.Usage("--since is %.40q, neither a block's height nor a day like 2019-05-01", text)
	case day.After(time.Now()):
		return o, fault.Usage("--since %s lies in the future", text)
	}
	o.Day = day
	return o, nil
}

// runWalletRescan looks at the chain again.
func runWalletRescan(ctx context.Context, env *session.Session, o rescanOptions) error {
	if env.Config.Offline {
		return fault.Usage("a rescan reads the chain, which --offline forbids")
	}
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	n, err := env.Bitcoin(ctx)
	if err != nil {
		return err
	}
	usual, err := searchFurther(ctx, env, w, o.Search)
	if err != nil {
		return err
	}
	if err := rescanWallet(ctx, env, w, n, o); err != nil {
		return err
	}
	info, err := w.Info(ctx)
	if err != nil {
		return err
	}
	if info.NeedsKeys {
		if err := env.Keys.Unlock(ctx, w); err != nil {
			return err
		}
		if err := env.Sync(ctx, "rescan", w, n); err != nil {
			return err
		}
	}
	if usual > 0 { // what was beyond it is known now
		if err := w.SetGap(ctx, usual); err != nil {
			return err
		}
	}
	b, err := w.Balance(ctx)
	if err != nil {
		return err
	}
	list, err := w.Coins(ctx)
	if err != nil {
		return err
	}
	doc := map[string]any{"height": b.Tip.Height, "coins": len(list), "total_sat": int64(b.Total())}
	return env.Out.Result("wallet.rescan", doc, func(t *voice.Text) {
		t.Field("height", "%d", b.Tip.Height)
		t.Field("coins", "%d", len(list))
		t.Field("total", "%s", voice.BTC(b.Total()))
	})
}

// searchFurther lets the next search look past more unused addresses, and returns past how many it
// looks otherwise; 0: that is as many already.
func searchFurther(ctx context.Context, e *session.Session, w *wallet.Wallet, search uint32) (usual uint32, err error) {
	info, err := w.Info(ctx)
	if err != nil || search <= info.Gap {
		return 0, err
	}
	if !w.WatchOnly() {
		if err := e.Keys.Unlock(ctx, w); err != nil {
			return 0, err
		}
	}
	return info.Gap, w.SetGap(ctx, search)
}

// rescanWallet looks again from where the options say.
func rescanWallet(ctx context.Context, e *session.Session, w *wallet.Wallet, n home.Bitcoin, o rescanOptions) error {
	if o.Height == nil && o.Day.IsZero() {
		info, err := w.Info(ctx)
		if err != nil {
			return err
		}
		e.Out.Note("looking at the chain again from %s on", voice.Time(info.Birthday))
		return e.Watch(ctx, "rescan", w, n, func() error { return w.Rescan(ctx, n) })
	}
	height, at, err := since(ctx, n, o)
	if err != nil {
		return err
	}
	e.Out.Note("looking at the chain again from block %d (%s) on", height, voice.Time(at))
	return e.Watch(ctx, "rescan", w, n, func() error { return w.RescanSince(ctx, n, height, at) })
}

// headerSlack is how far the time of a block may be ahead of, or behind, that of its neighbours.
const headerSlack = 4 * time.Hour

// since finds the first block that is looked at, and its time.
func since(ctx context.Context, n home.Bitcoin, o rescanOptions) (int32, time.Time, error) {
	tip, _, err := n.Tip(ctx)
	if err != nil {
		return 0, time.Time{}, err
	}
	timeOf := func(height int32) (time.Time, error) {
		hash, err := n.HashAt(ctx, height)
		if err != nil {
			return time.Time{}, err
		}
		header, err := n.Header(ctx, hash)
		if err != nil {
			return time.Time{}, err
		}
		return header.Timestamp, nil
	}
	if o.Height != nil {
		at, err := timeOf(*o.Height)
		if *o.Height > tip || errors.Is(err, chain.ErrBlockNotFound) {
			return 0, at, fault.New("not_found", "there is no block %d yet; the last one is %d", *o.Height, tip)
		}
		return *o.Height, at, err
	}
	// Times rise on the whole, not from each block to the next: hence the slack.
	day := o.Day.Add(-headerSlack)
	low, high := int32(0), tip
	for low < high {
		mid := low + (high-low)/2
		at, err := timeOf(mid)
		if err != nil {
			return 0, at, err
		}
		if at.Before(day) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, day, nil
}
