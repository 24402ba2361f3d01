package paying

import (
	"context"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/money"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/bump"
	"blockstack/txbuilder/payments/send"
	"blockstack/wallet"
	"blockstack/wallet/labels"
)

// BumpCommand is `bump`.
func BumpCommand() *cli.Command {
	return &cli.Command{
		Name:      "bump",
		Usage:     "pay a higher fee for a transaction that waits",
		ArgsUsage: "TXID",
		Category:  line.Money,
		Description: "A payment of yours is replaced by one with the same payees and a higher fee; both spend the same coins, so that only\n" +
			"one of them can ever be mined. What cannot be replaced, such as a payment to you, is pulled along by a second\n" +
			"transaction that spends it back to you and pays for both. A transaction of a name job is only ever bumped by its job.\n\n" +
			line.Examples("blockstack bump TXID", "blockstack bump TXID --fee-rate 40 --no-new-inputs", "blockstack bump TXID --child --dry-run"),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "show what it would cost and stop"},
			&cli.BoolFlag{Name: "no-new-inputs", Usage: "take the higher fee out of the change alone"},
			&cli.BoolFlag{Name: "child", Usage: "do not replace it: spend what it gives you and pay for both"},
			&cli.StringFlag{Name: "fee-rate", Usage: "pay miners `SAT_VB` satoshi per virtual byte"},
			&cli.IntFlag{Name: "target", Value: 2, Usage: "without --fee-rate: what the node thinks is needed to be mined within `BLOCKS`"},
			&cli.StringFlag{Name: "max-total", Usage: "refuse to pay more than `AMOUNT` BTC more"},
		},
		Action: line.Verb(func(c *cli.Context) (bumpOptions, error) {
			txid, err := labels.ParseTxid(c.Args().First())
			if err == nil {
				err = line.CheckTarget(c)
			}
			o := bumpOptions{Txid: txid, DryRun: c.Bool("dry-run"), NoNewInputs: c.Bool("no-new-inputs"), Child: c.Bool("child"),
				FeeRate: c.String("fee-rate"), Blocks: c.Int("target")}
			if err == nil {
				o.Most, err = parseMost(c)
			}
			return o, err
		}, runBump),
	}
}

// bumpOptions say which transaction is bumped how.
type bumpOptions struct {
	Txid               chainhash.Hash
	DryRun             bool
	NoNewInputs, Child bool
	FeeRate            string
	Blocks             int
	Most               *btcutil.Amount // what it may cost more; nil: there is no limit
}

// bumpView is what programs see of a bump.
type bumpView struct {
	DryRun       bool   `json:"dry_run,omitempty"`
	Method       string `json:"method"` // replacement or child
	Bumped       string `json:"bumped_txid"`
	Txid         string `json:"txid,omitempty"`
	FeeSat       int64  `json:"fee_sat"`
	OldFeeSat    *int64 `json:"old_fee_sat"`
	ExtraSat     int64  `json:"extra_sat"`
	FeeRate      string `json:"fee_rate_sat_vb"`
	VSize        int64  `json:"vsize"`
	AlreadyKnown bool   `json:"already_known,omitempty"`
}

