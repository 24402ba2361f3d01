package commands

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/txbuilder"
	"blockstack/wallet"
	"blockstack/wallet/chain"
	"blockstack/wallet/labels"
)

// payment is what is to be paid, and how.
type payment struct {
	Payees []payee
	All    bool // the one payee gets everything
	Rate   txbuilder.FeeRate
	From   coinChoice
	Twin   chainhash.Hash // an earlier payment of the same, which the user knows of; zero: there is none
	// Recorded: this payment itself is on disk, or may be.
	Recorded bool
	payOptions
}

// payView is what programs see of a payment. Address, name and so on are there when there is one payee.
type payView struct {
	DryRun bool `json:"dry_run,omitempty"`
	// JobID is always null: a payment is one transaction and no job.
	JobID        *string     `json:"job_id"`
	State        string      `json:"state,omitempty"` // sent, or confirmed
	Txids        []string    `json:"txids"`
	PSBT         string      `json:"psbt,omitempty"`
	Txid         string      `json:"txid,omitempty"`
	Name         string      `json:"name,omitempty"`
	Address      string      `json:"address,omitempty"`
	PaidTo       string      `json:"paid_to,omitempty"`
	AmountSat    int64       `json:"amount_sat"`
	FeeSat       int64       `json:"fee_sat"`
	BurnSat      int64       `json:"burn_sat"`
	BurnUStacks  int64       `json:"burn_ustacks"`
	FeeRate      string      `json:"fee_rate_sat_vb"`
	VSize        int64       `json:"vsize"`
	ChangeSat    int64       `json:"change_sat"`
	Payments     []payeeView `json:"payments"`
	Inputs       []string    `json:"inputs"`
	Height       *int32      `json:"height"`
	AlreadyKnown bool        `json:"already_known,omitempty"`
	ExactUntil   *int32      `json:"exact_until_height,omitempty"`
	RequestID    string      `json:"request_id,omitempty"`
	HeldUntil    *string     `json:"held_until,omitempty"` // of a PSBT: its coins
}

// payeeView is what programs see of one payee.
type payeeView struct {
	Name      string `json:"name,omitempty"`
	Address   string `json:"address"`
	PaidTo    string `json:"paid_to"`
	AmountSat int64  `json:"amount_sat"`
	Label     string `json:"label,omitempty"`
	Before    string `json:"previous_address,omitempty"`
}

// runPay pays. Only the journal's reservations and the building and sending of the transaction happen under a lock, so
// that no other command of this home spends the same coins.
func runPay(ctx context.Context, env *Env, o payOptions) error {
	if w, err := env.Wallet(ctx); err == nil && w.WatchOnly() && o.PSBT == "" && !o.DryRun {
		return fmt.Errorf("pay: %w", wallet.ErrNoKeychain)
	}
	bills, err := env.readBills(o)
	if err != nil {
		return err
	}
	if o.RequestID != "" {
		w, err := env.SyncedWallet(ctx)
		if err != nil {
			return err
		}
		if done, err := payAgain(ctx, env, w, bills, o); done || err != nil {
			return err
		}
	}
	p := &payment{payOptions: o, All: bills[0].All}
	err = payNew(ctx, env, bills, p)
	if err == nil || o.RequestID == "" || p.Recorded {
		return err
	}
	return answeredMeanwhile(ctx, env, bills, o, err)
}

