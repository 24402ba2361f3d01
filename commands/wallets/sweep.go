package wallets

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/money"
	"blockstack/storage/textfile"
	"blockstack/wallet/legacy"
	"blockstack/wallet/secret"
)

const (
	maxKeyFile = 1 << 20
	maxOldKeys = 1000
)

// SweepCommand is `wallet sweep`.
func SweepCommand() *cli.Command {
	return &cli.Command{
		Name:      "sweep",
		Usage:     "move all coins of old keys into this wallet",
		ArgsUsage: "FILE",
		Description: "FILE has private keys of old clients, one a line, in hex or wallet import format, also m-of-n (2,KEY,KEY,KEY); or it is the\n" +
			"wallet file of the Python client; - is standard input. The chain is searched for coins at all addresses of the keys,\n" +
			"from the start or from --since. Coins at an address that owns a name stay where they are unless --with-names is given,\n" +
			"and that asks for each name: its operations are paid from there. The keys are not kept. Mined coins wait for their 100\n" +
			"blocks.\n\n" + line.Examples(
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
		Action: line.Verb(func(c *cli.Context) (sweepOptions, error) {
			o := sweepOptions{File: c.Args().First(), OldPassword: c.String("old-password-file"), Since: c.Int("since"), WithNames: c.Bool("with-names"),
				DryRun: c.Bool("dry-run"), FeeRate: c.String("fee-rate"), Blocks: c.Int("target")}
			if o.Since < 0 {
				return o, fault.Usage("--since %d is not a height", o.Since)
			}
			return o, line.CheckTarget(c)
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
	places  money.OldKeys
}

// wipe zeroes the keys.
func (k *oldKeys) wipe() {
	for _, b := range k.bundles {
		b.Wipe()
	}
}

// runWalletSweep finds, asks, signs and sends.
func runWalletSweep(ctx context.Context, env *session.Session, o sweepOptions) error {
	w, err := env.Wallet(ctx) // before a secret is read
	if err != nil {
		return err
	}
	keys, err := readOldKeys(ctx, env, o)
	if err != nil {
		return err
	}
	defer keys.wipe()
	s, err := sweepsOf(ctx, env, w, keys)
	if err != nil {
		return err
	}
	seen, err := s.Look(ctx, keys.places.Places(), int32(o.Since))
	if err != nil {
		return err
	}
	noteUnknownNames(env, seen)
	if len(seen.Coins) == 0 && len(seen.Immature) == 0 {
		return fault.New("not_found", "no coins at the addresses of %s, up to block %d", voice.Count(len(keys.bundles), "key"), seen.Height).
			Hint("unconfirmed coins are not looked for; with --since, try an earlier block")
	}
	move, stay := seen.Split(o.WithNames)
	view := viewSweep(len(keys.bundles), seen, move, stay)
	view.DryRun = o.DryRun
	if !o.DryRun {
		if err := agreeToMove(ctx, env, move); err != nil {
			return err
		}
	}
	if len(move) == 0 {
		return printSweep(env, view)
	}
	rate, err := session.ChosenRate(ctx, env, o.FeeRate, o.Blocks)
	if err != nil {
		return err
	}
	plan, err := s.Plan(ctx, move, rate)
	if err != nil {
		return err
	}
	view.To, view.AmountSat, view.FeeSat = plan.To, int64(plan.Amount), int64(plan.Fee)
	if o.DryRun {
		return printSweep(env, view)
	}
	env.Out.Note("%s of %s moves to your %s, fee %s", voice.BTC(plan.Amount), voice.Count(len(view.Coins), "coin"), plan.To, voice.BTC(plan.Fee))
	if err := session.AgreeToFee(ctx, env, o.FeeRate != "", plan.Costs...); err != nil {
		return err
	}
	if err := env.Confirm(ctx, "Move it"); err != nil {
		return err
	}
	sent, err := s.Send(ctx, plan, keys.places)
	if err != nil {
		return err
	}
	view.State = "sent"
	for _, tx := range sent {
		session.Offered(env, tx.Offered)
		view.Txids = append(view.Txids, tx.Txid.String())
	}
	return printSweep(env, view)
}

// readOldKeys reads the file.
func readOldKeys(ctx context.Context, e *session.Session, o sweepOptions) (_ *oldKeys, err error) {
	raw, err := session.ReadAtMost(e, o.File, maxKeyFile)
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
		if keys.bundles, err = pythonKeys(ctx, e, raw, o); err != nil {
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
	for i, text := range bytes.Split(raw, []byte("\n")) {
		text = bytes.TrimSpace(text)
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		if len(list) == maxOldKeys {
			return list, fault.New("malformed", "more than %d keys", maxOldKeys)
		}
		one := secret.Copy(text)
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
func pythonKeys(ctx context.Context, e *session.Session, raw []byte, o sweepOptions) ([]*legacy.Bundle, error) {
	var old *legacy.PythonWallet
	password, err := session.OldPassword(ctx, e, o.OldPassword, "Password of the old wallet file", func(password *secret.Bytes) (err error) {
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
func printSweep(env *session.Session, v *sweepView) error {
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