// runBump bumps. A replacement that was signed before and whose fate is unknown is sent again
// instead of signing another.
func runBump(ctx context.Context, env *session.Session, o bumpOptions) error {
	w, err := env.SyncedWallet(ctx)
	if err != nil {
		return err
	}
	s := bumps(env, w)
	tx, err := s.Find(ctx, o.Txid)
	if err != nil {
		return err
	}
	if now := tx.Entry.Txid; now != o.Txid {
		env.Out.Note("%s was replaced by %s, which is taken instead", o.Txid, now)
	}
	if tx.Signed != nil && !o.DryRun {
		if _, err := env.Bitcoin(ctx); err != nil {
			return err
		}
		env.Out.Note("a replacement was signed before; it is sent again")
		view := viewBump(tx, bump.Replacement, tx.Signed.Fee, tx.Signed.Extra)
		sent, err := s.Resend(ctx, tx)
		return bumped(env, view, sent, err)
	}
	rate, err := session.ChosenRate(ctx, env, o.FeeRate, o.Blocks)
	if err != nil {
		return err
	}
	if rate, err = s.Rate(ctx, tx, rate, o.FeeRate != ""); err != nil {
		return err
	}
	plan, err := s.Plan(ctx, tx, bump.Options{Rate: rate, Child: o.Child, Closed: o.NoNewInputs, Most: o.Most})
	if err != nil {
		return err
	}
	if plan.Why != "" && !o.Child {
		env.Out.Note("%s; a second transaction pays for both", plan.Why)
	}
	view := viewBump(tx, plan.Method, plan.Tx.Fee, plan.Extra)
	view.VSize, view.FeeRate = plan.Tx.VSize, rateText(plan.Tx.Rate())
	if o.DryRun {
		view.DryRun = true
		return printBump(env, view)
	}
	env.Out.Note("%s of %s: a fee of %s, %s more than now (%s)", plan.Method, tx.Entry.Txid, voice.BTC(plan.Tx.Fee), voice.BTC(plan.Extra), plan.Tx.Rate())
	if err := session.AgreeToFee(ctx, env, o.FeeRate != "", plan.Cost()); err != nil {
		return err
	}
	if err := env.Confirm(ctx, "Pay it"); err != nil {
		return err
	}
	if err := env.Keys.Unlock(ctx, w); err != nil {
		return err
	}
	sent, err := s.Pay(ctx, tx, plan)
	return bumped(env, view, sent, err)
}

// viewBump is what programs see of a bump.
func viewBump(tx *bump.Waiting, m bump.Method, fee, extra btcutil.Amount) bumpView {
	v := bumpView{Method: string(m), Bumped: tx.Entry.Txid.String(), FeeSat: int64(fee), ExtraSat: int64(extra)}
	if tx.Entry.FeeKnown {
		v.OldFeeSat = voice.SatPointer(tx.Entry.Fee)
	}
	return v
}

// bumped tells what became of a bump.
func bumped(e *session.Session, view bumpView, sent send.Sent, err error) error {
	if err != nil {
		return err
	}
	session.Offered(e, sent.Offered)
	view.Txid, view.AlreadyKnown = sent.Txid.String(), sent.Known
	return printBump(e, view)
}

// bumps raise the fees of a wallet's transactions.
func bumps(e *session.Session, w *wallet.Wallet) *bump.Service {
	return bump.New(bump.Config{
		Net: e.Config.Net(), Wallet: money.Wallet{Wallet: w}, Past: e.Past(w), Book: money.Book{Wallet: w, At: e.Given.AtWrite}, Kept: money.Kept{Wallet: w, At: e.Given.AtWrite},
		Jobs: bumpedJobs{e.JobCoins(w, e.KeepReserved), e},
		Node: func(ctx context.Context) (bump.Node, error) {
			n, err := e.Bitcoin(ctx)
			return money.Pool{Node: money.Node{Sender: n, At: e.Given.AtWrite}}, err
		},
	})
}

// bumpedJobs know which transactions are theirs.
type bumpedJobs struct {
	payments.Jobs
	env *session.Session
}

// JobOf is the job that has signed a transaction.
func (j bumpedJobs) JobOf(ctx context.Context, txid chainhash.Hash) (*bump.Job, error) {
	jobs, err := jobTransactions(ctx, j.env)
	if job, found := jobs[txid]; found && err == nil {
		return &bump.Job{ID: string(job.ID), Subject: job.Subject}, nil
	}
	return nil, err
}

// printBump prints a bump.
func printBump(env *session.Session, v bumpView) error {
	return env.Out.Result("bump", v, func(t *voice.Text) {
		t.Field("method", "%s", v.Method)
		t.Field("fee", "%s", voice.BTC(btcutil.Amount(v.FeeSat)))
		t.Field("extra cost", "%s", voice.BTC(btcutil.Amount(v.ExtraSat)))
		t.Field("txid", "%s", v.Txid)
	})
}
