package commands

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/storage/textfile"
	"blockstack/txbuilder"
	"blockstack/wallet"
	"blockstack/wallet/legacy"
	"blockstack/wallet/secret"
)

const (
	maxKeyFile = 1 << 20
	maxOldKeys = 1000
)

// walletSweepCommand is `wallet sweep`.
func walletSweepCommand() *cli.Command {
	return &cli.Command{
		Name:      "sweep",
		Usage:     "move all coins of old keys into this wallet",
		ArgsUsage: "FILE",
		Description: "FILE has private keys of old clients, one a line, in hex or wallet import format, also m-of-n (2,KEY,KEY,KEY); or it is the\n" +
			"wallet file of the Python client; - is standard input. The chain is searched for coins at all addresses of the keys,\n" +
			"from the start or from --since. Coins at an address that owns a name stay where they are unless --with-names is given,\n" +
			"and that asks for each name: its operations are paid from there. The keys are not kept. Mined coins wait for their 100\n" +
			"blocks.\n\n" + examples(
			"blockstack wallet sweep old-keys.txt --dry-run",
			"blockstack wallet sweep wallet.json --old-password-file pw",
			"blockstack wallet sweep - --since 400000 < keys"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "old-password-file", Usage: "read the password of a Python client's wallet file from the first line of `FILE`"},
			&cli.IntFlag{Name: "since", Usage: "nothing was received before block `HEIGHT`"},
			&cli.BoolFlag{Name: "with-names", Usage: "move coins at addresses that own names, too, after asking"},
			&cli.BoolFlag{Name: "dry-run", Usage: "show what there is and stop"},
			&cli.StringFlag{Name: "fee-rate", Usage: "pay miners `SAT_VB` satoshi per virtual byte"},
			&cli.IntFlag{Name: "target", Value: 3, Usage: "without --fee-rate: what the node thinks is needed to be mined within `BLOCKS`"},
		},
		Action: verb(func(c *cli.Context) (sweepOptions, error) {
			o := sweepOptions{File: c.Args().First(), OldPassword: c.String("old-password-file"), Since: c.Int("since"), WithNames: c.Bool("with-names"),
				DryRun: c.Bool("dry-run"), FeeRate: c.String("fee-rate"), Blocks: c.Int("target")}
			if o.Since < 0 {
				return o, fault.Usage("--since %d is not a height", o.Since)
			}
			return o, checkTarget(c)
		}, runWalletSweep),
	}
}

// sweepOptions say which keys, and how.
type sweepOptions struct {
	File, OldPassword string
	Since             int
	WithNames, DryRun bool
	FeeRate           string
	Blocks            int
}

// sweepView is what programs see of a sweep.
type sweepView struct {
	DryRun    bool        `json:"dry_run,omitempty"`
	Keys      int         `json:"keys"`
	Coins     []sweptView `json:"coins"` // that are moved
	Left      []sweptView `json:"left"`  // that stay, and why
	AmountSat int64       `json:"amount_sat"`
	FeeSat    int64       `json:"fee_sat"`
	To        string      `json:"address,omitempty"`
	Txids     []string    `json:"txids"`
	State     string      `json:"state,omitempty"`
	Height    int32       `json:"height"` // searched up to
}

// sweptView is a coin of an old key.
type sweptView struct {
	Outpoint  string   `json:"outpoint"`
	Address   string   `json:"address"`
	AmountSat int64    `json:"amount_sat"`
	Names     []string `json:"names,omitempty"`
	Why       string   `json:"why,omitempty"`
}

// oldKeys are keys that were read, and the places where they may have been paid.
type oldKeys struct {
	bundles []*legacy.Bundle
	places  []legacy.Place
}

// wipe zeroes the keys.
func (k *oldKeys) wipe() {
	for _, b := range k.bundles {
		b.Wipe()
	}
}

// runWalletSweep finds, asks, signs and sends.
func runWalletSweep(ctx context.Context, env *Env, o sweepOptions) error {
	w, err := env.Wallet(ctx) // before a secret is read
	if err != nil {
		return err
	}
	keys, err := env.readOldKeys(ctx, o)
	if err != nil {
		return err
	}
	defer keys.wipe()
	n, err := env.Bitcoin(ctx)
	if err != nil {
		return err
	}
	found, view, err := env.findOldCoins(ctx, n, keys, o)
	if err != nil {
		return err
	}
	if len(found) == 0 && len(view.Left) == 0 {
		return fault.New("not_found", "no coins at the addresses of %s, up to block %d", voice.Count(view.Keys, "key"), view.Height).
			Hint("unconfirmed coins are not looked for; with --since, try an earlier block")
	}
	move, err := env.chooseOldCoins(ctx, found, o, view)
	if err != nil {
		return err
	}
	if len(move) == 0 {
		view.DryRun = o.DryRun
		return printSweep(env, view)
	}
	rate, err := env.feeRate(ctx, o.FeeRate, o.Blocks)
	if err != nil {
		return err
	}
	to, err := w.ReceiveAddress(ctx, "")
	if err != nil {
		return err
	}
	lock, err := lockTimeAt(ctx, n)
	if err != nil {
		return err
	}
	sweeps, err := txbuilder.SweepCoins(move, to.Script, rate, lock)
	if err != nil {
		return err
	}
	view.To = to.Text
	var costs []txbuilder.Cost
	for _, s := range sweeps {
		costs = append(costs, txbuilder.Cost{Fee: s.Fee, Moved: s.Amount})
		view.AmountSat += int64(s.Amount)
		view.FeeSat += int64(s.Fee)
	}
	if o.DryRun {
		view.DryRun = true
		return printSweep(env, view)
	}
	env.Out.Note("%s of %s moves to your %s, fee %s", voice.BTC(btcutil.Amount(view.AmountSat)), voice.Count(len(view.Coins), "coin"), to.Text, voice.BTC(btcutil.Amount(view.FeeSat)))
	if err := agreeToFee(ctx, env, o.FeeRate != "", costs...); err != nil {
		return err
	}
	if err := env.Confirm(ctx, "Move it"); err != nil {
		return err
	}
	return env.sendSweeps(ctx, w, n, keys, sweeps, view)
}