// payNew makes a payment that no request was answered with yet.
func payNew(ctx context.Context, env *Env, bills []bill, p *payment) (err error) {
	o := p.payOptions
	if p.Payees, err = env.findPayees(ctx, bills, o); err != nil {
		return err
	}
	if p.Rate, err = env.feeRate(ctx, o.FeeRate, o.Blocks); err != nil {
		return err
	}
	w, err := env.SyncedWallet(ctx)
	if err != nil {
		return err
	}
	if p.From, err = env.parseFrom(ctx, w, o.From); err != nil {
		return err
	}
	plan, view, err := env.planPayment(ctx, w, p)
	if err != nil {
		return err
	}
	env.warnOfNewPayees(p.Payees)
	if o.DryRun {
		view.DryRun = true
		return printPayment(env, view)
	}
	if err := agreeToPayees(ctx, env, p.Payees); err != nil {
		return err
	}
	if err := agreeToFee(ctx, env, o.FeeRate != "", txbuilder.Cost{Fee: plan.Fee, Moved: plan.Total() - plan.Fee}); err != nil {
		return err
	}
	if err := agreeToTwin(ctx, env, w, p); err != nil {
		return err
	}
	if o.PSBT != "" {
		return preparePayment(ctx, env, w, p, &view)
	}
	for i, q := range p.Payees {
		env.Out.Note("%s to %s", voice.BTC(btcutil.Amount(view.Payments[i].AmountSat)), q.words())
	}
	env.Out.Note("%s in all, fee %s (%s)", voice.BTC(plan.Total()), voice.BTC(plan.Fee), plan.Rate())
	if err := env.Confirm(ctx, "Pay it"); err != nil {
		return err
	}
	for _, q := range p.Payees {
		if err := env.confirmPayee(ctx, q); err != nil {
			return err
		}
	}
	if err := env.Unlock(ctx, w); err != nil {
		return err
	}
	txid, err := env.sendPayment(ctx, w, p, &view)
	if err != nil {
		return err
	}
	if err := env.awaitPayment(ctx, w, txid, o, &view); err != nil {
		return sentAlready(ctx, err, txid)
	}
	return printPayment(env, view)
}

// planPayment builds the payment, unsigned, and holds it to --max-total.
func (e *Env) planPayment(ctx context.Context, w *wallet.Wallet, p *payment) (*txbuilder.Plan, payView, error) {
	done, err := e.Reservations(ctx, w)
	if err != nil {
		return nil, payView{}, err
	}
	plan, view, err := buildPayment(ctx, e, w, p)
	return plan, view, errors.Join(err, done())
}

// buildPayment is planPayment while the journal is open.
func buildPayment(ctx context.Context, e *Env, w *wallet.Wallet, p *payment) (*txbuilder.Plan, payView, error) {
	tip, err := w.Tip(ctx)
	if err != nil {
		return nil, payView{}, err
	}
	source, funding, err := p.From.funding(ctx, w)
	if err != nil {
		return nil, payView{}, err
	}
	b, err := txbuilder.New(txbuilder.Config{Net: e.Config.Net(), Coins: source, Height: tip.Height})
	if err != nil {
		return nil, payView{}, err
	}
	funding.Rate = p.Rate
	r := txbuilder.PaymentRequest{Funding: funding, All: p.All, SubtractFee: p.SubtractFee,
		LockTime: txbuilder.LockTime(tip.Height, tip.Time, time.Now())}
	for i, q := range p.Payees {
		text := "payment to " + q.words()
		if i == 0 {
			r.To, r.Amount, r.Text = q.Script, q.Amount, text
			continue
		}
		r.More = append(r.More, txbuilder.Payee{To: q.Script, Amount: q.Amount, Text: text})
	}
	plan, err := b.Payment(ctx, r)
	if err != nil {
		return nil, payView{}, e.explainFunds(ctx, w, err)
	}
	if err := withinBudget(plan.Total(), p.MaxTotal); err != nil {
		return nil, payView{}, err
	}
	view := e.viewPlan(plan, p.Payees)
	view.RequestID = p.RequestID
	return plan, view, nil
}

// withinBudget holds what is spent to --max-total.
func withinBudget(total btcutil.Amount, most string) error {
	if most == "" {
		return nil
	}
	limit, err := txbuilder.ParseAmount(most)
	if err != nil {
		return fmt.Errorf("--max-total: %w", err)
	}
	if total > limit {
		return fault.New("over_budget", "it would cost %s, and --max-total is %s", voice.BTC(total), voice.BTC(limit)).
			Detail("need_sat", int64(total)).Detail("max_sat", int64(limit))
	}
	return nil
}

// rateText is a rate without its unit.
func rateText(r txbuilder.FeeRate) string { return strings.TrimSuffix(r.String(), " sat/vB") }

