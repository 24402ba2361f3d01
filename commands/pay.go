package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/urfave/cli/v2"

	"blockstack/names"
	"blockstack/profile"
	"blockstack/txbuilder"
	"blockstack/wallet"
	"blockstack/wallet/chain"
)

// payCommand is `pay`.
func payCommand() *cli.Command {
	return &cli.Command{
		Name:      "pay",
		Usage:     "pay an address or a name",
		ArgsUsage: "TARGET AMOUNT",
		Category:  catMoney,
		Description: "TARGET is an address or a name; AMOUNT is in BTC, or max for everything. A name is paid at the address in its\n" +
			"profile, after checking that the profile is its owner's. A profile that is invalid or cannot be reached stops the\n" +
			"payment. Where the profile names no address the owner can be paid, after asking.\n\n" + examples(
			"blockstack pay alice.id 0.01",
			"blockstack pay 2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9 max --dry-run"),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "show the plan and stop"},
			&cli.StringFlag{Name: "fee-rate", Usage: "pay miners `SAT_VB` satoshi per virtual byte"},
			&cli.IntFlag{Name: "target", Value: 3, Usage: "without --fee-rate: what the node thinks is needed to be mined within `BLOCKS`"},
			&cli.StringFlag{Name: "max-total", Usage: "refuse to spend more than `AMOUNT` BTC, fee included"},
			&cli.BoolFlag{Name: "to-owner", Usage: "pay the owner's address when the profile names none, without asking"},
			&cli.StringFlag{Name: "wait", Usage: "`UNTIL` broadcast or confirmed (default: confirmed on the sandbox, broadcast elsewhere)", DefaultText: " "},
			noMineFlag(),
		},
		Action: verb(parsePay, runPay),
	}
}

// payOptions say who is paid how much.
type payOptions struct {
	Target, Amount string
	FeeRate        string
	Blocks         int
	MaxTotal       string
	DryRun         bool
	ToOwner        bool
	Wait           string
	NoMine         bool
}

// parsePay reads the command line of pay.
func parsePay(c *cli.Context) (payOptions, error) {
	o := payOptions{
		Target: c.Args().Get(0), Amount: c.Args().Get(1), FeeRate: c.String("fee-rate"), Blocks: c.Int("target"), MaxTotal: c.String("max-total"),
		DryRun: c.Bool("dry-run"), ToOwner: c.Bool("to-owner"), Wait: c.String("wait"), NoMine: c.Bool("no-mine"),
	}
	switch o.Wait {
	case "", waitBroadcast, waitConfirmed:
		return o, nil
	}
	return o, usagef("--wait is %.40q, not broadcast or confirmed", o.Wait)
}

// payee is who is paid, and how that is known.
type payee struct {
	Name    names.Name // zero: an address was given
	Address string
	Script  []byte
	How     string // "address", "profile" or "owner"
}

// payView is what programs see of a payment.
type payView struct {
	DryRun bool `json:"dry_run,omitempty"`
	// JobID is always null: a payment is one transaction and no job.
	JobID        *string  `json:"job_id"`
	State        string   `json:"state,omitempty"` // sent, or confirmed
	Txids        []string `json:"txids"`
	Txid         string   `json:"txid,omitempty"`
	Name         string   `json:"name,omitempty"`
	Address      string   `json:"address"`
	PaidTo       string   `json:"paid_to"`
	AmountSat    int64    `json:"amount_sat"`
	FeeSat       int64    `json:"fee_sat"`
	BurnSat      int64    `json:"burn_sat"`
	BurnUStacks  int64    `json:"burn_ustacks"`
	FeeRate      string   `json:"fee_rate_sat_vb"`
	VSize        int64    `json:"vsize"`
	Height       *int32   `json:"height"`
	AlreadyKnown bool     `json:"already_known,omitempty"`
	ExactUntil   *int32   `json:"exact_until_height,omitempty"`
}