// lockTimeAt is the lock time of a payment made now, by the newest block of a source.
func lockTimeAt(ctx context.Context, n bitcoin) (uint32, error) {
	height, hash, err := n.Tip(ctx)
	if err != nil {
		return 0, err
	}
	header, err := n.Header(ctx, hash)
	if err != nil {
		return 0, err
	}
	return txbuilder.LockTime(height, header.Timestamp, time.Now()), nil
}

// sendSweeps signs each transaction, records it and sends it.
func (e *Env) sendSweeps(ctx context.Context, w *wallet.Wallet, n bitcoin, keys *oldKeys, sweeps []*txbuilder.Sweep, view *sweepView) error {
	if err := e.syncWallet(ctx, w, n); err != nil {
		return err
	}
	for _, s := range sweeps {
		if err := legacy.SignPSBT(ctx, s.Packet, keys.places); err != nil {
			return err
		}
		tx, err := s.Finish()
		if err != nil {
			return err
		}
		done, err := e.Reservations(ctx, w)
		if err != nil {
			return err
		}
		_, err = e.record(ctx, n, tx, plainBook{w})
		if err = errors.Join(err, done()); err != nil {
			return err
		}
		view.Txids = append(view.Txids, tx.TxHash().String())
	}
	view.State = "sent"
	return printSweep(e, view)
}

// readOldKeys reads the file.
func (e *Env) readOldKeys(ctx context.Context, o sweepOptions) (_ *oldKeys, err error) {
	raw, err := readAtMost(e, o.File, maxKeyFile)
	raw = textfile.WithoutMark(raw)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	text := secret.New(raw)
	defer text.Wipe()
	keys := &oldKeys{}
	defer func() {
		if err != nil {
			keys.wipe()
		}
	}()
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		if keys.bundles, err = e.pythonKeys(ctx, raw, o); err != nil {
			return nil, err
		}
	} else if keys.bundles, err = keyLines(raw); err != nil {
		return nil, fmt.Errorf("%s: %w", o.File, err)
	}
	for _, b := range keys.bundles {
		places, err := b.Places(e.Config.Net())
		if err != nil {
			return nil, err
		}
		keys.places = append(keys.places, places...)
	}
	if len(keys.places) == 0 {
		return nil, fault.New("malformed", "%s has no private key", o.File).Hint("one key a line, in hex or wallet import format; or the wallet file of the Python client")
	}
	return keys, nil
}

// keyLines reads one bundle a line. Errors name the line and never quote it.
func keyLines(raw []byte) (list []*legacy.Bundle, err error) {
	for i, line := range bytes.Split(raw, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if len(list) == maxOldKeys {
			return list, fault.New("malformed", "more than %d keys", maxOldKeys)
		}
		one := secret.Copy(line)
		b, err := legacy.ParseBundle(one)
		one.Wipe()
		if err != nil {
			return list, fmt.Errorf("line %d: %w", i+1, err)
		}
		list = append(list, b)
	}
	return list, nil
}

// pythonKeys opens a wallet file of the Python client.
func (e *Env) pythonKeys(ctx context.Context, raw []byte, o sweepOptions) ([]*legacy.Bundle, error) {
	var old *legacy.PythonWallet
	password, err := e.oldPassword(ctx, o.OldPassword, "Password of the old wallet file", func(password *secret.Bytes) (err error) {
		old, err = legacy.ReadPythonWallet(raw, password)
		return err
	})
	if err != nil {
		return nil, err
	}
	password.Wipe()
	var list []*legacy.Bundle
	for _, b := range []*legacy.Bundle{old.Owner, old.Payment, old.Data} {
		if b != nil {
			list = append(list, b)
		}
	}
	return list, nil
}

// printSweep shows a sweep.
func printSweep(env *Env, v *sweepView) error {
	return env.Out.Result("wallet.sweep", v, func(t *voice.Text) {
		for _, c := range v.Coins {
			t.Line("%s  %s  %s", voice.BTC(btcutil.Amount(c.AmountSat)), c.Address, c.Outpoint)
		}
		for _, c := range v.Left {
			t.Line("%s  %s  stays: %s", voice.BTC(btcutil.Amount(c.AmountSat)), c.Address, c.Why)
		}
		if len(v.Coins) == 0 {
			t.Field("moved", "nothing")
			return
		}
		t.Field("arrives", "%s", voice.BTC(btcutil.Amount(v.AmountSat)))
		t.Field("at", "%s", v.To)
		t.Field("fee", "%s", voice.BTC(btcutil.Amount(v.FeeSat)))
		for _, txid := range v.Txids {
			t.Field("txid", "%s", txid)
		}
	})
}

// placeOf finds the place of a coin.
func (k *oldKeys) placeOf(out *wire.TxOut) *legacy.Place {
	i := slices.IndexFunc(k.places, func(p legacy.Place) bool { return bytes.Equal(p.Script, out.PkScript) })
	return &k.places[i]
}
