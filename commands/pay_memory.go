package commands

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"golang.org/x/text/unicode/norm"

	"blockstack/commands/fault"
	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// parseRequestID refuses ids that could not be told apart on a screen, or are too long to be kept. Letters with accents have one
// spelling of several, NFC: one program types them as one character, another as two.
func parseRequestID(typed string) (id string, err error) {
	id = norm.NFC.String(typed)
	switch {
	case len(id) > labels.MaxRequestID || !utf8.ValidString(id):
		return "", fault.Usage("--request-id has more than %d bytes, or is not UTF-8", labels.MaxRequestID)
	case strings.Trim(id, " ") != id || strings.Contains(id, "  "):
		return "", fault.Usage("--request-id begins or ends with a space, or has two in a row: it could not be told from the id without them")
	}
	for _, r := range id {
		if voice.Hidden(r) || !unicode.IsGraphic(r) || unicode.IsSpace(r) && r != ' ' {
			return "", fault.Usage("--request-id has characters that cannot be seen")
		}
	}
	return id, nil
}

// askedTargets are the targets as the user wrote them, before names are looked up.
func askedTargets(env *Env, bills []bill) (list []labels.Target, err error) {
	for _, b := range bills {
		t := labels.Target{Amount: b.Amount, Max: b.All}
		if n, err := names.Parse(b.Target); err == nil {
			t.Name = n.String()
		} else if t.Script, err = env.addressScript(b.Target); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// record is what is remembered of a payment.
func (p *payment) record() labels.PaymentRecord {
	r := labels.PaymentRecord{Request: p.RequestID, Time: time.Now(), SubtractFee: p.SubtractFee}
	for _, q := range p.Payees {
		t := labels.Target{Address: q.Address, Script: q.Script, Amount: q.Amount, Max: p.All, Label: q.Label}
		if !q.Name.IsZero() {
			t.Name = q.Name.String()
		}
		r.Targets = append(r.Targets, t)
	}
	return r
}

// payAgain answers a request that was answered before: with the same transaction, which is sent again where it is in no block.
// done is false when nothing is known of the request.
func payAgain(ctx context.Context, env *Env, w *wallet.Wallet, bills []bill, o payOptions) (done bool, err error) {
	memory := w.Payments()
	p, found, err := memory.ByRequest(ctx, o.RequestID)
	if err != nil {
		return false, err
	}
	if !found {
		at, whole, err := env.memoryOfPayments(ctx, w)
		if err == nil && !whole {
			env.Out.Note("this home was restored on %s and may not know what was paid before that; it does not know this request id", voice.Time(at))
		}
		return false, err
	}
	txid := p.Tx.TxHash()
	want := labels.PaymentRecord{SubtractFee: o.SubtractFee}
	if want.Targets, err = askedTargets(env, bills); err != nil {
		return false, err
	}
	switch {
	case !p.SameRequest(&want):
		return false, fault.Usage("the request id %s is that of another payment: %s", voice.Clean(o.RequestID), describeTargets(p.Targets)).
			Hint("one request id is for one payment; choose another id").Detail("txid", txid.String())
	case !p.Pays():
		return false, fault.New("damaged", "what this home remembers of the request %s is not what its transaction %s pays", voice.Clean(o.RequestID), txid)
	}
	return answerAgain(ctx, env, w, &p, o)
}

// unanswered is ErrKnownRequest when another command has answered a request. What is seen while the journal is held stays so.
func unanswered(ctx context.Context, w *wallet.Wallet, request string) error {
	if request == "" {
		return nil
	}
	_, found, err := w.Payments().ByRequest(ctx, request)
	if found {
		return fmt.Errorf("request %s: %w", voice.Clean(request), wallet.ErrKnownRequest)
	}
	return err
}

// answeredMeanwhile answers a request that another command has answered while this one was at it: with the transaction of that one, as
// the same command a moment later would. Whatever stopped this one (err) is that other payment's doing, or no longer matters. Without
// such an answer err stands.
func answeredMeanwhile(ctx context.Context, env *Env, bills []bill, o payOptions, err error) error {
	w, e := env.Wallet(ctx)
	if e != nil || ctx.Err() != nil {
		return err
	}
	if _, found, e := w.Payments().ByRequest(ctx, o.RequestID); e != nil || !found {
		return err
	}
	done, e := payAgain(ctx, env, w, bills, o)
	if !done && e == nil {
		return err
	}
	return e
}

// answerAgain is payAgain for a request that is known to be the same.
func answerAgain(ctx context.Context, env *Env, w *wallet.Wallet, p *labels.PaymentRecord, o payOptions) (done bool, err error) {
	history, err := w.History(ctx)
	if err != nil {
		return false, err
	}
	fate := coins.FateOf(history, p)
	switch {
	case fate.Entry != nil:
		return true, showAgain(ctx, env, w, p, fate.Entry, o)
	case fate.Rival != nil && fate.Rival.Height >= 0 && p.PSBT != nil: // it can never be mined, and was never sent from here
		if o.DryRun {
			return false, nil
		}
		return false, w.Payments().Drop(ctx, *p)
	case fate.Rival != nil:
		return false, fault.New("conflict", "the payment of the request %s lost its coins to %s, which does not pay the same", voice.Clean(o.RequestID), fate.Rival.Txid).
			Hint("look at it: blockstack history").Hint("to pay after all, choose another request id").Detail("txid", fate.Rival.Txid.String())
	case p.PSBT != nil:
		return true, prepareAgain(ctx, env, w, p, o)
	case o.DryRun:
		return true, printPayment(env, payView{DryRun: true, State: "recorded", Txid: p.Tx.TxHash().String(), Txids: []string{p.Tx.TxHash().String()}})
	}
	if err := w.AddTx(ctx, p.Tx); err != nil {
		return false, err
	}
	if history, err = w.History(ctx); err != nil {
		return false, err
	}
	if fate = coins.FateOf(history, p); fate.Entry == nil {
		return false, fmt.Errorf("%w: %s", wallet.ErrUnknownTx, p.Tx.TxHash())
	}
	return true, showAgain(ctx, env, w, p, fate.Entry, o)
}

// showAgain prints a payment that was made before, after sending it again where it is in no block.
func showAgain(ctx context.Context, env *Env, w *wallet.Wallet, p *labels.PaymentRecord, e *coins.Entry, o payOptions) error {
	view := viewAgain(p, e)
	env.Out.Note("this request was paid on %s, with transaction %s; nothing is paid again", voice.Time(p.Time), e.Txid)
	if o.DryRun {
		view.DryRun = true
		return printPayment(env, view)
	}
	if e.Height < 0 {
		n, err := env.Bitcoin(ctx)
		if err != nil {
			return err
		}
		env.wrote()
		_, err = n.Broadcast(ctx, e.Tx)
		env.wrote()
		if err != nil {
			return sentBut(ctx, err, e.Txid, "sending it again")
		}
		if err := env.awaitPayment(ctx, w, e.Txid, o, &view); err != nil {
			return sentAlready(ctx, err, e.Txid)
		}
	}
	return printPayment(env, view)
}

// viewAgain is what programs see of a payment that was made before.
func viewAgain(p *labels.PaymentRecord, e *coins.Entry) payView {
	txid := e.Txid.String()
	v := payView{State: "sent", Txid: txid, Txids: []string{txid}, AlreadyKnown: true, VSize: virtualSize(e.Tx), RequestID: p.Request}
	if e.Height >= 0 {
		v.State, v.Height = "confirmed", &e.Height
	}
	if e.FeeKnown {
		v.FeeSat, v.FeeRate = int64(e.Fee), rateText(txbuilder.RateOf(e.Fee, v.VSize))
	}
	for _, in := range e.Tx.TxIn {
		v.Inputs = append(v.Inputs, in.PreviousOutPoint.String())
	}
	for _, t := range p.Targets {
		q := payeeView{Name: t.Name, Address: t.Address, PaidTo: "address", Label: t.Label}
		if i := outputOf(e.Tx, t.Script, -1); i >= 0 {
			q.AmountSat = e.Tx.TxOut[i].Value
		}
		v.Payments = append(v.Payments, q)
		v.AmountSat += q.AmountSat
	}
	for _, out := range e.Outputs {
		if out.Ours && out.Key.Role == scripts.Payment && out.Key.Branch == scripts.Change {
			v.ChangeSat += int64(out.Amount)
		}
	}
	if len(v.Payments) == 1 {
		q := v.Payments[0]
		v.Name, v.Address = q.Name, q.Address
	}
	return v
}

// describeTargets says who was to be paid what, in a few words.
func describeTargets(list []labels.Target) string {
	if len(list) != 1 {
		return voice.Count(len(list), "payment")
	}
	who := list[0].Address
	if list[0].Name != "" {
		who = list[0].Name
	}
	if list[0].Max {
		return "everything to " + who
	}
	return voice.BTC(list[0].Amount) + " to " + who
}

// findTwin looks for an earlier payment of the same amount to one of the targets. Who gives a request id says that it is another
// one, unless payments may have been made that this home has forgotten.
func findTwin(ctx context.Context, env *Env, w *wallet.Wallet, p *payment) (t coins.Twin, ok bool, err error) {
	begins, whole, err := env.memoryOfPayments(ctx, w)
	if err != nil || p.RequestID != "" && whole {
		return t, false, err
	}
	var m coins.Memory
	if m.History, err = w.History(ctx); err != nil {
		return t, false, err
	}
	if m.Payments, err = w.Payments().List(ctx); err != nil {
		return t, false, err
	}
	if m.Names, err = w.PaidNames(ctx); err != nil {
		return t, false, err
	}
	if targets, now := p.record().Targets, time.Now(); p.RequestID == "" {
		t, ok = m.Twin(targets, now)
	} else {
		t, ok = m.Lost(targets, begins, now)
	}
	return t, ok, nil
}

// agreeToTwin asks before the same is paid again. --yes does not answer it.
func agreeToTwin(ctx context.Context, env *Env, w *wallet.Wallet, p *payment) error {
	t, found, err := findTwin(ctx, env, w, p)
	if err != nil || !found {
		return err
	}
	p.Twin = t.Txid
	txid := t.Txid.String()
	if env.said.Agrees(txid) {
		return nil
	}
	where := "in no block yet"
	switch {
	case t.Prepared:
		where = "prepared, not sent"
	case t.Height >= 0:
		where = fmt.Sprintf("in block %d", t.Height)
	}
	q := prompt.Question{Text: fmt.Sprintf("%s was paid already, on %s, with transaction %s (%s); pay it again", describeTargets([]labels.Target{t.Target}), voice.Time(t.Time), txid, where),
		Flag: "--confirm " + txid}
	ask := env.Ask
	if env.said.Yes {
		ask = prompt.Refusing{Why: "--yes does not answer it"}
	}
	yes, err := ask.Confirm(ctx, q)
	if err != nil {
		f := *explain(ctx, err)
		return f.Because(err).Detail("txid", txid).Hint("give each payment an id of its own, and it is made exactly once: --request-id TEXT")
	}
	if !yes {
		return prompt.Declined("pay the same again")
	}
	return nil
}

// noNewTwin makes sure that no other command has paid the same since the user was asked.
func noNewTwin(ctx context.Context, env *Env, w *wallet.Wallet, p *payment) error {
	t, found, err := findTwin(ctx, env, w, p)
	if err != nil || !found || t.Txid == p.Twin {
		return err
	}
	return fault.New("conflict", "%s was paid meanwhile, with transaction %s; nothing was sent", describeTargets([]labels.Target{t.Target}), t.Txid).
		Hint("look at it: blockstack history").Detail("txid", t.Txid.String())
}

// agreeToReplace asks before a transaction takes money from somebody whom an unconfirmed payment of ours pays.
func agreeToReplace(ctx context.Context, env *Env, w *wallet.Wallet, tx *wire.MsgTx) error {
	history, err := w.History(ctx)
	if err != nil {
		return err
	}
	payments, err := w.Payments().List(ctx)
	if err != nil {
		return err
	}
	for _, e := range coins.Deprived(history, payments, tx) {
		act := fmt.Sprintf("undo %s, which pays %s to others and is not in a block yet", e.Txid, voice.BTC(paidToOthers(&e)))
		if err := env.ConfirmDangerous(ctx, act, e.Txid.String()); err != nil {
			return err
		}
	}
	return nil
}

// paidToOthers is what an entry of the history pays to others.
func paidToOthers(e *coins.Entry) (sum btcutil.Amount) {
	for _, o := range e.Outputs {
		if !o.Ours {
			sum += o.Amount
		}
	}
	return sum
}

// paymentBook keeps the transactions of a payment with what they are for.
type paymentBook struct {
	memory *coins.Payments
	record labels.PaymentRecord
}

// add keeps a payment before it is sent; remove forgets it when no node takes it.
func (b paymentBook) add(ctx context.Context, tx *wire.MsgTx) error {
	return b.memory.Record(ctx, tx, b.record)
}

func (b paymentBook) remove(ctx context.Context, tx *wire.MsgTx) error {
	return b.memory.Forget(ctx, tx)
}

// plainBook keeps transactions that are no payments.
type plainBook struct{ w *wallet.Wallet }

func (b plainBook) add(ctx context.Context, tx *wire.MsgTx) error { return b.w.AddTx(ctx, tx) }

func (b plainBook) remove(ctx context.Context, tx *wire.MsgTx) error {
	return b.w.RemoveTx(ctx, tx.TxHash())
}
