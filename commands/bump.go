package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/txbuilder"
	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// bumpCommand is `bump`.
func bumpCommand() *cli.Command {
	return &cli.Command{
		Name:      "bump",
		Usage:     "pay a higher fee for a transaction that waits",
		ArgsUsage: "TXID",
		Category:  catMoney,
		Description: "A payment of yours is replaced by one with the same payees and a higher fee; both spend the same coins, so that only\n" +
			"one of them can ever be mined. What cannot be replaced, such as a payment to you, is pulled along by a second\n" +
			"transaction that spends it back to you and pays for both. A transaction of a name job is only ever bumped by its job.\n\n" +
			examples("blockstack bump TXID", "blockstack bump TXID --fee-rate 40 --no-new-inputs", "blockstack bump TXID --child --dry-run"),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "show what it would cost and stop"},
			&cli.BoolFlag{Name: "no-new-inputs", Usage: "take the higher fee out of the change alone"},
			&cli.BoolFlag{Name: "child", Usage: "do not replace it: spend what it gives you and pay for both"},
			&cli.StringFlag{Name: "fee-rate", Usage: "pay miners `SAT_VB` satoshi per virtual byte"},
			&cli.IntFlag{Name: "target", Value: 2, Usage: "without --fee-rate: what the node thinks is needed to be mined within `BLOCKS`"},
			&cli.StringFlag{Name: "max-total", Usage: "refuse to pay more than `AMOUNT` BTC more"},
		},
		Action: verb(func(c *cli.Context) (bumpOptions, error) {
			txid, err := parseTxid(c.Args().First())
			if err == nil {
				err = checkTarget(c)
			}
			return bumpOptions{Txid: txid, DryRun: c.Bool("dry-run"), NoNewInputs: c.Bool("no-new-inputs"), Child: c.Bool("child"),
				FeeRate: c.String("fee-rate"), Blocks: c.Int("target"), MaxTotal: c.String("max-total")}, err
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
	MaxTotal           string
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

// runBump bumps. A replacement that was signed before and whose fate is unknown is sent again instead of signing another.
func runBump(ctx context.Context, env *Env, o bumpOptions) error {
	w, err := env.SyncedWallet(ctx)
	if err != nil {
		return err
	}
	entries, err := w.History(ctx)
	if err != nil {
		return err
	}
	if o.Txid, err = env.stands(ctx, w, entries, o.Txid); err != nil {
		return err
	}
	e, err := env.bumpable(ctx, entries, o.Txid)
	if err != nil {
		return err
	}
	n, err := env.Bitcoin(ctx)
	if err != nil {
		return err
	}
	if tx, err := recordedRival(ctx, w, e); err != nil {
		return err
	} else if tx != nil && !o.DryRun {
		env.Out.Note("a replacement was signed before; it is sent again")
		return env.sendBump(ctx, w, n, tx, e, bumpView{Method: "replacement", Bumped: o.Txid.String(), FeeSat: int64(e.Spent) - total(tx), OldFeeSat: satPointer(e.Fee),
			ExtraSat: int64(e.Spent) - total(tx) - int64(e.Fee)})
	}
	rate, err := env.bumpRate(ctx, e, o)
	if err != nil {
		return err
	}
	done, err := env.Reservations(ctx, w)
	if err != nil {
		return err
	}
	plan, view, err := planBump(ctx, env, w, n, entries, e, rate, o)
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	if o.DryRun {
		view.DryRun = true
		return printBump(env, view)
	}
	env.Out.Note("%s of %s: a fee of %s, %s more than now (%s)", view.Method, o.Txid, voice.BTC(btcutil.Amount(view.FeeSat)), voice.BTC(btcutil.Amount(view.ExtraSat)), plan.Rate())
	if err := agreeToFee(ctx, env, o.FeeRate != "", txbuilder.Cost{Fee: plan.Fee, Moved: plan.Total() - plan.Fee}); err != nil {
		return err
	}
	if err := env.Confirm(ctx, "Pay it"); err != nil {
		return err
	}
	if err := env.Unlock(ctx, w); err != nil {
		return err
	}
	if err := w.Sign(ctx, plan.Packet); err != nil {
		return err
	}
	tx, err := plan.Finish()
	if err != nil {
		return err
	}
	return env.sendBump(ctx, w, n, tx, e, view)
}

// total is what a transaction's outputs hold.
func total(tx *wire.MsgTx) (sat int64) {
	for _, o := range tx.TxOut {
		sat += o.Value
	}
	return sat
}

// bumpable finds the transaction and refuses those that must not be touched.
func (e *Env) bumpable(ctx context.Context, entries []coins.Entry, txid chainhash.Hash) (*coins.Entry, error) {
	i := slices.IndexFunc(entries, func(x coins.Entry) bool { return x.Txid == txid })
	if i < 0 {
		return nil, fmt.Errorf("%w: %s", wallet.ErrUnknownTx, txid)
	}
	x := &entries[i]
	jobs, err := e.jobTransactions(ctx)
	if err != nil {
		return nil, err
	}
	if job, found := jobs[txid]; found {
		return nil, fault.New("conflict", "%s is a transaction of job %s for %s, which alone may raise its fee: another transaction in its place could lose the name", txid, job.ID, job.Subject).
			Hint("go on with the job: blockstack job resume %s", job.ID).Detail("job_id", string(job.ID))
	}
	for _, o := range x.Outputs {
		if txbuilder.KindOf(o.Script) == txbuilder.KindData && x.Spent > 0 {
			return nil, fault.New("conflict", "%s carries a name operation or other data, and no job of this home knows it; it is not bumped", txid)
		}
	}
	if x.Void {
		return nil, fault.New("conflict", "%s is void: money that it spends was taken from the chain again, so no fee gets it mined; it counts for nothing until that money comes back", txid).
			Hint("see what you have now: blockstack balance")
	}
	if x.Height >= 0 {
		return nil, fault.New("conflict", "%s is in block %d already; nothing to bump", txid, x.Height)
	}
	return x, nil
}

// recordedRival is a transaction of ours that was signed to replace another and is not known to have been accepted.
func recordedRival(ctx context.Context, w *wallet.Wallet, e *coins.Entry) (*wire.MsgTx, error) {
	kept, err := w.KeptTxs(ctx)
	if err != nil || !e.FeeKnown {
		return nil, err
	}
	same := func(a, b *wire.TxIn) bool { return a.PreviousOutPoint == b.PreviousOutPoint }
	for _, tx := range kept {
		// From the same coins alone, so that its fee is known, and a higher one.
		if tx.TxHash() != e.Txid && slices.EqualFunc(tx.TxIn, e.Tx.TxIn, same) && total(tx) < total(e.Tx) && paysSame(tx, e) {
			return tx, nil
		}
	}
	return nil, nil
}

// paysSame says whether a transaction pays everybody but ourselves what another one pays them.
func paysSame(tx *wire.MsgTx, e *coins.Entry) bool {
	for _, o := range e.Outputs {
		i := outputOf(tx, o.Script, -1)
		if !o.Ours && (i < 0 || tx.TxOut[i].Value != int64(o.Amount)) {
			return false
		}
	}
	return len(tx.TxOut) <= len(e.Outputs)
}

// bumpRate is the rate to bump to; it must be higher than what is paid now.
func (e *Env) bumpRate(ctx context.Context, x *coins.Entry, o bumpOptions) (txbuilder.FeeRate, error) {
	rate, err := e.feeRate(ctx, o.FeeRate, o.Blocks)
	if err != nil || !x.FeeKnown {
		return rate, err
	}
	n, err := e.Bitcoin(ctx)
	if err != nil {
		return 0, err
	}
	fees, err := relayFees(ctx, n)
	if err != nil {
		return 0, err
	}
	now := txbuilder.RateOf(x.Fee, virtualSize(x.Tx))
	switch {
	case rate > now:
		return rate, nil
	case o.FeeRate != "":
		return 0, fault.Usage("it pays %s already; --fee-rate must be higher", now)
	}
	return max(now+fees.Increment, fees.Least()), nil
}

// virtualSize is the size that a signed transaction pays for.
func virtualSize(tx *wire.MsgTx) int64 {
	return (blockchain.GetTransactionWeight(btcutil.NewTx(tx)) + 3) / 4
}

// planBump chooses how to bump and plans it.
func planBump(ctx context.Context, env *Env, w *wallet.Wallet, n bitcoin, entries []coins.Entry, e *coins.Entry, rate txbuilder.FeeRate, o bumpOptions) (*txbuilder.Plan, bumpView, error) {
	tip, err := w.Tip(ctx)
	if err != nil {
		return nil, bumpView{}, err
	}
	b, err := txbuilder.New(txbuilder.Config{Net: env.Config.Net(), Coins: w, Height: tip.Height})
	if err != nil {
		return nil, bumpView{}, err
	}
	why := cannotReplace(entries, e)
	view := bumpView{Method: "replacement", Bumped: e.Txid.String()}
	if e.FeeKnown {
		view.OldFeeSat = satPointer(e.Fee)
	}
	lock := txbuilder.LockTime(tip.Height, tip.Time, time.Now())
	var plan *txbuilder.Plan
	if o.Child || why != "" {
		view.Method = "child"
		if why != "" && !o.Child {
			env.Out.Note("%s; a second transaction pays for both", why)
		}
		if plan, err = planChild(ctx, w, n, b, e, rate, lock); err == nil {
			view.ExtraSat = int64(plan.Fee)
		}
	} else if plan, err = planReplacement(ctx, w, n, b, e, rate, lock, o.NoNewInputs); err == nil {
		view.ExtraSat = int64(plan.Fee - e.Fee)
	}
	if err != nil {
		return nil, view, err
	}
	view.FeeSat, view.VSize, view.FeeRate = int64(plan.Fee), plan.VSize, strings.TrimSuffix(plan.Rate().String(), " sat/vB")
	return plan, view, withinBudget(btcutil.Amount(view.ExtraSat), o.MaxTotal)
}

// cannotReplace says why a transaction cannot be replaced; empty: it can.
func cannotReplace(entries []coins.Entry, e *coins.Entry) string {
	if !e.FeeKnown {
		return "it is not yours alone to replace"
	}
	for _, in := range e.Tx.TxIn {
		if in.Sequence > wire.MaxTxInSequenceNum-2 {
			return "it does not signal that it may be replaced"
		}
	}
	for i := range entries {
		for _, in := range entries[i].Tx.TxIn {
			if in.PreviousOutPoint.Hash == e.Txid {
				return "a later transaction spends what it gave back, and would be lost with it"
			}
		}
	}
	return ""
}

// planReplacement plans the same payments from the same coins with a higher fee (BIP 125): at least what is paid now by it and by
// what others hung on it, which goes with it, and the node's increment for its own size on top. Its lock time is that of a payment made
// now, since the higher fee is as much worth mining a block again for; but never less than before, which somebody may have meant.
func planReplacement(ctx context.Context, w *wallet.Wallet, n bitcoin, b *txbuilder.Builder, e *coins.Entry, rate txbuilder.FeeRate, lock uint32, closed bool) (*txbuilder.Plan, error) {
	if err := wallet.CheckSigned(ctx, w, e.Tx); err != nil { // what is signed here pays whom that one pays
		return nil, err
	}
	r := txbuilder.PaymentRequest{Funding: txbuilder.Funding{Rate: rate, Closed: closed}, LockTime: max(lock, e.Tx.LockTime)}
	for _, in := range e.Tx.TxIn {
		tx, err := w.PrevTx(ctx, in.PreviousOutPoint)
		if err != nil {
			return nil, err
		}
		r.Inputs = append(r.Inputs, txbuilder.InputOf(tx, int(in.PreviousOutPoint.Index)))
	}
	first := true
	for _, o := range e.Outputs {
		switch {
		case o.Ours && o.Key.Role == scripts.Payment && o.Key.Branch == scripts.Change:
			r.Change = o.Script
		case first:
			r.To, r.Amount, r.Text, first = o.Script, o.Amount, "payment, as before", false
		default:
			r.More = append(r.More, txbuilder.Payee{To: o.Script, Amount: o.Amount, Text: "payment, as before"})
		}
	}
	if first { // everything went back to ourselves
		r.To, r.Change, r.All, r.Text = r.Change, nil, true, "back to yourself"
	}
	fees, err := relayFees(ctx, n)
	if err != nil {
		return nil, err
	}
	evicted := e.Fee
	if node, ok := n.(poolNode); ok {
		hanging, err := node.HangingFees(ctx, e.Txid)
		if err != nil {
			return nil, err
		}
		evicted += hanging
	}
	r.MinFee = evicted + fees.Increment.Fee(virtualSize(e.Tx))
	for {
		plan, err := b.Payment(ctx, r)
		if err != nil {
			return nil, err
		}
		least := evicted + fees.Increment.Fee(plan.VSize)
		if plan.Fee >= least {
			return plan, nil
		}
		r.MinFee = least
	}
}

// planChild plans a transaction that spends what a waiting one gives us back to ourselves, with a fee that is enough for
// both. Where the fee of the first cannot be found out, it counts as none.
func planChild(ctx context.Context, w *wallet.Wallet, n bitcoin, b *txbuilder.Builder, e *coins.Entry, rate txbuilder.FeeRate, lock uint32) (*txbuilder.Plan, error) {
	list, err := w.Coins(ctx)
	if err != nil {
		return nil, err
	}
	r := txbuilder.PaymentRequest{Funding: txbuilder.Funding{Rate: rate, Closed: true}, All: true, Text: "back to yourself", LockTime: lock}
	for _, c := range list {
		if c.Hash == e.Txid && c.Spendable() {
			r.Inputs = append(r.Inputs, txbuilder.InputOf(e.Tx, int(c.Index)))
		}
	}
	if len(r.Inputs) == 0 {
		return nil, fault.New("conflict", "%s gives you nothing that could pay for it", e.Txid)
	}
	if r.To, err = w.ChangeScript(ctx); err != nil {
		return nil, err
	}
	paid := e.Fee
	if !e.FeeKnown {
		paid = feeOf(ctx, n, e.Tx)
	}
	for range 2 { // the second time the size of the child is known
		plan, err := b.Payment(ctx, r)
		if err != nil {
			return nil, err
		}
		need := max(rate.Fee(virtualSize(e.Tx)+plan.VSize)-paid, rate.Fee(plan.VSize))
		if plan.Fee >= need {
			return plan, nil
		}
		r.MinFee = need
	}
	return b.Payment(ctx, r)
}

// feeOf asks a node what a transaction of somebody else pays; 0 where it cannot be known.
func feeOf(ctx context.Context, n bitcoin, tx *wire.MsgTx) btcutil.Amount {
	asked, ok := n.(interface {
		Tx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error)
	})
	if !ok {
		return 0
	}
	var in int64
	for _, i := range tx.TxIn {
		prev, err := asked.Tx(ctx, i.PreviousOutPoint.Hash)
		if err != nil || int64(i.PreviousOutPoint.Index) >= int64(len(prev.TxOut)) {
			return 0
		}
		in += prev.TxOut[i.PreviousOutPoint.Index].Value
	}
	return btcutil.Amount(max(0, in-total(tx)))
}

// sendBump records and sends, and takes labels and names of what is replaced over.
func (e *Env) sendBump(ctx context.Context, w *wallet.Wallet, n bitcoin, tx *wire.MsgTx, old *coins.Entry, view bumpView) error {
	done, err := e.Reservations(ctx, w)
	if err != nil {
		return err
	}
	view.AlreadyKnown, err = e.sendKept(ctx, w, n, tx, true)
	if refused, no := asRefused(err); no && refused.ByPeers {
		// Nothing is lost with it: it pays nobody else, or the same payees with the same coins.
		err = errors.Join(refused, w.RemoveTx(context.WithoutCancel(ctx), tx.TxHash()))
	}
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // it is sent: what belongs to it is kept, too
	view.Txid = tx.TxHash().String()
	if view.Method == "replacement" {
		names, err := w.PaidNames(ctx)
		if err != nil {
			return err
		}
		byName := map[string]string{}
		for address, name := range names[old.Txid] {
			byName[name] = address
		}
		if err := w.Paid(ctx, tx.TxHash(), time.Now(), byName); err != nil {
			return err
		}
		if old.Label != "" {
			if err := w.SetLabel(ctx, labels.Label{Type: labels.Tx, Ref: view.Txid, Text: old.Label}); err != nil {
				return err
			}
		}
	}
	return printBump(e, view)
}

// printBump prints a bump.
func printBump(env *Env, v bumpView) error {
	return env.Out.Result("bump", v, func(t *voice.Text) {
		t.Field("method", "%s", v.Method)
		t.Field("fee", "%s", voice.BTC(btcutil.Amount(v.FeeSat)))
		t.Field("extra cost", "%s", voice.BTC(btcutil.Amount(v.ExtraSat)))
		t.Field("txid", "%s", v.Txid)
	})
}