// runPay pays. Only the journal's reservations and the building and sending of the transaction happen under a lock, so
// that no other command of this home spends the same coins.
func runPay(ctx context.Context, env *Env, o payOptions) error {
	amount, all, err := parsePayAmount(o.Amount)
	if err != nil {
		return err
	}
	to, err := env.findPayee(ctx, o)
	if err != nil {
		return err
	}
	rate, err := env.feeRate(ctx, o.FeeRate, o.Blocks)
	if err != nil {
		return err
	}
	w, err := env.SyncedWallet(ctx)
	if err != nil {
		return err
	}
	plan, view, err := env.planPayment(ctx, w, to, amount, all, rate, o)
	if err != nil {
		return err
	}
	if o.DryRun {
		view.DryRun = true
		return printPayment(env, view)
	}
	env.Out.Note("%s to %s, fee %s (%s)", formatBTC(btcutil.Amount(view.AmountSat)), to.words(), formatBTC(plan.Fee), plan.Rate())
	if err := env.Confirm(ctx, "Pay it"); err != nil {
		return err
	}
	if !to.Name.IsZero() {
		if err := env.confirmPayee(ctx, to.Name); err != nil {
			return err
		}
	}
	if err := env.Unlock(ctx, w); err != nil {
		return err
	}
	txid, err := env.sendPayment(ctx, w, to, amount, all, rate, o, &view)
	if err != nil {
		return err
	}
	if err := env.awaitPayment(ctx, txid, o, &view); err != nil {
		return sentAlready(ctx, err, txid)
	}
	return printPayment(env, view)
}

// sentAlready is what went wrong after a payment was sent. Unlike anywhere else, the same command again would not go on
// but pay a second time, so nothing of it is retryable.
func sentAlready(ctx context.Context, err error, txid chainhash.Hash) *Fault {
	f := *explain(ctx, err)
	f.Message = fmt.Sprintf("%s was sent; waiting for its block: %s", txid, f.Message)
	f.Hints, f.Retryable = nil, false
	return f.because(err).hint("it is paid: the same command again would pay a second time").
		hint("see what became of it: blockstack history").detail("txid", txid.String())
}

// words says who is paid and how that is known.
func (p payee) words() string {
	switch p.How {
	case "profile":
		return fmt.Sprintf("%s, the payment address in the profile of %s", p.Address, p.Name)
	case "owner":
		return fmt.Sprintf("%s, the owner address of %s", p.Address, p.Name)
	}
	return p.Address
}

// parsePayAmount reads AMOUNT: a decimal number of BTC, or max.
func parsePayAmount(text string) (amount btcutil.Amount, all bool, err error) {
	if text == "max" {
		return 0, true, nil
	}
	if amount, err = txbuilder.ParseAmount(text); err == nil && amount == 0 {
		err = fault("bad_amount", "the amount is 0")
	}
	return amount, false, err
}

// planPayment builds the payment, unsigned, and holds it to --max-total.
func (e *Env) planPayment(ctx context.Context, w *wallet.Wallet, to payee, amount btcutil.Amount, all bool, rate txbuilder.FeeRate, o payOptions) (*txbuilder.Plan, payView, error) {
	done, err := e.Reservations(ctx, w)
	if err != nil {
		return nil, payView{}, err
	}
	plan, view, err := buildPayment(ctx, e, w, to, amount, all, rate, o)
	return plan, view, errors.Join(err, done())
}