// viewPlan is what programs see of a planned payment.
func (e *Env) viewPlan(plan *txbuilder.Plan, payees []payee) payView {
	tx := plan.Packet.UnsignedTx
	view := payView{
		Txids:     []string{},
		AmountSat: int64(plan.Total() - plan.Fee), FeeSat: int64(plan.Fee), FeeRate: rateText(plan.Rate()),
		VSize: plan.VSize, ChangeSat: int64(plan.ChangeValue()),
	}
	for _, in := range tx.TxIn {
		view.Inputs = append(view.Inputs, in.PreviousOutPoint.String())
	}
	for _, q := range payees {
		v := payeeView{Address: q.Address, PaidTo: q.How, Label: q.Label}
		if i := outputOf(tx, q.Script, plan.Change); i >= 0 {
			v.AmountSat = tx.TxOut[i].Value
		}
		if !q.Name.IsZero() {
			v.Name, view.ExactUntil = q.Name.String(), q.ExactUntil
		}
		if q.Before != nil {
			v.Before = q.Before.Address
		}
		view.Payments = append(view.Payments, v)
	}
	if len(payees) == 1 {
		v := view.Payments[0]
		view.Name, view.Address, view.PaidTo = v.Name, v.Address, v.PaidTo
	}
	return view
}

// outputOf finds the output that pays a script, apart from the change; -1: there is none.
func outputOf(tx *wire.MsgTx, script []byte, change int) int {
	for i, o := range tx.TxOut {
		if i != change && bytes.Equal(o.PkScript, script) {
			return i
		}
	}
	return -1
}

// sendPayment builds the payment again from the coins of this moment, signs it, records it, and only then sends it. A
// payment whose fate is unknown stays recorded: it is the same transaction that is sent again, never a second one.
//
// Once it was sent, whatever goes wrong is said in a way that nobody pays again for it, and Ctrl-C does not keep what it
// was for from being remembered.
func (e *Env) sendPayment(ctx context.Context, w *wallet.Wallet, p *payment, view *payView) (txid chainhash.Hash, err error) {
	done, err := e.Reservations(ctx, w)
	if err != nil {
		return txid, err
	}
	sent := false
	defer func() {
		if err = errors.Join(err, done()); err != nil && sent {
			err = sentBut(ctx, err, txid, "not all about it could be kept")
		}
	}()
	if err := errors.Join(unanswered(ctx, w, p.RequestID), noNewTwin(ctx, e, w, p)); err != nil {
		return txid, err
	}
	plan, fresh, err := buildPayment(ctx, e, w, p)
	if err != nil {
		return txid, err
	}
	if fresh.FeeSat > view.FeeSat || fresh.AmountSat != view.AmountSat {
		return txid, fault.New("conflict", "the coins of this wallet changed while you decided; nothing was sent").Hint("run the same command again").Retry()
	}
	*view = fresh
	if err := w.Sign(ctx, plan.Packet); err != nil {
		return txid, err
	}
	tx, err := plan.Finish()
	if err != nil {
		return txid, err
	}
	n, err := e.Bitcoin(ctx)
	if err != nil {
		return txid, err
	}
	view.Txid, view.Txids, view.State = tx.TxHash().String(), []string{tx.TxHash().String()}, "sent"
	p.Recorded = true
	if view.AlreadyKnown, err = e.record(ctx, n, tx, paymentBook{w.Payments(), p.record()}); err != nil {
		return tx.TxHash(), err
	}
	sent = true
	err = remember(context.WithoutCancel(ctx), w, tx, p.Payees)
	e.wrote()
	return tx.TxHash(), err
}

// remember keeps what the chain does not tell: which names a transaction paid, and what it was for.
func remember(ctx context.Context, w *wallet.Wallet, tx *wire.MsgTx, payees []payee) error {
	paid := map[string]string{}
	var list []labels.Label
	for _, q := range payees {
		if !q.Name.IsZero() {
			paid[q.Name.String()] = q.Address
		}
		if q.Label == "" {
			continue
		}
		l := labels.Label{Type: labels.Tx, Ref: tx.TxHash().String(), Text: q.Label}
		if len(payees) > 1 {
			op := wire.OutPoint{Hash: tx.TxHash(), Index: uint32(outputOf(tx, q.Script, -1))}
			l.Type, l.Ref = labels.Output, op.String()
		}
		list = append(list, l)
	}
	if len(list) > 0 {
		if err := w.SetLabels(ctx, list); err != nil {
			return err
		}
	}
	return w.Paid(ctx, tx.TxHash(), time.Now(), paid)
}