// buildPayment is planPayment while the journal is open.
func buildPayment(ctx context.Context, e *Env, w *wallet.Wallet, to payee, amount btcutil.Amount, all bool, rate txbuilder.FeeRate, o payOptions) (*txbuilder.Plan, payView, error) {
	tip, err := w.Tip(ctx)
	if err != nil {
		return nil, payView{}, err
	}
	b, err := txbuilder.New(txbuilder.Config{Net: e.Config.Net(), Coins: w, Height: tip.Height})
	if err != nil {
		return nil, payView{}, err
	}
	plan, err := b.Payment(ctx, txbuilder.PaymentRequest{
		Funding: txbuilder.Funding{Rate: rate}, To: to.Script, Amount: amount, All: all, Text: "payment to " + to.words(),
	})
	if err != nil {
		return nil, payView{}, err
	}
	if o.MaxTotal != "" {
		limit, err := txbuilder.ParseAmount(o.MaxTotal)
		if err != nil {
			return nil, payView{}, fmt.Errorf("--max-total: %w", err)
		}
		if plan.Total() > limit {
			return nil, payView{}, fault("over_budget", "it would cost %s, and --max-total is %s", formatBTC(plan.Total()), formatBTC(limit)).
				detail("need_sat", int64(plan.Total())).detail("max_sat", int64(limit))
		}
	}
	view := payView{
		Txids:   []string{},
		Address: to.Address, PaidTo: to.How, AmountSat: int64(plan.Total() - plan.Fee), FeeSat: int64(plan.Fee),
		FeeRate: strings.TrimSuffix(plan.Rate().String(), " sat/vB"), VSize: plan.VSize,
	}
	if !to.Name.IsZero() {
		view.Name = to.Name.String()
		view.ExactUntil = e.exactUntil()
	}
	return plan, view, nil
}

// sendPayment builds the payment again from the coins of this moment, signs it, records it, and only then sends it. A
// payment whose fate is unknown stays recorded: it is the same transaction that is sent again, never a second one.
func (e *Env) sendPayment(ctx context.Context, w *wallet.Wallet, to payee, amount btcutil.Amount, all bool, rate txbuilder.FeeRate, o payOptions, view *payView) (txid chainhash.Hash, err error) {
	done, err := e.Reservations(ctx, w)
	if err != nil {
		return txid, err
	}
	defer func() { err = errors.Join(err, done()) }()
	plan, fresh, err := buildPayment(ctx, e, w, to, amount, all, rate, o)
	if err != nil {
		return txid, err
	}
	if fresh.FeeSat > view.FeeSat || fresh.AmountSat != view.AmountSat {
		return txid, fault("conflict", "the coins of this wallet changed while you decided; nothing was sent").hint("run the same command again").retry()
	}
	*view = fresh
	if err := w.Sign(ctx, plan.Packet); err != nil {
		return txid, err
	}
	tx, err := plan.Finish()
	if err != nil {
		return txid, err
	}
	n, err := e.Node(ctx)
	if err != nil {
		return txid, err
	}
	return tx.TxHash(), e.record(ctx, w, n, tx, view)
}

// record writes a signed transaction to disk and sends it.
func (e *Env) record(ctx context.Context, w *wallet.Wallet, n *chain.Node, tx *wire.MsgTx, view *payView) error {
	txid := tx.TxHash()
	view.Txid, view.Txids, view.State = txid.String(), []string{txid.String()}, "sent"
	if err := w.AddTx(ctx, tx); err != nil {
		return fmt.Errorf("record %s before it is sent: %w", txid, err)
	}
	outcome, err := n.Broadcast(ctx, tx)
	var refused *chain.Refused
	switch {
	case errors.As(err, &refused):
		return errors.Join(err, w.RemoveTx(ctx, txid))
	case err != nil:
		return fault("unreachable", "whether the node has %s is unknown: %v", txid, err).because(err).
			hint("it is recorded and will be sent again with the next command; do not pay a second time").
			hint("see: blockstack balance").detail("txid", txid.String())
	}
	view.AlreadyKnown = outcome != chain.Accepted
	return nil
}

// awaitPayment waits for a block with the payment when that is wanted.
func (e *Env) awaitPayment(ctx context.Context, txid chainhash.Hash, o payOptions, view *payView) error {
	until := o.Wait
	if until == "" && e.Config.Network == "sandbox" {
		until = waitConfirmed
	}
	if until != waitConfirmed {
		return nil
	}
	n, err := e.Node(ctx)
	if err != nil {
		return err
	}
	for {
		_, tip, err := n.Tip(ctx)
		if err != nil {
			return err
		}
		st, err := n.TxStatus(ctx, txid)
		if err != nil {
			return err
		}
		if st.Confirmed() {
			view.Height, view.State = &st.Height, "confirmed"
			return nil
		}
		if err := e.nextBlock(ctx, n, tip, o.NoMine); err != nil {
			return err
		}
	}
}