// txBook keeps a transaction on disk before it is sent, and forgets it when no node takes it.
type txBook interface {
	add(ctx context.Context, tx *wire.MsgTx) error
	remove(ctx context.Context, tx *wire.MsgTx) error
}

// record writes a signed transaction to disk and sends it. known says that the node had it before.
func (e *Env) record(ctx context.Context, n bitcoin, tx *wire.MsgTx, book txBook) (known bool, err error) {
	txid := tx.TxHash()
	e.wrote()
	if err := book.add(ctx, tx); err != nil {
		err = fmt.Errorf("record %s before it is sent: %w", txid, err)
		if book.remove(context.WithoutCancel(ctx), tx) != nil { // a part of it may be on disk, and is sent then
			return false, unknownFate(ctx, txid, err)
		}
		return false, err
	}
	e.wrote()
	outcome, err := n.Broadcast(ctx, tx)
	e.wrote()
	refused, no := asRefused(err)
	switch {
	case no && refused.ByPeers:
		return false, byPeers(refused)
	case no:
		return false, errors.Join(err, book.remove(context.WithoutCancel(ctx), tx))
	case err != nil:
		return false, unknownFate(ctx, txid, err)
	}
	e.offered(outcome)
	return outcome == chain.AlreadyKnown || outcome == chain.AlreadyConfirmed, nil
}

// unknownFate is the fault of a transaction that may or may not have reached the node.
func unknownFate(ctx context.Context, txid chainhash.Hash, err error) *fault.Fault {
	code := "unreachable"
	if errors.Is(ctx.Err(), context.Canceled) {
		code = "interrupted"
	}
	return fault.New(code, "whether the node has %s is unknown: %v", txid, err).Because(err).
		Hint("it is recorded and will be sent again with the next command; do not pay a second time").
		Hint("see: blockstack balance").Detail("txid", txid.String())
}

// awaitPayment waits for a block with the payment when that is wanted.
func (e *Env) awaitPayment(ctx context.Context, w *wallet.Wallet, txid chainhash.Hash, o payOptions, view *payView) error {
	until := o.Wait
	if until == "" && e.Config.Network == "sandbox" {
		until = waitConfirmed
	}
	if until != waitConfirmed {
		return nil
	}
	for {
		n, err := e.Bitcoin(ctx)
		if err != nil {
			return err
		}
		_, tip, err := n.Tip(ctx)
		if err != nil {
			return err
		}
		if err := e.syncWallet(ctx, w, n); err != nil {
			return err
		}
		height, found, err := seenInBlock(ctx, w, txid)
		if err != nil {
			return err
		}
		if found {
			view.Height, view.State = &height, "confirmed"
			return nil
		}
		if err := e.nextMoneyBlock(ctx, n, tip, o.NoMine); err != nil {
			return err
		}
	}
}

// printPayment prints a payment.
func printPayment(env *Env, v payView) error {
	return env.Out.Result("pay", v, func(t *voice.Text) {
		for _, p := range v.Payments {
			if p.Name != "" && v.PSBT != "" {
				t.Field("not paid yet", "%s", p.Name)
			} else if p.Name != "" {
				t.Field("paid", "%s", p.Name)
			}
			t.Field("to", "%s", p.Address)
			t.Field("amount", "%s", voice.BTC(btcutil.Amount(p.AmountSat)))
		}
		t.Field("fee", "%s", voice.BTC(btcutil.Amount(v.FeeSat)))
		if v.Txid != "" {
			t.Field("txid", "%s", v.Txid)
		}
		if v.PSBT != "" {
			t.Field("unsigned", "%s", v.PSBT)
		}
		if v.Height != nil {
			t.Field("height", "%d", *v.Height)
		}
	})
}