// printPayment prints a payment.
func printPayment(env *Env, v payView) error {
	return env.Out.Result("pay", v, func(t *Text) {
		if v.Name != "" {
			t.Field("paid", "%s", v.Name)
		}
		t.Field("to", "%s", v.Address)
		t.Field("amount", "%s", formatBTC(btcutil.Amount(v.AmountSat)))
		t.Field("fee", "%s", formatBTC(btcutil.Amount(v.FeeSat)))
		if v.Txid != "" {
			t.Field("txid", "%s", v.Txid)
		}
		if v.Height != nil {
			t.Field("height", "%d", *v.Height)
		}
	})
}

// findPayee finds out who TARGET is.
func (e *Env) findPayee(ctx context.Context, o payOptions) (payee, error) {
	n, err := names.Parse(o.Target)
	if err != nil {
		script, err := e.addressScript(o.Target)
		return payee{Address: o.Target, Script: script, How: "address"}, err
	}
	r, err := e.Resolver(ctx)
	if err != nil {
		return payee{}, err
	}
	res, err := r.Resolve(ctx, n)
	if err != nil {
		return payee{}, err
	}
	switch res.Record.Status {
	case names.Grace:
		return payee{}, fault("in_grace", "%s has expired and its owner may lose it; it is not paid", n)
	case names.Expired, names.Revoked:
		return payee{}, fault(string(res.Record.Status), "%s is %s; it is not paid", n, res.Record.Status)
	}
	if len(res.URLs) == 0 && res.Problem == nil {
		return e.payOwner(ctx, n, res.Record, o, "it has no profile")
	}
	found, err := e.fetchProfile(ctx, res, nil)
	if err != nil {
		return payee{}, err
	}
	p, err := found.Report.Profile()
	if err != nil {
		return payee{}, fault(string(found.Report.Reason), "the profile of %s is not valid, so it is not paid: %v", n, found.Report.Err()).because(err)
	}
	if err := refuseRollback(n, found.Report); err != nil {
		return payee{}, err
	}
	address, err := profile.Payee(p)
	var several *profile.SeveralPayeesError
	switch {
	case errors.Is(err, profile.ErrNoPayee):
		return e.payOwner(ctx, n, res.Record, o, "its profile names no bitcoin address")
	case errors.As(err, &several):
		i, err := e.Ask.Choose(ctx, Question{Text: "The profile of " + n.String() + " names several addresses; which one is paid", Flag: "an address as TARGET"}, several.Addresses)
		if err != nil {
			return payee{}, err
		}
		address = several.Addresses[i]
	case err != nil:
		return payee{}, err
	}
	script, err := e.addressScript(address)
	if err != nil {
		return payee{}, fault("bad_address", "payment address in the profile of %s: %v", n, err).because(err).
			hint("ask the owner for another, and pay that: blockstack pay ADDRESS AMOUNT")
	}
	return payee{Name: n, Address: address, Script: script, How: "profile"}, nil
}

// payOwner makes the owner of a name the payee, after asking.
func (e *Env) payOwner(ctx context.Context, n names.Name, rec names.Record, o payOptions, why string) (payee, error) {
	p := payee{Name: n, Address: rec.OwnerAddress, Script: rec.Owner, How: "owner"}
	if o.ToOwner {
		return p, nil
	}
	ask := e.Ask
	if yes, ok := ask.(yesPrompter); ok {
		ask = yes.Prompter // --yes answers ordinary questions; another payee is none
	}
	ok, err := ask.Confirm(ctx, Question{Text: fmt.Sprintf("%s: %s; pay its owner %s", n, why, rec.OwnerAddress), Flag: "--to-owner"})
	if err != nil {
		return p, err
	}
	if !ok {
		return p, declined("pay the owner of " + n.String())
	}
	return p, nil
}
